"""Queries: under each sentence, table and figure of a report, the SQL that gives its numbers from the batch's tables.

`scalars` and `series` are what was kept; `arms` has each arm's base, future and policy.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from experiments.compare import ALLIED, COST, OWN
from experiments.discovery import condition

BANDS = "[0.05, 0.5, 0.95]"


def value_of(outcome: str, table: str = "") -> str:
    """An outcome as SQL."""
    before = f"{table}." if table else ""
    return " + ".join(f'{before}"{part.strip()}"' for part in outcome.split("+"))


def text(word: str) -> str:
    """A text as SQL."""
    return "'" + word.replace("'", "''") + "'"


def bands(outcome: str) -> str:
    """5 %, median and 95 % of an outcome by arm."""
    return (f"select arm, quantile_cont({value_of(outcome)}, {BANDS}) as band from scalars where error = '' "
            "group by arm order by band[2]")  # fmt: skip


JOINED = ("from arms join scalars a using (arm) join scalars b on b.arm = base and b.point = a.point and "
          "b.seed = a.seed where a.arm <> base and a.error = '' and b.error = ''")  # fmt: skip


def paired(outcome: str) -> str:
    """Every run beside its base's under the same luck: d is the difference."""
    return (f"with d as (select a.arm, future, policy, {value_of(outcome, 'a')} - ({value_of(outcome, 'b')}) as d "
            f"{JOINED}) ")  # fmt: skip


def differences(outcome: str, better: str, arm: str = "") -> str:
    """Difference from the base, of one arm or of all: 5 %, median, 95 %, and in what share of pairs it is better."""
    sign = "<" if better == "low" else ">"
    one = f"where arm = {text(arm)} " if arm else ""
    return (paired(outcome) + f"select arm, quantile_cont(d, {BANDS}) as band, avg((d {sign} 0)::int) as better, "
            f"count(*) as pairs from d {one}group by arm order by band[2]")  # fmt: skip


def unsure(outcome: str, better: str, share: float) -> str:
    """Arms that are better than their base in less than a share of the pairs."""
    sign = "<" if better == "low" else ">"
    return paired(outcome) + f"select arm from d group by arm having avg((d {sign} 0)::int) < {share}"


def harmful(outcome: str, better: str, share: float) -> str:
    """Arms that are worse than their base in a share of the pairs or more, with the median difference."""
    sign = ">" if better == "low" else "<"
    return (paired(outcome) + "select arm, median(d) as difference from d group by arm "
            f"having avg((d {sign} 0)::int) >= {share}")  # fmt: skip


def enough(outcome: str) -> str:
    """How many pairs tell each mean difference from nothing at 95 %."""
    return (paired(outcome) + "select arm, greatest(ceil((1.96 * stddev(d) / avg(d)) ** 2), 2) as enough, "
            "count(*) as pairs from d group by arm having avg(d) <> 0")  # fmt: skip


def undefined(outcome: str) -> str:
    """In how many runs an outcome is not defined."""
    return f"select count(*) as runs from scalars where error = '' and {value_of(outcome)} is null"


def leaders(outcome: str) -> str:
    """In how many draws each arm has the highest outcome."""
    return (f"with v as (select arm, rank() over (partition by point, seed order by {value_of(outcome)} desc) as place "
            "from scalars where error = '') select arm, count(*) as draws from v where place = 1 group by arm "
            "order by draws desc")  # fmt: skip


def regret(outcome: str, better: str) -> str:
    """Mean regret of each policy in each future."""
    sign = "" if better == "low" else "-"
    return (f"with v as (select arm, point, seed, {sign}({value_of(outcome)}) as v from scalars where error = ''), "
            "r as (select future, policy, v - min(v) over (partition by future, point, seed) as r from v join arms "
            "using (arm)) select policy, future, avg(r) as regret from r group by policy, future")  # fmt: skip


def benefit(rate: float) -> str:
    """Taiwan's loss avoided less what its levers cost more than in the base, NT$."""
    avoided = f"{rate:g} * ({value_of(OWN, 'b')} - ({value_of(OWN, 'a')}))"
    cost = f"{value_of(COST, 'a')} - {value_of(COST, 'b')}"
    return (f"select a.arm, quantile_cont({cost}, {BANDS}) as cost, quantile_cont({avoided}, {BANDS}) as avoided, "
            f"quantile_cont({avoided} - ({cost}), {BANDS}) as net {JOINED} group by a.arm")  # fmt: skip


def success(words: str) -> str:
    """In how many runs a condition is met, of those in which it is defined, and how many are left out."""
    asked = condition(words)
    bound = value_of(asked.value, "a") if isinstance(asked.value, str) else f"{asked.value:g}"
    value = value_of(asked.outcome, "a")
    value = f"{value_of(asked.outcome, 'b')} - ({value})" if asked.saved else value
    found = JOINED if asked.saved else "from scalars a where error = ''"
    met = f"{value} {asked.sign} {bound}"
    return f"select sum(({met})::int) as met, count({met}) as runs, count(*) - count({met}) as left_out {found}"


def months(column: str) -> str:
    """5 %, median and 95 % of a column by arm and month."""
    return (f'select arm, month, quantile_cont("{column}", {BANDS}) as band from series join scalars using (run_id) '
            "group by arm, month order by arm, month")  # fmt: skip


def hinge(outcome: str, better: str, arm: str, parameter: str) -> str:
    """Rank correlation of a parameter with the gain of one arm on its base: above nothing where it is better."""
    mine, base = (value_of(outcome, table) for table in ("ab" if better == "high" else "ba"))
    ranks = ", ".join(f"rank() over (order by {name}) + (count(*) over (partition by {name}) - 1) / 2 as {name}"
                      for name in ("x", "d"))  # fmt: skip
    return (f'with d as (select a."p.{parameter}" as x, {mine} - ({base}) as d '
            f"{JOINED} and a.arm = {text(arm)}), r as (select {ranks} from d) select corr(x, d) as rank_correlation "
            "from r")  # fmt: skip


def inside(words: str, limits: pd.DataFrame) -> str:
    """The same inside a box of conditions: ranges of parameters, and words that are or are not in an arm's name."""
    return " and ".join([success(words), *(limit(row) for row in limits.itertuples())])


def limit(row: Any) -> str:
    """One condition of a box."""
    if not row.factor:
        return f'a."p.{row.parameter}" between {row.low!r} and {row.high!r}'
    there = f"list_contains(string_split_regex(a.arm, ', |[+]'), {text(row.parameter)})"
    return there if row.low > 0 else f"not {there}"


def plane() -> str:
    """Taiwan's and its allies' loss avoided against the base, US$: 5 %, median, 95 % by arm."""
    own = f"{value_of(OWN, 'b')} - ({value_of(OWN, 'a')})"
    allied = f"{value_of(ALLIED, 'b')} - ({value_of(ALLIED, 'a')})"
    return (f"select a.arm, quantile_cont({own}, {BANDS}) as own, quantile_cont({allied}, {BANDS}) as allied {JOINED} "
            "group by a.arm")  # fmt: skip
