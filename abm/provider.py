"""What Taiwan provides to others: scrap gathered for its recyclers, and the switch that takes its output away."""

from __future__ import annotations

import numpy as np

from abm.conditions import Conditions
from abm.parameters import Parameters
from abm.production import Production
from abm.world import DAYS_PER_WEEK, World, kept_in
from agents.base import Columns

HOME = "TWN"
KINDS, STAGES = ("recycler", "taiwan_firm"), ("refined", "material")
MOST_AVAILABLE = 2.0
FED = frozenset(["retention", "imports", "service"])
"""Conditions by which levers bring scrap."""
WEEKS_PER_YEAR = 364 / DAYS_PER_WEEK


def providers(world: World, country: str = HOME) -> np.ndarray:
    """Rows of a country's recyclers, purifiers and makers of targets and other materials."""
    found: np.ndarray = kept_in(world, ("providers", country), lambda: _providers(world, country))
    return found


def _providers(world: World, country: str) -> np.ndarray:
    """The same, worked out."""
    stage = world.firms.good.map(world.goods.set_index("good").stage)
    own = (world.firms.country == country) & world.firms.kind.isin(KINDS) & stage.isin(STAGES)
    return np.nonzero(own.to_numpy())[0]


class Provider:
    """The world's side of Taiwan's levers for recycling, and of the switch `provider` of the rescue index.

    Switched off (0), a provider goes on buying and making for its usual sales, but nothing of it is sold: it is taken
    away. Of partner plants abroad only what the partnership adds is taken away.
    """

    def __init__(self, world: World, parameters: Parameters) -> None:
        self.rows = providers(world)
        maker, families = world.array("made", "firm"), world.array("firms", "family").tolist()
        self.shelves = np.nonzero(np.isin(maker, self.rows))[0]
        self.maker = maker[self.shelves]
        self.abroad = parameters.by_family("scrap_abroad", families)
        self.swarf = parameters["swarf_ratio"]
        self.collected = parameters["waste_collected"] / WEEKS_PER_YEAR
        self.sales: np.ndarray | None = None

    def gather(self, feed: np.ndarray, conditions: Conditions) -> np.ndarray:
        """Scrap for recyclers (firm,) with what levers bring: exports kept, waste let in, scrap of makers collected."""
        if not conditions.touched_any(FED):
            return feed
        kept = np.minimum(conditions["retention"], 1.0) * self.abroad
        served = np.minimum(conditions["service"], 1.0) * self.swarf
        return feed * (1 + kept + conditions["imports"] / self.collected + served)

    def hold(self, columns: Columns, conditions: Conditions) -> None:
        """Switched off: sales are kept in mind as they were, shelves are closed, partner plants lose what was added."""
        left = conditions["provider"]
        if conditions.touched("provider") or self.sales is not None:
            columns["release"][self.shelves] = np.where(left[self.maker] > 0, np.inf, 0.0)
        if not conditions.touched("provider"):
            self.sales = None
            return
        if self.sales is None:
            self.sales = columns["sales"][self.rows].copy()
        columns["sales"][self.rows] = self.sales
        added = (conditions["partner"] - 1 + columns["help"]) * left
        columns["available"] = np.minimum(conditions["capacity"] * (1 + added), MOST_AVAILABLE)

    def withhold(self, columns: Columns, conditions: Conditions, production: Production) -> None:
        """Take away what switched-off providers have made this week; the ledger counts it as dumped."""
        if not conditions.touched("provider"):
            return
        gone = (1 - conditions["provider"][self.maker]) * production.made[self.shelves]
        gone = np.minimum(gone, columns["made_stock"][self.shelves])
        columns["made_stock"][self.shelves] -= gone
        production.dumped[self.shelves] += gone
