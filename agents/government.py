"""Government: reviews its position each month, and at once when a rival has acted."""

from __future__ import annotations

import datetime
from typing import Any

from agents.stances import weigh
from kit.columns import Actor, Decision, Field


class Government(Actor):
    """Acts by script, by its own stances where the scenario leaves it free, or both; releases its stockpiles itself.

    Row of a government: one. Its reserves are firms of kind Reserve that stand in its country.
    """

    tension = Field("0 to 1", "highest tension toward another government", level="government")
    budget = Field("US$", "what is left of the year's budget for materials", level="government")

    def respond(self, seen: Any) -> list[Decision]:
        """What it decides this month (equation 11)."""
        return [*self.release(seen), *self.act(seen)]

    def act(self, seen: Any) -> list[Decision]:
        """Take up or withdraw measures by its stances; only what it can pay for."""
        view = seen.view_of(self.key)
        if view is None:
            return []
        decisions = [weigh(stance, view) for stance in view.stances]
        self.budget = view.budget
        return [decision for decision in decisions if decision is not None]

    def release(self, seen: Any) -> list[Decision]:
        """Release a public stockpile while its users' cover is below the release mark; reviewed monthly."""
        short = seen.short_reserves(self.key)
        if not short:
            return []
        decisions, least = [], seen.parameter("least_release")
        until = seen.date + datetime.timedelta(weeks=seen.parameter("release_weeks"))
        for reserve, cover, mark, held in short:
            if held > least:
                fields = {"reserve": reserve, "amount": held}
                values = {"reserve": reserve, "cover": cover, "mark": mark}
                decisions.append(Decision("release", fields, seen.date, until, "users_run_short", values))
        return decisions
