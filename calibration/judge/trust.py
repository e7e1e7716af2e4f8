"""How far a fit may be trusted: synthetic twins, contraction, events left out, discrepancy, weak figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import kstest
from threadpoolctl import threadpool_limits

from calibration.fit.abc import ACCEPTED, Fit, accepted, fit
from calibration.record.replay import WORST, quantiles

TWINS = 300
RANK_LEVEL = 0.01
BAND = (0.05, 0.95)
COVERED = (0.85, 0.95)  # mean coverage of 90 % bands that is right


def twins(
    line: np.ndarray, summaries: np.ndarray, names: Sequence[str], share: float = ACCEPTED, seed: int = 11
) -> pd.DataFrame:
    """Fit rows of the table as if each were history: rank test, coverage of 90 % bands and recovery, by parameter.

    A twin's figures have their noise already, as the table's have: half a tolerance, one standard deviation.
    `crps` is the mean distance of the posterior from the truth (continuous ranked probability score), over the prior's
    standard deviation: the lower, the sharper and the truer.
    """
    chosen = np.random.default_rng(seed).choice(len(line), size=min(TWINS, len(line)), replace=False)
    with threadpool_limits(1):  # the matrices are small: threads would wait for each other
        told = [one_twin(line, summaries, row, share) for row in chosen]
    ranks, middles, scores = (np.array(each) for each in zip(*told, strict=True))
    inside = (ranks > BAND[0]) & (ranks < BAND[1])
    rows = []
    for at, name in enumerate(names):
        recovery = float(np.corrcoef(line[chosen, at], middles[:, at])[0, 1])
        rows.append({"parameter": name, "rank_p": float(kstest(ranks[:, at], "uniform").pvalue),
                     "coverage": float(inside[:, at].mean()), "recovery": recovery,
                     "crps": float(scores[:, at].mean() / line[:, at].std())})  # fmt: skip
    table = pd.DataFrame(rows)
    table["passes"] = table.rank_p > RANK_LEVEL
    return table


def one_twin(line: np.ndarray, summaries: np.ndarray, row: int, share: float) -> tuple[np.ndarray, ...]:
    """Rank of the truth, posterior mean and score of each parameter (parameter,), a row taken for history."""
    others = np.arange(len(line)) != row
    found = fit(line[others], summaries[others], summaries[row], share)
    heavy = (found.weights / found.weights.sum())[:, None]
    below = (found.adjusted < line[row]) * heavy
    order = np.argsort(found.adjusted, axis=0)
    sorted_, weight = np.take_along_axis(found.adjusted, order, axis=0), heavy[order, 0]
    apart = ((2 * np.cumsum(weight, axis=0) - weight - 1) * weight * sorted_).sum(axis=0)
    score = (np.abs(found.adjusted - line[row]) * heavy).sum(axis=0) - apart
    return below.sum(axis=0), (found.adjusted * heavy).sum(axis=0), score


def trial(line: np.ndarray, summaries: np.ndarray, names: Sequence[str], share: float) -> dict[str, float]:
    """What twins say of one way of fitting; its twins are others than those of the report."""
    told = twins(line, summaries, names, share, seed=12)
    return {"share": share, "accepted": accepted(share, len(line) - 1, summaries.shape[1]),
            "failing": int((~told.passes).sum()), "coverage": float(told.coverage.mean()),
            "least": float(told.coverage.min()), "most": float(told.coverage.max()),
            "crps": float(told.crps.mean())}  # fmt: skip


def best_trial(told: pd.DataFrame) -> int:
    """Row of the way with the sharpest posterior, among those with the right coverage and fewest failed rank tests."""
    sound = told[told.coverage.between(*COVERED)] if told.coverage.between(*COVERED).any() else told
    sound = sound[sound.failing == sound.failing.min()]
    return int(sound.crps.idxmin())


def contraction(line: np.ndarray, found: Fit) -> np.ndarray:
    """One less the variance left, by parameter: 0 where history says nothing, 1 where it settles the value."""
    heavy = found.weights / found.weights.sum()
    mean = (found.adjusted * heavy[:, None]).sum(axis=0)
    left = (((found.adjusted - mean) ** 2) * heavy[:, None]).sum(axis=0)
    return 1 - left / line.var(axis=0)


def shift(line: np.ndarray, found: Fit) -> np.ndarray:
    """Largest distance of the posterior's distribution from the prior's (Kolmogorov and Smirnov), by parameter, 0 to 1.

    A parameter can be moved without being narrowed: the mass goes to an edge of its range, and the variance on the line
    that ranges are mapped to does not fall.
    """
    heavy, told = found.weights / found.weights.sum(), []
    for before, after in zip(line.T, found.adjusted.T, strict=True):
        points, order = np.concatenate([before, after]), np.argsort(after)
        heaped = np.concatenate([[0.0], np.cumsum(heavy[order])])
        prior = np.searchsorted(np.sort(before), points, side="right") / len(before)
        told.append(np.abs(prior - heaped[np.searchsorted(after[order], points, side="right")]).max())
    return np.array(told)


def predictive(values: np.ndarray, found: Fit) -> tuple[float, float, float]:
    """5 %, median and 95 % of a target over the accepted runs, as they ran."""
    return quantiles(values[found.rows], found.weights)


def leave_out(
    fit_to: Callable[[np.ndarray], Fit], gaps: np.ndarray, owners: Sequence[str], fitted: np.ndarray
) -> pd.DataFrame:
    """For each event: the mean miss, in tolerances, under the prior, and fitted to the other events alone.

    fit_to: the fit to some targets (target,); gaps: (evaluation, target) in tolerances; owners: the event of each
    target; fitted: whether it may be fitted to.
    """
    named = np.array(owners)
    rows = []
    for event in dict.fromkeys(owners):
        mine, others = named == event, (named != event) & fitted
        if not others.any():
            continue
        found = fit_to(others)
        before = np.abs(np.median(gaps[:, mine], axis=0))
        after = np.abs([predictive(column, found)[1] for column in gaps[:, mine].T])
        rows.append({"event": event, "targets": int(mine.sum()), "prior": float(np.minimum(before, WORST).mean()),
                     "left_out": float(np.minimum(after, WORST).mean())})  # fmt: skip
    table = pd.DataFrame(rows, columns=["event", "targets", "prior", "left_out"])
    table["skill_over_prior"] = 1 - table.left_out / table.prior
    return table


def discrepancy(runs: np.ndarray, table: np.ndarray, scale: Callable[[int], float]) -> list[dict[str, Any]]:
    """What the posterior's runs miss beyond the tolerance at their median, and the nearest run of the table, by target.

    Both are (run, target), in tolerances.
    """
    told = []
    for at, (column, whole) in enumerate(zip(runs.T, table.T, strict=True)):
        median = float(np.median(column))
        told.append({"median_gap": median, "beyond": max(abs(median) - 1, 0) * scale(at),
                     "nearest": float(np.abs(whole).min())})  # fmt: skip
    return told
