"""Government: reviews its position each month."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

from agents.base import Actor, Decision, Field

LEAST_RELEASE = 1e-3


class Government(Actor):
    """Acts by script; by its own rule it releases its public stockpiles when its users run short.

    Row of a government: one. Its reserves are firms of kind Reserve that stand in its country.
    """

    tension = Field("0 to 1", "tension with the rival bloc", level="government")

    def respond(self, seen: Any) -> list[Decision]:
        """Release a public stockpile while its users' cover is below the release mark; reviewed monthly."""
        decisions = []
        until = seen.date + datetime.timedelta(weeks=4)
        for reserve, cover, mark, held in seen.reserves_of(self.key):
            if held > LEAST_RELEASE and cover < mark and np.isfinite(cover):
                fields = {"reserve": reserve, "amount": held}
                values = {"reserve": reserve, "cover": cover, "mark": mark}
                decisions.append(Decision("release", fields, seen.date, until, "users_run_short", values))
        return decisions
