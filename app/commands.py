"""The command line: its words, and what it says when something is wrong."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import sys
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from app.account_commands import bands, claims, odd
from app.asked import day
from app.batch_commands import batch, report, status, studies
from app.calibrate_commands import calibrate
from app.calibration_commands import replay
from app.golden_commands import golden
from app.rescue_commands import families, rescue
from app.view_commands import view
from app.why_commands import why
from kit.errors import BadInput
from kit.limits import SEEDS
from kit.nearest import did_you_mean, shortened
from kit.processes import end_when_told

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Critical-mineral supply chains under export controls."
)
app.command()(claims)
app.command()(odd)
app.command()(rescue)
app.command()(families)
app.command()(bands)
app.command()(replay)
app.command()(batch)
app.command()(view)
app.command()(status)
app.command()(report)
app.command()(studies)
app.add_typer(calibrate, name="calibrate")
app.command()(why)
app.command()(golden)
log = Console(stderr=True)
FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
LONGEST_MESSAGE = 2_000  # characters


def main() -> None:
    """Run the command line; exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted, 143 told to end (SIGTERM)."""
    end_when_told()
    if len(sys.argv) > 1 and sys.argv[1] == "test":
        from app.checks import run_checks

        sys.exit(run_checks(sys.argv[2:]))
    for stream in (sys.stdout, sys.stderr):
        fit(stream)
    try:
        start()
    except BadInput as problem:
        log.print(str(problem)[:LONGEST_MESSAGE], style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(BAD_INPUT)
    except KeyboardInterrupt:
        log.print("Interrupted; nothing was written.")
        sys.exit(INTERRUPTED)
    except OSError as problem:
        sys.exit(ended(problem))


def start() -> None:
    """Hand the words over, and write what is left to be written while it can still be told that it cannot be."""
    try:
        app()
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # told as a failure by those who print
            raise end.__context__ from None
        if sys.stdout is not None:
            sys.stdout.flush()
        raise


def fit(stream: Any) -> None:
    """A console that lacks a sign shows "?" in its place; files and other programs are given UTF-8."""
    if not isinstance(stream, io.TextIOWrapper):
        return
    if stream.isatty():
        stream.reconfigure(errors="replace")
    else:
        stream.reconfigure(encoding="utf-8", errors="replace")


def ended(problem: OSError) -> int:
    """The exit code where something could not be written: 0 if its reader has gone, else 2, with a sentence."""
    if sys.stdout is not None:
        with contextlib.suppress(OSError, ValueError):  # what is left in the stream has nowhere to go
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(problem, BrokenPipeError):
        return 0
    if problem.errno not in FULL and problem.filename is None:
        raise problem
    where = shortened(str(problem.filename or "the output"))
    log.print(f"{where}: cannot be read or written: {problem.strerror}.", style="red", markup=False, soft_wrap=True)
    return BAD_INPUT


@app.command()
def run(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a YAML file.")] = "baseline",
    seed: Annotated[int, typer.Option(help="Luck of the run.", min=0, max=SEEDS)] = 0,
    until: Annotated[str, typer.Option(help="Last day, such as 2026-06-30.")] = "",
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="path=value, such as parameters.hoarding=1.")
    ] = None,
    only: Annotated[str, typer.Option(help="Minerals, separated by commas: their chains alone.")] = "",
    fork_at: Annotated[str, typer.Option(help="Day on which the run is forked, such as 2027-01-04.")] = "",
    other: Annotated[str, typer.Option("--with", help="Scenario that the second future follows.")] = "",
    parameters: Annotated[str, typer.Option(help="default, posterior (its mean), or a posterior's file.")] = "default",
    out: Annotated[Path | None, typer.Option(help="Folder for the results.")] = None,
    detail: Annotated[bool, typer.Option(help="Keep every supply link in the series.")] = False,
    quiet: Annotated[bool, typer.Option(help="Print nothing but errors.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON alone.")] = False,
) -> None:
    """Simulate a scenario week by week; print and save what happened."""
    setting = chosen(scenario, changes or [], until)
    if parameters != "default":
        from calibration.fit.draws import settled

        setting = setting.settled(settled(parameters))
    from app.branch_asked import Branch
    from experiments.page import report_extra
    from experiments.run import RunRequest, run_scenario

    branch = Branch.asked(setting, fork_at, other)
    folder = out or Path("results") / f"{setting.name}{branch.suffix if branch else ''}-{seed}"
    minerals = tuple(word.strip() for word in only.split(",") if word.strip())
    request = RunRequest(setting, folder, seed, minerals, detail, (report_extra,), parameters)
    try:
        with Weeks(quiet or as_json) as weeks:
            if branch:
                found = branch.run(request, weeks.tell)
            else:
                result = run_scenario(request, weeks.tell)
    except (ArithmeticError, RuntimeError, ValueError) as problem:
        log.print(f"The run failed: {problem}", style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(FAILED) from problem
    if parameters != "default":
        note_posterior(folder, parameters)
    if branch:
        branch.show(found, str(folder), as_json, quiet)
    elif as_json:
        print(json.dumps({"out": str(folder), "summary": result.summary}, ensure_ascii=False))
    elif not quiet:
        from app.shown import print_result

        print_result(result)
        if parameters != "default":
            from calibration.fit.draws import named
            from calibration.fit.informed import in_a_line

            print(in_a_line(named(parameters)))


def note_posterior(folder: Path, parameters: str) -> None:
    """Add to a run's manifest which posterior its parameters come from, and what in it may not fit this version."""
    from calibration.fit.draws import named
    from experiments.folder import MANIFEST
    from experiments.run import write_json
    from kit.stored import read_json

    posterior, path = named(parameters), folder / MANIFEST
    told = read_json(path, {})
    draft = path.with_suffix(".tmp")
    write_json(told | {"stale": posterior.stale, "posterior": {"asked": parameters, **posterior.told()}}, draft)
    draft.replace(path)


def chosen(name: str, changes: list[str], until: str) -> Any:
    """The scenario asked for, with its changes."""
    from abm.scenario.scenario import Scenario

    setting = Scenario.load(name)
    pairs = {}
    for change in changes:
        path, sign, value = change.partition("=")
        if not sign:
            raise BadInput(f"--set {shortened(change)}: expected path=value, such as parameters.hoarding=1.")
        pairs[path.strip()] = value.strip()
    if pairs:
        setting = setting.override(pairs)
    return setting.until(day(until)) if until else setting


class Weeks:
    """Progress of a run on standard error, with time left."""

    def __init__(self, silent: bool) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} weeks"))
        self.bar = Progress(*columns, TimeRemainingColumn(), console=log, transient=True, disable=silent)
        self.task = self.bar.add_task("simulating", total=None)

    def __enter__(self) -> Weeks:
        self.bar.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.bar.stop()

    def tell(self, week: int, weeks: int) -> None:
        """One more week is done."""
        self.bar.update(self.task, completed=week, total=weeks)


@app.command()
def scenarios() -> None:
    """List the scenarios that come with the model, and the packages to lay over them."""
    from abm.scenario.scenario import Scenario
    from app.rescue_shown import print_packages
    from app.shown import print_scenarios

    print_scenarios([Scenario.load(name) for name in Scenario.names()])
    print_packages()


@app.command()
def show(name: str, as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Show a scenario in full, overlays and defaults filled in."""
    from abm.scenario.scenario import Scenario
    from app.shown import print_scenario

    setting = Scenario.load(name)
    if as_json:
        print(json.dumps(setting.resolved(), ensure_ascii=False, indent=1))
    else:
        print_scenario(setting)


@app.command()
def check(file: Path) -> None:
    """Check a scenario file."""
    from abm.scenario.scenario import Scenario

    setting = Scenario.load(file)
    print(f"{file}: good ({len(setting.causes)} causes, {setting.start} to {setting.end}).")


@app.command()
def tables(
    name: Annotated[str, typer.Argument(help="One table in full; check: what tables and instruments lack.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="With check: as JSON.")] = False,
) -> None:
    """Tell what is in the world and where it comes from; `tables check` says what is missing in it."""
    from abm.world.world import shared_tables
    from app.shown import print_findings, print_frame

    found = shared_tables()
    if name == "check":
        from abm.engine.table_doctor import examine

        findings = examine(found)
        print_findings(findings, as_json)
        raise typer.Exit(BAD_INPUT if any(not each.known for each in findings) else 0)
    if name and name not in found:
        raise BadInput(f"tables: '{shortened(name)}' is not a table.{did_you_mean(name, sorted(found))}")
    shown = found[name] if name else found.sources()
    if name == "parameters":
        from calibration.fit.informed import column

        shown = shown.assign(history=column(shown.parameter, shown.family))
    print_frame(shown, name or "Tables: rows, sources and confidence")


@app.command()
def record(out: Annotated[Path, typer.Option(help="Folder for the figures.")] = Path("docs/figures")) -> None:
    """Run the history of 2023 to 2026 and draw model and record side by side."""
    from abm import Model
    from experiments.folder import check_writable
    from experiments.record import draw_record

    check_writable(out)
    for path in draw_record(Model("history-2023", rng=1).run(), out):
        print(path)


@app.command()
def version() -> None:
    """Print the version."""
    print(installed_version("techshield"))


@app.command()
def bench() -> None:
    """Measure speed in a clone: ratios within one run."""
    try:
        from benchmarks.bench import main as measure
    except ModuleNotFoundError as problem:
        raise BadInput("bench: works in a clone of the project only.") from problem
    measure()
