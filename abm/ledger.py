"""The ledger: does every tonne stay accounted for?"""

from __future__ import annotations

import numpy as np

from abm import kernels
from abm.production import Production
from abm.trade import Trade
from abm.world import World
from agents.base import Columns


class Ledger:
    """Checks each week, for each good, that stocks change by what was made less what was used, delivered or dumped."""

    def __init__(self, world: World, columns: Columns, trade: Trade) -> None:
        self.goods = len(world.goods)
        self.of = tuple(np.array(frame.g, dtype=np.int64) for frame in (world.bought, world.made, world.links))
        self.bought_good, self.made_good, _ = self.of
        self.held = self._held(columns, trade)

    def _held(self, columns: Columns, trade: Trade) -> np.ndarray:
        """All that is on shelves or on the way, by good: (good,)."""
        held = np.zeros(self.goods)
        kernels.weigh(self.of, (columns["stock"], columns["made_stock"], trade.under_way), held)
        return held

    def error(self, columns: Columns, trade: Trade, production: Production) -> float:
        """Largest relative gap over all goods."""
        gained = production.made - production.delivered - production.dumped
        change = np.bincount(self.made_good, weights=gained, minlength=self.goods)
        change = change - np.bincount(self.bought_good, weights=columns["used"], minlength=self.goods)
        held = self._held(columns, trade)
        gap = np.abs(held - self.held - change)
        self.held = held
        scale = np.maximum(held, np.bincount(self.made_good, weights=production.made, minlength=self.goods))
        return float((gap / np.maximum(scale, 1e-9)).max(initial=0.0))
