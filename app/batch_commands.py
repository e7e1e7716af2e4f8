"""The words of the command line for batches: batch, status, report, studies."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from kit.errors import BadInput
from kit.limits import RUNS, WORKERS
from kit.nearest import first_of

INTERRUPTED, MOST_FAILED = 130, 5


def batch(
    design: Annotated[str, typer.Argument(help="A study by name, or a YAML file.")],
    out: Annotated[str, typer.Option(help="Folder or address for the results.")],
    workers: Annotated[int, typer.Option(help="Processes.", min=1, max=WORKERS)] = 2,
    scheduler: Annotated[str, typer.Option(help="Address of a running Dask cluster.")] = "",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what the folder holds.")] = False,
    limit: Annotated[int, typer.Option(help="Stop after so many further runs; 0 is all.", min=0, max=RUNS)] = 0,
) -> None:
    """Run a study: every arm under the same luck, kept run by run."""
    from experiments import Study, Way, run_study
    from kit.processes import breadth

    study = Study.load(design)
    executor, close = cluster(scheduler) if scheduler else (None, lambda: None)
    cores = breadth(executor) if executor else workers
    print(f"{study.name}: {study.estimate().told(cores)}, roughly.", file=sys.stderr)
    try:
        with Bar() as bar:
            store = run_study(study, out, Way(workers, executor, resume, limit), bar.tell)
    except KeyboardInterrupt:
        print(f"Interrupted; what was done is kept in {out}: --resume goes on.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    finally:
        close()
    done = len(store.done())
    rest = f"techshield report {out}" if done == study.size() else "the same with --resume"
    print(f"{done} of {study.size()} runs in {out}. Next: {rest}")


def cluster(address: str) -> tuple[Any, Any]:
    """An executor of a running Dask cluster and what closes it; BadInput where it cannot be reached."""
    try:
        from distributed import Client
    except ImportError as problem:
        raise BadInput("--scheduler: needs the extra techshield[cluster].") from problem
    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError) as problem:  # ValueError: no address at all
        raise BadInput(f"--scheduler {address}: no cluster answers there ({problem}).") from problem
    return client.get_executor(pure=False), client.close


class Bar:
    """Progress with rate and time left, on standard error."""

    def __init__(self) -> None:
        columns = (
            TextColumn("running"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total} runs{task.fields[note]}"),
        )
        self.bar = Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=Console(stderr=True))
        self.task = self.bar.add_task("running", total=None, note="")

    def __enter__(self) -> Bar:
        self.bar.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.bar.stop()

    def tell(self, done: int, total: int, failed: int) -> None:
        """So many runs are done, of so many; so many failed."""
        speed = self.bar.tasks[0].speed
        note = f", {speed:.2g} a second" if speed else ""
        self.bar.update(self.task, completed=done, total=total, note=note + (f", {failed} failed" if failed else ""))


def status(folder: Annotated[str, typer.Argument(help="Folder or address of a batch.")]) -> None:
    """Tell how far a batch is."""
    from experiments import Results

    results = Results.open(folder)
    runs = results.scalars()
    failing = runs[runs.error != ""] if "error" in runs else runs
    told = results.manifest
    print(f"{told['title_en']} {told['title_zh']}: {len(runs)} of {told['runs']} runs, "
          f"{len(failing)} failed.")  # fmt: skip
    for line in first_of([f"{each.run_id} ({each.arm}): {each.error}" for each in failing.itertuples()], MOST_FAILED):
        print(f"  {line}")


def report(
    folder: Annotated[str, typer.Argument(help="Folder or address of a batch.")],
    out: Annotated[Path | None, typer.Option(help="Folder for the pages; that of the batch if left out.")] = None,
) -> None:
    """Write report.html and a brief in Traditional Chinese and in English."""
    from experiments import Results
    from experiments.folder import check_writable
    from experiments.study_report import write
    from experiments.study_sentences import LANGUAGES, Speech
    from experiments.study_tell import tell

    results = Results.open(folder)
    if out is None and "://" in folder:
        raise BadInput("report: name a folder of this machine for the pages with --out.")
    target = out or Path(folder)
    check_writable(target)
    told = tell(results)
    written = write(told, target)
    for language in LANGUAGES:
        for line, _ in Speech(told, language).answer():
            print(line)
    print("Written: " + ", ".join(str(path) for path in written))


def studies(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """List the studies that come with the project."""
    from experiments import Study

    found = [Study.load(name) for name in Study.names()]
    if as_json:
        print(json.dumps([{"name": one.name, "question": one.question_en, "runs": one.size()} for one in found]))
        return
    shown = Table("study", "question", "問題", "runs")
    for one in found:
        shown.add_row(one.name, one.question_en, one.question_zh, str(one.size()))
    Console().print(shown)
