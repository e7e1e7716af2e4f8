"""The world of a base year: who is there, what they hold and how they are linked, before the first week."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from abm.tables.parameters import Parameters
from abm.tables.tables import Tables
from abm.world.links import build_links
from abm.world.roster import Rows, build_rows, final_goods
from kit.columns import Columns
from kit.errors import BadInput
from kit.luck import Luck, names_to_entities

LEAST_COVER = 2.0
LEAST_MARGIN = 0.1
"""Value added over revenue, at least: where prices from several sources leave a maker less than that, its inputs are
taken as too dear in the tables. It scales what a stopped plant loses, not what it decides."""


@dataclass
class World:
    """Rows of the base year and what never changes in a run. Arrays are aligned with the rows.

    firms, bought, made, links, goods, governments: data frames, one row each.
    `start` holds the columns of the first week; a model copies them.
    """

    tables: Tables
    year: int
    parameters: Parameters
    firms: pd.DataFrame
    bought: pd.DataFrame
    made: pd.DataFrame
    links: pd.DataFrame
    goods: pd.DataFrame
    governments: pd.DataFrame
    base_price: np.ndarray
    start: Columns

    @classmethod
    def build(
        cls,
        tables: Tables,
        year: int,
        parameters: Parameters,
        only: tuple[str, ...] = (),
        reserves: tuple[tuple[str, str], ...] = (),
    ) -> World:
        """The world of a base year (2009, 2022 or 2024), or of the chains of the minerals in `only`."""
        rows = build_rows(tables, year, only, reserves)
        links = build_links(rows, tables, parameters)
        governments = tables["countries"][tables["countries"].country == tables["countries"].government]
        governments = governments.reset_index(drop=True)
        price = base_prices(rows, tables, year)
        world = cls(
            tables, year, parameters, rows.firms, rows.bought, rows.made, links, rows.goods, governments, price, {}
        )
        describe(world, final_goods_after(rows))
        world.start = starting_columns(world)
        return world

    def with_parameters(self, parameters: Parameters) -> World:
        """The same rows under other parameters; BadInput if one of those that shape the network differs."""
        if parameters is self.parameters:
            return self
        for name in SHAPING:
            if parameters[name] != self.parameters[name]:
                raise BadInput(f"parameters: '{name}' shapes the network: it cannot change on a world that is built.")
        other = dataclasses.replace(self, parameters=parameters, start={})
        other.__dict__["kept"] = self.kept
        other.start = starting_columns(other)
        return other

    def sizes(self) -> dict[str, int]:
        """Rows of each level."""
        frames = {"firm": self.firms, "bought": self.bought, "made": self.made, "link": self.links}
        sizes = {name: len(frame) for name, frame in frames.items()}
        return sizes | {"good": len(self.goods), "government": len(self.governments)}

    def array(self, frame: str, column: str) -> np.ndarray:
        """A column of a data frame as an array, taken once for all worlds of the same rows; nobody writes on it."""
        found: np.ndarray = kept_in(self, (frame, column), lambda: np.array(getattr(self, frame)[column]))
        return found

    def index(self, frame: str, column: str) -> np.ndarray:
        """A column of row numbers for loops over the links: uint32 is half as much to read, and never below 0."""
        found: np.ndarray = kept_in(self, ("index", frame, column), lambda: self.array(frame, column).astype(np.uint32))
        return found

    def firm_rows(self, producers: list[str]) -> np.ndarray:
        """Row numbers of producers by key; unknown ones are left out (they are not in this base year)."""
        return np.array(sorted({self.places[key] for key in producers if key in self.places}), dtype=np.int64)

    @cached_property
    def places(self) -> dict[str, int]:
        """Row of each producer by its key."""
        return {str(key): row for row, key in enumerate(self.firms.producer)}

    @property
    def output_value(self) -> np.ndarray:
        """Base value of all that a firm makes in a unit of activity (firm,), US$; 1 where it makes nothing to sell."""
        found: np.ndarray = kept_in(self, "output value", self._output_value)
        return found

    def _output_value(self) -> np.ndarray:
        """The same, worked out."""
        value = self.made.amount.to_numpy(dtype=float) * self.base_price[self.made.g]
        total = np.bincount(self.made.firm, weights=value, minlength=len(self.firms))
        return np.where(total > 0, total, 1.0)

    @cached_property
    def kept(self) -> dict[Any, Any]:
        """What has been worked out of this world: models that share it need not do so again."""
        return {}


SHAPING = ("home_bias", "dormant_suppliers", "transit_home", "transit_near", "transit_far")


@lru_cache(maxsize=8)
def shared_tables() -> Tables:
    """The tables that ship with the package, read once."""
    return Tables.load()


def final_goods_after(rows: Rows) -> set[str]:
    """Goods that final buyers take, once the other users are known."""
    return final_goods(rows) | set(rows.firms[rows.firms.kind == "industry"].producer)


def base_prices(rows: Rows, tables: Tables, year: int) -> np.ndarray:
    """Base price of each good (good,): US$ per unit in the base year, or in the nearest year that has one."""
    nearest = nearest_prices(tables["prices"], year).set_index("good").price
    unpriced = sorted(set(rows.goods.good) - set(nearest.index))
    if unpriced:
        raise BadInput(f"prices.csv: there is no price of '{unpriced[0]}', which goods.csv names.")
    return rows.goods.good.map(nearest).to_numpy(dtype=float)


def nearest_prices(prices: pd.DataFrame, year: int) -> pd.DataFrame:
    """The row of each good in the table of prices whose year is nearest to the base year."""
    apart = (prices.year - year).abs().sort_values()
    return prices.loc[apart.index].drop_duplicates("good")


def describe(world: World, final: set[str]) -> None:
    """Add what the rules and the kernels look up: indices of goods and firms, zones, final makers, governments."""
    goods = pd.Series(world.goods.index, index=world.goods.good)
    places = world.tables["countries"].set_index("country")
    world.firms["zone"] = (world.firms.country.map(places.zone) != "CHN").astype(int)
    world.firms["government"] = world.firms.country.map(places.government)
    world.firms["alliance"] = world.firms.country.map(places.alliance)
    for shelf in (world.bought, world.made):
        shelf["g"] = shelf.good.map(goods)
    main = world.made[world.made.later == 0].set_index("firm")
    world.firms["good"] = main.good.reindex(world.firms.index).fillna("")
    world.firms["g"] = world.firms.good.map(goods).fillna(-1).astype(int)
    world.firms["final"] = (world.firms.good.isin(final) | (world.firms.kind == "industry")).astype(float)
    world.firms["family"] = world.firms.good.map(world.goods.set_index("good").family).fillna("")
    world.links["g"] = world.links.good.map(goods)
    seller_firm, buyer_firm = world.made.firm.to_numpy(), world.bought.firm.to_numpy()
    world.links["seller_firm"] = seller_firm[world.links.seller]
    world.links["buyer_firm"] = buyer_firm[world.links.buyer]
    world.links["export"] = (world.links.exporter != world.links.importer).astype(float)
    keys = world.firms.producer.to_numpy()
    world.links["key"] = keys[world.links.seller_firm] + ">" + keys[world.links.buyer_firm] + ":" + world.links.good


def kept_in(world: World, name: Any, work: Callable[[], Any]) -> Any:
    """What does not depend on parameters: worked out once for a world and all that share its rows."""
    if name not in world.kept:
        world.kept[name] = work()
    return world.kept[name]


def families_of(world: World, rows: pd.DataFrame) -> tuple[list[str], np.ndarray]:
    """The families of the goods of some rows, each once, and the place of each row's family among them (n,)."""
    names, place = np.unique(rows.good.map(world.goods.set_index("good").family).tolist(), return_inverse=True)
    return names.tolist(), place


def by_family(parameters: Parameters, name: str, families: tuple[list[str], np.ndarray]) -> np.ndarray:
    """A parameter for each row (n,) by its family; families as `families_of` gives them."""
    names, place = families
    return parameters.by_family(name, names)[place]


def covers_of(world: World, shelf: pd.DataFrame, side: str) -> tuple[np.ndarray, np.ndarray]:
    """Median cover in weeks and its spread for each shelf, by stage and the good itself, its family, or all."""
    table = world.tables["covers"]
    table = table[table.side == side]
    keys = zip(table.stage, table.family, strict=True)
    found = dict(zip(keys, zip(table.weeks, table.spread, strict=True), strict=True))
    goods = zip(world.goods.good, world.goods.stage, world.goods.family, strict=True)
    covers = {}
    for good, stage, family in goods:
        row = next((found[stage, word] for word in (good, family, "all") if (stage, word) in found), None)
        if row is None:
            raise BadInput(f"covers.csv: there is no row of stage '{stage}', side '{side}' for '{good}' or for all.")
        covers[good] = row
    both = np.array([covers[good] for good in shelf.good], dtype=float).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def spread_covers(world: World) -> np.ndarray:
    """Cover of each shelf of bought inputs in weeks: log-normal over firms, keyed by firm and good; two at least."""
    weeks, spread = covers_of(world, world.bought, "bought")
    names = (world.bought.producer + ":" + world.bought.good).tolist()
    draw = ndtri(Luck(0).uniform("cover", 0, names_to_entities(names)))
    residual = world.firms.residual.to_numpy(dtype=bool)[world.bought.firm]
    return np.maximum(weeks * np.exp(np.where(residual, 0.0, spread) * draw), LEAST_COVER)


def starting_columns(world: World) -> Columns:
    """The columns of the first week, at rest: what the base year gives, and what parameters say of it.

    The first are worked out once for all worlds of the same rows; a model copies every column.
    """
    parameters, firms = world.parameters, world.firms
    families = kept_in(world, "families bought", lambda: families_of(world, world.bought))
    carried = kept_in(world, "families of links", lambda: families_of(world, world.links))
    kinds = kept_in(world, "kinds", lambda: firms.kind.where(firms.kind.isin(["mine", "refiner"]), "other").tolist())
    years = {kind: parameters[f"build_years_{kind}"] for kind in set(kinds)}
    return kept_in(world, "columns at rest", lambda: columns_at_rest(world)) | {
        "hoarding": by_family(parameters, "hoarding", families),
        "thrift_cap": by_family(parameters, "thrift_cap", families),
        "thrift_speed": by_family(parameters, "thrift_speed", families),
        "input_elasticity": by_family(parameters, "demand_elasticity", families),
        "link_contract": by_family(parameters, "contract_share", carried),
        "build_weeks": np.array([years[kind] for kind in kinds]) * 52,
        "pace": np.array([1.0 if kind == "other" else 1 / parameters["output_cut_weeks"] for kind in kinds]),
    }


def columns_at_rest(world: World) -> Columns:
    """Activity, stocks, covers and ties of the base year. No parameter may enter here."""
    firms, bought, links = world.firms, world.bought, world.links
    activity = firms.activity.to_numpy(dtype=float)
    use = bought.need.to_numpy(dtype=float) * activity[bought.firm]
    cover = spread_covers(world)
    flow = links.flow.to_numpy(dtype=float)
    inflow = np.bincount(links.buyer, weights=flow, minlength=len(bought))
    affinity = links.affinity.to_numpy(dtype=float)
    tie = affinity * firms.capacity.to_numpy(dtype=float)[links.seller_firm]
    ties = np.bincount(links.buyer, weights=tie, minlength=len(bought))
    count = np.bincount(links.buyer, minlength=len(bought))
    even = 1.0 / np.maximum(count, 1)[links.buyer]
    traded = np.divide(flow, inflow[links.buyer], out=even, where=inflow[links.buyer] > 0)
    share = np.divide(tie, ties[links.buyer], out=traded, where=ties[links.buyer] > 0)
    lead = np.bincount(links.buyer, weights=share * links.transit, minlength=len(bought))
    return firm_columns(world, activity) | {
        "need": bought.need.to_numpy(dtype=float),
        "criticality": bought.criticality.to_numpy(dtype=float),
        "cover": cover,
        "lead": lead,
        "stock": (cover + 1) * use,
        "expected_use": use,
        "desired": use,
        "used": use,
        "on_order": lead * use,
        "ordered": use,
        "weight": value_weights(world, use),
        "affinity": affinity,
        "supplier_capacity": firms.capacity.to_numpy(dtype=float)[links.seller_firm],
        "share": share,
        "claim": flow.copy(),
    }


def firm_columns(world: World, activity: np.ndarray) -> Columns:
    """Columns of firms and of made goods at rest."""
    firms, made = world.firms, world.made
    made_cover, _ = covers_of(world, made, "made")
    main = made.later.to_numpy() == 0
    cover = np.zeros(len(firms))
    cover[made.firm[main]] = made_cover[main]
    final = firms.final.to_numpy(dtype=float)
    output = made.amount.to_numpy(dtype=float) * activity[made.firm]
    stock = output * made_cover * (1 - final[made.firm])
    main_stock = np.zeros(len(firms))
    main_stock[made.firm[main]] = stock[main]
    return {
        "base_activity": activity.copy(),
        "base_capacity": firms.capacity.to_numpy(dtype=float),
        "capacity": firms.capacity.to_numpy(dtype=float),
        "value_added": value_added(world),
        "running_cost": firms.cost_ratio.to_numpy(dtype=float),
        "final": final,
        "made_cover": cover,
        "demand": activity.copy(),
        "requested": activity.copy(),
        "main_stock": main_stock,
        "sales": activity.copy(),
        "plan": activity.copy(),
        "wanted": activity.copy(),
        "activity": activity.copy(),
        "made_stock": stock,
        "amount": made.amount.to_numpy(dtype=float),
        "release": np.full(len(made), np.inf),
    }


def value_added(world: World) -> np.ndarray:
    """Value added per unit of activity (firm,): from the products table, else price less input cost for producers.

    Other users count the value of what they buy, which is a floor for what their output is worth.
    """
    firms, bought = world.firms, world.bought
    declared = firms.good.map(world.tables["products"].set_index("good").value_added).to_numpy(dtype=float)
    price = np.append(world.base_price, 0.0)
    revenue = np.bincount(world.made.firm, weights=world.made.amount * price[world.made.g], minlength=len(firms))
    cost = np.bincount(bought.firm, weights=bought.need * price[bought.g], minlength=len(firms))
    margin = np.where(firms.kind == "industry", cost, np.maximum(revenue - cost, LEAST_MARGIN * revenue))
    return np.where(np.isfinite(declared), declared, margin)


def value_weights(world: World, use: np.ndarray) -> np.ndarray:
    """Value share of each bought input among all that its firm buys (bought,)."""
    value = use * world.base_price[world.bought.g]
    total = np.bincount(world.bought.firm, weights=value, minlength=len(world.firms))
    return np.divide(value, total[world.bought.firm], out=np.zeros_like(value), where=total[world.bought.firm] > 0)
