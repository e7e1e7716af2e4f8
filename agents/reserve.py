"""Reserve: a public stockpile of one good."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.base import Field
from agents.firm import Firm


class Reserve(Firm):
    """Buys up to a target in days of national use and releases when its government says so.

    Its capacity is what it releases in a week; its activity is what it puts into store.
    """

    target = Field("units", "stock aimed at")

    def produce(self, seen: Any) -> None:
        """Put what has arrived into store."""
        self.plan = self.sum_bought(self.stock)
        self.wanted = self.plan * 1.0
        self.activity = self.plan * 1.0
        self.desired = self.stock * 1.0
        self.used = self.stock * 1.0

    def order(self, seen: Any) -> None:
        """Buy the gap to the target over the time it takes to fill, what is on order counted; nothing in a release."""
        held = self.main_stock + self.sum_bought(self.stock + self.on_order)
        gap = np.where(self.capacity > 0, 0, np.maximum(self.target - held, 0))
        self.ordered = self.per_bought(gap / seen.parameter("reserve_fill_weeks"))

    def invest(self, seen: Any) -> None:
        """A stockpile builds nothing."""
