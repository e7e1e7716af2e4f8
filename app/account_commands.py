"""The words of the command line that account for the model: claims (the paper's ledger) and odd (its description)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from app.asked import check_docs
from kit.errors import BadInput
from kit.limits import RUNS, WORKERS
from kit.nearest import did_you_mean

DOCS = Path("docs/claims.md")
POLITICS = "months_under_control,escalations,relaxations,tension"
COLOURS = {
    "agrees": "green", "in part": "yellow", "contradicts": "red", "not told apart from nothing": "yellow",
    "not answered": "dim",
}  # fmt: skip


def claims(
    names: Annotated[list[str] | None, typer.Argument(help="Claims such as F13 J02; all where none is named.")] = None,
    seeds: Annotated[int, typer.Option(help="Runs of each scenario.", min=1, max=RUNS)] = 10,
    workers: Annotated[int, typer.Option(help="Processes.", min=1, max=WORKERS)] = 2,
    out: Annotated[Path | None, typer.Option(help="Folder for claims.json and claims.md.")] = None,
    docs: Annotated[bool, typer.Option("--docs", help="Write docs/claims.md of this clone.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False,
) -> None:
    """Answer the paper's ledger: what it says, what the model and the data give, and whether they agree."""
    from experiments.claim_tables import tables_of
    from experiments.claims import answer, find
    from experiments.claims_page import as_markdown
    from experiments.folder import check_writable

    check_docs(docs, "claims")
    if out is not None:
        check_writable(out)
    chosen = checked(names or [])
    with Runs(None, as_json) as runs:
        found = find(chosen, seeds, workers, runs.tell)
        tables = tables_of(chosen, seeds, workers, runs.tell)
    entries = answer(chosen, found, tables)
    page = as_markdown(entries, seeds, tables)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "claims.json").write_text(json.dumps(entries, ensure_ascii=False, indent=1), encoding="utf-8")
        (out / "claims.md").write_text(page, encoding="utf-8")
    if docs:
        DOCS.write_text(page, encoding="utf-8")
    if as_json:
        print(json.dumps(entries, ensure_ascii=False))
    else:
        print_claims(entries, tables, seeds)


def bands(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a YAML file.")],
    metrics: Annotated[str, typer.Option(help="Headline metrics, separated by commas.")] = POLITICS,
    seeds: Annotated[int, typer.Option(help="How many runs.", min=2, max=RUNS)] = 20,
    workers: Annotated[int, typer.Option(help="Processes.", min=1, max=WORKERS)] = 2,
    only: Annotated[str, typer.Option(help="Minerals, separated by commas: their chains alone.")] = "",
    out: Annotated[Path | None, typer.Option(help="Folder for runs.csv and bands.csv.")] = None,
    docs: Annotated[bool, typer.Option("--docs", help="Write docs/bands-<scenario>.md of this clone.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False,
) -> None:
    """Run a scenario with many seeds and print headline metrics with their bands."""
    from abm.scenario.scenario import Scenario
    from experiments.bands import bands as table_of
    from experiments.bands import jobs_for, page_of, run_bands
    from experiments.folder import check_writable

    setting = Scenario.load(scenario)
    names = [name.strip() for name in metrics.split(",") if name.strip()]
    if not names:
        raise BadInput(f"--metrics: names no headline metric; such as {POLITICS}.")
    check_docs(docs, "bands")
    jobs = jobs_for(setting, names, seeds, tuple(name.strip() for name in only.split(",") if name.strip()))
    if out is not None:
        check_writable(out)
    with Runs(seeds, as_json) as runs:
        found = run_bands(jobs, workers, runs.tell)
    table = table_of(found)
    if out is not None:
        found.to_csv(out / "runs.csv")
        table.to_csv(out / "bands.csv")
    if docs:
        Path(f"docs/bands-{setting.name}.md").write_text(page_of(setting, table, found), encoding="utf-8")
    if as_json:
        bad = {"out_of_bounds": int(found.exploded.sum()), "stood_still": int(found.frozen.sum())}
        print(json.dumps({**bad, "bands": table.to_dict("index")}))
    else:
        print_bands(table, found, setting)


def print_bands(table: Any, found: Any, setting: Any) -> None:
    """Bands for the screen, and how many runs went out of bounds."""
    from experiments.bands import lacking

    shown = Table(title=f"{setting.title_en}: {len(found)} seeds, {setting.start} to {setting.end}")
    for column in ("measure", "unit", "5 %", "median", "95 %"):
        shown.add_column(column, justify="left" if column in ("measure", "unit") else "right")
    for row in table.itertuples():
        band = (f"{value:,.3g}" for value in (row.p05, row.median, row.p95))
        shown.add_row(f"{row.Index}{lacking(row, len(found))}", row.unit, *band)
    Console().print(shown)
    print(f"Runs that went out of bounds: {found.exploded.sum():.0f}; whose tension stood still for two years: "
          f"{found.frozen.sum():.0f}.")  # fmt: skip


def print_claims(entries: list[dict[str, Any]], tables: list[dict[str, Any]], seeds: int) -> None:
    """The answers for the screen, why some differ from the paper, and the tables that two of them ask for."""
    from experiments.claim_tables import NAMES_ZH, cell
    from experiments.claims_page import reasons_of

    console = Console()
    console.print(as_table(entries, seeds))
    for line in reasons_of(entries)[3:]:
        console.print(line.replace("**", ""), markup=False)
    for table in tables:
        shown = Table(title=f"{table['claim']}: {table['title_en']}, {table['unit']} {table['title_zh']}")
        shown.add_column("")
        for name in table["columns"]:
            shown.add_column(f"{name} {NAMES_ZH[name]}", justify="right")
        for row in table["rows"]:
            shown.add_row(row["row"], *(cell(row[name]) for name in table["columns"]))
        console.print(shown)


class Runs:
    """Progress over runs on standard error, with time left."""

    def __init__(self, total: int | None, silent: bool) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} runs"))
        self.bar = Progress(
            *columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True, disable=silent
        )
        self.task = self.bar.add_task("running", total=total)

    def __enter__(self) -> Runs:
        self.bar.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.bar.stop()

    def tell(self, done: int, total: int | None = None) -> None:
        """So many runs are done, of so many."""
        self.bar.update(self.task, completed=done, total=total)


def odd(docs: Annotated[bool, typer.Option("--docs", help="Write docs/odd.md of this clone.")] = False) -> None:
    """Describe the model after the ODD protocol (2020), its tables made from the code and the data."""
    from app.odd import PAGE, TEMPLATE, render

    if not TEMPLATE.is_file():
        raise BadInput("odd: works in a clone of the project only, started from its folder.")
    page = render(TEMPLATE.read_text(encoding="utf-8"))
    if docs:
        PAGE.write_text(page, encoding="utf-8")
    else:
        print(page)


def checked(names: list[str]) -> list[str]:
    """The claims asked for, all facts, judgements and recommendations where none is named."""
    from abm.world.world import shared_tables

    known = [name for name in shared_tables()["claims"].claim if name[0] in "FJR"]
    for name in names:
        if name not in known:
            raise BadInput(f"claims: '{name}' is not a claim that can be measured.{did_you_mean(name, known)}")
    return names or known


def as_table(entries: list[dict[str, Any]], seeds: int) -> Table:
    """The answers for the screen."""
    table = Table(title=f"The paper's claims, {seeds} seeds a scenario", show_lines=True)
    for column in ("claim", "figure", "圖表項目", "unit", "paper", "median (5 to 95 %)", "verdict"):
        table.add_column(column, justify="right" if column.startswith("median") else "left")
    for entry in entries:
        colour = COLOURS[entry["verdict"]]
        verdict = f"[{colour}]{entry['verdict']}[/{colour}] {entry['verdict_zh']}"
        if not entry["figures"]:
            texts = entry["statement_en"], entry["statement_zh"]
            table.add_row(entry["claim"], *texts, "", "", "", f"{verdict} {entry['why_not']}")
        for number, each in enumerate(entry["figures"]):
            table.add_row(entry["claim"] if number == 0 else "", *cells_of(each))
    return table


def cells_of(each: dict[str, Any]) -> tuple[str, ...]:
    """A figure's cells: names, unit, the paper's range, median with band, verdict."""
    value = f"{each['median']:.3g}"
    value += "" if each["p05"] == each["p95"] else f" ({each['p05']:.3g} to {each['p95']:.3g})"
    paper = f"{each['paper_low']:g} to {each['paper_high']:g}"
    colour = COLOURS[each["verdict"]]
    verdict = f"[{colour}]{each['verdict']}[/{colour}]"
    return each["name_en"], each["name_zh"], each["unit"], paper, value, verdict
