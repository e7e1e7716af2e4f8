"""Refiner: a kind of firm."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents import kernels
from agents.firm import SALES, Firm
from kit.columns import Field


class Refiner(Firm):
    """Separates, smelts or recovers a by-product; a by-product line is bound by its host (equation 1)."""

    runs = Field("share", "part of what buyers call for that it is willing to work", start=1.0)

    def wish(self, seen: Any) -> Any:
        """Output that buyers want, cut while ore costs more than its products earn; both ways at its `pace`.

        Its charge is most of its cost. What counts is the next tonne at asked prices: ore that it holds, or has under
        contract, is worth what it would sell for.
        """
        found = np.empty(len(self.own("plan")[0]))
        kernels.wish_to_work(self.own("margin", "runs"), self.own(*SALES), seen.parameter("refill_weeks"), found)
        return self.per_firm(found)

    def burden(self) -> Any:
        """All that dear ore costs: refined goods sell at the market's price, without a surcharge (equation 9)."""
        return self.own("seen_dearer")[0]
