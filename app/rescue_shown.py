"""What the command line prints of packages, levers, forked futures and the rescue index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    import pandas as pd

    from experiments.branch import Branches

console = Console()
BILLION = 1e9


def print_packages() -> None:
    """All packages and what is in them."""
    from abm.scenario import packages
    from abm.scenario.scenario import Scenario

    table = Table(title="Packages: lay them over a scenario, as in renewed+R1+R3 or renewed+R1@2 (twice the budget)")
    for column in ("name", "title", "標題", "levers"):
        table.add_column(column)
    for name in packages.names():
        raw: dict[str, Any] = Scenario.package(name)
        table.add_row(name, raw["title_en"], raw["title_zh"], ", ".join(cause["instrument"] for cause in raw["causes"]))
    console.print(table)


def print_branches(found: Branches, date: str, folder: str) -> None:
    """What differs between two futures of one past."""
    names = found.names
    table = Table(title=f"One past, two futures from {date} 同一過去，兩種未來")
    for column in ("measure", names[0], names[1], "difference", "unit"):
        table.add_column(column, justify="left" if column in ("measure", "unit") else "right")
    for row in found.differences.itertuples():
        if row.difference == 0 or row.difference != row.difference:
            continue
        told = [shown(value, row.unit) for value in (row.one, row.other, row.difference)]
        table.add_row(row.measure.replace("_", " ").replace(".", ": "), *(text for text, _ in told), told[0][1])
    console.print(table)
    console.print(f"Results: {folder}/{names[0]}, {folder}/{names[1]}, differences.csv, manifest.json")


def shown(value: float, unit: str) -> tuple[str, str]:
    """A value and its unit for the screen; large sums in billions."""
    if unit in ("US$", "NT$"):
        return f"{value / BILLION:,.2f}", f"{unit} billion"
    return f"{value:,.4g}", unit


def print_rescue(years: pd.DataFrame, found: dict[str, Any], seeds: int) -> None:
    """The rescue index by year, and when Taiwan's side shifts."""
    console.print(f"[bold]Rescue index 救援指數[/bold], {seeds} seeds: -1 taker 風險承受者, +1 provider 解決方案提供者")
    for (scenario, rule), part in years.groupby(["scenario", "rule"], sort=False):
        table = Table(title=f"{scenario}, rationing: {rule}")
        for column in ("year", "own loss", "avoided", "index", "5 to 95 %", "by GDP", "A/T"):
            table.add_column(column, justify="right")
        for row in part.to_dict("records"):
            table.add_row(*cells_of(row))
        console.print(table)
        entry = found[scenario][rule]
        year = entry["shift_year"] or "not in these years"
        console.print(f"shift: {year}; probability {entry['shift_probability']:.0%} of seeds")
    console.print("Own loss and allied loss avoided: US$ billion, all shocks, mean of the seeds; A/T above a floor.")


def cells_of(row: dict[str, Any]) -> tuple[str, ...]:
    """The cells of a year."""
    sums = [f"{row[name] / BILLION:,.3f}" for name in ("own", "avoided")]
    plain = "-" if row["ratio"] != row["ratio"] else f"{row['ratio']:.3f}"
    band = f"{row['p05']:.2f} to {row['p95']:.2f}"
    return f"{row['year']:.0f}", *sums, f"{row['index']:.3f}", band, f"{row['index_by_gdp']:.3f}", plain


def print_families(bands: pd.DataFrame, together: pd.DataFrame, seeds: int) -> None:
    """What the recommendations cost and avoid, and whether they help one another."""
    for scenario, part in bands.groupby("scenario", sort=False):
        table = Table(title=f"{scenario}: against none, NT$ billion, median (5 to 95 %) of {seeds} seeds")
        for column in ("packages", "cost", "Taiwan's loss avoided", "allied loss avoided", "NT$ per NT$"):
            table.add_column(column, justify="left" if column == "packages" else "right")
        for row in part.to_dict("records"):
            cells = [ranged(row, name) for name in ("cost", "avoided", "avoided_allies")]
            per = "-" if row["per_avoided"] != row["per_avoided"] else f"{row['per_avoided']:.3g}"
            table.add_row(row["packages"], *cells, per)
        console.print(table)
    for row in together.to_dict("records"):
        low, high = (f"{row[name] / BILLION:,.2f}" for name in ("p05", "p95"))
        middle = f"{row['extra'] / BILLION:,.2f}"
        said = f"{middle} ({low} to {high}) beyond the sum of each: {row['verdict']}"
        console.print(f"{row['scenario']}, {row['packages']}: {said}")


def ranged(row: dict[str, Any], name: str) -> str:
    """Median and band of a sum, in billions."""
    middle, low, high = (row[key] / BILLION for key in (name, f"{name}_p05", f"{name}_p95"))
    return f"{middle:,.2f} ({low:,.2f} to {high:,.2f})"
