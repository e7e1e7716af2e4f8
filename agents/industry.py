"""Industry: the other users of a family of goods in a country."""

from __future__ import annotations

from typing import Any

from agents import kernels
from agents.firm import Firm
from kit.columns import Field


class Industry(Firm):
    """Uses each of its inputs by itself, since they serve different purposes; its output is their weighted mean."""

    weight = Field("share", "value share of the input among all it buys", level="bought")
    input_elasticity = Field("ratio", "change of use with the price of the input", level="bought")

    def aim(self, seen: Any) -> None:
        """Other users follow what final demand asks."""

    def produce(self, seen: Any) -> None:
        """Use what demand asks at today's prices (equation 8) as far as stocks reach."""
        kernels.use_apart(
            self.shelves_per_firm(),
            self.own("demand", "available"),
            self.own("need", "thrift", "stock", "weight"),
            self.own("paid_ratio", "input_elasticity"),
            self.own("plan", "wanted", "activity", "desired", "used"),
        )

    def invest(self, seen: Any) -> None:
        """Other users follow demand; they have no capacity of their own to build."""
