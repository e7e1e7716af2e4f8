"""How far a fit may be trusted: synthetic twins, contraction, events left out, discrepancy, weak figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import kstest

from calibration.abc import NOISE, Fit, fit
from calibration.replay import WORST, quantiles

TWINS = 300
RANK_LEVEL = 0.01
INFORMED = 0.1
BAND = (0.05, 0.95)
REACH = (0.025, 0.975)


def twins(line: np.ndarray, summaries: np.ndarray, names: Sequence[str], noise: float = NOISE) -> pd.DataFrame:
    """Fit rows of the table as if each were history: rank test, coverage of 90 % bands and recovery, by parameter.

    Noise of one standard deviation, half a tolerance, is laid on each twin's figures, as on the table's (learned
    summaries have it already).
    """
    luck = np.random.default_rng(11)
    chosen = luck.choice(len(line), size=min(TWINS, len(line)), replace=False)
    ranks, inside, middles = [], [], []
    for row in chosen:
        others = np.arange(len(line)) != row
        noisy = summaries[others] + luck.normal(0, noise, summaries[others].shape)
        observed = summaries[row] + luck.normal(0, noise, summaries.shape[1])
        found = fit(line[others], noisy, observed)
        heavy = found.weights / found.weights.sum()
        ranks.append(((found.adjusted < line[row]) * heavy[:, None]).sum(axis=0))
        middles.append((found.adjusted * heavy[:, None]).sum(axis=0))
    ranks, middles = np.array(ranks), np.array(middles)
    inside = (ranks > BAND[0]) & (ranks < BAND[1])
    truth = line[chosen]
    rows = []
    for at, name in enumerate(names):
        recovery = float(np.corrcoef(truth[:, at], middles[:, at])[0, 1])
        rows.append({"parameter": name, "rank_p": float(kstest(ranks[:, at], "uniform").pvalue),
                     "coverage": float(inside[:, at].mean()), "recovery": recovery})  # fmt: skip
    table = pd.DataFrame(rows)
    table["passes"] = table.rank_p > RANK_LEVEL
    return table


def contraction(line: np.ndarray, found: Fit) -> np.ndarray:
    """One less the variance left, by parameter: 0 where history says nothing, 1 where it settles the value."""
    heavy = found.weights / found.weights.sum()
    mean = (found.adjusted * heavy[:, None]).sum(axis=0)
    left = (((found.adjusted - mean) ** 2) * heavy[:, None]).sum(axis=0)
    return 1 - left / line.var(axis=0)


def predictive(values: np.ndarray, found: Fit) -> tuple[float, float, float]:
    """5 %, median and 95 % of a target over the accepted runs, as they ran."""
    return quantiles(values[found.rows], found.weights)


def leave_out(
    line: np.ndarray, gaps: np.ndarray, owners: Sequence[str], events: Sequence[str], fitted: np.ndarray
) -> pd.DataFrame:
    """For each event: the mean miss, in tolerances, under the prior, and fitted to the other events alone.

    gaps: (evaluation, target) in tolerances; owners: the event of each target; fitted: whether it may be fitted to.
    """
    named = np.array(owners)
    rows = []
    for event in events:
        mine, others = named == event, (named != event) & fitted
        if not mine.any() or not others.any():
            continue
        found = fit(line, gaps[:, others], np.clip(0.0, *np.quantile(gaps[:, others], REACH, axis=0)))
        before = np.abs(np.median(gaps[:, mine], axis=0))
        after = np.abs([predictive(column, found)[1] for column in gaps[:, mine].T])
        rows.append({"event": event, "targets": int(mine.sum()), "prior": float(np.minimum(before, WORST).mean()),
                     "left_out": float(np.minimum(after, WORST).mean())})  # fmt: skip
    table = pd.DataFrame(rows)
    table["skill_over_prior"] = 1 - table.left_out / table.prior
    return table


def discrepancy(gaps: np.ndarray, found: Fit, scale: Callable[[int], float]) -> list[dict[str, Any]]:
    """What the model misses at its best: the median's gap beyond the tolerance, and the nearest run's, by target."""
    told = []
    for at, column in enumerate(gaps.T):
        median = predictive(column, found)[1]
        told.append({"median_gap": float(median), "beyond": float(max(abs(median) - 1, 0) * scale(at)),
                     "nearest": float(np.abs(column).min())})  # fmt: skip
    return told
