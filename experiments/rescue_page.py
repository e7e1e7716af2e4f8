"""Pages of what the recommendations cost and avoid, and of the rescue index by year, as Markdown."""

from __future__ import annotations

from typing import Any

import pandas as pd

BILLION = 1e9


def families_page(bands: pd.DataFrame, together: pd.DataFrame, seeds: int, command: str) -> str:
    """What each combination of recommendations costs and avoids, and whether they help one another."""
    parts = [
        "# The recommendations, alone and together: cost and loss avoided", "",
        f"Made by `{command}`; {seeds} seeds, parameters not calibrated: bands show luck alone. Sums over each run, "
        "NT$ billion, against none under the same luck: median (5 to 95 %). NT$ per NT$ is cost over Taiwan's loss "
        "avoided; a dash where no loss is avoided.", "",
    ]  # fmt: skip
    for scenario, part in bands.groupby("scenario", sort=False):
        head = "| packages | cost | Taiwan's loss avoided | allied loss avoided | NT$ per NT$ |"
        parts += [f"## {scenario}", "", head, "|---|---|---|---|---|"]
        for row in part.to_dict("records"):
            cells = [ranged(row, name) for name in ("cost", "avoided", "avoided_allies")]
            per = "-" if row["per_avoided"] != row["per_avoided"] else f"{row['per_avoided']:.3g}"
            parts.append(f"| {row['packages']} | {' | '.join(cells)} | {per} |")
        parts.append("")
    parts += ["## Complements or substitutes", "",
              "Taiwan's loss avoided by all three, less the sum of each alone, NT$ billion.", "",
              "| scenario | packages | median | 5 to 95 % | verdict |", "|---|---|---|---|---|"]  # fmt: skip
    for row in together.to_dict("records"):
        middle, low, high = (f"{row[name] / BILLION:,.2f}" for name in ("extra", "p05", "p95"))
        parts.append(f"| {row['scenario']} | {row['packages']} | {middle} | {low} to {high} | {row['verdict']} |")
    return "\n".join([*parts, ""])


def ranged(row: dict[str, Any], name: str) -> str:
    """Median and band of a sum, in billions."""
    middle, low, high = (row[key] / BILLION for key in (name, f"{name}_p05", f"{name}_p95"))
    return f"{middle:,.2f} ({low:,.2f} to {high:,.2f})"


def rescue_page(years: pd.DataFrame, found: dict[str, Any], seeds: int, command: str) -> str:
    """The rescue index by year and scenario, with its bands, and when Taiwan's side shifts."""
    parts = [
        "# The rescue index: risk-taker (-1) or solution-provider (+1)", "",
        f"Made by `{command}`; {seeds} seeds, parameters not calibrated. Own loss and allied loss avoided under the "
        "standard shocks in US$ billion, mean of the seeds. The pooled index is from sums over seeds and shocks; "
        "median and band are of the seeds' own indices, so that a few seeds with large sums may leave the pooled one "
        "outside. Formulas: [metrics.md](metrics.md).", "",
        "![Taiwan's plane](figures/rescue-plane.png)", "", "![The index by year](figures/rescue-index.png)", "",
        "| scenario | rationing | year | own loss | allied loss avoided | pooled index | median | 5 to 95 % | by GDP |",
        "|---|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for row in years.to_dict("records"):
        own, spared = row["own"] / BILLION, row["avoided"] / BILLION
        where = f"| {row['scenario']} | {row['rule']} | {row['year']:.0f} | {own:,.3f} | {spared:,.3f} |"
        band = f"{row['p05']:.3f} to {row['p95']:.3f}"
        parts.append(f"{where} {row['index']:.3f} | {row['median']:.3f} | {band} | {row['index_by_gdp']:.3f} |")
    parts += ["", "| scenario | rationing | shift year | probability |", "|---|---|---|---|"]
    for scenario, rules in found.items():
        for rule, told in rules.items():
            year = told["shift_year"] or "not in these years"
            parts.append(f"| {scenario} | {rule} | {year} | {told['shift_probability']:.0%} of seeds |")
    return "\n".join([*parts, ""])
