"""Comparison of arms pair by pair under common luck, and what drives an outcome."""

from __future__ import annotations

import numpy as np
import pandas as pd

from abm.errors import BadInput
from abm.words import did_you_mean

PAIR = ["point", "seed"]
SURE = 1.96


def outcome_of(runs: pd.DataFrame, outcome: str) -> pd.Series:
    """An outcome of each run: a column, or several added (`taiwan_loss.direct+taiwan_loss.indirect`)."""
    parts = [part.strip() for part in outcome.split("+")]
    for part in parts:
        if part not in runs:
            raise BadInput(f"outcomes: '{part}' is not told by these runs.{did_you_mean(part, runs.columns)}")
    return runs[parts].sum(axis=1, skipna=False)


def bands(runs: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """5 %, median and 95 % of an outcome by arm."""
    table = runs.assign(value=outcome_of(runs, outcome)).groupby("arm", sort=False).value.quantile([0.05, 0.5, 0.95])
    return table.unstack().set_axis(["p05", "median", "p95"], axis=1)


def paired(runs: pd.DataFrame, outcome: str, better: str = "low") -> pd.DataFrame:
    """Each arm against its base, run by run: difference, band, chance of better, and how many pairs would do.

    The base is the same scenario and levers without packages, or else the first arm of the scenario.
    `enough` is how many pairs tell the mean difference from nothing at 95 %.
    """
    wide = runs.assign(value=outcome_of(runs, outcome)).pivot_table(
        index=PAIR, columns="arm", values="value", sort=False
    )
    rows = []
    for arm, base in pairs(runs).itertuples(index=False):
        gap = (wide[arm] - wide[base]).dropna()
        low, median, high = gap.quantile([0.05, 0.5, 0.95])
        better_in = (gap < 0) if better == "low" else (gap > 0)
        mean, spread = gap.mean(), gap.std()
        enough = int(np.ceil((SURE * spread / abs(mean)) ** 2)) if mean and np.isfinite(spread) else 0
        rows.append({"arm": arm, "against": base, "p05": low, "median": median, "p95": high, "mean": mean,
                     "chance_of_better": float(better_in.mean()), "pairs": len(gap),
                     "enough": max(enough, 2)})  # fmt: skip
    return pd.DataFrame(rows)


def pairs(runs: pd.DataFrame) -> pd.DataFrame:
    """Each arm and the base that it is held against."""
    arms = list(dict.fromkeys(runs.arm)) if "arm" in runs else []
    rows = [(arm, base_of(arm, arms)) for arm in arms]
    return pd.DataFrame([row for row in rows if row[0] != row[1]], columns=["arm", "base"], dtype=str)


def plane(runs: pd.DataFrame, own: str, allied: str) -> pd.DataFrame:
    """Each arm's own and allied loss avoided against its base, run by run: medians and 5 to 95 %."""
    mine, theirs = (paired(runs, outcome).set_index("arm") for outcome in (own, allied))
    told = {"own": -mine["median"], "own_low": -mine.p95, "own_high": -mine.p05,
            "allied": -theirs["median"], "allied_low": -theirs.p95, "allied_high": -theirs.p05}  # fmt: skip
    return pd.DataFrame(told).reset_index()


def family(arm: str) -> str:
    """Arms are compared within a scenario: what stands before the first package or lever value."""
    return arm.partition("+")[0].partition(",")[0]


def base_of(arm: str, arms: list[str]) -> str:
    """The arm that another is compared with."""
    _, sign, levers = arm.partition(", ")
    bare = f"{family(arm)}{sign}{levers}"
    if bare in arms and bare != arm:
        return bare
    return next(other for other in arms if family(other) == family(arm))


def drivers(runs: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Rank correlation of each uncertain parameter with an outcome, over all arms, largest first."""
    value = outcome_of(runs, outcome)
    inputs = [column for column in runs if column.startswith("p.") and runs[column].nunique() > 1]
    if not inputs or value.nunique() < 2:
        return pd.DataFrame(columns=["parameter", "rank_correlation"])
    found = [{"parameter": name[2:], "rank_correlation": runs[name].corr(value, method="spearman")} for name in inputs]
    return pd.DataFrame(found).sort_values("rank_correlation", key=np.abs, ascending=False, ignore_index=True)


def regret(runs: pd.DataFrame, outcome: str, better: str = "low") -> pd.DataFrame:
    """Each arm's worst and mean regret over futures: what it loses to the best arm of the same future and luck."""
    sign = 1.0 if better == "low" else -1.0
    frame = runs.assign(value=sign * outcome_of(runs, outcome), future=runs.arm.map(family),
                        policy=runs.arm.map(policy))  # fmt: skip
    best = frame.groupby(["future", *PAIR]).value.transform("min")
    gaps = frame.assign(regret=frame.value - best)
    table = gaps.groupby(["policy", "future"], sort=False).regret.mean().unstack()
    return table.assign(worst=table.max(axis=1), mean=table.mean(axis=1))


def policy(arm: str) -> str:
    """The packages and lever values of an arm, or `none`."""
    rest = arm[len(family(arm)) :].lstrip("+, ")
    return rest or "none"
