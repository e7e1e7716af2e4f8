"""The model as EMA Workbench knows models: uncertainties, levers and outcomes of a study (extra techshield[ema])."""

from __future__ import annotations

import dataclasses
import math
import warnings
from typing import Any

import pandas as pd

from abm.measures.headline import Reading
from abm.scenario.checks import Place
from experiments.chunk import simulate, told
from experiments.compare import outcome_of
from experiments.design import RunSpec
from experiments.study import Study
from experiments.study_checks import check_entries
from kit.errors import BadInput


def workbench_model(study: Study) -> Any:
    """A model for `MultiprocessingEvaluator` and `SequentialEvaluator`.

    Uncertainties are the ranges of the study, levers its arms (`arm`), outcomes its outcomes; the seed is the
    constant `seed` (0). Names of parameters have `_` for `.`, outcomes have `_` for `.` and `+`.
    An outcome that a run does not define is not a number, and a warning says so. BadInput where the extra is not
    installed, the study names no ranges, or an outcome is told by no run.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from ema_workbench import CategoricalParameter, Constant, Model, RealParameter, ScalarOutcome
    except ImportError as problem:
        raise BadInput("workbench_model: needs the extra techshield[ema].") from problem
    if not isinstance(study.uncertain, dict):
        raise BadInput(f"{study.name}: uncertain: the workbench needs ranges by parameter.")
    check_entries(study)
    model = Model("techshield", function=Runner(dataclasses.replace(study, series="none")))
    model.uncertainties = [RealParameter(word(name), *map(float, pair)) for name, pair in study.uncertain.items()]
    arms = [arm for arm, _, _ in study.arms()]
    model.levers = [CategoricalParameter("arm", arms)] if len(arms) > 1 else []
    model.outcomes = [ScalarOutcome(word(outcome)) for outcome in study.outcomes]
    model.constants = [Constant("seed", 0), *([Constant("arm", arms[0])] if len(arms) == 1 else [])]
    return model


def word(name: str) -> str:
    """A name as the workbench takes it."""
    return "".join(letter if letter.isalnum() else "_" for letter in name)


@dataclasses.dataclass(frozen=True)
class Runner:
    """One run of a study by arm and parameters: what the workbench calls."""

    study: Study
    __name__ = "techshield"

    def __call__(self, arm: str = "", seed: int = 0, **uncertain: float) -> dict[str, float]:
        """Outcomes by name; BadInput for an arm or a parameter that the study does not have."""
        arms = {name: (scenario, changes) for name, scenario, changes in self.study.arms()}
        names = {word(name): name for name in self.study.uncertain}
        place = Place(self.study.name)
        if arm not in arms:
            raise place.unknown("arm", arm, arms)
        for key in uncertain:
            if key not in names:
                raise place.unknown("uncertain parameter", key, names)
        parameters = {names[key]: float(value) for key, value in uncertain.items()}
        model = simulate(self.study, RunSpec("", arm, *arms[arm], 0, parameters, int(seed)))
        row = pd.DataFrame([told(self.study, Reading(model.history))])
        found = {outcome: float(outcome_of(row, outcome).iloc[0]) for outcome in self.study.outcomes}
        lacking = [outcome for outcome, value in found.items() if math.isnan(value)]
        if lacking:
            warnings.warn(f"{self.study.name}: {arm}: not defined in this run, given as nan: {', '.join(lacking)}.",
                          stacklevel=2)  # fmt: skip
        return {word(outcome): value for outcome, value in found.items()}
