"""Approximate Bayesian computation on a table of evaluations: nearest draws, then local-linear adjustment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from calibration.free import Free

ACCEPTED = 0.1
FEWEST = 60
PER_SUMMARY = 8  # accepted draws for each summary, so that the regression has something to go by
EDGE = 1e-4
HIDDEN = (64, 64)
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
    count = min(max(int(share * len(line)), FEWEST, PER_SUMMARY * summaries.shape[1]), len(line))
    rows = np.argsort(distance)[:count]
    width = max(float(distance[rows[-1]]), 1e-9) * 1.0001
    weights = 1 - (distance[rows] / width) ** 2
    near = np.clip(observed, *np.quantile(summaries[rows], INSIDE, axis=0))
    return Fit(rows, weights, adjust(line[rows], summaries[rows] - near, weights))


def learn(line: np.ndarray, summaries: np.ndarray, observed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Summaries learned by a small network: what each run's figures say of its parameters, in standard deviations.

    Runs are told by networks that did not see them (five folds), the record by one that saw all.
    Returns (draw, parameter) and (parameter,).
    """
    from sklearn.model_selection import KFold, cross_val_predict
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    own = MLPRegressor(hidden_layer_sizes=HIDDEN, early_stopping=True, max_iter=400, random_state=3)
    net = make_pipeline(StandardScaler(), own)
    wanted = (line - line.mean(axis=0)) / line.std(axis=0)
    told = cross_val_predict(net, summaries, wanted, cv=KFold(5, shuffle=True, random_state=3))
    scale = told.std(axis=0) + 1e-9
    return told / scale, net.fit(summaries, wanted).predict(observed[None])[0] / scale


def adjust(line: np.ndarray, gaps: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Parameters as they would be at the observation, by a weighted ridge regression on the gaps."""
    scale = gaps.std(axis=0)
    used = scale > 1e-9
    if not used.any():
        return line
    slopes = np.column_stack([np.ones(len(line)), gaps[:, used] / scale[used]])
    heavy = slopes * weights[:, None]
    ridge = np.eye(slopes.shape[1]) * 0.01 * weights.sum()
    ridge[0, 0] = 0.0
    found = np.linalg.solve(slopes.T @ heavy + ridge, heavy.T @ line)
    return line - slopes[:, 1:] @ found[1:]
