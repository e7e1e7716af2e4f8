"""The ledger: does every tonne stay accounted for?"""

from __future__ import annotations

import numpy as np

from abm import kernels
from abm.production import Production
from abm.trade import Trade
from abm.world import World
from agents.base import Columns

LEAST = 1e-9


class Ledger:
    """Checks each week, for each good, that stocks change by what was made less what was used, delivered or dumped."""

    def __init__(self, world: World, columns: Columns, trade: Trade) -> None:
        self.goods = len(world.goods)
        self.of = tuple(world.array(frame, "g") for frame in ("bought", "made", "links"))
        self.held = np.zeros(self.goods)
        unused, unmade = np.zeros(len(world.bought)), np.zeros(len(world.made))
        flows = (unused, unmade, unmade, unmade)
        kernels.weigh(self.of, self._stocks(columns, trade), flows, self.held, LEAST)

    @staticmethod
    def _stocks(columns: Columns, trade: Trade) -> tuple[np.ndarray, ...]:
        """All that is on shelves or on the way."""
        return columns["stock"], columns["made_stock"], trade.under_way

    def error(self, columns: Columns, trade: Trade, production: Production) -> float:
        """Largest relative gap over all goods."""
        flows = (columns["used"], production.made, production.delivered, production.dumped)
        return float(kernels.weigh(self.of, self._stocks(columns, trade), flows, self.held, LEAST))
