"""The word of the command line that holds the golden runs against what is kept of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from kit.errors import BadInput

CHANGELOG = Path(__file__).resolve().parents[1] / "CHANGELOG.md"
AFTER = "\n### Known to be off"  # the heading of the changelog before which results are told
MOVED = 1


def golden(
    update: Annotated[bool, typer.Option("--update", help="Write what the runs give now.")] = False,
    because: Annotated[str, typer.Option(help="With --update: why results move, in economic words.")] = "",
) -> None:
    """Hold the golden runs against what is kept of them in a clone: 0 if nothing moved, else 1 and what moved."""
    from calibration.record import golden as runs

    if not runs.FOLDER.is_dir():
        raise BadInput("golden: works in a clone of the project only.")
    if update and not because.strip():
        raise BadInput("golden --update: say why with --because TEXT; it becomes the RESULTS line of CHANGELOG.md.")
    found = {name: runs.measure(runs.simulate(name)) for name in runs.names()}
    kept = {name: runs.kept(name) for name in found}
    moved = {name: runs.moved(before, found[name]) for name, before in kept.items() if before is not None}
    moved = {name: rows for name, rows in moved.items() if rows}
    added = [name for name, before in kept.items() if before is None]
    gone = runs.orphans(found)
    show(moved, added, [path.stem for path in gone])
    if update:
        for path in gone:
            path.unlink()
        for name in [*moved, *added]:
            runs.settle(kept[name], found[name]).save(runs.file_of(name))
        write(runs.digests(), runs.DIGESTS, because.strip() if moved else "")
    elif moved or added or gone:
        raise typer.Exit(MOVED)


def show(moved: dict[str, list[tuple[str, str, str]]], added: list[str], gone: list[str]) -> None:
    """Print what moved, run by run, and the runs that are new or gone."""
    for name, rows in moved.items():
        table = Table(title=f"{name}: what moved", title_justify="left")
        for column in ("what", "was", "is"):
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*row)
        Console(highlight=False).print(table)
    for name in added:
        print(f"{name}: new.")
    for name in gone:
        print(f"{name}: not in the list any more.")
    if not (moved or added or gone):
        print("No golden run has moved.")


def write(digests: dict[str, Any], path: Path, because: str) -> None:
    """Write the digests that go with the package, and the line of the changelog where results moved."""
    path.write_text(json.dumps(digests, indent=1) + "\n", encoding="utf-8")
    if because:
        listed, mark, rest = CHANGELOG.read_text(encoding="utf-8").partition(AFTER)
        CHANGELOG.write_text(f"{listed.rstrip()}\n- RESULTS: {because}\n{mark}{rest}", encoding="utf-8")
