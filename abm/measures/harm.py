"""Harm by route and by sector, worked out from a recorded run: tools, packaging, wind, transit, direct and indirect."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from abm.measures.losses import Outcome, sums
from abm.measures.recorded import Recorded
from abm.measures.shares import YEAR
from abm.world.labels import labels_of

OUTSIDE, QUARTER = 1, 13
MID_RANGE = ("servers_phones", "electronic_components", "packaged_chips")
TAKING = ("VNM", "IND", "MEX", "THA", "MYS", "IDN", "PHL")


class Harm:
    """Arrays of one run; losses in US$ over the run by firm (firm,)."""

    def __init__(self, history: Recorded, outcome: Outcome) -> None:
        self.history, self.outcome, self.world, self.weeks = history, outcome, history.world, history.weeks
        self.labels = labels_of(history.world)

    def route(self, name: str) -> np.ndarray:
        """A series of `Routes.record` (week, fab) or (week, packager)."""
        return self.history.routes[name][: self.weeks].astype(float)

    @cached_property
    def lost_to_tools(self) -> np.ndarray:
        """Value added that fabs lost since capacity waited for tools, US$ a week (week, firm).

        What they were asked for above the capacity that stood, as far as the delayed capacity would have made it.
        """
        firm, fabs = self.history.firm, self.history.fabs
        short = np.maximum(firm["plan"][: self.weeks, fabs] - firm["capacity"][: self.weeks, fabs], 0.0)
        lost = np.zeros((self.weeks, len(self.world.firms)))
        lost[:, fabs] = np.minimum(short, self.route("delayed")) * self.world.start["value_added"][fabs]
        return lost

    def tool_bill(self) -> np.ndarray:
        """What fabs paid for chip tools above their base price in weeks when these were dearer, US$ (week, firm)."""
        tools = self.labels.goods[self.labels.bought_good]
        rows = np.nonzero((tools == "chip_tools") & np.isin(self.outcome.owner, self.history.fabs))[0]
        good = self.labels.bought_good[rows]
        dearer = np.maximum(self.history.average[: self.weeks, OUTSIDE][:, good] - 1, 0.0)
        paid = self.history.bought["used"][: self.weeks, rows] * dearer * self.world.base_price[good]
        return sums(paid, self.outcome.owner[rows], len(self.world.firms))

    @cached_property
    def by_way(self) -> dict[str, np.ndarray]:
        """Loss of each firm over the run, US$ (firm,): direct, and indirect by parts, orders and tools."""
        outcome, count = self.outcome, len(self.world.firms)
        lost = outcome.lost_by_shelf
        raw, owner = outcome.raw, outcome.owner
        return {
            "direct": np.bincount(owner[raw], weights=lost[raw], minlength=count),
            "indirect_parts": np.bincount(owner[~raw], weights=lost[~raw], minlength=count),
            "indirect_orders": outcome.orders_lost.sum(axis=0),
            "indirect_tools": self.lost_to_tools.sum(axis=0),
        }

    def scrapped(self) -> np.ndarray:
        """Inputs of packagers that went into spoilt chips, US$ a week at the prices of the week (week, firm)."""
        rows = np.nonzero(np.isin(self.outcome.owner, self.history.packagers))[0]
        owner, good = self.outcome.owner[rows], self.labels.bought_good[rows]
        place = np.searchsorted(self.history.packagers, owner)
        cost = self.history.average[: self.weeks, OUTSIDE][:, good] * self.world.base_price[good]
        value = self.history.bought["used"][: self.weeks, rows] * cost * (1 - self.route("yields")[:, place])
        return sums(value, owner, len(self.world.firms))

    def cost_of(self, good: str) -> np.ndarray:
        """Cost of a unit of a good made outside China over its base, at the prices outside (week,).

        What inputs cost more than at base, over the base price of the good; spoilt chips are paid for too.
        """
        world, prices = self.world, self.history.average[: self.weeks, OUTSIDE]
        makers = (self.labels.main_good == good) & (world.firms.zone.to_numpy() == OUTSIDE)
        rows = np.nonzero(makers[self.outcome.owner])[0]
        bought = self.labels.bought_good[rows]
        use = world.start["need"][rows] * world.start["base_activity"][self.outcome.owner[rows]]
        made = float((world.start["base_activity"] * makers).sum()) * self.price(good)
        base = np.bincount(bought, use * world.base_price[bought] / max(made, 1e-300), len(world.goods))
        cost: np.ndarray = 1 + (prices - 1) @ base
        if good == "packaged_chips":
            cost = cost / self.yield_of(makers)
        return cost

    def price(self, good: str) -> float:
        """Base price of a good, US$ per unit."""
        found = self.world.base_price[self.labels.goods == good]
        return float(found[0]) if len(found) else 0.0

    def yield_of(self, rows: np.ndarray) -> np.ndarray:
        """Share of good chips of some packagers, weighted by output (week,). rows: (firm,) true or false."""
        chosen = rows[self.history.packagers]
        made = self.history.firm["activity"][: self.weeks][:, self.history.packagers[chosen]]
        good = (made * self.route("yields")[:, chosen]).sum(axis=1)
        return np.divide(good, made.sum(axis=1), out=np.ones(self.weeks), where=made.sum(axis=1) > 0)

    def farms_late(self, rows: np.ndarray) -> dict[str, float]:
        """Wind farms built behind what was wanted: GW-weeks late, and by how many weeks the last ones are late.

        The queue of farms is connected in its order: the lateness is the gap at the end over what is wanted a week.
        """
        farms = rows & (self.labels.main_good == "offshore_wind")
        firm = self.history.firm
        wanted = firm["plan"][: self.weeks, farms].sum(axis=1)
        gap = np.cumsum(wanted - firm["activity"][: self.weeks, farms].sum(axis=1))
        rate = wanted[-YEAR:].mean() if self.weeks else 0.0
        late = float(gap[-1] / rate) if rate > 0 else float("nan")
        return {"weeks": late, "gw_weeks": float(gap.sum()) / 1000.0}

    def transit(self) -> dict[str, float]:
        """Chinese material that went round by third countries, US$ at base prices over the run.

        leaked: refused at home and passed on all the same; traders: sold by processors outside China; refused:
        re-exports refused for their Chinese content, each application counted anew.
        """
        labels, link = self.labels, self.history.link
        worth = self.world.base_price[labels.sold]
        foreign = ~labels.china_place[labels.exporter] & (self.world.links.export.to_numpy() > 0)
        traders = np.nonzero(foreign & (labels.kind == "trader")[self.world.links.seller_firm.to_numpy()])[0]
        return {
            "traders": float(link["sent"][: self.weeks, traders].sum(axis=0) @ worth[traders]),
            "leaked": float(link.total("leaked") @ (worth * ~foreign)),
            "refused": float(link.total("refused") @ (worth * foreign)),
        }

    def mid_range_by_year(self) -> dict[str, float]:
        """Share of the world's mid-range output, by value, of Taiwan and of the places orders move to, by year."""
        labels, year = self.labels, np.array([day.year for day in self.history.days()])
        rows = np.nonzero(np.isin(labels.main_good, MID_RANGE))[0]
        worth = self.world.base_price[self.world.firms.g.to_numpy()[rows]]
        value = self.history.firm["activity"][: self.weeks, rows] * worth
        groups = {"taiwan": labels.home[rows], "movers": labels.countries.isin(TAKING)[labels.place[rows]]}
        found = {}
        for when in sorted(set(year.tolist())):
            total = float(value[year == when].sum())
            for name, chosen in groups.items():
                found[f"{name}.{when}"] = float(value[year == when][:, chosen].sum()) / total if total > 0 else np.nan
        return found


def worst_quarter(values: np.ndarray) -> float:
    """Highest mean over a quarter of a series (week,)."""
    span = min(QUARTER, len(values))
    return float(np.convolve(values, np.ones(span) / span, "valid").max()) if span else float("nan")
