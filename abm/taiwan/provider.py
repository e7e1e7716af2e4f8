"""What Taiwan provides to others: scrap gathered for its recyclers, and the switch that takes its output away."""

from __future__ import annotations

import numpy as np

from abm.economy.production import Production
from abm.policy.conditions import Conditions
from abm.tables.parameters import Parameters
from abm.world.providers import providers
from abm.world.world import World
from kit.clock import WEEKS_PER_YEAR
from kit.columns import Columns

MOST_AVAILABLE = 2.0
FED = frozenset(["retention", "imports", "service"])
"""Conditions by which levers bring scrap."""


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
