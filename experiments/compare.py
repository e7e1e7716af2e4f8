"""Comparison of arms pair by pair under common luck: differences, robustness, cost and benefit, what drives them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from kit.errors import BadInput
from kit.nearest import did_you_mean, shortened

PAIR = ["point", "seed"]
BAND = [0.05, 0.5, 0.95]
SURE, LEVEL = 1.96, 0.05
TIE = 1e-3  # of the largest worst regret: what is nearer than that is level
NONE = "none"
OWN, ALLIED, COST = "taiwan_loss.direct+taiwan_loss.indirect", "output_lost.allies", "lever_cost.total"


def outcome_of(runs: pd.DataFrame, outcome: str) -> pd.Series:
    """An outcome of each run: a column, or several added (`taiwan_loss.direct+taiwan_loss.indirect`)."""
    parts = [part.strip() for part in outcome.split("+")]
    for part in parts:
        if part not in runs:
            raise BadInput(
                f"outcomes: '{shortened(part)}' is not told by these runs.{did_you_mean(part, runs.columns)}"
            )
    return runs[parts].sum(axis=1, skipna=False)


def parted(arms: list[str]) -> pd.DataFrame:
    """Each arm's future and policy; index arm.

    Where packages differ they are the policy, and scenario, case and lever values are the future; else the scenario is
    the future, and case and lever values are the policy. A policy of nothing is `none`.
    """
    found = pd.DataFrame([pieces(arm) for arm in arms], index=arms, columns=["scenario", "packages", "rest"], dtype=str)
    if found.packages.nunique() > 1:
        future = found.scenario + np.where(found.rest != "", ", " + found.rest, "")
        return pd.DataFrame({"future": future, "policy": found.packages.replace("", NONE)})
    future = found.scenario + np.where(found.packages != "", "+" + found.packages, "")
    return pd.DataFrame({"future": future, "policy": found.rest.replace("", NONE)})


def pieces(arm: str) -> tuple[str, str, str]:
    """Scenario, packages, and case with lever values of an arm."""
    name, _, rest = arm.partition(", ")
    scenario, _, packages = name.partition("+")
    return scenario, packages, rest


def arms_of(runs: pd.DataFrame) -> pd.DataFrame:
    """Each arm with its base (itself for a base), future and policy: the policy `none`, or else the first arm there."""
    table = parted(list(dict.fromkeys(runs.arm)) if "arm" in runs else [])
    bases = {}
    for future, there in table.groupby("future", sort=False):
        bare = there.index[there.policy == NONE]
        bases[future] = bare[0] if len(bare) else there.index[0]
    return table.assign(base=table.future.map(bases)).rename_axis("arm").reset_index().astype(str)


def pairs(runs: pd.DataFrame) -> pd.DataFrame:
    """Each arm that is held against another, and that other."""
    table = arms_of(runs)
    return table.loc[table.arm != table.base, ["arm", "base"]]


def wide(runs: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """An outcome by point and seed (rows) and arm (columns)."""
    return runs.assign(value=outcome_of(runs, outcome)).pivot(index=PAIR, columns="arm", values="value")


def bands(runs: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """5 %, median and 95 % of an outcome by arm, and in how many runs it is defined."""
    told = runs.assign(value=outcome_of(runs, outcome)).groupby("arm", sort=False).value
    return told.quantile(BAND).unstack().set_axis(["p05", "median", "p95"], axis=1).assign(runs=told.count())


def paired(runs: pd.DataFrame, outcome: str, better: str = "low") -> pd.DataFrame:
    """Each arm against its base, run by run: difference, band, chance of better and of worse, and how many pairs do.

    `enough` is how many pairs tell the mean difference from nothing at 95 %; 0 where it is nothing in every pair.
    """
    table, sign = wide(runs, outcome), sign_of(better)
    rows = []
    for arm, base in pairs(runs).itertuples(index=False):
        gap = (table[arm] - table[base]).dropna()
        low, median, high = gap.quantile(BAND)
        rows.append({"arm": arm, "against": base, "p05": low, "median": median, "p95": high, "mean": gap.mean(),
                     "chance_of_better": float((sign * gap > 0).mean()),
                     "chance_of_worse": float((sign * gap < 0).mean()), "pairs": len(gap),
                     "enough": enough(gap)})  # fmt: skip
    return pd.DataFrame(rows)


def sign_of(better: str) -> int:
    """1 where more of an outcome is better, -1 where less is: times a difference from the base, the gain."""
    return 1 if better == "high" else -1


def enough(gap: pd.Series) -> int:
    """How many pairs tell a mean difference from nothing at 95 %; 0 where there is none to tell."""
    mean, spread = gap.mean(), gap.std()
    return max(int(np.ceil((SURE * spread / abs(mean)) ** 2)), 2) if mean and np.isfinite(spread) else 0


def plane(runs: pd.DataFrame) -> pd.DataFrame:
    """Each arm's own and allied loss avoided against its base, run by run, US$: medians and 5 to 95 %."""
    mine, theirs = (paired(runs, outcome).set_index("arm") for outcome in (OWN, ALLIED))
    told = {"own": -mine["median"], "own_low": -mine.p95, "own_high": -mine.p05,
            "allied": -theirs["median"], "allied_low": -theirs.p95, "allied_high": -theirs.p05}  # fmt: skip
    return pd.DataFrame(told)


def benefit(runs: pd.DataFrame, rate: float) -> pd.DataFrame:
    """Cost and benefit of each arm against its base, run by run, NT$; index arm. `rate` is NT$ for one US$.

    cost: what Taiwan's levers cost more; avoided: Taiwan's loss avoided; net: avoided - cost; each with 5 to 95 %, and
    chance: in what share of pairs net is above nothing.
    """
    loss, cost = wide(runs, OWN), wide(runs, COST)
    found = {}
    for arm, base in pairs(runs).itertuples(index=False):
        spent, avoided = cost[arm] - cost[base], rate * (loss[base] - loss[arm])
        told = {"cost": spent, "avoided": avoided, "net": avoided - spent}
        found[arm] = {f"{name}{word}": each.quantile(share) for name, each in told.items()
                      for word, share in zip(("_p05", "", "_p95"), BAND, strict=True)}  # fmt: skip
        found[arm]["chance"] = float((told["net"].dropna() > 0).mean())
    return pd.DataFrame(found).T


def regret(runs: pd.DataFrame, outcome: str, better: str = "low") -> pd.DataFrame:
    """Mean regret of each policy (row) in each future (column): what it loses to the best one under the same luck."""
    frame = with_regret(runs, outcome, better)
    return frame.groupby(["policy", "future"], sort=False).regret.mean().unstack(sort=False)


def robustness(runs: pd.DataFrame, outcome: str, better: str = "low") -> pd.DataFrame:
    """How each policy stands over all futures; index policy, the least worst regret first.

    worst, mean: largest and mean over futures of its mean regret; best: share of runs in which no other does better;
    level: whether its worst regret is as good as the least (within TIE of the largest). Those that are level come first
    by their mean regret; of those whose mean is level with the least too, `none` comes before the others.
    """
    frame, table = with_regret(runs, outcome, better), regret(runs, outcome, better)
    best = (frame.regret <= 0).groupby(frame.policy).mean()
    found = pd.DataFrame({"worst": table.max(axis=1), "mean": table.mean(axis=1), "best": best}).reindex(table.index)
    room = TIE * found.worst.max()
    found["level"] = found.worst <= found.worst.min() + room
    even = found.level & (found["mean"] <= found.loc[found.level, "mean"].min() + room)
    idle = pd.Series(found.index == NONE, found.index) & even
    by = found.assign(apart=~found.level, idle=~idle, uneven=~even, late=found.worst.where(~found.level, 0.0))
    return found.loc[by.sort_values(["apart", "late", "idle", "uneven", "mean"], kind="stable").index]


def with_regret(runs: pd.DataFrame, outcome: str, better: str) -> pd.DataFrame:
    """Runs with future, policy, and what they lose to the best arm of the same future and luck."""
    sign = 1.0 if better == "low" else -1.0
    parts = parted(list(dict.fromkeys(runs.arm))).loc[runs.arm].set_index(runs.index)
    frame = runs[["arm", *PAIR]].join(parts).assign(value=sign * outcome_of(runs, outcome))
    return frame.assign(regret=frame.value - frame.groupby(["future", *PAIR]).value.transform("min"))


def drivers(runs: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Rank correlation of each uncertain parameter with an outcome within arms, largest first.

    `sure`: what the largest of them passes by luck alone in about one case of twenty (see `by_luck`).
    """
    inputs = [column for column in runs if column.startswith("p.") and runs[column].nunique() > 1]
    ranks = outcome_of(runs, outcome).groupby(runs.arm).rank(pct=True)
    if not inputs or ranks.nunique() < 2:
        return pd.DataFrame(columns=["parameter", "rank_correlation", "sure"])
    sure = by_luck(runs.point.nunique(), len(inputs))
    found = [{"parameter": name[2:], "rank_correlation": runs[name].groupby(runs.arm).rank(pct=True).corr(ranks),
              "sure": sure} for name in inputs]  # fmt: skip
    return pd.DataFrame(found).sort_values("rank_correlation", key=np.abs, ascending=False, ignore_index=True)


def by_luck(points: int, asked: int) -> float:
    """The rank correlation that the largest of so many passes by luck in about LEVEL of cases (Bonferroni).

    r = t / sqrt(n - 2 + t^2) over n points, t the quantile of Student's t with n - 2 degrees at 1 - LEVEL / (2 asked);
    1, which none passes, for fewer than three points. Seeds of one point share its parameters and count
    once. Of ranks the quantile is approximate: 6 % of cases where 12 points and 17 parameters are drawn at random.
    """
    free = points - 2
    if free < 1:
        return 1.0
    t = float(stdtrit(free, 1 - LEVEL / (2 * asked)))
    return t / float(np.sqrt(free + t * t))
