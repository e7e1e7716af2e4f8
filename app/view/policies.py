"""Policies that a visitor may change: those of the scenario and Taiwan's levers, with what has been changed so far."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from abm import Scenario
from abm.scenario.checks import instruments
from abm.scenario.scenario import CauseSpec
from app.view.worlds import leverable, setting_of

PACKAGES = ("R1", "R2", "R3")
MOST_TIMES, WIDE = 4.0, 40.0  # a slider ends at so many times the value written where its declared end is far beyond
STEPS, ROUND = 100, (1, 2, 5, 10)
FIRST_LEVERS = 2024  # base year from which Taiwan's measures have costs


@dataclass(frozen=True)
class Dial:
    """One number of a policy: its field, unit, the span of its slider, and the value written in the file."""

    field: str
    unit: str
    low: float
    high: float
    written: float

    @property
    def stops(self) -> list[float]:
        """Where its slider can stand: round numbers over the span, both ends, and the value written."""
        size = (self.high - self.low) / STEPS
        digits = -math.floor(math.log10(size))
        step = next(step for step in (many * 10**-digits for many in ROUND) if step >= size)
        marks = range(math.ceil(self.low / step), math.floor(self.high / step) + 1)
        return sorted({self.low, self.high, self.written, *(round(mark * step, digits) for mark in marks)})


@dataclass(frozen=True)
class Policy:
    """A measure that can be changed or switched: as it is written, its numbers, and Taiwan's package it belongs to."""

    spec: CauseSpec
    dials: tuple[Dial, ...]
    package: str = ""

    @property
    def size(self) -> Dial:
        """The number that says how strongly a lever is pulled."""
        return next(dial for dial in self.dials if dial.field == instruments()[self.spec.instrument]["size"])

    @property
    def nothing(self) -> float:
        """The size at which a lever does nothing."""
        declared = instruments()[self.spec.instrument]
        return float(declared["neutral"][declared["size"]])


@dataclass(frozen=True)
class Change:
    """What a visitor has made of a policy: numbers by field, the first day of it, and since when it is switched off."""

    values: Mapping[str, float]
    since: datetime.date
    off: datetime.date | None = None


Changes = dict[str, Change]


@lru_cache(maxsize=8)
def policies_of(scenario: str) -> dict[str, Policy]:
    """Policies by their id: those of the scenario, and Taiwan's levers where they can be laid over it."""
    own = setting_of(scenario)
    found = {spec.id: Policy(spec, dials_of(spec)) for spec in own.causes}
    for package in PACKAGES if leverable(scenario) else ():
        names = [str(cause["id"]) for cause in Scenario.package(package)["causes"]]
        specs = {spec.id: spec for spec in laid(scenario, package).causes}
        found |= {name: Policy(specs[name], dials_of(specs[name]), package) for name in names}
    return found


@lru_cache(maxsize=32)
def laid(scenario: str, *packages: str) -> Scenario:
    """A scenario with packages laid over it."""
    return setting_of("+".join((scenario, *packages)))


def dials_of(spec: CauseSpec) -> tuple[Dial, ...]:
    """The numbers of a policy that a slider can move, from the entry of its instrument."""
    found = []
    for name, entry in instruments()[spec.instrument]["fields"].items():
        if entry["type"] in ("number", "yearly") and spec.fields.get(name) is not None:
            written = first(spec.fields[name])
            low, high = float(entry["min"]), float(entry["max"])
            if 0 < written < high / WIDE:
                high = written * MOST_TIMES
            found.append(Dial(name, str(entry.get("unit", "")), low, high, written))
    return tuple(found)


def stops_of(policy: Policy, dial: Dial) -> list[float]:
    """Where a number's slider can stand: a lever's size also where it does nothing."""
    return [*dial.stops, policy.nothing] if policy.package and dial == policy.size else dial.stops


def first(value: Any) -> float:
    """A number, or the first year's of numbers by year."""
    return float(value[min(value)]) if isinstance(value, dict) else float(value)


def value_of(policy: Policy, dial: Dial, changes: Changes) -> float:
    """What a number is now: as changed, else as written; a lever that was not pulled does nothing."""
    change = changes.get(policy.spec.id)
    if change is not None and dial.field in change.values:
        return float(change.values[dial.field])
    if policy.package and change is None and dial == policy.size:
        return policy.nothing
    return dial.written


def pulled(policy: Policy, changes: Changes) -> bool:
    """Whether a policy acts: a lever of Taiwan once it is pulled, one of the scenario unless it is switched off."""
    change = changes.get(policy.spec.id)
    if policy.package:
        return change is not None and value_of(policy, policy.size, changes) != policy.nothing
    return change is None or change.off is None


def moved(policy: Policy, field: str, value: float, changes: Changes, day: datetime.date) -> Changes:
    """The changes with one number set from a day on; a value as it was before takes the change back."""
    before = changes.get(policy.spec.id) or Change({}, day)
    dial = next(each for each in policy.dials if each.field == field)
    value = min(max(float(value), dial.low), dial.high)
    rest = policy.nothing if policy.package and dial == policy.size else dial.written
    values = {name: kept for name, kept in before.values.items() if name != field}
    if value != rest or (policy.package and dial != policy.size):
        values[field] = value
    lever_off = policy.package and policy.size.field not in values
    others = {name: kept for name, kept in changes.items() if name != policy.spec.id}
    if lever_off or (not values and before.off is None):
        return others
    return others | {policy.spec.id: replace(before, values=values)}


def switched(policy: Policy, on: bool, changes: Changes, day: datetime.date) -> Changes:
    """The changes with a policy of the scenario switched off from a day on, or back on; a lever pulled as written."""
    name = policy.spec.id
    others = {key: kept for key, kept in changes.items() if key != name}
    if policy.package:
        return others | {name: Change({policy.size.field: policy.size.written}, day)} if on else others
    before = changes.get(name) or Change({}, day)
    after = replace(before, off=None if on else day)
    return others | {name: after} if after.values or after.off else others


def composed(scenario: str, changes: Changes) -> Scenario:
    """The scenario as changed; what suspends or eases nothing that is left goes too."""
    known = policies_of(scenario)
    packages = tuple(name for name in PACKAGES if any(known[each].package == name for each in changes))
    values: dict[str, Any] = {}
    for name, change in changes.items():
        values |= {f"causes.{name}.{field}": value for field, value in change.values.items()}
        if known[name].package and change.since < known[name].spec.start:
            values[f"causes.{name}.start"] = change.since
    setting = laid(scenario, *packages).override(values)
    off = {name: change.off for name, change in changes.items() if change.off}
    unused = {name for name, policy in known.items() if policy.package in packages and name not in changes}
    gone = {spec.id for spec in setting.causes if spec.id in unused or spec.start >= off.get(spec.id, LAST)}
    left = (without(spec, gone, off.get(spec.id)) for spec in setting.causes if spec.id not in gone)
    return replace(setting, causes=tuple(spec for spec in left if spec.fields.get("of") != ()))


LAST = datetime.date.max


def without(spec: CauseSpec, gone: set[str], end: datetime.date | None) -> CauseSpec:
    """A policy that no longer names those which are gone, and that ends on the day it is switched off."""
    if "of" in spec.fields and gone & set(spec.fields["of"]):
        spec = replace(spec, fields=spec.fields | {"of": tuple(name for name in spec.fields["of"] if name not in gone)})
    if end is not None and (spec.end is None or spec.end > end):
        spec = replace(spec, end=end)
    return spec
