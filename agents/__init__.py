"""Who decides: one file per kind of actor. Rules only; the world they decide in is `abm`."""

from agents.equipment_maker import EquipmentMaker
from agents.firm import Firm
from agents.government import Government
from agents.industry import Industry
from agents.manufacturer import Manufacturer
from agents.material_maker import MaterialMaker
from agents.mine import Mine
from agents.recycler import Recycler
from agents.refiner import Refiner
from agents.reserve import Reserve
from agents.taiwan_firm import TaiwanFirm
from agents.trader import Trader
from kit.columns import Actor, Decision, Field, Population, fields_of, population_of
from kit.crowd import Crowd

FIRMS: dict[str, type[Firm]] = {
    "mine": Mine,
    "refiner": Refiner,
    "material_maker": MaterialMaker,
    "equipment_maker": EquipmentMaker,
    "manufacturer": Manufacturer,
    "taiwan_firm": TaiwanFirm,
    "trader": Trader,
    "recycler": Recycler,
    "industry": Industry,
    "reserve": Reserve,
}
"""Kinds of firms in the order of the columns: neighbours that share a rule run as one."""

__all__ = [
    "FIRMS",
    "Actor",
    "Crowd",
    "Decision",
    "EquipmentMaker",
    "Field",
    "Firm",
    "Government",
    "Industry",
    "Manufacturer",
    "MaterialMaker",
    "Mine",
    "Population",
    "Recycler",
    "Refiner",
    "Reserve",
    "TaiwanFirm",
    "Trader",
    "fields_of",
    "population_of",
]
