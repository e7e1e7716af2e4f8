"""Sensitivity: which uncertain parameters move an outcome, by Sobol's indices or Morris's screening (SALib).

Every point meets the same luck, and an outcome is the mean over seeds: luck would otherwise count as interaction.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from abm.errors import BadInput
from experiments.compare import outcome_of
from experiments.sampling import EFFECTS, SEED, drawn, problem_of


def effects(runs: pd.DataFrame, manifest: dict[str, Any], outcome: str, arm: str = "") -> pd.DataFrame:
    """Effect of each parameter on an outcome in one arm (the first if none is named), largest first.

    Columns with Sobol: first, first_band, total, total_band (shares of variance; bands are half widths at 95 %); with
    Morris: effect (mean absolute), effect_band, spread. BadInput for another sampling, or where runs are missing.
    """
    sampling, ranges = manifest["sampling"], manifest["uncertain"]
    if sampling not in EFFECTS:
        raise BadInput(f"sensitivity: the design's sampling is '{sampling}', expected {' or '.join(EFFECTS)}.")
    arms = list(dict.fromkeys(runs.arm))
    mine = runs[runs.arm == (arm or arms[0])]
    means = mine.assign(value=outcome_of(mine, outcome)).groupby("point").value.mean()
    points = drawn(ranges, manifest["points"], sampling)
    lacking = len(points) - int(means.reindex(range(len(points))).notna().sum())
    if lacking:
        raise BadInput(f"sensitivity: {lacking} of {len(points)} points have no run; go on with --resume.")
    values = means.sort_index().to_numpy(dtype=float)
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
