"""Calibrate: from the table of evaluations to a posterior, and all that tells how far to trust it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from calibration.fit.abc import (
    ACCEPTED,
    NOISE,
    SHARES,
    Fit,
    accepted,
    fit,
    from_line,
    learn,
    regressed,
    to_line,
)
from calibration.fit.evaluations import Plan, columns_of, in_tolerances, read
from calibration.fit.free import Free, free
from calibration.fit.posterior import ELSEWHERE, Posterior
from calibration.judge.predict import DRAWS, evenly, predicted
from calibration.judge.trust import best_trial, contraction, discrepancy, leave_out, shift, trial, twins
from calibration.record.replay import WORST, Job, bands, evaluate, misfit, quantiles

KEPT = 1000  # draws that a file keeps at most
CHANCE = 2.0  # standard errors of a variance that is estimated from so many draws
INFORMED = 0.1  # contraction from which history is said to inform a parameter
MOVED = 0.1  # shift from which history is said to move a parameter that it does not narrow
CHANCE_SHIFT = 1.63  # shift that one in a hundred samples of the same distribution exceeds, over root of 1/n + 1/m
SPREAD = 1.4826  # a normal's standard deviation over its median distance from the middle
DOUBT = 1.13  # Student's t of eight degrees of freedom over the normal, at the ends of a 90 % band
REACH = (0.025, 0.975)  # part of the runs that tells how far the model reaches
WEAK = ("memory", "assumed")
LEARNING = {"regressed": regressed, "learned": learn}
WAYS = ("figures", "regressed")


@dataclass(frozen=True)
class Table:
    """A table of evaluations made ready: parameters on the line, targets in tolerances, and which may be fitted to.

    `way` says what the fit compares: the figures, or what a regression or a network learned of them; `share` is the
    part of the table that it accepts.
    """

    plan: Plan
    frame: pd.DataFrame
    names: tuple[Free, ...]
    columns: list[tuple[str, Any]]
    line: np.ndarray
    gaps: np.ndarray
    fitted: np.ndarray
    way: str = "figures"
    share: float = ACCEPTED

    @classmethod
    def of(cls, plan: Plan, folder: Path) -> Table:
        """The table in a folder."""
        frame, names = read(folder), free()[0]
        columns = columns_of(plan.events)
        line = to_line(frame[[each.key for each in names]].to_numpy(dtype=float), names)
        fitted = np.array([target.use == "fit" for _, target in columns])
        return cls(plan, frame, names, columns, line, in_tolerances(frame, columns), fitted)

    def summaries(self, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What the fit compares, of some targets as far as runs reach them: (evaluation, summary), the record's."""
        told = chosen & within_reach(self.gaps)
        chosen = told if told.any() else chosen
        figures, observed = noisy(self.gaps)[:, chosen], reachable(self.gaps[:, chosen])
        return (figures, observed) if self.way == "figures" else LEARNING[self.way](self.line, figures, observed)

    def fit(self, chosen: np.ndarray | None = None) -> Fit:
        """The fit to the record: to all targets that may be fitted to, or to some of them."""
        return fit(self.line, *self.summaries(self.fitted if chosen is None else chosen), self.share)

    def twins(self) -> pd.DataFrame:
        """The test with synthetic twins, on the summaries that the fit takes."""
        return twins(self.line, self.summaries(self.fitted)[0], [each.key for each in self.names], self.share)

    def tried(self, ways: Sequence[str]) -> tuple[Table, pd.DataFrame]:
        """The way of fitting that twins choose, and what they say of each. The record is not looked at."""
        names, told = [each.key for each in self.names], []
        for way in ways:
            seen = dataclasses.replace(self, way=way).summaries(self.fitted)[0]
            shares = {accepted(share, len(seen) - 1, seen.shape[1]): share for share in reversed(SHARES)}
            told += [{"way": way, **trial(self.line, seen, names, share)} for share in sorted(shares.values())]
        trials = pd.DataFrame(told)
        best = trials.loc[best_trial(trials)]
        return dataclasses.replace(self, way=str(best.way), share=float(best.share)), trials


def noisy(gaps: np.ndarray) -> np.ndarray:
    """The runs' figures as a record with its error would tell them."""
    return gaps + np.random.default_rng(7).normal(0, NOISE, gaps.shape)


def within_reach(gaps: np.ndarray) -> np.ndarray:
    """Which targets (target,) at least one run in forty brings within their tolerance, from below or from above.

    The others are discrepancy: of a figure whose mechanism is missing, the fit would learn only which edge of the
    ranges lies nearest to it, and drive there what other figures speak of.
    """
    low, high = np.quantile(gaps, REACH, axis=0)
    within: np.ndarray = (low <= 1) & (high >= -1)
    return within


def reachable(gaps: np.ndarray) -> np.ndarray:
    """The record as far as the model reaches it (target,), in tolerances: 0, or the nearest edge of what runs give.

    The rest is discrepancy: a parameter is not asked to make up for a mechanism that is missing.
    """
    low, high = np.quantile(gaps, REACH, axis=0)
    return np.clip(0.0, low, high)


def foretold(table: Table, found: Fit, workers: int, tell: Callable[[int, int], None]) -> pd.DataFrame:
    """What the posterior predicts: every target of all events under DRAWS draws of it, one row a draw."""
    rows = evenly(found.weights, DRAWS)
    return predicted(table.plan.events, adjusted(table, found).iloc[rows].reset_index(drop=True), workers, tell)


def adjusted(table: Table, found: Fit) -> pd.DataFrame:
    """The accepted draws after the adjustment, one column a parameter."""
    return pd.DataFrame(from_line(found.adjusted, table.names), columns=[each.key for each in table.names])


def posterior_of(table: Table, found: Fit, runs: pd.DataFrame, command: str) -> Posterior:
    """The accepted draws, adjusted, with their weights, what they were made from and what their `runs` miss."""
    draws = adjusted(table, found)
    left = contraction(table.line, found)
    shrunk, sure = dict(zip(draws.columns, left.tolist(), strict=True)), informed(left, found)
    manifest = {**table.plan.manifest(), "command": command, "evaluations_done": len(table.frame),
                "accepted": len(found.rows), "way": table.way, "share": table.share,
                "contraction": {name: round(value, 3) for name, value in shrunk.items()},
                "shift": dict(zip(draws.columns, np.round(shift(table.line, found), 3).tolist(), strict=True)),
                "informed": draws.columns[sure].tolist(),
                "moved": draws.columns[moved(table.line, found) & ~sure].tolist(),
                "discrepancy_of": f"{SPREAD * DOUBT:.2f} times the median absolute miss",
                "discrepancy": {name: round(value, 3) for name, value in lacks(table, runs).items()}}  # fmt: skip
    rows, weights = thinned(found.weights)
    return Posterior(draws.iloc[rows].reset_index(drop=True), weights, manifest)


def informed(shrunk: np.ndarray, found: Fit) -> np.ndarray:
    """Which parameters history informs: those that contract by INFORMED at least, and beyond what chance does."""
    sure: np.ndarray = shrunk >= max(INFORMED, CHANCE * np.sqrt(2 / effective(found)))
    return sure


def moved(line: np.ndarray, found: Fit) -> np.ndarray:
    """Which parameters lie elsewhere than under the prior: those shifted by MOVED at least, and beyond chance."""
    far: np.ndarray = shift(line, found) >= max(MOVED, CHANCE_SHIFT * np.sqrt(1 / effective(found) + 1 / len(line)))
    return far


def effective(found: Fit) -> float:
    """How many draws of equal weight the accepted ones are worth."""
    return float(found.weights.sum() ** 2 / (found.weights**2).sum())


def thinned(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and weights of draws that a file keeps: all, or KEPT of them by weight, evenly, so that it stays small."""
    if len(weights) <= KEPT:
        return np.arange(len(weights)), weights
    return evenly(weights, KEPT), np.ones(KEPT)


def parameters_told(table: Table, found: Fit) -> pd.DataFrame:
    """Prior range and median, table's value, posterior band, contraction and shift of each parameter.

    `informed` tells whether history narrows it, `moved` whether history moves it without narrowing it.
    """
    draws, before = from_line(found.adjusted, table.names), from_line(table.line, table.names)
    shrunk, shifted = contraction(table.line, found), shift(table.line, found)
    sure, rows = informed(shrunk, found), []
    far = moved(table.line, found) & ~sure
    for at, each in enumerate(table.names):
        low, median, high = quantiles(draws[:, at], found.weights)
        rows.append({"parameter": each.key, "low": each.low, "high": each.high, "value": each.value,
                     "prior": float(np.median(before[:, at])), "p05": low, "median": median, "p95": high,
                     "contraction": float(shrunk[at]), "shift": float(shifted[at]), "informed": bool(sure[at]),
                     "moved": bool(far[at])})  # fmt: skip
    return pd.DataFrame(rows)


def targets_told(table: Table, runs: pd.DataFrame) -> pd.DataFrame:
    """Record, band of the posterior's runs, hit and cover, and what is missed at best, by target that counts."""
    naive, wide = naive_of(table), lacks(table, runs)
    missed = discrepancy(in_tolerances(runs, table.columns), table.gaps, lambda at: table.columns[at][1].tolerance)
    rows = []
    for (name, target), lack in zip(table.columns, missed, strict=True):
        values = table.frame[name].to_numpy(dtype=float)
        event = name.split("/")[0]
        rows.append({
            "event": event, "target": target.id, "title_en": target.title_en, "use": target.use,
            "record": target.value, "tolerance": target.tolerance, "scale": target.scale,
            "confidence": target.confidence, "prior": quantiles(values, None)[1],
            **bands(target, runs[name].to_numpy(dtype=float), None, wide[event]), **naive[name], **lack,
        })  # fmt: skip
    return pd.DataFrame(rows)


def lacks(table: Table, runs: pd.DataFrame) -> dict[str, float]:
    """Discrepancy by event, in tolerances, as a standard deviation: from what the fitted targets of the others miss.

    It is SPREAD times the median of the absolute misses, widened by DOUBT, since some twenty misses tell it, and their
    median tells 0.37 of what their mean square would (eight degrees of freedom). It is the median, since a figure that
    no value of the parameters reaches counts as a miss, and its size does not widen the bands of all others. It is
    never told by the event itself. ELSEWHERE is that of an event that is not in the table.
    """
    owners = np.array([name.split("/")[0] for name, _ in table.columns])
    middle = np.median(in_tolerances(runs, table.columns), axis=0)
    told = {}
    for owner in [*dict.fromkeys(owners.tolist()), ELSEWHERE]:
        others = table.fitted & (owners != owner)
        told[owner] = float(SPREAD * DOUBT * np.median(np.abs(middle[others if others.any() else table.fitted])))
    return told


def naive_of(table: Table) -> dict[str, dict[str, float]]:
    """Misfit of each naive rule on each target, in tolerances."""
    found = {}
    for event in table.plan.events:
        told = evaluate(Job(event, {}, 0, naive=True)).naive
        for target in event.counted():
            found[f"{event.name}/{target.id}"] = {
                rule: misfit(target, value) for rule, value in told[target.id].items()
            }  # fmt: skip
    return found


def without_weak(table: Table, weak: Sequence[str]) -> pd.DataFrame:
    """How each parameter's median moves, in posterior standard deviations, when weak figures are left out.

    NaN where no other figure is left to fit to.
    """
    strong = table.fitted & np.array([target.confidence not in weak for _, target in table.columns])
    left, rows = int(table.fitted.sum() - strong.sum()), []
    if not strong.any():
        return pd.DataFrame({"parameter": [each.key for each in table.names]}).assign(moved=np.nan, left_out=left)
    whole, part = table.fit(), table.fit(strong)
    for at, each in enumerate(table.names):
        before, after = (quantiles(one.adjusted[:, at], one.weights)[1] for one in (whole, part))
        spread = float(np.sqrt(np.average((whole.adjusted[:, at] - before) ** 2, weights=whole.weights)))
        rows.append({"parameter": each.key, "moved": (after - before) / max(spread, 1e-9)})
    return pd.DataFrame(rows).assign(left_out=left)


def study(table: Table, workers: int, tell: Callable[[int, int], None]) -> dict[str, Any]:
    """Everything that the report tells."""
    found = table.fit()
    runs = foretold(table, found, workers, tell)
    owners = [name.split("/")[0] for name, _ in table.columns]
    return {
        "parameters": parameters_told(table, found),
        "targets": targets_told(table, runs),
        "twins": table.twins(),
        "left_out": leave_out(table.fit, table.gaps, owners, table.fitted),
        "weak": without_weak(table, WEAK),
        "derived": without_weak(table, (*WEAK, "derived")),
        "accepted": len(found.rows),
        "lacks": lacks(table, runs),
        "beyond": [
            name
            for (name, _), near, fitted in zip(table.columns, within_reach(table.gaps), table.fitted, strict=True)
            if fitted and not near
        ],
    }


def totals(targets: pd.DataFrame, use: str) -> dict[str, float]:
    """Share of targets hit and covered, median half-width of bands, mean miss of model and naive rules, of one use."""
    mine = targets[targets.use == use]
    rules = ("no_change", "ratchet", "cover")
    told = {"targets": len(mine), "hits": float(mine.hit.mean()), "covered": float(mine.covered.mean()),
            "covered_runs": float(mine.covered_runs.mean()), "cut": int(mine.cut.sum()),
            "half_width": float(mine.half_width.median()), "runs_half_width": float(mine.runs_half_width.median()),
            "misfit": float(mine.misfit.clip(upper=WORST).mean())}  # fmt: skip
    return told | {rule: float(mine[rule].mean()) for rule in rules}
