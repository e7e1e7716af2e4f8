"""The ledger: does every tonne stay accounted for?"""

from __future__ import annotations

import numpy as np

from abm.economy import trade_kernels
from abm.economy.production import Production
from abm.economy.trade import Trade
from abm.world.world import World
from kit.columns import Columns

LEAST = 1e-9


class Ledger:
    """Checks each week, for each good, that stocks change by what was made less what was used, delivered or dumped.

    A gap is told over the most that was ever held of the good or made in a week, the base year's stock and output among
    them: a good that runs out keeps its measure.
    """

    def __init__(self, world: World, columns: Columns, trade: Trade) -> None:
        self.goods = len(world.goods)
        self.of = tuple(world.array(frame, "g") for frame in ("bought", "made", "links"))
        self.held, self.scale = np.zeros(self.goods), np.full(self.goods, LEAST)
        unused, unmade = np.zeros(len(world.bought)), np.zeros(len(world.made))
        made = world.start["amount"] * world.start["base_activity"][world.made.firm.to_numpy()]
        trade_kernels.weigh(
            self.of, self._stocks(columns, trade), (unused, made, unmade, unmade), self.held, self.scale
        )

    @staticmethod
    def _stocks(columns: Columns, trade: Trade) -> tuple[np.ndarray, ...]:
        """All that is on shelves or on the way."""
        return columns["stock"], columns["made_stock"], trade.under_way

    def error(self, columns: Columns, trade: Trade, production: Production) -> float:
        """Largest gap over all goods, relative."""
        flows = (columns["used"], production.made, production.delivered, production.dumped)
        return float(trade_kernels.weigh(self.of, self._stocks(columns, trade), flows, self.held, self.scale))
