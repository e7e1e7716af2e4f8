"""Results: a recorded run as one tidy table of week, variable, good, place, agent, value and unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from abm.measures.losses import Outcome, sums
from abm.measures.recorded import Recorded

COLUMNS = ("week", "variable", "good", "place", "agent", "value", "unit")
TEXTS = ("variable", "good", "place", "agent", "unit")
ZONES = np.array(["CHN", "ROW"])
HOME, WORLD, REST = "TWN", "WLD", "XRW"
KEPT_APART = ("CHN", HOME)
SMALL_SHARE = 0.025
HEADLINE_KINDS = ("manufacturer", "taiwan_firm", "equipment_maker")
PERMITS = {"licences_pending": "waiting", "licences_approved": "granted", "licences_refused": "refused"}


@dataclass(frozen=True)
class Series:
    """Series of one variable: `values` (week, n) with n goods, places, agents and units; None stands for a sum."""

    variable: str
    values: np.ndarray
    good: Sequence[str | None]
    place: Sequence[str | None]
    agent: Sequence[str | None]
    unit: Sequence[str]


def frame(history: Recorded, detail: bool = False) -> pd.DataFrame:
    """The tidy table of a run; with `detail` also what each supply link carried."""
    teller = Teller(history)
    series = [part for tell in TOLD for part in tell(teller)]
    if detail:
        series.append(teller.link_shipments())
    return as_frame(series, history.dates())


def as_frame(series: Sequence[Series], dates: pd.DatetimeIndex) -> pd.DataFrame:
    """Series one after the other as one long frame; texts are categories in alphabetical order."""
    weeks, count = len(dates), [part.values.shape[1] for part in series]
    columns: dict[str, object] = {"week": np.tile(dates.to_numpy(dtype="datetime64[ms]"), sum(count))}
    names = np.repeat([part.variable for part in series], count)
    texts = {
        name: [text for part in series for text in getattr(part, name)] for name in ("good", "place", "agent", "unit")
    }
    for name, words in {"variable": names.tolist(), **texts}.items():
        columns[name] = category(words, weeks)
    columns["value"] = np.concatenate([np.ravel(part.values, order="F") for part in series])
    return pd.DataFrame({name: columns[name] for name in COLUMNS}, copy=False)


def category(words: Sequence[str | None], repeats: int) -> Any:
    """Each word `repeats` times over, dictionary-coded; None is missing."""
    known = sorted({word for word in words if word is not None})
    place = {word: code for code, word in enumerate(known)} | {None: -1}
    codes = np.array([place[word] for word in words], dtype=np.int16 if len(known) < 2**15 else np.int32)
    return pd.Categorical.from_codes(np.repeat(codes, repeats), categories=pd.Index(known, dtype=str), validate=False)


def write_series(table: pd.DataFrame, path: Path) -> None:
    """Write the tidy table as Parquet: texts and weeks dictionary-coded, values split by byte, zstd."""
    arrow = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(
        arrow, path, compression="zstd", use_dictionary=["week", *TEXTS], column_encoding={"value": "BYTE_STREAM_SPLIT"}
    )


class Teller:
    """Tells one history as series. Sums over rows are by good and by zone, by country, or by agent.

    Countries with less than 2.5 % of a good over the run, China and Taiwan apart, are told together as XRW.
    """

    def __init__(self, history: Recorded) -> None:
        self.history, self.world, self.weeks = history, history.world, history.weeks
        self.outcome = Outcome(history)
        world = self.world
        self.goods = world.goods.good.to_numpy(dtype=object)
        self.units = world.goods.unit.to_numpy(dtype=object)
        self.zone = ZONES[world.firms.zone.to_numpy()].astype(object)
        self.country = world.firms.country.to_numpy(dtype=object)
        self.maker = world.made.firm.to_numpy()
        self.made_good, self.bought_good = world.made.g.to_numpy(), world.bought.g.to_numpy()
        self.amount = world.start["amount"] * self.outcome.producing[self.maker]
        self.users = np.nonzero(self.outcome.producing[self.outcome.owner])[0]

    def link(self, name: str) -> np.ndarray:
        """A recorded array of the links (week, link)."""
        return self.history.link[name][: self.weeks]

    def bought(self, name: str) -> np.ndarray:
        """A recorded array of the shelves of bought inputs (week, bought), in double precision."""
        return self.history.bought[name][: self.weeks].astype(float)

    @cached_property
    def production(self) -> np.ndarray:
        """What each maker makes of each of its goods, units a week (week, made); a public stockpile makes nothing."""
        return self.amount * self.outcome.activity[:, self.maker]

    @cached_property
    def capacity(self) -> np.ndarray:
        """What each maker could make of each of its goods, units a week (week, made)."""
        return self.amount * self.history.firm["capacity"][: self.weeks, self.maker]

    @cached_property
    def maker_place(self) -> np.ndarray:
        """Country under which each maker's good is told (made,)."""
        return lumped(self.capacity.sum(axis=0), self.made_good, self.country[self.maker])

    @cached_property
    def agents(self) -> np.ndarray:
        """Rows of the headline firms."""
        named = self.outcome.named
        return named[self.world.firms.kind.isin(HEADLINE_KINDS).to_numpy()[named]]

    def summed(
        self, variable: str, values: np.ndarray, rows: tuple[np.ndarray, np.ndarray], per: str = "/week"
    ) -> Series:
        """Sums of `values` (week, n) over equal good and place; `rows` gives both for each column."""
        goods, places = rows
        group, keys = grouped(goods, places)
        good = [key[0] for key in keys]
        unit = [str(self.units[g]) + per for g in good]
        total = sums(values, group, len(keys))
        return Series(
            variable, total, [self.goods[g] for g in good], [key[1] for key in keys], [None] * len(keys), unit
        )

    def by_zone(self, goods: np.ndarray, firms: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
        """Columns and their (good, place) for sums by zone, and by Taiwan once more: (columns, (goods, places))."""
        home = np.nonzero(self.country[firms] == HOME)[0]
        columns = np.concatenate((np.arange(len(firms)), home))
        places = np.concatenate((self.zone[firms], self.country[firms[home]]))
        return columns, (goods[columns], places)

    def zonal(
        self, variable: str, values: np.ndarray, rows: tuple[np.ndarray, np.ndarray], per: str = "/week"
    ) -> Series:
        """Sums by good and zone, and for Taiwan; `rows` gives the good and the firm of each column of `values`."""
        columns, keys = self.by_zone(*rows)
        return self.summed(variable, values[:, columns], keys, per)

    def of_agents(self, variable: str, values: np.ndarray, unit: str = "") -> Series:
        """Values of the headline firms (week, agent), by their main good."""
        firms = self.world.firms.iloc[self.agents]
        units = [unit or f"{self.units[g]}/week" for g in firms.g]
        return Series(variable, values, firms.good.tolist(), firms.country.tolist(), firms.producer.tolist(), units)

    def link_shipments(self) -> Series:
        """What each supply link carried, units a week, by buyer's country."""
        used = np.nonzero(self.link("sent").max(axis=0, initial=0.0) > 0)[0]
        links, keys = self.world.links.iloc[used], self.world.firms.producer.to_numpy()
        agents = (keys[links.seller_firm] + ">" + keys[links.buyer_firm]).tolist()
        units = [f"{self.units[g]}/week" for g in links.g]
        return Series(
            "link_shipments", self.link("sent")[:, used], links.good.tolist(), links.importer.tolist(), agents, units
        )


def grouped(goods: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, list[tuple[int, str]]]:
    """Group number of each row (n,), and the (good, place) of each group in their order."""
    keys = sorted(set(zip(goods.tolist(), places.tolist(), strict=True)))
    number = {key: position for position, key in enumerate(keys)}
    return np.array([number[key] for key in zip(goods.tolist(), places.tolist(), strict=True)], dtype=np.int64), keys


def lumped(amount: np.ndarray, goods: np.ndarray, countries: np.ndarray) -> np.ndarray:
    """Countries as they are told: XRW where a country has less than 2.5 % of a good. amount: (n,) over the run."""
    group, keys = grouped(goods, countries)
    place = np.bincount(group, weights=amount, minlength=len(keys))
    total = np.bincount(goods, weights=amount, minlength=int(goods.max(initial=0)) + 1)
    small = (place[group] < SMALL_SHARE * total[goods]) & ~np.isin(countries, KEPT_APART)
    return np.where(small, REST, countries).astype(object)


def without_zeros(series: Series) -> Series:
    """The series without those that are zero in every week; if all are, one of zeros for the world."""
    kept = np.nonzero(np.abs(series.values).max(axis=0, initial=0.0) > 0)[0].tolist()
    if not kept:
        unit = series.unit[0] if len(set(series.unit)) == 1 else "units/week"
        return Series(series.variable, np.zeros((len(series.values), 1)), [None], [WORLD], [None], [unit])
    good, place, agent = ([words[n] for n in kept] for words in (series.good, series.place, series.agent))
    return Series(series.variable, series.values[:, kept], good, place, agent, [series.unit[n] for n in kept])


def prices(told: Teller) -> list[Series]:
    """Spot ask and volume-weighted price by good and zone."""
    goods = np.tile(np.arange(len(told.goods)), 2)
    texts = (told.goods[goods].tolist(), np.repeat(ZONES, len(told.goods)).tolist(), [None] * len(goods))
    unit = [f"US$/{told.units[g]}" for g in goods]
    arrays = {"price_spot": told.history.spot, "price_average": told.history.average}
    base = told.world.base_price
    return [Series(name, (a[: told.weeks] * base).reshape(told.weeks, -1), *texts, unit) for name, a in arrays.items()]


def output(told: Teller) -> list[Series]:
    """Production and capacity by good and country, and production of headline firms."""
    rows = (told.made_good, told.maker_place)
    return [
        told.summed("production", told.production, rows),
        told.of_agents("production", told.outcome.activity[:, told.agents]),
        told.summed("capacity", told.capacity, rows),
    ]


def needs(told: Teller) -> list[Series]:
    """What users would use and what they lack of it; for products, what final buyers want and do not get."""
    users, makers = told.users, np.nonzero(told.outcome.final & ~told.outcome.industry)[0]
    rows = (
        np.concatenate((told.bought_good[users], told.world.firms.g.to_numpy()[makers])),
        np.concatenate((told.outcome.owner[users], makers)),
    )
    desired, plan = told.bought("desired")[:, users], told.outcome.aimed[:, makers]
    lacking = desired - told.bought("used")[:, users], plan - told.outcome.activity[:, makers]
    unmet = np.maximum(np.concatenate(lacking, axis=1), 0.0)
    demand = told.zonal("demand", np.concatenate((desired, plan), axis=1), rows)
    return [demand, without_zeros(told.zonal("unmet_demand", unmet, rows))]


def stocks(told: Teller) -> list[Series]:
    """Stocks of users and makers, users' cover in weeks of expected use, and public stockpiles."""
    made = told.history.made["made_stock"][: told.weeks]
    bought, owner = told.bought("stock"), told.outcome.owner
    rows = (np.concatenate((told.bought_good, told.made_good)), np.concatenate((owner, told.maker)))
    users = (told.bought_good[told.users], owner[told.users])
    held = told.zonal("cover", bought[:, told.users], users, "")
    use = told.zonal("cover", told.bought("expected_use")[:, told.users], users).values
    weeks = np.divide(held.values, use, out=np.full_like(use, np.nan), where=use > TINY_USE)
    known = np.nonzero(np.isfinite(weeks).any(axis=0))[0]
    good, place = [held.good[n] for n in known], [held.place[n] for n in known]
    return [
        told.zonal("stock", np.concatenate((bought, made), axis=1), rows, ""),
        Series("cover", weeks[:, known], good, place, [None] * len(known), ["weeks"] * len(known)),
        *stockpiles(told, bought, made),
    ]


def stockpiles(told: Teller, bought: np.ndarray, made: np.ndarray) -> list[Series]:
    """What public stockpiles hold, by good and country."""
    shelf, store = ~told.outcome.producing[told.outcome.owner], ~told.outcome.producing[told.maker]
    if not store.any():
        return []
    goods = np.concatenate((told.bought_good[shelf], told.made_good[store]))
    firms = np.concatenate((told.outcome.owner[shelf], told.maker[store]))
    held = np.concatenate((bought[:, shelf], made[:, store]), axis=1)
    return [told.summed("stockpile", held, (goods, told.country[firms]), "")]


def flows(told: Teller) -> list[Series]:
    """What is sent to each zone, what leaves each country, and what China sends to each country."""
    links = told.world.links
    goods, sent = links.g.to_numpy(), told.link("sent")
    crossing = np.nonzero(links.export.to_numpy() > 0)[0]
    chinese = crossing[(links.exporter == "CHN").to_numpy()[crossing]]
    abroad = sent[:, crossing]
    exporter = lumped(abroad.sum(axis=0), goods[crossing], links.exporter.to_numpy(dtype=object)[crossing])
    importer = lumped(sent[:, chinese].sum(axis=0), goods[chinese], links.importer.to_numpy(dtype=object)[chinese])
    return [
        told.zonal("shipments", sent, (goods, links.buyer_firm.to_numpy())),
        without_zeros(told.summed("exports", abroad, (goods[crossing], exporter))),
        without_zeros(told.summed("exports_to", sent[:, chinese], (goods[chinese], importer))),
    ]


def permits(told: Teller) -> list[Series]:
    """Licences that wait, are granted and refused, and what goes round controls, by good and exporting country."""
    if "waiting" not in told.history.link:
        return []
    links = told.world.links
    rows = (links.g.to_numpy(), links.exporter.to_numpy(dtype=object))
    found = []
    for variable, name in {**PERMITS, "leakage": "leaked"}.items():
        per = "" if name == "waiting" else "/week"
        found.append(without_zeros(told.summed(variable, told.link(name), rows, per)))
    return found


def losses(told: Teller) -> list[Series]:
    """Value added lost by product and country, for headline firms, and for the world."""
    lost, firms = told.outcome.output_lost, told.world.firms
    rows = np.nonzero(lost.max(axis=0, initial=0.0) > 0)[0]
    group, keys = grouped(firms.g.to_numpy()[rows], told.country[rows])
    good = [told.goods[g] if g >= 0 else None for g, _ in keys]
    unit = ["US$/week"] * len(keys)
    by_country = sums(lost[:, rows], group, len(keys))
    everyone = lost.sum(axis=1, keepdims=True)
    return [
        Series("output_lost", everyone, [None], [WORLD], [None], ["US$/week"]),
        Series("output_lost", by_country, good, [place for _, place in keys], [None] * len(keys), unit),
        *([without_zeros(told.of_agents("output_lost", lost[:, told.agents], "US$/week"))] if lost.any() else []),
    ]


def order_shares(told: Teller) -> list[Series]:
    """Share of each country in the world's output of what Taiwan makes of parts, equipment and products."""
    world = told.world
    sold = ~world.goods.stage.isin(["ore", "refined", "material"]).to_numpy()
    ours = np.unique(told.made_good[told.country[told.maker] == HOME])
    rows = np.nonzero(sold[told.made_good] & np.isin(told.made_good, ours))[0]
    if not len(rows):
        return []
    made = told.summed("order_share", told.production[:, rows], (told.made_good[rows], told.maker_place[rows]), "")
    group = pd.factorize(np.array(made.good, dtype=object))[0]
    total = sums(made.values, group, int(group.max()) + 1)[:, group]
    share = np.divide(made.values, total, out=np.zeros_like(total), where=total > 0)
    return [Series("order_share", share, made.good, made.place, made.agent, ["share"] * len(made.good))]


def routes(told: Teller) -> list[Series]:
    """By headline fab: lead time of chip tools, capacity that waits for them; by packager: share of good chips."""
    history, usual = told.history, told.history.parameters["tool_lead_weeks"]
    series = []
    for name, key, rows, unit in (
        ("tool_lead_time", "tool_wait", history.fabs, "weeks"),
        ("capacity_delayed", "delayed", history.fabs, ""),
        ("packaging_yield", "yields", history.packagers, "share"),
    ):
        kept = np.isin(rows, told.agents)
        values = history.routes[key][: told.weeks, kept].astype(float) + (usual if key == "tool_wait" else 0.0)
        own = told.world.firms.iloc[rows[kept]]
        units = [unit or f"{told.units[g]}/week" for g in own.g]
        series.append(Series(name, values, own.good.tolist(), own.country.tolist(), own.producer.tolist(), units))
    return series


def balance(told: Teller) -> list[Series]:
    """Largest relative gap in the tonnes of any good."""
    error = told.history.balance_error[: told.weeks, None]
    return [Series("mass_balance_error", error, [None], [WORLD], [None], ["relative"])]


def politics(told: Teller) -> list[Series]:
    """Highest tension of each government toward another, and how many Chinese export controls are in force."""
    history, places = told.history, told.world.governments.country.tolist()
    tension, controls = history.tension[: told.weeks], history.controls[: told.weeks, None]
    nothing: list[str | None] = [None] * len(places)
    return [
        Series("tension", tension, nothing, places, nothing, ["0 to 1"] * len(places)),
        Series("controls", controls, [None], ["CHN"], [None], ["1"]),
    ]


TINY_USE = 1e-30
TOLD: tuple[Callable[[Teller], list[Series]], ...] = (
    prices, output, needs, stocks, flows, permits, losses, order_shares, routes, balance, politics,
)  # fmt: skip
"""Every group of variables; to add one, write a function and name it here."""
