"""Industry: the other users of a family of goods in a country."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.base import Field
from agents.firm import Firm


class Industry(Firm):
    """Uses each of its inputs by itself, since they serve different purposes; its output is their weighted mean."""

    weight = Field("share", "value share of the input among all it buys", level="bought")
    input_elasticity = Field("ratio", "change of use with the price of the input", level="bought")

    def produce(self, seen: Any) -> None:
        """Use what demand asks at today's prices (equation 8) as far as stocks reach."""
        self.plan = self.demand * 1.0
        self.wanted = self.plan * self.available
        self.desired = self.per_bought(self.wanted) * self.thrifty_need() * self.paid_ratio**self.input_elasticity
        self.used = np.minimum(self.desired, self.stock)
        served = np.where(self.desired > 0, self.used / np.maximum(self.desired, np.finfo(float).tiny), 1)
        self.activity = self.wanted * self.sum_bought(self.weight * served)

    def invest(self, seen: Any) -> None:
        """Other users follow demand; they have no capacity of their own to build."""
