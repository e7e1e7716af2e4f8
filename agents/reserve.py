"""Reserve: a public stockpile of one good."""

from __future__ import annotations

from typing import Any

from agents import kernels
from agents.firm import Firm
from kit.columns import Field


class Reserve(Firm):
    """Buys up to a target in days of national use and releases when its government says so.

    Its capacity is what it releases in a week; its activity is what it puts into store.
    """

    target = Field("units", "stock aimed at")

    def aim(self, seen: Any) -> None:
        """A stockpile makes nothing."""

    def produce(self, seen: Any) -> None:
        """Put what has arrived into store."""
        self.plan = self.sum_bought(self.stock)
        self.wanted = self.plan * 1.0
        self.activity = self.plan * 1.0
        self.desired = self.stock * 1.0
        self.used = self.stock * 1.0

    def order(self, seen: Any) -> None:
        """Buy the gap to the target over the time it takes to fill, what is on order counted; nothing in a release."""
        kernels.fill_up(
            self.shelves_per_firm(),
            self.own("target", "main_stock", "capacity"),
            self.own("stock", "on_order"),
            seen.parameter("reserve_fill_weeks"),
            *self.own("ordered"),
        )

    def invest(self, seen: Any) -> None:
        """A stockpile builds nothing."""
