"""Studies: one question, the arms that answer it, what is uncertain, and the runs that follow from them."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import yaml

from abm import Scenario
from abm import scenario_checks as checks
from abm.errors import BadInput
from abm.metrics import METRICS
from abm.parameters import Parameters
from abm.scenario_checks import Place
from abm.words import did_you_mean
from abm.world import shared_tables
from calibration.draws import draws_of
from experiments import sampling
from experiments.discovery import condition

if TYPE_CHECKING:
    from experiments.store import Results

FOLDER = Path(__file__).parent / "studies"
KEYS = ("title_en", "title_zh", "question_en", "question_zh", "scenarios", "packages", "cases", "levers", "uncertain",
        "sampling", "points", "seeds", "until", "only", "outcomes", "better", "success", "series")  # fmt: skip
SERIES = ("headline", "none")
MOST_RUNS = 1_000_000
SECONDS_A_YEAR, BYTES_A_RUN = 0.25, 4000  # for the size told when a design is refused
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
class Study:
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

    @classmethod
    def load(cls, name: str | Path) -> Study:
        """A shipped study by name or one of the user's by path; BadInput if anything in it is wrong."""
        path = find(str(name))
        try:
            raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        except yaml.YAMLError as problem:
            raise BadInput(f"{path.name}: is not valid YAML: {' '.join(str(problem).split())}.") from problem
        place = Place(path.name)
        checks.keys(raw, KEYS, place)
        texts = {key: checks.text(raw.get(key), place.at(key)) for key in KEYS[:4]}
        lists = {key: checks.words(raw[key], place.at(key)) for key in ("scenarios", "packages", "only", "outcomes")
                 if key in raw}  # fmt: skip
        if "scenarios" not in lists:
            raise place.at("scenarios").refuse("is missing: expected a list of scenarios.")
        plain_keys = ("cases", "levers", "uncertain", "sampling", "points", "seeds", "better", "success", "series")
        rest = {key: raw[key] for key in plain_keys if key in raw}
        study = cls(path.stem, lists.pop("scenarios"), **texts, **lists, **rest, until=str(raw.get("until", "")))
        study.check(place)
        return study

    @staticmethod
    def names() -> list[str]:
        """The studies that come with the project."""
        return sorted(path.stem for path in FOLDER.glob("*.yaml"))

    def check(self, place: Place | None = None) -> None:
        """Refuse what no run could be made of, before any is."""
        place = place or Place(self.name)
        checks.choice(self.sampling, sampling.SAMPLINGS, place.at("sampling"))
        checks.choice(self.better, ("low", "high"), place.at("better"))
        checks.choice(self.series, SERIES, place.at("series"))
        for key in ("points", "seeds"):
            checks.number(getattr(self, key), 1, 1e9, place.at(key))
        self.check_outcomes(place)
        for path, values in self.levers.items():
            if not isinstance(values, list) or not values:
                raise place.at("levers").at(path).refuse("expected a list of values.")
        for name, changes in self.cases.items():
            if not isinstance(changes, dict):
                raise place.at("cases").at(name).refuse("expected keys and their values.")
        sampling.check(self.uncertain, self.points, self.sampling, place.at("uncertain"))
        self.check_size(place)
        for _, scenario, changes in self.arms():
            self.setting(scenario, changes, {})
        for row in self.draws().head(1).to_dict("records"):
            Parameters(shared_tables()["parameters"], {str(name): float(value) for name, value in row.items()})

    def check_outcomes(self, place: Place) -> None:
        """Refuse an outcome that no run tells."""
        wanted = [*self.outcomes, condition(self.success)[0]] if self.success else self.outcomes
        known = [metric.name for metric in METRICS]
        for outcome in wanted:
            for part in (one.strip().partition(".")[0] for one in outcome.split("+")):
                if part not in known:
                    raise place.at("outcomes").refuse(f"'{part}' is no metric.{did_you_mean(part, known)}")

    def size(self) -> int:
        """How many runs the design has."""
        return len(self.arms()) * sampling.count(self.uncertain, self.points, self.sampling) * self.seeds

    def check_size(self, place: Place) -> None:
        """Refuse more runs than anyone means, and say how long they would take."""
        runs = self.size()
        if runs > MOST_RUNS:
            setting = self.setting(*self.arms()[0][1:], {})
            years = (setting.end - setting.start).days / 365.25
            days, room = runs * years * SECONDS_A_YEAR / 86400, runs * BYTES_A_RUN / 1e9
            raise place.refuse(f"makes {runs:,} runs, about {days:,.0f} days on one core and {room:,.0f} GB; "
                               f"at most {MOST_RUNS:,} are started.")  # fmt: skip

    def arms(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Every arm: its name, its scenario with packages, its changed keys."""
        names = [name if package == NONE else f"{name}+{package}"
                 for name, package in itertools.product(self.scenarios, self.packages)]  # fmt: skip
        levers = [dict(zip(self.levers, values, strict=True)) for values in itertools.product(*self.levers.values())]
        cases = self.cases or {"": {}}
        return [(label(name, case, changes), name, cases[case] | changes)
                for changes in levers for case in cases for name in names]  # fmt: skip

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

    def runs(self) -> list[RunSpec]:
        """Every run, arms side by side under the same point and luck. A run's luck depends on its id alone."""
        rows = [{str(key): float(value) for key, value in row.items()} for row in self.draws().to_dict("records")]
        found = []
        for point, parameters in enumerate(rows):
            for seed in range(self.seeds):
                for number, (arm, scenario, changes) in enumerate(self.arms()):
                    run_id = f"{number:03d}-{point:05d}-{seed:04d}"
                    luck = seed if self.sampling in sampling.EFFECTS else point * self.seeds + seed
                    found.append(RunSpec(run_id, arm, scenario, changes, point, parameters, luck))
        return found

    def run(self, executor: Executor | None = None, *, out: str = "", workers: int = 2) -> Results:
        """Run what is missing, on this machine or on any `concurrent.futures` executor, and give what was found.

        Results are kept in `out`, or in `results/<name>`; a folder that holds this study is gone on with.
        """
        from experiments.batch import Way, run_study
        from experiments.store import Results

        self.check()
        folder = out or f"results/{self.name}"
        run_study(self, folder, Way(workers, executor, resume=True))
        return Results.open(folder)

    def manifest(self) -> dict[str, Any]:
        """The design, the data's hash, and a hash of both: what a folder of results must agree with."""
        told = {key: getattr(self, key) for key in KEYS} | {"name": self.name, "tables": shared_tables().hash()}
        told = json.loads(json.dumps(told, default=str))
        text = json.dumps(told, sort_keys=True).encode()
        return told | {"design": hashlib.sha256(text).hexdigest()[:16], "runs": self.size()}


def find(name: str) -> Path:
    """The file of a shipped study or of a path."""
    if name.endswith((".yaml", ".yml")) or "/" in name or "\\" in name:
        if not Path(name).is_file():
            raise BadInput(f"{name}: there is no such study file.")
        return Path(name)
    if name not in Study.names():
        raise BadInput(f"'{name}' is not a known study.{did_you_mean(name, Study.names())}")
    return FOLDER / f"{name}.yaml"


@lru_cache(maxsize=64)
def loaded(scenario: str, paths: str) -> Scenario:
    """A scenario with some values changed (JSON), read once in each worker."""
    setting, changes = Scenario.load(scenario), json.loads(paths)
    return setting.override(changes) if changes else setting


def label(scenario: str, case: str, changes: Mapping[str, Any]) -> str:
    """The name of an arm: scenario, packages, case, changed values."""
    values = (f"{path.split('.', 1)[-1]}={shown(value)}" for path, value in changes.items())
    return ", ".join([scenario, *([case] if case else []), *values])


def shown(value: Any) -> str:
    """A value in the name of an arm."""
    return "+".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def plain(value: Any) -> Any:
    """A value as --set takes it: dates as texts."""
    return str(value) if not isinstance(value, bool | int | float | list) else value
