"""The world's side of firms' strategies: who decides, what they depend on, their luck and peers, and moved orders."""

from __future__ import annotations

import numpy as np

from abm.economy import plant_kernels
from abm.politics.diplomacy import Diplomacy
from abm.world.providers import providers
from abm.world.world import World, kept_in
from agents.strategy import OPTIONS
from kit.columns import Columns
from kit.luck import Luck, names_to_entities

RIVAL, REST, FRIENDS = "CHN", "XRW", "allied"
DECIDING = ("manufacturer", "taiwan_firm", "equipment_maker", "material_maker", "refiner")
SWARF_OF, SWARF_AT = ("refined", "material"), ("material", "component")
LEAVING, TAKING = "TWN", ("VNM", "IND", "MEX", "THA", "MYS", "IDN", "PHL")
MID_RANGE = ("servers_phones", "displays", "industrial_motors", "electronic_components", "battery_packs")


class Strategies:
    """Writes the signals of the quarterly choice into the columns and moves final orders that firms move.

    Firms outside China that buy vital inputs decide, and Taiwan's providers; each vital input has a controlling country
    of its own.
    """

    def __init__(self, world: World, luck: Luck, columns: Columns) -> None:
        good, owner = world.array("firms", "g"), world.array("bought", "firm")
        self.luck = luck
        self.names = kept_in(world, "names of firms", lambda: names_to_entities(world.firms.producer.tolist()))
        self.controller = kept_in(world, "controlling", lambda: controlling(world))
        self.deciding, self.held, elsewhere = kept_in(world, "deciding", lambda: deciding_of(world))
        self.held_by = world.array("links", "buyer")[self.held]
        self.good = np.maximum(good, 0)
        self.movers, self.takers = kept_in(world, "movable", lambda: self._movable(world))
        self.goods, self.moved_goods = len(world.goods), (self.good[self.movers], self.good[self.takers])
        self.homes = world.array("firms", "government")[self.movers].tolist()
        vital = (columns["criticality"] >= world.parameters["vital_input"]) & self.deciding[owner]
        columns["vital"][:] = vital
        for kept, name in (("usual_cover", "cover"), ("usual_need", "need"), ("tie", "affinity")):
            columns[kept][:] = columns[name]
        columns["dormant"][:] = world.array("links", "dormant")
        columns["elsewhere"][:] = elsewhere
        columns["reworked"][:] = vital * kept_in(world, "leaves swarf", lambda: leaves_swarf(world))
        cost = world.start["need"] * world.base_price[world.array("bought", "g")] * vital
        total = np.bincount(owner, weights=cost, minlength=len(good))
        columns["input_value"][:] = total / np.maximum(columns["value_added"], 1e-300)
        columns["strategic"][:] = self.deciding & (total > 0)
        columns["strategic"][providers(world)] = 1.0
        columns["mobile"][self.movers] = self.deciding[self.movers]

    def _movable(self, world: World) -> tuple[np.ndarray, np.ndarray]:
        """Mid-range final makers in Taiwan, and those abroad that can take their orders.

        Firms in China do not choose among the options (equation 13), so none of theirs can move.
        """
        firms = world.firms
        mid = firms.good.isin(MID_RANGE) & (firms.final > 0)
        takers = mid & firms.country.isin(TAKING) & (world.start["base_activity"] > 0)
        movers = mid & (firms.country == LEAVING) & firms.good.isin(set(firms.good[takers]))
        return np.nonzero(movers.to_numpy())[0], np.nonzero(takers.to_numpy())[0]

    def show(self, columns: Columns, week: int, diplomacy: Diplomacy) -> None:
        """Before the choice of a quarter: dependence on controlling countries, unrest, luck, what peers chose."""
        rival = diplomacy.row[RIVAL]
        excess = np.maximum(diplomacy.tension - diplomacy.rivalry, 0.0)
        around = np.maximum(excess[:, rival], excess[rival, :])
        columns["unrest"][self.movers] = around[[diplomacy.row[place] for place in self.homes]]
        share, doubt = columns["share"][self.held], 1 - columns["belief"][self.held]
        ordered = np.bincount(self.held_by, weights=share, minlength=len(columns["dependence"]))
        missing = np.bincount(self.held_by, weights=share * doubt, minlength=len(ordered))
        columns["dependence"][:] = ordered
        columns["distrust"][:] = missing / np.maximum(ordered, 1e-300)
        columns["luck"][:] = self.luck.uniform("strategy", week, self.names)
        rows = np.nonzero(columns["strategic"] > 0)[0]
        good = self.good[rows]
        cell = columns["choice"][rows].astype(np.int64) * self.goods + good
        did = np.bincount(cell, minlength=len(OPTIONS) * self.goods).reshape(len(OPTIONS), self.goods)
        part = did / np.maximum(did.sum(axis=0), 1)
        for number, name in enumerate(OPTIONS[1:], start=1):
            columns[f"peer_{name}"][:] = part[number][self.good]

    def move(self, demand: np.ndarray, moved: np.ndarray) -> None:
        """Shift final orders from makers that moved them to makers abroad of the same good, in place (firm,)."""
        if not len(self.movers):
            return
        plant_kernels.move_orders((self.movers, self.takers), self.moved_goods, self.goods, moved, demand)


def deciding_of(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Who decides (firm,), the links that carry goods from the controlling country to others (n,) int64, and those from
    elsewhere (link,).

    Firms in China do not count among the others: they have no controlling country. A second source is neither there
    nor in China.
    """
    firms, links = world.firms, world.links
    outside = (firms.country != RIVAL).to_numpy()
    deciding = outside & firms.kind.isin(DECIDING).to_numpy()
    held = links.exporter.to_numpy() == controlling(world)[links.buyer.to_numpy(dtype=np.int64)]
    abroad = outside[links.buyer_firm]
    return deciding, np.flatnonzero(held & abroad), ~held & (links.exporter != RIVAL).to_numpy() & abroad


def controlling(world: World) -> np.ndarray:
    """Country that could restrict each bought input (bought,): the largest share of the firm's base purchases from one.

    Foreign countries could, but for fellow allies and what is lumped as the rest of the world. China where none is.
    """
    links, side = world.links, world.tables["countries"].set_index("country").alliance
    exporter, importer = links.exporter.to_numpy(), links.importer.to_numpy()
    friends = (side.reindex(exporter) == FRIENDS).to_numpy() & (side.reindex(importer) == FRIENDS).to_numpy()
    could = (exporter != importer) & ~friends & (exporter != REST)
    names, code = np.unique(exporter, return_inverse=True)
    cell = links.buyer.to_numpy(dtype=np.int64) * len(names) + code
    size = len(world.bought) * len(names)
    bought = np.bincount(cell, weights=world.start["share"] * could, minlength=size).reshape(-1, len(names))
    return np.where(bought.max(axis=1, initial=0.0) > 0, names[bought.argmax(axis=1)], RIVAL)


def leaves_swarf(world: World) -> np.ndarray:
    """Whether making a material or a part from the input leaves production scrap to rework (bought,)."""
    stage = world.goods.set_index("good").stage
    own = world.firms.good.map(stage).isin(SWARF_AT).to_numpy()[world.bought.firm]
    return own & world.bought.good.map(stage).isin(SWARF_OF).to_numpy()
