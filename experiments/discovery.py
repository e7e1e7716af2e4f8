"""Scenario discovery: under which conditions a wished-for outcome comes about (PRIM and CART of EMA Workbench)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.compare import outcome_of, pairs, pieces, wide
from kit.errors import BadInput
from kit.nearest import shortened

LEAST_MASS = 0.05
LEAST_CASES = 5
SAVED = "saved "


@dataclass(frozen=True)
class Condition:
    """`outcome < value`: of a run, or with `saved` what it saves against its base; the value may be another outcome."""

    outcome: str
    sign: str
    value: float | str
    saved: bool = False

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes that it speaks of."""
        return (self.outcome, self.value) if isinstance(self.value, str) else (self.outcome,)


@dataclass(frozen=True)
class Box:
    """Conditions under which success is common.

    limits: parameter, low, high, of the parameters that bind, and whether it is a factor, a word of the arm's name that
    is there (low above 0) or is not; coverage: share of all successes inside; density: share of what is inside that
    succeeds; mass: share of all runs inside; base: share of all runs that succeed; left_out: runs that are none of
    these, since an outcome is not defined in them.
    """

    limits: pd.DataFrame
    coverage: float
    density: float
    mass: float
    base: float
    left_out: int = 0


def condition(text: str) -> Condition:
    """A condition such as `taiwan_loss.direct < 1e9` or `saved output_lost.allies > taiwan_loss.direct`."""
    for sign in ("<", ">"):
        left, found, right = str(text).partition(sign)
        if found and left.strip() and right.strip():
            saved = left.strip().startswith(SAVED)
            outcome = left.strip().removeprefix(SAVED).strip()
            return Condition(outcome, sign, number_or_word(right.strip()), saved)
    raise BadInput(f"success: '{shortened(text)}' is no condition; expected such as: taiwan_loss.direct < 1e9.")


def number_or_word(text: str) -> float | str:
    """A number where the text is one, else the text."""
    try:
        return float(text)
    except ValueError:
        return text


def judged(runs: pd.DataFrame, text: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Runs that a condition can be asked of, and whether each meets it (run,).

    Bases save nothing, and what is not defined meets nothing: both are left out, the latter counted in `undefined`.
    """
    asked = condition(text)
    value = saving(runs, asked.outcome) if asked.saved else outcome_of(runs, asked.outcome)
    bound = outcome_of(runs, asked.value) if isinstance(asked.value, str) else asked.value
    told = value.notna() & pd.notna(bound)
    met = (value < bound) if asked.sign == "<" else (value > bound)
    return runs[told], met[told].to_numpy(dtype=bool)


def undefined(runs: pd.DataFrame, text: str) -> int:
    """How many runs a condition cannot be asked of, since an outcome is not defined; bases are not counted."""
    asked = runs[runs.arm.isin(pairs(runs).arm)] if condition(text).saved else runs
    return len(asked) - len(judged(runs, text)[0])


def saving(runs: pd.DataFrame, outcome: str) -> pd.Series:
    """What each run has less of an outcome than its base under the same luck; not a number for a base."""
    table, found = wide(runs, outcome), pd.Series(np.nan, index=runs.index)
    base = dict(pairs(runs).itertuples(index=False, name=None))
    for row, arm, point, seed in runs[["arm", "point", "seed"]].itertuples(name=None):
        if arm in base:
            found[row] = table.loc[(point, seed), base[arm]] - table.loc[(point, seed), arm]
    return found


def inputs(runs: pd.DataFrame) -> pd.DataFrame:
    """What differed between runs as numbers (PRIM takes no other kind): parameters; words of arms' names as 0 or 1."""
    names = [name for name in runs if name.startswith("p.") and runs[name].nunique() > 1]
    given = runs[names].rename(columns=lambda name: name[2:])
    words = {arm: [word for part in (scenario, *packages.split("+"), *rest.split(", ")) if (word := part)]
             for arm in dict.fromkeys(runs.arm) for scenario, packages, rest in [pieces(arm)]}  # fmt: skip
    for word in dict.fromkeys(word for named in words.values() for word in named):
        there = runs.arm.map(lambda arm, word=word: word in words[arm])
        if there.nunique() > 1:
            given = given.assign(**{word: there})
    return given.astype(np.float64).reset_index(drop=True)


def workbench() -> Any:
    """EMA Workbench's analysis; BadInput where it is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from ema_workbench.analysis import cart, prim
    except ImportError as problem:
        raise BadInput("discovery: needs the extra techshield[ema].") from problem
    return prim, cart


def discover(runs: pd.DataFrame, text: str) -> Box | None:
    """The box of conditions that best tells success apart (PRIM); nothing where too few succeed or fail.

    Of the boxes on the way from all runs to few, the one with the largest harmonic mean of coverage and density.
    """
    asked, success = judged(runs, text)
    given = inputs(asked)
    if not len(given.columns) or min(success.sum(), (~success).sum()) < LEAST_CASES:
        return None
    prim, _ = workbench()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        box = prim.Prim(given, success, mass_min=LEAST_MASS).find_box()
    way = box.peeling_trajectory
    balance = 2 * way.coverage * way.density / (way.coverage + way.density)
    at = int(balance.fillna(0).to_numpy(dtype=float).argmax())
    chosen, whole = box.box_lims[at], box.box_lims[0]
    bound = [name for name in given.columns if binds(chosen[name], whole[name])]
    rows = [(name, *map(float, chosen[name]), f"p.{name}" not in runs) for name in bound]
    limits = pd.DataFrame(rows, columns=["parameter", "low", "high", "factor"])
    told = way.iloc[at]
    return Box(limits, float(told.coverage), float(told.density), float(told.mass), float(success.mean()),
               undefined(runs, text))  # fmt: skip


def binds(chosen: pd.Series, whole: pd.Series) -> bool:
    """Whether the box narrows a range."""
    return not np.allclose(chosen.astype(float), whole.astype(float))


def leaves(runs: pd.DataFrame, text: str) -> pd.DataFrame:
    """The leaves of a classification tree (CART): coverage, density and mass of each, densest first."""
    _, cart = workbench()
    asked, success = judged(runs, text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = cart.CART(inputs(asked), success, mass_min=LEAST_MASS, mode=cart.sdutil.RuleInductionType.BINARY)
        tree.build_tree()
        table = tree.stats_to_dataframe()
    return table.sort_values("density", ascending=False)
