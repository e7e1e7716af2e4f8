"""`techshield test`: lint, format, types, import layers, coverage and the tests, all of them, whatever fails first."""

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ("ruff", "mypy", "importlinter", "pytest", "xdist", "pytest_cov")
NO_TESTS_COLLECTED = 5
UNCOMPILED = {"coverage": {"NUMBA_DISABLE_JIT": "1"}}  # kernels run as Python: their lines are seen
IN_PARALLEL = ("-n", "2", "--dist", "loadfile")  # two files of tests at a time


def run_checks(arguments: list[str]) -> int:
    """Run every check in the clone and print a summary; `arguments` go to pytest (`--all`: no sweep by a sample).

    Returns 0 if all passed, 1 if any failed, 2 outside a clone or without the tools, 130 if interrupted.
    """
    hindrance = find_hindrance(ROOT)
    if hindrance:
        print(hindrance, file=sys.stderr)
        return 2
    outcomes = []
    try:
        for name, command in list_steps(arguments):
            outcomes.append(run_step(name, command))
    except KeyboardInterrupt:
        print("Checks interrupted.", file=sys.stderr)
        return 130
    print_summary(outcomes)
    return int(any(code != 0 for _, code, _ in outcomes))


def find_hindrance(root: Path) -> str:
    """The sentence that says why the checks cannot run below `root`; empty if they can."""
    if not (root / "tests").is_dir():
        return "`techshield test` works in a clone of the project only: this installation has no tests."
    missing = [tool for tool in TOOLS if importlib.util.find_spec(tool) is None]
    if missing:
        return f"{', '.join(missing)} not installed: start the checks with ./techshield test, which installs them."
    return ""


def list_steps(arguments: list[str]) -> list[tuple[str, list[str]]]:
    """Name and command of each check, quick ones first."""
    python = [sys.executable, "-m"]
    layers = shutil.which("lint-imports", path=str(Path(sys.executable).parent)) or "lint-imports"
    return [
        ("lint", [*python, "ruff", "check", "."]),
        ("format", [*python, "ruff", "format", "--check", "."]),
        ("types", [*python, "mypy"]),
        ("layers", [layers, "--no-logo"]),
        ("coverage", [*python, "pytest", "-q", "tests/laws", "--cov"]),
        ("tests", [*python, "pytest", *IN_PARALLEL, *arguments]),
    ]


def run_step(name: str, command: list[str]) -> tuple[str, int, float]:
    """Run one check from the root of the clone; returns its name, exit code and seconds."""
    print(f"--- {name}", flush=True)
    start = time.perf_counter()
    code = subprocess.call(command, cwd=ROOT, env=os.environ | UNCOMPILED.get(name, {}))
    return name, code, time.perf_counter() - start


def print_summary(outcomes: list[tuple[str, int, float]]) -> None:
    """One line per check: name, whether it passed, seconds."""
    table = Table(box=None, padding=(0, 2), title="Checks", title_justify="left")
    table.add_column("check")
    table.add_column("result")
    table.add_column("seconds", justify="right")
    for name, code, seconds in outcomes:
        table.add_row(name, describe(name, code), f"{seconds:.1f}")
    Console(highlight=False).print(table)


def describe(name: str, code: int) -> str:
    """The result of one check in words."""
    if code == 0:
        return "[green]ok[/green]"
    if name == "tests" and code == NO_TESTS_COLLECTED:
        return "[red]failed: no test was found[/red]"
    return f"[red]failed (exit code {code})[/red]"
