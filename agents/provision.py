"""Provision: what a Taiwanese provider can do with scrap, purity and know-how, and how its mastery grows.

Recycle (gather more scrap), purify (bring mastery into production) and partner (help a refinery abroad for a fee) are
options of the quarterly choice (equation 13b); their worth is what they earn at the remembered price.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.base import Actor, Field

QUARTERS, WEEKS_PER_YEAR = 4, 52
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

    def provision_worths(self, seen: Any) -> list[Any]:
        """What recycling, purifying and partnering earn over the horizon, over a year's value added.

        Recycling earns the margin, less what scrap that is harder to get costs, on output that want of scrap denies.
        Purifying earns what prices above base pay, beyond what inputs cost above it, for the output that a better yield
        and finer users add; partnering the fee on what a step of help adds, less the work, which the fee just pays for
        at the price `help_price`.
        """
        self.denied = self.wanting()
        scrap = seen.parameter("recycle_step") * self.base_capacity / np.maximum(self.activity, NOTHING)
        margin = np.maximum(self.seen_price - self.running_cost - self.seen_dearer - seen.parameter("cost_scrap"), 0.0)
        recycled = np.minimum(self.denied, scrap) * margin * self.price_weight
        gain = np.maximum(self.seen_price - 1 - self.seen_dearer, 0.0)
        purified = self.refined_sales(seen) * gain * self.price_weight
        step = np.minimum(seen.parameter("help_step"), 1 - self.helping)
        added = seen.parameter("help_gain") * step * self.capability * self.plants
        helped = seen.parameter("help_fee") * added * (self.seen_price - seen.parameter("help_price"))
        return [seen.parameter("strategy_years") * self.provider * worth for worth in (recycled, purified, helped)]

    def wanting(self) -> Any:
        """Output that want of scrap denies it, plant under construction counted, over what it makes."""
        plant = (self.capacity + self.building) * self.available * (1 - self.idle)
        return np.maximum(np.minimum(self.plan, plant) - self.limit, 0.0) / np.maximum(self.activity, NOTHING)

    def refined_sales(self, seen: Any) -> Any:
        """Sales that a step of purity adds, over sales now: yield where it works scrap, makers where plant is spare."""
        better = self.grade + self.next_grade(seen)
        more = output_yield(seen, better) / output_yield(seen, self.grade) - 1
        finer = self.fine * (accepted_share(seen, better) / accepted_share(seen, self.grade) - 1)
        spare = np.maximum(self.capacity / np.maximum(self.activity, NOTHING) - 1, 0.0)
        return self.gleaner * more + np.minimum(finer, spare)

    def next_grade(self, seen: Any) -> Any:
        """Mastery that a step of purifying brings into production: no more than it has."""
        return np.clip(self.capability - self.grade, 0.0, seen.parameter("purify_step"))

    def provision_rooms(self, seen: Any) -> list[Any]:
        """Whether recycling, purifying and partnering are open to it: 1 or 0."""
        able = (self.capability >= seen.parameter("help_capability")) & (self.plants > 0)
        return [
            np.where(self.collecting < seen.parameter("most_collecting"), 1.0, 0.0),
            np.where(self.next_grade(seen) > NOTHING, 1.0, 0.0),
            np.where(able & (self.helping < 1), 1.0, 0.0),
        ]

    def provision_costs(self, seen: Any) -> list[Any]:
        """Cost of a step of each over a year's value added; credits and research grants bear a part.

        A step is weighed each quarter, so that a quarter's grant pays for it.
        """
        own = np.maximum(self.value_added * self.activity, NOTHING)
        left = 1 - self.provider * self.credit
        paid = self.provider * self.grant / own / QUARTERS
        purify = np.maximum(seen.parameter("cost_purify") * left - paid, 0.0)
        return [seen.parameter("cost_recycle") * left, purify, seen.parameter("cost_partner") + self.plants * 0.0]

    def serve(self, seen: Any, steps: dict[str, Any]) -> None:
        """Let what was chosen take effect: scrap, purity (more output from plant and scrap, at less cost), engagement.

        Help is withdrawn by a step a quarter while the price does not pay for it.
        """
        rise = steps["purify"] * self.provider * self.next_grade(seen)
        ratio = output_yield(seen, self.grade + rise) / output_yield(seen, self.grade)
        ratio = np.where(self.gleaner * rise > 0, ratio, 1.0)
        self.grade = self.grade + rise
        self.gained = self.gained * ratio
        self.capacity = self.capacity * ratio
        self.running_cost = self.running_cost / ratio
        self.collecting = self.collecting + steps["recycle"] * self.gleaner * self.provider * seen.parameter(
            "recycle_step"
        )
        step = seen.parameter("help_step")
        leaving = np.where(self.seen_price < seen.parameter("help_price"), step, 0.0)
        self.helping = np.clip(self.helping + steps["partner"] * self.provider * step - leaving, 0.0, 1.0)


def output_yield(seen: Any, grade: Any) -> Any:
    """Output of a process over what it gives at full mastery (equation 13b)."""
    return seen.parameter("pilot_yield") + (1 - seen.parameter("pilot_yield")) * grade


def accepted_share(seen: Any, grade: Any) -> Any:
    """Part of its output that makers who need high purity accept (equation 13b)."""
    return np.minimum(np.maximum(grade, NOTHING) / seen.parameter("grade_capability"), 1.0)
