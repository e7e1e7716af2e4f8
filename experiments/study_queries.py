"""Queries: under each sentence of a report, the SQL that gives its numbers from the batch's own tables."""

from __future__ import annotations

import pandas as pd


def value_of(outcome: str) -> str:
    """An outcome as SQL."""
    return " + ".join(f'"{part.strip()}"' for part in outcome.split("+"))


def text(word: str) -> str:
    """A text as SQL."""
    return "'" + word.replace("'", "''") + "'"


def bands(outcome: str) -> str:
    """5 %, median and 95 % of an outcome by arm."""
    return (f"select arm, quantile_cont({value_of(outcome)}, [0.05, 0.5, 0.95]) as band from scalars "
            "where error = '' group by arm order by median(" + value_of(outcome) + ")")  # fmt: skip


def differences(gaps: pd.DataFrame, outcome: str, better: str) -> str:
    """Difference from the base by arm, pair by pair: 5 %, median, 95 %, and in what share of pairs it is better."""
    pairs = ", ".join(f"({text(row.arm)}, {text(row.against)})" for row in gaps.itertuples())
    sign = "<" if better == "low" else ">"
    return (
        f"with runs as (select arm, point, seed, {value_of(outcome)} as v from scalars where error = ''), "
        f"pairs(arm, base) as (values {pairs}) "
        "select p.arm, quantile_cont(a.v - b.v, [0.05, 0.5, 0.95]) as band, "
        f"avg((a.v {sign} b.v)::int) as better from pairs p join runs a on a.arm = p.arm "
        "join runs b on b.arm = p.base and b.point = a.point and b.seed = a.seed "
        "group by p.arm order by median(a.v - b.v)"
    )
