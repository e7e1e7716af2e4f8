"""Reserve: a public stockpile of one good."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.base import Field
from agents.firm import Firm


class Reserve(Firm):
    """Buys up to a target in days of national use and releases when its government says so."""

    target = Field("units", "stock aimed at")

    def produce(self, seen: Any) -> None:
        """Put what has arrived into store."""
        self.plan = self.sum_bought(self.stock)
        self.wanted = self.plan * 1.0
        self.activity = self.plan * 1.0
        self.desired = self.stock * 1.0
        self.used = self.stock * 1.0

    def order(self, seen: Any) -> None:
        """Buy the gap to the target over the time it takes to fill; what is on order counts."""
        held = self.main_stock + self.sum_bought(self.stock + self.on_order)
        self.ordered = self.per_bought(np.maximum(self.target - held, 0) / seen.parameter("reserve_fill_weeks"))

    def invest(self, seen: Any) -> None:
        """A stockpile builds nothing."""
