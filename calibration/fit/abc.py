"""Approximate Bayesian computation on a table of evaluations: nearest draws, then local-linear adjustment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from calibration.fit.free import Free

ACCEPTED = 0.1
SHARES = (0.05, 0.1, 0.2, 0.4)  # of the table, among which twins choose
FEWEST = 60
PER_SUMMARY = 8  # accepted draws for each summary, so that the regression has something to go by
EDGE = 1e-4
HIDDEN = (64, 64)
FOLDS, PULL, OUTERMOST = 5, 0.001, 4.0
LEAST_LEFT = 0.05  # of the variance of a residual, however far out the draw lies
INSIDE = (0.05, 0.95)  # the line is not drawn out beyond what the accepted runs gave
NOISE = 0.5  # error of a recorded figure, in tolerances: a tolerance is two standard deviations


@dataclass(frozen=True)
class Fit:
    """Accepted rows of the table, their weights, and their parameters after the adjustment (accepted, parameter)."""

    rows: np.ndarray
    weights: np.ndarray
    adjusted: np.ndarray


def to_line(values: np.ndarray, names: tuple[Free, ...]) -> np.ndarray:
    """Parameters on the whole line: position in the range, through the logit."""
    low = np.array([np.log(each.low) if each.log else each.low for each in names])
    high = np.array([np.log(each.high) if each.log else each.high for each in names])
    plain = np.column_stack([np.log(column) if each.log else column
                             for each, column in zip(names, values.T, strict=True)])  # fmt: skip
    return logit(np.clip((plain - low) / (high - low), EDGE, 1 - EDGE))


def from_line(line: np.ndarray, names: tuple[Free, ...]) -> np.ndarray:
    """Back to parameters in their ranges."""
    place = expit(line)
    return np.column_stack([each.at(column) for each, column in zip(names, place.T, strict=True)])


def fit(line: np.ndarray, summaries: np.ndarray, observed: np.ndarray, share: float = ACCEPTED) -> Fit:
    """The nearest draws to what was observed, weighted (Epanechnikov), their parameters moved along a weighted line.

    line: parameters on the whole line (draw, parameter); summaries (draw, summary), in tolerances; observed (summary,).
    """
    distance = np.sqrt(((summaries - observed) ** 2).mean(axis=1))
    rows = np.argsort(distance)[: accepted(share, *summaries.shape)]
    width = max(float(distance[rows[-1]]), 1e-9) * 1.0001
    weights = 1 - (distance[rows] / width) ** 2
    near = np.clip(observed, *np.quantile(summaries[rows], INSIDE, axis=0))
    return Fit(rows, weights, adjust(line[rows], summaries[rows] - near, weights))


def accepted(share: float, draws: int, summaries: int) -> int:
    """How many draws are taken: a share of the table, but enough for the regression, and no more than there are."""
    return min(max(int(share * draws), FEWEST, PER_SUMMARY * summaries), draws)


def learn(line: np.ndarray, summaries: np.ndarray, observed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Summaries learned by a small network: what each run's figures say of its parameters, in standard deviations.

    Runs are told by networks that did not see them (five folds), the record by one that saw all.
    Returns (draw, parameter) and (parameter,).
    """
    from sklearn.model_selection import KFold, cross_val_predict
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits

    own = MLPRegressor(hidden_layer_sizes=HIDDEN, early_stopping=True, max_iter=400, random_state=3)
    net = make_pipeline(StandardScaler(), own)
    wanted = (line - line.mean(axis=0)) / line.std(axis=0)
    with threadpool_limits(1):  # the matrices are small: threads would wait for each other
        told = cross_val_predict(net, summaries, wanted, cv=KFold(5, shuffle=True, random_state=3))
        scale = told.std(axis=0) + 1e-9
        return told / scale, net.fit(summaries, wanted).predict(observed[None])[0] / scale


def regressed(line: np.ndarray, summaries: np.ndarray, observed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Summaries by regression: what figures and their squares say of each parameter, in standard deviations of what
    they leave open.

    Runs are told by regressions that did not see them (five folds), the record by one that saw all.
    Returns (draw, parameter) and (parameter,).
    """
    middle, spread = summaries.mean(axis=0), summaries.std(axis=0) + 1e-9

    def terms(rows: np.ndarray) -> np.ndarray:
        place = np.clip((rows - middle) / spread, -OUTERMOST, OUTERMOST)
        return np.column_stack([np.ones(len(rows)), place, place**2])

    seen, told = terms(summaries), np.empty_like(line)
    fold = np.random.default_rng(3).permutation(len(line)) % FOLDS
    for number in range(FOLDS):
        told[fold == number] = seen[fold == number] @ ridge(seen[fold != number], line[fold != number])
    scale = (line - told).std(axis=0) + 1e-9
    return told / scale, (terms(observed[None]) @ ridge(seen, line))[0] / scale


def ridge(terms: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Coefficients (term, parameter) of a regression that is pulled a little toward none."""
    pull = np.eye(terms.shape[1]) * PULL * len(terms)
    found: np.ndarray = np.linalg.solve(terms.T @ terms + pull, terms.T @ wanted)
    return found


def adjust(line: np.ndarray, gaps: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Parameters as they would be at the observation, by a weighted ridge regression on the gaps."""
    scale = gaps.std(axis=0)
    used = scale > 1e-9
    if not used.any():
        return line
    slopes = np.column_stack([np.ones(len(line)), gaps[:, used] / scale[used]])
    heavy = slopes * weights[:, None]
    pull = np.eye(slopes.shape[1]) * 0.01 * weights.sum()
    pull[0, 0] = 0.0
    inverse = np.linalg.inv(slopes.T @ heavy + pull)
    found = inverse @ (heavy.T @ line)
    missed = line - slopes @ found
    return found[0] + missed * widening(slopes, heavy, inverse)[:, None]


def widening(slopes: np.ndarray, heavy: np.ndarray, inverse: np.ndarray) -> np.ndarray:
    """How much wider the truth scatters at the observation than the residuals of the line (draw,).

    The line was bent toward each draw, which takes its leverage h off the variance of its residual; and the line
    itself is in doubt by v at the observation: sqrt((1 + v) / (1 - h)). Without it bands are too narrow: with 28
    coefficients and 240 draws a band of 90 % holds 84 %.
    """
    leverage = ((heavy @ inverse) * slopes).sum(axis=1)
    doubt = inverse[0] @ (heavy.T @ heavy) @ inverse[0]
    found: np.ndarray = np.sqrt((1 + doubt) / np.maximum(1 - leverage, LEAST_LEFT))
    return found
