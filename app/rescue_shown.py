"""What the command line prints of packages, levers, forked futures and the rescue index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from experiments.branch import Branches

console = Console()
BILLION = 1e9


def print_packages() -> None:
    """All packages and what is in them."""
    from abm import packages
    from abm.scenario import Scenario

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
