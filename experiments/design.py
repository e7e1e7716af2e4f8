"""Designs: the arms that answer a question, what is uncertain, and the runs that follow from them."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

import pandas as pd

from abm import Scenario
from calibration.fit.draws import draws_of
from experiments import sampling
from experiments.discovery import condition
from kit.errors import BadInput
from kit.nearest import shortened

TEXTS = ("title_en", "title_zh", "question_en", "question_zh")
LISTS = ("scenarios", "packages", "only", "outcomes")
PLAIN = ("cases", "levers", "uncertain", "sampling", "points", "seeds", "better", "success", "series", "names_zh")
KEYS = (*TEXTS, *LISTS, *PLAIN, "until")
SECONDS_A_YEAR = 0.25  # of one core, for the full world: what a design's size and time are estimated from
BYTES_A_YEAR = {"none": 1000, "headline": 8000, "full": 300_000}
NONE = "none"


@dataclass(frozen=True)
class RunSpec:
    """One run: its id, its arm (scenario and changed keys), its point (changed parameters), its luck."""

    run_id: str
    arm: str
    scenario: str
    changes: dict[str, Any] = field(hash=False)
    point: int = 0
    parameters: dict[str, float] = field(default_factory=dict, hash=False)
    seed: int = 0


@dataclass(frozen=True)
class Estimate:
    """How large a batch is: runs, seconds of one core, bytes on disk; the last two are rough."""

    runs: int
    seconds: float
    bytes: float

    def told(self, workers: int) -> str:
        """In words, for so many workers."""
        seconds = self.seconds / workers
        for size, unit in ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes"), (1.0, "seconds")):
            if seconds >= 2 * size or unit == "seconds":
                break
        room = f"{self.bytes / 1e9:,.0f} GB" if self.bytes > 2e9 else f"{self.bytes / 1e6:,.0f} MB"
        cores = "one core" if workers == 1 else f"{workers} cores"
        return f"{self.runs:,} runs, about {seconds / size:,.0f} {unit} on {cores} and {room}"


@dataclass(frozen=True)
class Design:
    """A question and its design. Arms are scenarios x packages x cases x lever values; points draw what is uncertain.

    A case is a named set of changed keys. Every arm meets the same points with the same luck, so that arms can be
    compared pair by pair.
    """

    name: str
    scenarios: tuple[str, ...]
    title_en: str = ""
    title_zh: str = ""
    question_en: str = ""
    question_zh: str = ""
    packages: tuple[str, ...] = (NONE,)
    cases: dict[str, dict[str, Any]] = field(default_factory=dict, hash=False)
    levers: dict[str, list[Any]] = field(default_factory=dict, hash=False)
    uncertain: Any = field(default=None, hash=False)
    sampling: str = "latin_hypercube"
    points: int = 1
    seeds: int = 10
    until: str = ""
    only: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ("taiwan_loss.direct", "taiwan_loss.indirect", "output_lost.allies")
    better: str = "low"
    success: str = ""
    series: str = "headline"
    names_zh: dict[str, str] = field(default_factory=dict, hash=False)

    def asked(self) -> tuple[str, ...]:
        """Every outcome that the design speaks of."""
        return (*self.outcomes, *condition(self.success).outcomes) if self.success else self.outcomes

    def size(self) -> int:
        """How many runs the design has, without making a list of them."""
        arms = len(self.scenarios) * len(self.packages) * max(len(self.cases), 1)
        arms *= math.prod(len(values) for values in self.levers.values())
        return arms * sampling.count(self.uncertain, self.points, self.sampling) * self.seeds

    def estimate(self) -> Estimate:
        """How large a batch of this design is, roughly, from the length of its first arm."""
        setting = self.setting(*next(self.each_arm())[1:], {})
        years, runs = (setting.end - setting.start).days / 365.25, self.size()
        return Estimate(runs, runs * years * SECONDS_A_YEAR, runs * years * BYTES_A_YEAR[self.series])

    def each_arm(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Every arm: its name, its scenario with packages, its changed keys."""
        names = [name if package == NONE else f"{name}+{package}"
                 for name, package in itertools.product(self.scenarios, self.packages)]  # fmt: skip
        cases = self.cases or {"": {}}
        for values in itertools.product(*self.levers.values()):
            changes = dict(zip(self.levers, values, strict=True))
            for case in cases:
                for name in names:
                    yield label(name, case, changes), name, cases[case] | changes

    def arms(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Every arm, as a list."""
        return list(self.each_arm())

    def setting(self, scenario: str, changes: Mapping[str, Any], parameters: Mapping[str, float]) -> Scenario:
        """The scenario of a run, its changes and parameters laid over it."""
        paths = {key: plain(value) for key, value in changes.items()} | ({"end": self.until} if self.until else {})
        setting = loaded(scenario, json.dumps(paths))
        return dataclasses.replace(setting, parameters={**setting.parameters, **parameters}) if parameters else setting

    def draws(self) -> pd.DataFrame:
        """Points of what is uncertain, one row each: a word (prior, posterior), or ranges or values by parameter."""
        if self.uncertain is None:
            return pd.DataFrame(index=range(self.points))
        if isinstance(self.uncertain, str):
            return draws_of(self.uncertain, self.points).table
        return sampling.drawn(self.uncertain, self.points, self.sampling)

    def each_run(self) -> Iterator[RunSpec]:
        """Every run, arms side by side under the same point and luck. A run's luck depends on its id alone."""
        arms = self.arms()
        for point, row in enumerate(self.draws().to_dict("records")):
            parameters = {str(key): float(value) for key, value in row.items()}
            for seed in range(self.seeds):
                luck = seed if self.sampling in sampling.EFFECTS else point * self.seeds + seed
                for number, (arm, scenario, changes) in enumerate(arms):
                    run_id = f"{number:03d}-{point:05d}-{seed:04d}"
                    yield RunSpec(run_id, arm, scenario, changes, point, parameters, luck)

    def runs(self) -> list[RunSpec]:
        """Every run, as a list."""
        return list(self.each_run())


@lru_cache(maxsize=1024)
def loaded(scenario: str, paths: str) -> Scenario:
    """A scenario with some values changed (JSON), read once in each worker."""
    setting, changes = Scenario.load(scenario), json.loads(paths)
    return setting.override(spread(setting, changes)) if changes else setting


def spread(setting: Scenario, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes by path; a path with a star (`causes.r1-*.start`) stands for every cause that it fits."""
    found = {}
    for path, value in changes.items():
        first, _, rest = path.partition(".")
        pattern, _, name = rest.rpartition(".")
        if first != "causes" or not set(pattern) & set("*?"):
            found[path] = value
            continue
        fitting = [cause.id for cause in setting.causes if fnmatchcase(cause.id, pattern)]
        if not fitting:
            raise BadInput(f"{shortened(path)}: no cause of {setting.name} is named so.")
        found |= {f"causes.{cause}.{name}": value for cause in fitting}
    return found


def label(scenario: str, case: str, changes: Mapping[str, Any]) -> str:
    """The name of an arm: scenario, packages, case, changed values."""
    values = (f"{path.split('.', 1)[-1]}={shown(value)}" for path, value in changes.items())
    return ", ".join([scenario, *([case] if case else []), *values])


def shown(value: Any) -> str:
    """A value in the name of an arm."""
    return "+".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def plain(value: Any) -> Any:
    """A value as --set takes it: dates as texts."""
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value if isinstance(value, bool | int | float) else str(value)


def parts_of(outcomes: Iterable[str]) -> list[str]:
    """The metrics, or entries of metrics, that outcomes are sums of."""
    return [part.strip() for outcome in outcomes for part in outcome.split("+")]
