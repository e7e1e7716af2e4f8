"""Economic faults, put into a copy of the source one at a time, and which laws notice them.

    python -P tests/mutations.py [--only WORD ...] [--all-laws] [--workers N] [--run COMMAND ...]

The faults stand in tests/mutations.yaml. In each copy the laws of the fault's verb run, and all laws where these see
nothing or with --all-laws; uncompiled, so that no kernel compiled from other text is read. Then each COMMAND runs (such
as "python -P -m app golden"), with kernels of its own. Ends with 0 where
every fault was noticed, with 1 where one was not, with 2 where the text of a fault is not found in its file just once.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from kit import yaml_loader

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("abm", "agents", "app", "calibration", "experiments", "kit", "tests", "pyproject.toml", "CHANGELOG.md")
LAWS = [sys.executable, "-P", "-m", "pytest", "-q", "--tb=line", "-p", "no:cacheprovider"]
PLACE = "tests/laws"
FAILED = re.compile(r"^(?:FAILED|ERROR) tests/laws/test_(\w+)\.py(?:::(\S+))?(?: - (.*))?$", re.MULTILINE)


RULE = "AssertionError: "
"""How a failure begins that tells a rule in words."""


@dataclass(frozen=True)
class Fault:
    """What is wrong in words, the verb of the week whose law should name it, and the text that makes it so."""

    fault: str
    verb: str
    file: str
    was: str
    becomes: str


@dataclass(frozen=True)
class Noticed:
    """What a fault led to: laws that failed as (verb, test, message), and which commands failed."""

    fault: Fault
    laws: tuple[tuple[str, str, str], ...]
    commands: tuple[bool, ...]

    @property
    def named(self) -> tuple[tuple[str, str, str], ...]:
        """The laws of the fault's own verb that failed and told their rule."""
        return tuple(law for law in self.laws if law[0] == self.fault.verb and law[2].startswith(RULE))


def main() -> int:
    """Try the faults asked for and print what noticed them."""
    asked = options()
    faults = [each for each in load_faults() if not asked.only or any(word in each.fault for word in asked.only)]
    misplaced = [each for each in faults if (ROOT / each.file).read_text(encoding="utf-8").count(each.was) != 1]
    for each in misplaced:
        print(f"{each.file}: '{each.was.strip()}' of '{each.fault}' is not found there just once.", file=sys.stderr)
    if misplaced:
        return 2
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(asked.workers) as pool:
        jobs = [pool.submit(try_out, each, Path(folder) / str(n), asked) for n, each in enumerate(faults)]
        found = [job.result() for job in jobs]
    show(found, asked.run)
    return int(any(not each.laws and not any(each.commands) for each in found))


def options() -> argparse.Namespace:
    """The words of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[], metavar="WORD", help="faults whose name holds one of these")
    parser.add_argument("--all-laws", action="store_true", help="run all laws, also where those of the verb see it")
    parser.add_argument("--workers", type=int, default=1, help="faults that are tried at a time")
    parser.add_argument("--run", nargs="+", default=[], metavar="COMMAND", help="further commands that should fail")
    return parser.parse_args()


def load_faults() -> list[Fault]:
    """The faults of the table."""
    rows = yaml_loader.read(Path(__file__).with_suffix(".yaml"))
    return [Fault(row["fault"], row["verb"], row["file"], row["is"], row["becomes"]) for row in rows]


def try_out(fault: Fault, folder: Path, asked: argparse.Namespace) -> Noticed:
    """Put the fault into a fresh copy of the source and run the laws and the commands there."""
    folder.mkdir()
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, folder / name, **skipping(copy))
    path = folder / fault.file
    path.write_text(path.read_text(encoding="utf-8").replace(fault.was, fault.becomes), encoding="utf-8")
    laws = () if asked.all_laws else broken_laws(folder, f"{PLACE}/test_{fault.verb}.py")
    laws = laws or broken_laws(folder, PLACE)
    failed = tuple(bool(run(shlex.split(each), folder).returncode) for each in asked.run)
    shutil.rmtree(folder)
    return Noticed(fault, laws, failed)


def broken_laws(folder: Path, place: str) -> tuple[tuple[str, str, str], ...]:
    """The laws that fail in a copy: verb, test and message; what was said last where none could be run."""
    told = run([*LAWS, place], folder, NUMBA_DISABLE_JIT="1")
    laws = tuple((verb, test or "", message or "") for verb, test, message in FAILED.findall(told.stdout))
    if told.returncode and not laws:
        return (("", "", (told.stdout + told.stderr).strip().splitlines()[-1]),)
    return laws


def skipping(copy: object) -> dict[str, object]:
    """Options that leave compiled files out of a copied folder."""
    return {"ignore": shutil.ignore_patterns("__pycache__", "*.nbi", "*.nbc")} if copy is shutil.copytree else {}


def run(command: list[str], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a copy, with its modules and kernels and with nothing kept."""
    own = {"PYTHONPATH": str(folder), "NUMBA_CACHE_DIR": str(folder / "kernels"), "PYTHONDONTWRITEBYTECODE": "1"}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    known = os.environ | own | {"COLUMNS": "1000", "PATH": path} | variables
    return subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True, check=False)


def show(found: list[Noticed], commands: list[str]) -> None:
    """A table of faults and what noticed them, and how many were."""
    table = Table("fault", "verb", "named by a law of the verb", "other laws", *commands, show_lines=True)
    for each in found:
        rules = list(dict.fromkeys(message.removeprefix(RULE) for _, _, message in each.named))
        others = sorted({law[0] or "does not run" for law in each.laws} - {each.fault.verb})
        verdicts = ["noticed" if failed else "-" for failed in each.commands]
        table.add_row(each.fault.fault, each.fault.verb, "; ".join(rules) or "-", ", ".join(others) or "-", *verdicts)
    Console(width=160, highlight=False).print(table)
    named, seen = sum(bool(each.named) for each in found), sum(bool(each.laws) for each in found)
    print(f"{len(found)} faults: {seen} noticed by a law, {named} of them named by a law of their own verb.")
    for number, command in enumerate(commands):
        print(f"{sum(each.commands[number] for each in found)} noticed by: {command}")


if __name__ == "__main__":
    sys.exit(main())
