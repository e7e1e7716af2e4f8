"""Provision: how a Taiwanese provider's capability grows and when it helps refineries abroad, for a fee."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.base import Actor, Field

QUARTERS = 4
NOTHING = 1e-9


class Provisioner(Actor):
    """Fields and the rule of providers: recyclers, purifiers and makers of materials that can sell what they know."""

    provider = Field("0 or 1", "can sell process help to partner refineries")
    capability = Field("share", "mastery of its process: 1 commercial, near 0 at pilot scale")
    helping = Field("share", "engagement with partner refineries")
    help = Field("ratio", "capacity that Taiwanese help adds at a partner refinery")
    provider_income = Field("US$", "fees earned from partner refineries since the start")

    def provide(self, seen: Any) -> None:
        """Learn by doing and by grants; help refineries abroad while prices pay for it (equation 13b); each quarter.

        Help is offered from a least capability on and while the price of its own good, as remembered, is above the mark
        at which refineries pay for process help; engagement grows and shrinks by a step a quarter.
        """
        use = np.minimum(self.activity / np.maximum(self.base_capacity, NOTHING), 1.0)
        worth = np.maximum(self.value_added * self.base_capacity, NOTHING)
        paid = np.minimum(self.grant / worth, 1.0) * seen.parameter("capability_by_grant")
        pace = (seen.parameter("capability_by_doing") * use + paid) / QUARTERS
        self.capability = self.capability + self.provider * (1 - self.capability) * np.minimum(pace, 1.0)
        able = (self.provider > 0) & (self.capability >= seen.parameter("help_capability"))
        willing = able & (self.seen_price >= seen.parameter("help_price"))
        step = seen.parameter("help_step")
        self.helping = np.clip(self.helping + np.where(willing, step, -step), 0.0, 1.0)
