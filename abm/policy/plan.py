"""The plan: all causes of a run, scripted and decided, and which of them act this week."""

from __future__ import annotations

import bisect
import dataclasses
import datetime
from collections.abc import Iterable

import abm.policy.taiwan
import abm.policy.targets
import abm.policy.trade  # noqa: F401
from abm.policy.causes import WARNING_WEEKS, Cause, Relation
from abm.policy.conditions import Conditions, Strokes
from abm.policy.licences import GeneralLicence, Licence, Suspension
from abm.scenario.scenario import CauseSpec, Scenario
from abm.world.world import World
from kit.clock import WEEK, Week
from kit.columns import Decision

WARNED = (WARNING_WEEKS + 1) * WEEK


class Plan:
    """Causes in the order of their ids."""

    def __init__(self, scenario: Scenario, world: World) -> None:
        self._world = world
        self.causes: list[Cause] = []
        self._strokes: dict[Cause, Strokes] = {}
        self._written: dict[Cause, Strokes] = {}
        self._grace: list[Cause] = []
        self._paused: list[Cause] = []
        self.follow(scenario)

    def follow(self, scenario: Scenario) -> None:
        """Let the causes of a scenario govern; causes that it shares with the one before, and decisions, stay."""
        before = {cause.spec.id: cause for cause in self.causes}
        specs = sorted(scenario.causes, key=lambda spec: spec.id)
        scripted = [self._cause(spec, before) for spec in specs]
        own = [cause for cause in self.causes if cause.decided]
        self.causes = scripted + own
        self._relate()
        self._next_change = self._next_script = datetime.date.min
        self._year, self._script = 0, list[datetime.date]()

    def _cause(self, spec: CauseSpec, before: dict[str, Cause]) -> Cause:
        """The cause of a spec: the one that stood already, or a new one."""
        standing = before.get(spec.id)
        return standing if standing and standing.spec == spec else Cause.known[spec.instrument](spec, self._world)

    def _relate(self) -> None:
        """Let suspensions and general licences find the causes that they name."""
        by_id = {cause.spec.id: cause for cause in self.causes}
        self._suspensions = [cause for cause in self.causes if isinstance(cause, Suspension)]
        self._named = {cause.spec.id: [by_id[name] for name in cause.fields["of"]] for cause in self._suspensions}
        for cause in self.causes:
            if isinstance(cause, Licence):
                cause.eased = [
                    other for other in self.causes
                    if isinstance(other, GeneralLicence) and cause.spec.id in other.fields["of"]
                ]  # fmt: skip

    def write(self, conditions: Conditions, week: Week) -> None:
        """Let every active cause write on the conditions; only what differs from last week is written anew.

        All causes are asked when a year begins, those that are not steady when a scripted one starts or ends, those in
        a grace period every week, a decision when it is taken.
        """
        if week.date >= self._next_change:
            self._ask(conditions, week)
            self._renew(conditions, self._written | self._strokes)
        else:
            self._grace = [cause for cause in self._grace if in_grace(cause, week.date)]
            if not self._grace:
                return
            self._strokes |= {cause: noted(cause, conditions, week) for cause in self._grace}
            self._renew(conditions, self._grace)

    def _ask(self, conditions: Conditions, week: Week) -> None:
        """Note what the active causes write on a day of change, where it is not known from before."""
        today, before, active = week.date, self._strokes, self.active(week)
        if today >= self._next_script:
            if not self._year:
                self._script = days_of(cause for cause in self.causes if not cause.decided and matters(cause))
            same_year = today.year == self._year
            before = {cause: strokes for cause, strokes in before.items() if same_year and cause.steady(today)}
            self._next_script, self._year = next_day(today, self._script), today.year
        decided = days_of(cause for cause in self.causes if cause.decided and matters(cause))
        self._next_change = min(self._next_script, next_day(today, decided))
        self._grace = [cause for cause in active if in_grace(cause, today)]
        known = before.keys() - set(self._grace)
        self._strokes = {cause: before[cause] if cause in known else noted(cause, conditions, week) for cause in active}

    def _renew(self, conditions: Conditions, causes: Iterable[Cause]) -> None:
        """Write anew the conditions on which one of some causes writes otherwise than before."""
        none, before = Strokes(), self._written
        changed, quotas = set[str](), False
        for cause in causes:
            one, two = before.get(cause, none), self._strokes.get(cause, none)
            if one is not two:
                changed |= one.differ(two)
                quotas = quotas or bool(one.caps or two.caps)
        if changed or quotas:
            conditions.renew(changed, self._strokes.values())
        self._written = dict(self._strokes)

    def active(self, week: Week) -> list[Cause]:
        """The causes that write this week, suspended ones and those that touch nothing of this world left out."""
        for cause in self._paused:
            cause.paused = False
        self._paused = []
        for suspension in self._suspensions:
            if suspension.in_force(week.date):
                for cause in self._named[suspension.spec.id]:
                    cause.paused = True
                self._paused += self._named[suspension.spec.id]
        return [cause for cause in self.causes if cause.touches and cause.active(week.date)]

    def add(self, spec: CauseSpec) -> None:
        """Let one more measure act, beside those of the scenario."""
        cause = Cause.known[spec.instrument](spec, self._world)
        cause.decided = True
        self.causes.append(cause)
        self._next_change = datetime.date.min

    def decide(self, decision: Decision, by: str) -> None:
        """Take up a government's decision as a cause; one that withdraws a measure ends it on that day."""
        if decision.withdraws:
            self._withdraw(decision.withdraws, decision.start)
        else:
            cause = Cause.known[decision.instrument](decided(decision, by), self._world)
            cause.decided = True
            self.prune(decision.start)
            self.causes.append(cause)
        self._next_change = datetime.date.min

    def _withdraw(self, name: str, date: datetime.date) -> None:
        """End a decided measure."""
        for cause in self.causes:
            if cause.decided and cause.fields.get("measure") == name and cause.spec.end is None:
                cause.spec = dataclasses.replace(cause.spec, end=date)

    def prune(self, date: datetime.date) -> None:
        """Forget decisions that are over."""
        self.causes = [c for c in self.causes if not (c.decided and c.spec.end and c.spec.end <= date)]


def matters(cause: Cause) -> bool:
    """Whether a cause touches something of this world, or eases or suspends others."""
    return cause.touches or isinstance(cause, Relation)


def days_of(causes: Iterable[Cause]) -> list[datetime.date]:
    """The days on which some of the causes are announced, start or end, in their order."""
    days = {day for cause in causes for day in (cause.announced, cause.spec.start, cause.spec.end)}
    return sorted(day for day in days if day is not None)


def next_day(today: datetime.date, days: list[datetime.date]) -> datetime.date:
    """The next of the days, which are in their order, or the day on which a year begins."""
    new_year = datetime.date(today.year + 1, 1, 1)
    later = bisect.bisect_right(days, today)
    return min([new_year, *days[later : later + 1]])


def in_grace(cause: Cause, today: datetime.date) -> bool:
    """Whether a cause may write otherwise each week: from its announcement until shortly after its start."""
    return cause.announced <= today < cause.spec.start + WARNED


def noted(cause: Cause, conditions: Conditions, week: Week) -> Strokes:
    """What a cause writes this week."""
    return conditions.note(lambda: cause.apply(conditions, week))


def decided(decision: Decision, by: str) -> CauseSpec:
    """A government's decision as the cause that a scenario would have written."""
    what = decision.fields.get("reserve") or decision.fields.get("measure") or decision.instrument
    return CauseSpec(
        id=f"{by}-{what}-{decision.start}", instrument=decision.instrument, start=decision.start, end=decision.end,
        announced=None, by=by, title_en=f"{decision.instrument} by {by}", title_zh=f"{by}：{decision.instrument}",
        source=decision.reason, confidence="derived", fields=decision.fields,
    )  # fmt: skip
