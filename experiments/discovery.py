"""Scenario discovery: under which conditions a wished-for outcome comes about (PRIM and CART of EMA Workbench)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from abm.errors import BadInput
from experiments.compare import outcome_of

LEAST_MASS = 0.05
LEAST_CASES = 5


@dataclass(frozen=True)
class Box:
    """Conditions under which success is common.

    limits: parameter, low, high, of the parameters that bind; coverage: share of all successes inside; density: share
    of what is inside that succeeds; mass: share of all runs inside; base: share of all runs that succeed.
    """

    limits: pd.DataFrame
    coverage: float
    density: float
    mass: float
    base: float


def condition(text: str) -> tuple[str, str, float]:
    """Outcome, sign and value of a condition such as `taiwan_loss.direct < 1e9`; BadInput if it is none."""
    for sign in ("<", ">"):
        outcome, found, value = text.partition(sign)
        if found:
            try:
                return outcome.strip(), sign, float(value)
            except ValueError:
                break
    raise BadInput(f"success: '{text}' is no condition; expected such as: taiwan_loss.direct < 1e9.")


def succeeds(runs: pd.DataFrame, text: str) -> np.ndarray:
    """Whether each run meets a condition (run,)."""
    outcome, sign, value = condition(text)
    told = outcome_of(runs, outcome).to_numpy(dtype=float)
    return told < value if sign == "<" else told > value


def inputs(runs: pd.DataFrame) -> pd.DataFrame:
    """What was uncertain, as numbers (PRIM takes no other kind)."""
    names = [name for name in runs if name.startswith("p.") and runs[name].nunique() > 1]
    return runs[names].astype(np.float64).rename(columns=lambda name: name[2:]).reset_index(drop=True)


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
    prim, _ = workbench()
    given, success = inputs(runs), succeeds(runs, text)
    if not len(given.columns) or min(success.sum(), (~success).sum()) < LEAST_CASES:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        box = prim.Prim(given, success, mass_min=LEAST_MASS).find_box()
    way = box.peeling_trajectory
    balance = 2 * way.coverage * way.density / (way.coverage + way.density)
    at = int(balance.to_numpy(dtype=float).argmax())
    chosen, whole = box.box_lims[at], box.box_lims[0]
    rows = [{"parameter": name, "low": float(chosen[name].iloc[0]), "high": float(chosen[name].iloc[1])}
            for name in given.columns if binds(chosen[name], whole[name])]  # fmt: skip
    limits = pd.DataFrame(rows, columns=["parameter", "low", "high"])
    told = way.iloc[at]
    return Box(limits, float(told.coverage), float(told.density), float(told.mass), float(success.mean()))


def binds(chosen: pd.Series, whole: pd.Series) -> bool:
    """Whether the box narrows a range."""
    return not np.allclose(chosen.astype(float), whole.astype(float))


def leaves(runs: pd.DataFrame, text: str) -> pd.DataFrame:
    """The leaves of a classification tree (CART): coverage, density and mass of each, densest first."""
    _, cart = workbench()
    given, success = inputs(runs), succeeds(runs, text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = cart.CART(given, success, mass_min=LEAST_MASS, mode=cart.sdutil.RuleInductionType.BINARY)
        tree.build_tree()
        table = tree.stats_to_dataframe()
    return table.sort_values("density", ascending=False)
