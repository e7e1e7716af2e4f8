"""The plan: all causes of a run, scripted and decided, and which of them act this week."""

from __future__ import annotations

import datetime

from abm.causes import WARNING_WEEKS, Cause
from abm.clock import WEEK, Week
from abm.conditions import Conditions
from abm.policies import GeneralLicence, Licence, Release, Suspension
from abm.scenario import CauseSpec, Scenario
from abm.world import World
from agents.base import Decision

WARNED = (WARNING_WEEKS + 1) * WEEK


class Plan:
    """Causes in the order of their ids."""

    def __init__(self, scenario: Scenario, world: World) -> None:
        specs = sorted(scenario.causes, key=lambda spec: spec.id)
        self.causes: list[Cause] = [Cause.known[spec.instrument](spec, world) for spec in specs]
        self._world = world
        by_id = {cause.spec.id: cause for cause in self.causes}
        self._next_change = datetime.date.min
        self._suspensions = [cause for cause in self.causes if isinstance(cause, Suspension)]
        self._named = {cause.spec.id: [by_id[name] for name in cause.fields["of"]] for cause in self._suspensions}
        for cause in self.causes:
            if isinstance(cause, GeneralLicence):
                for name in cause.fields["of"]:
                    eased = by_id[name]
                    assert isinstance(eased, Licence)
                    eased.eased.append(cause)

    def write(self, conditions: Conditions, week: Week) -> None:
        """Reset the conditions and let every active cause write on them; nothing to do while nothing changes."""
        if week.date < self._next_change:
            return
        conditions.reset()
        for cause in self.active(week):
            cause.apply(conditions, week)
        self._next_change = self._change_after(week)

    def _change_after(self, week: Week) -> datetime.date:
        """The next day on which what the causes write may differ: starts, ends, new years, every week of a grace."""
        today = week.date
        days = [datetime.date(today.year + 1, 1, 1)]
        for cause in self.causes:
            if cause.announced <= today < cause.spec.start + WARNED:
                return today + WEEK
            days += [cause.announced, cause.spec.start, cause.spec.end or datetime.date.max]
        return min(day for day in days if day > today)

    def active(self, week: Week) -> list[Cause]:
        """The causes that act this week, suspended ones left out."""
        for cause in self.causes:
            cause.paused = False
        for suspension in self._suspensions:
            if suspension.in_force(week.date):
                for cause in self._named[suspension.spec.id]:
                    cause.paused = True
        return [cause for cause in self.causes if cause.active(week.date)]

    def decide(self, decision: Decision, by: str) -> None:
        """Take up a government's decision as a cause."""
        spec = CauseSpec(
            id=f"{decision.instrument}-{'-'.join(decision.scope)}-{decision.start}",
            instrument=decision.instrument, start=decision.start, end=decision.end, announced=None, by=by,
            title_en=f"{decision.instrument} of {', '.join(decision.scope)}",
            title_zh=f"釋出儲備 {'、'.join(decision.scope)}",
            source=decision.reason, confidence="derived",
            fields={"reserve": decision.scope[0], "amount": decision.size},
        )  # fmt: skip
        self.causes.append(Release(spec, self._world))
        self._next_change = datetime.date.min

    def prune(self, date: datetime.date) -> None:
        """Forget decided releases that are over."""
        self.causes = [c for c in self.causes if not (isinstance(c, Release) and c.spec.end and c.spec.end <= date)]
