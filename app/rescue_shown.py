"""What the command line prints of packages, levers, forked futures and the rescue index."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

console = Console()


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
