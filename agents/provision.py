"""Provision: what a Taiwanese provider can do with scrap, purity and know-how, and how its mastery grows.

Recycle (gather more scrap), purify (bring mastery into production) and partner (help a refinery abroad for a fee) are
options of the quarterly choice (equation 13b); their worth is what they earn at the remembered price.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agents import strategy_kernels as rules
from kit.columns import Actor, Field

QUARTERS = 4
NOTHING = 1e-9


class Provisioner(Actor):
    """Fields and rules of providers: recyclers, purifiers and makers of materials that can sell what they know."""

    # what it is
    provider = Field("0 or 1", "can sell process help to partner refineries")
    gleaner = Field("0 or 1", "lives on scrap alone")
    fine = Field("share", "part of base sales that goes to makers, who need high purity")
    price_weight = Field("ratio", "base value of what it makes over its value added, per unit")
    plants = Field("years", "yearly base output of its partner refineries over its own yearly value added")
    running_cost = Field("share of base price", "operating cost, inputs included, over the base value of what it makes")
    capacity = Field("units/week", "capacity that stands")
    # what it masters and has decided so far
    capability = Field("share", "mastery of its process: 1 commercial, near 0 at pilot scale")
    grade = Field("share", "mastery that is in production; it sets the yield and who buys")
    gained = Field("ratio", "output from a tonne of scrap over the base year", start=1.0)
    collecting = Field("ratio", "scrap that it gathers beyond its usual feed, over that feed")
    helping = Field("share", "engagement with partner refineries")
    help = Field("ratio", "capacity that Taiwanese help adds at a partner refinery")
    provider_income = Field("US$", "fees earned from partner refineries since the start")
    denied = Field("ratio", "output that want of scrap denies it, over what it makes")
    accepted = Field("ratio", "output that makers accept over the base year, by purity", level="link", start=1.0)

    def provide(self, seen: Any) -> None:
        """Learn by doing and by grants (equation 13b); each quarter."""
        use = np.minimum(self.activity / np.maximum(self.base_capacity, NOTHING), 1.0)
        worth = np.maximum(self.value_added * self.base_capacity, NOTHING)
        paid = np.minimum(self.grant / worth, 1.0) * seen.parameter("capability_by_grant")
        pace = (seen.parameter("capability_by_doing") * use + paid) / QUARTERS
        self.capability = self.capability + self.provider * (1 - self.capability) * np.minimum(pace, 1.0)

    def knowledge_worths(self, seen: Any) -> np.ndarray:
        """What recycling, purifying and partnering earn over the horizon, over a year's value added: (3, firm).

        Recycling earns the margin, less what scrap that is harder to get costs, on output that want of scrap denies.
        Purifying earns what prices above base pay, beyond what inputs cost above it, for the output that a better yield
        and finer users add; partnering the fee on what a step of help adds, less the work, which the fee just pays for
        at the price `help_price`. What is not open to a firm earns it nothing.
        """
        (denied,) = self.own("denied")
        sales, found = np.empty(len(denied)), np.empty((3, len(denied)))
        rules.wanting(
            self.own("capacity", "building", "available", "idle"), self.own("plan", "limit", "activity"), denied
        )
        mastery = self.own("capability", "grade", "fine", "gleaner")
        purity = tuple(seen.parameter(name) for name in ("purify_step", "pilot_yield", "grade_capability"))
        rules.refined_sales(mastery, self.own("capacity", "activity"), purity, sales)
        settings = (
            tuple(seen.parameter(name) for name in ("strategy_years", "cost_scrap", "help_fee", "help_price")),
            tuple(seen.parameter(name) for name in ("recycle_step", "help_step", "purify_step")),
            seen.parameter("help_gain"),
            (seen.parameter("most_collecting"), seen.parameter("help_capability")),
        )
        prices = self.own("seen_price", "seen_dearer", "running_cost", "price_weight")
        output = (denied, sales, *self.own("activity", "base_capacity"))
        mastery = self.own("provider", "capability", "grade", "collecting", "helping", "plants")
        rules.sell_knowledge(prices, output, mastery, settings, found)
        return found

    def serve(self, seen: Any) -> None:
        """Let what was chosen take effect: scrap, purity (more output from plant and scrap, at less cost), engagement.

        Help is withdrawn by a step a quarter while the price does not pay for it.
        """
        names = ("purify_step", "recycle_step", "help_step", "help_price", "pilot_yield")
        rules.serve(
            *self.own("choice"),
            self.own("provider", "gleaner", "capability", "seen_price"),
            self.own("grade", "gained", "capacity", "running_cost", "collecting", "helping"),
            tuple(seen.parameter(name) for name in names),
        )
