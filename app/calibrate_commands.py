"""The words of the command line that fit parameters to history: calibrate, and its report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table as Shown

from app.asked import DOCS, check_docs
from kit.errors import BadInput
from kit.limits import RUNS, WORKERS

calibrate = typer.Typer(help="Fit parameters to recorded events, and tell how far to trust the fit.")
FAST = 5000


@calibrate.callback(invoke_without_command=True)
def run(
    context: typer.Context,
    out: Annotated[Path | None, typer.Option(help="Folder for the table of evaluations and the posterior.")] = None,
    events: Annotated[str, typer.Option(help="Events, separated by commas; all where none is named.")] = "",
    evaluations: Annotated[int, typer.Option(help="Draws of the prior that are run.", min=60, max=RUNS)] = 20000,
    fast: Annotated[bool, typer.Option("--fast", help=f"{FAST} evaluations: good for a posterior mean.")] = False,
    workers: Annotated[int, typer.Option(help="Processes.", min=1, max=WORKERS)] = 2,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the table in the folder.")] = False,
    limit: Annotated[
        int | None, typer.Option(help="Stop at so many of them and fit to those; --resume goes on.", min=60, max=RUNS)
    ] = None,
    learned: Annotated[
        bool, typer.Option("--learned", help="Let twins also try summaries learned by a small network.")
    ] = False,
) -> None:
    """Fit parameters to recorded events: run the table of evaluations and write the posterior."""
    if context.invoked_subcommand:
        return
    if out is None:
        raise BadInput("calibrate: --out is missing: name a folder for the table of evaluations and the posterior.")
    from calibration.fit.evaluations import Plan, check_folder, fill
    from calibration.judge.calibrate import WAYS, Table, foretold, parameters_told, posterior_of
    from calibration.record.event import Event, load_all
    from experiments.folder import check_writable

    names = [name.strip() for name in events.split(",") if name.strip()] or Event.names()
    plan = Plan(tuple(load_all(names)), FAST if fast else evaluations)
    if not any(target.use == "fit" for event in plan.events for target in event.counted()):
        raise BadInput("--events: no target in them may be fitted to; name an event with targets of use 'fit'.")
    check_writable(out)
    check_folder(out, plan, resume)
    with Evaluations() as shown:
        fill(plan, out, workers, shown.tell, limit)
    table, _ = Table.of(plan, out).tried((*WAYS, "learned") if learned else WAYS)
    found = table.fit()
    command = f"techshield calibrate --evaluations {plan.evaluations}" + (f" --events {events}" if events else "")
    command += (f" --limit {limit}" if limit else "") + (" --learned" if learned else "")
    with Evaluations("predicting") as shown:
        runs = foretold(table, found, workers, shown.tell)
    posterior_of(table, found, runs, command).save(out / "posterior.json")
    Console().print(as_table(parameters_told(table, found)))
    print(f"Posterior: {out / 'posterior.json'}. Whether to trust it: techshield calibrate report {out}")


@calibrate.command("report")
def report(
    folder: Annotated[Path, typer.Argument(help="Folder of a calibration.")],
    workers: Annotated[int, typer.Option(help="Processes.", min=1, max=WORKERS)] = 2,
    docs: Annotated[bool, typer.Option("--docs", help="Also write docs/calibration.md of this clone.")] = False,
) -> None:
    """Predictions, twins, events left out, contraction, discrepancy, weak figures: report.md and report.html there."""
    from calibration.fit.evaluations import plan_in
    from calibration.fit.posterior import Posterior
    from calibration.judge.calibrate import WAYS, Table, study
    from calibration.judge.report import as_html, as_markdown, blocks, verdicts

    check_docs(docs, "calibrate report")
    command = Posterior.load(folder / "posterior.json").manifest["command"]
    ways = (*WAYS, "learned") if "--learned" in command else WAYS
    table, trials = Table.of(plan_in(folder), folder).tried(ways)
    with Evaluations("predicting") as shown:
        told = study(table, workers, shown.tell) | {"trials": trials}
    parts = blocks(table, told, command)
    (folder / "report.md").write_text(as_markdown(parts), encoding="utf-8")
    (folder / "report.html").write_text(as_html(parts), encoding="utf-8")
    if docs:
        (DOCS / "calibration.md").write_text(as_markdown(parts), encoding="utf-8")
    for line in verdicts(told):
        print(line)
    print(f"Written: {folder / 'report.md'}, {folder / 'report.html'}" + (", docs/calibration.md" if docs else ""))


@calibrate.command("best")
def best(
    out: Annotated[Path, typer.Option(help="Folder for best.json.")],
    events: Annotated[str, typer.Option(help="Events, separated by commas; all where none is named.")] = "",
    evaluations: Annotated[int, typer.Option(help="Runs of all events.", min=20, max=RUNS)] = 400,
    workers: Annotated[int, typer.Option(help="Processes.", min=1, max=WORKERS)] = 2,
) -> None:
    """The best-fitting run (CMA-ES): the lowest miss, which is no estimate of the parameters and no posterior."""
    from calibration.fit.best import search
    from calibration.record.event import Event, load_all
    from experiments.folder import check_writable

    names = [name.strip() for name in events.split(",") if name.strip()] or Event.names()
    chosen = tuple(load_all(names))
    check_writable(out)
    with Evaluations() as shown:
        found = search(chosen, evaluations, workers, shown.tell)
    found.save(out / "best.json")
    print(f"Mean miss {found.manifest['misfit']:.2f} tolerances: a best-fitting run, not a posterior.")
    print(f"Written: {out / 'best.json'}")


class Evaluations:
    """Progress over evaluations on standard error, with time left."""

    def __init__(self, task: str = "evaluating") -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
        self.bar = Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=Console(stderr=True))
        self.task = self.bar.add_task(task, total=None)

    def __enter__(self) -> Evaluations:
        self.bar.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.bar.stop()

    def tell(self, done: int, total: int) -> None:
        """So many evaluations are done."""
        self.bar.update(self.task, completed=done, total=total)


def as_table(frame: Any) -> Shown:
    """The parameters for the screen."""
    shown = Shown(title="Parameters after history")
    for name in ("parameter", "range", "table", "5 %", "median", "95 %", "informed"):
        shown.add_column(name, justify="left" if name == "parameter" else "right")
    for row in frame.itertuples():
        informed = f"{row.contraction:.0%}" if row.informed else "no: moved" if row.moved else "no: prior"
        shown.add_row(row.parameter, f"{row.low:g} to {row.high:g}", f"{row.value:g}", f"{row.p05:.3g}",
                      f"{row.median:.3g}", f"{row.p95:.3g}", informed)  # fmt: skip
    return shown
