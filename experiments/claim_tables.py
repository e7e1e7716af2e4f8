"""Tables that two of the paper's judgements ask for: Taiwan's loss by sector (J02), mid-range orders by year (J03)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from abm import Scenario
from experiments.bands import BAND, jobs_for, run_bands


@dataclass(frozen=True)
class Asked:
    """A table of a claim: the scenario run for it, the metric whose entries are its cells, and its titles."""

    claim: str
    scenario: str
    metric: str
    title_en: str
    title_zh: str
    scale: float
    unit: str


TABLES = (
    Asked("J02", "snap-back", "taiwan_loss_by_sector", "Taiwan's loss by sector, direct and indirect",
          "台灣損失：按部門之直接與間接", 1e9, "US$ billion"),
    Asked("J03", "lapsed", "mid_range_orders", "Share of the world's mid-range orders by year",
          "全球中階訂單逐年占比", 0.01, "%"),
)  # fmt: skip
TOTAL = "total"
NAMES_ZH = {
    "direct": "直接", "indirect": "間接", "taiwan": "台灣", "movers": "東南亞、印度與墨西哥", TOTAL: "合計",
}  # fmt: skip


def tables_of(
    claims: Sequence[str], seeds: int, workers: int, tell: Callable[[int, int], None]
) -> list[dict[str, Any]]:
    """The tables that the claims ask for, with bands over the seeds; `tell` hears (runs done, runs in all)."""
    asked = [table for table in TABLES if table.claim in claims]
    found = []
    for number, table in enumerate(asked):
        jobs = jobs_for(Scenario.load(table.scenario), [table.metric], seeds)
        before = number * seeds
        runs = run_bands(jobs, workers, lambda done, before=before: tell(before + done, len(asked) * seeds))
        found.append(told(table, runs.drop(columns=["exploded", "frozen"])))
    return found


def told(asked: Asked, runs: pd.DataFrame) -> dict[str, Any]:
    """One table as plain words: a row for each second part of the names, a column for each first part.

    runs: one row a seed, a column `metric.column.row` a cell. Where the columns are parts of a sum there is a row of
    totals, each seed's own sum before the band is taken.
    """
    cells = {str(name).split(".", maxsplit=1)[1]: runs[name].astype(float) for name in runs.columns}
    columns = list(dict.fromkeys(name.split(".")[0] for name in cells))
    rows = list(dict.fromkeys(name.split(".", maxsplit=1)[1] for name in cells))
    if asked.claim == "J02":
        rows = [row for row in rows if any(cells[f"{column}.{row}"].abs().max() > 0 for column in columns)]
        for column in columns:
            own = [cells[f"{column}.{row}"] for row in rows]
            cells[f"{column}.{TOTAL}"] = sum(own[1:], own[0]) if own else pd.Series([0.0])
        rows.append(TOTAL)
    scaled = {name: values / asked.scale for name, values in cells.items()}
    lines = [{"row": row, **{column: band(scaled[f"{column}.{row}"]) for column in columns}} for row in rows]
    return {
        "claim": asked.claim, "scenario": asked.scenario, "title_en": asked.title_en, "title_zh": asked.title_zh,
        "unit": asked.unit, "columns": columns, "rows": lines,
        "command": f"techshield bands {asked.scenario} --metrics {asked.metric}",
    }  # fmt: skip


def band(values: pd.Series) -> dict[str, float]:
    """Median and 5 to 95 % over the seeds."""
    low, median, high = values.quantile(list(BAND))
    return {"p05": float(low), "median": float(median), "p95": float(high)}


def as_lines(table: dict[str, Any]) -> list[str]:
    """A table as Markdown."""
    heads = [f"{name} {NAMES_ZH[name]}" for name in table["columns"]]
    lines = [
        "", f"## {table['claim']}: {table['title_en']}", "",
        f"{table['title_zh']}。Scenario `{table['scenario']}`, {table['unit']}: median (5 to 95 % over seeds);",
        f"`{table['command']}`.", "",
        "| | " + " | ".join(heads) + " |", "|---|" + "---|" * len(heads),
    ]  # fmt: skip
    for row in table["rows"]:
        name = f"**{TOTAL} {NAMES_ZH[TOTAL]}**" if row["row"] == TOTAL else row["row"]
        lines.append(f"| {name} | " + " | ".join(cell(row[column]) for column in table["columns"]) + " |")
    return lines


def cell(value: dict[str, float]) -> str:
    """A median with its band."""
    return f"{value['median']:.3g} ({value['p05']:.3g} to {value['p95']:.3g})"
