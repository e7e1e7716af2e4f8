"""Sensitivity: which uncertain parameters move an outcome, by Sobol's indices or Morris's screening (SALib).

Every point meets the same luck, and an outcome is the mean over seeds: luck would otherwise count as interaction.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from experiments.compare import outcome_of
from experiments.sampling import EFFECTS, SEED, drawn, problem_of
from kit.errors import BadInput


def effects(runs: pd.DataFrame, manifest: dict[str, Any], outcome: str, arm: str = "") -> pd.DataFrame:
    """Effect of each parameter on an outcome in one arm (the first if none is named), largest first.

    Columns with Sobol: first, first_band, total, total_band (shares of variance; bands are half widths at 95 %); with
    Morris: effect (mean absolute), effect_band, spread. BadInput for another sampling, and where runs are missing or
    have no such outcome, with the number of points.
    """
    sampling, ranges = manifest["sampling"], manifest["uncertain"]
    if sampling not in EFFECTS:
        raise BadInput(f"sensitivity: the design's sampling is '{sampling}', expected {' or '.join(EFFECTS)}.")
    means = point_means(runs, outcome, arm)
    points = drawn(ranges, manifest["points"], sampling)
    lacking = len(points) - len(means)
    if lacking:
        raise BadInput(f"sensitivity: {lacking} of {len(points)} points have no run that went well; see techshield "
                       "status, and go on with --resume.")  # fmt: skip
    if means.isna().any():
        raise BadInput(f"sensitivity: '{outcome}' is not defined at {means.isna().sum()} of {len(points)} points, and "
                       f"effects need all of them; choose an outcome that every run has.")  # fmt: skip
    values = means.to_numpy(dtype=float)
    problem = problem_of(ranges)
    if values.std() == 0:
        return pd.DataFrame(columns=["parameter"])
    if sampling == "sobol":
        from SALib.analyze import sobol

        scaled = (values - values.mean()) / values.std()
        told = sobol.analyze(problem, scaled, calc_second_order=False, seed=SEED)
        table = {"first": told["S1"], "first_band": told["S1_conf"], "total": told["ST"], "total_band": told["ST_conf"]}
        order = "total"
    else:
        from SALib.analyze import morris

        told = morris.analyze(problem, points.to_numpy(dtype=float), values, seed=SEED)
        table = {"effect": told["mu_star"], "effect_band": told["mu_star_conf"], "spread": told["sigma"]}
        order = "effect"
    found = pd.DataFrame({"parameter": list(ranges), **{key: list(column) for key, column in table.items()}})
    return found.sort_values(order, ascending=False, ignore_index=True)


def point_means(runs: pd.DataFrame, outcome: str, arm: str = "") -> pd.Series:
    """Mean of an outcome over the seeds of each point of an arm (the first if none is named), where it is defined."""
    mine = runs[runs.arm == (arm or runs.arm.iloc[0])]
    return mine.assign(value=outcome_of(mine, outcome)).groupby("point").value.mean().sort_index()
