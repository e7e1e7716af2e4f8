"""The words rescue and families of the command line: on which side Taiwan stands, and what its levers cost and do."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from app.asked import DOCS, check_docs, day
from kit.errors import BadInput
from kit.limits import RUNS, WORKERS

if TYPE_CHECKING:
    import pandas as pd

    from experiments.rescue import Request


MOST_WEEKS = 1_000  # of a probe


def rescue(
    scenarios: Annotated[list[str], typer.Argument(help="Scenarios, with packages as in renewed+R1@2+R3.")],
    seeds: Annotated[int, typer.Option(help="Runs of each scenario.", min=1, max=RUNS)] = 3,
    years: Annotated[str, typer.Option(help="Years to probe, such as 2027-2034 or 2027,2030; all if empty.")] = "",
    shocks: Annotated[str, typer.Option(help="Standard shocks, separated by commas; all if empty.")] = "",
    weeks: Annotated[int, typer.Option(help="Length of a probe.", min=1, max=MOST_WEEKS)] = 39,
    only: Annotated[str, typer.Option(help="Minerals, separated by commas: their chains alone.")] = "",
    rule: Annotated[str, typer.Option(help="Rationing: contract, alike, or both.")] = "both",
    changes: Annotated[list[str] | None, typer.Option("--set", help="path=value, as in run.")] = None,
    with_families: Annotated[bool, typer.Option("--families", help="Each with all combinations of packages.")] = False,
    budgets: Annotated[str, typer.Option(help="Budgets of --families, separated by commas.")] = "1",
    workers: Annotated[int, typer.Option(help="Processes.", min=1, max=WORKERS)] = 2,
    out: Annotated[Path | None, typer.Option(help="Folder for tables and figures.")] = None,
    docs: Annotated[bool, typer.Option("--docs", help="Write docs/rescue.md of this clone.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False,
) -> None:
    """Probe each year with standard shocks, Taiwan's provider capacity on and off, and tell the rescue index."""
    from experiments.families import expand
    from experiments.folder import Folder
    from experiments.rescue import RULES, Request, measure
    from experiments.rescue_index import avoided, by_year, told

    check_docs(docs, "rescue")
    if rule not in (*RULES, "both"):
        raise BadInput(f"--rule {rule}: expected contract, alike or both.")
    chosen = expand(scenarios, sizes_of(budgets)) if with_families else scenarios
    request = Request(
        tuple(dict.fromkeys(chosen)), tuple(range(seeds)), years_of(years), words(shocks), weeks, words(only),
        pairs(changes or []), tuple(RULES) if rule == "both" else (rule,),
    )  # fmt: skip
    if out is None:
        losses = with_bar(lambda tell: measure(request, workers, tell), as_json)
    else:
        with Folder(out) as folder:
            losses = with_bar(lambda tell: measure(request, workers, tell), as_json)
            write(request, losses, folder.draft)
            folder.publish()
    found = told(avoided(losses))
    if docs:
        from experiments.rescue_page import rescue_page
        from experiments.rescue_pictures import index_by_year, plane

        table = by_year(avoided(losses))
        text = rescue_page(table, found, seeds, asked_by("rescue"))
        (DOCS / "rescue.md").write_text(text, encoding="utf-8")
        plane(table, DOCS / "figures" / "rescue-plane.png")
        index_by_year(table, DOCS / "figures" / "rescue-index.png")
    if as_json:
        print(json.dumps({"out": None if out is None else str(out), "rescue": found}, ensure_ascii=False))
        return
    from app.rescue_shown import print_rescue

    print_rescue(by_year(avoided(losses)), found, len(request.seeds))
    if out is not None:
        Console().print(f"Results: {out}/plane.png, index.png, rescue.json, losses.csv, manifest.json")


def write(request: Request, losses: pd.DataFrame, folder: Path) -> None:
    """Everything into a folder."""
    from experiments.folder import MANIFEST
    from experiments.rescue import declared
    from experiments.rescue_index import avoided, by_year, told
    from experiments.rescue_pictures import index_by_year, plane
    from experiments.run import git_revision, versions, write_json

    probes = avoided(losses)
    losses.to_csv(folder / "losses.csv", index=False)
    write_json(told(probes), folder / "rescue.json")
    plane(by_year(probes), folder / "plane.png")
    index_by_year(by_year(probes), folder / "index.png")
    asked = {key: list(value) if isinstance(value, tuple) else value for key, value in vars(request).items()}
    content = {"request": asked, "shocks": declared(), "versions": versions(), "git_revision": git_revision()}
    files = sorted([*(path.name for path in folder.iterdir()), MANIFEST])
    write_json(content | {"files": files}, folder / MANIFEST)


def years_of(text: str) -> tuple[int, ...]:
    """Years from 2027-2030 or 2027,2030."""
    found: list[int] = []
    for word in words(text):
        first, sign, last = word.partition("-")
        if not first.isdigit() or (sign and not last.isdigit()) or (sign and int(last) < int(first)):
            raise BadInput(f"--years {text}: expected years such as 2027-2034 or 2027,2030.")
        found += range(int(first), int(last or first) + 1)
    return tuple(sorted(set(found)))


def words(text: str) -> tuple[str, ...]:
    """Words between commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def pairs(changes: list[str]) -> tuple[tuple[str, str], ...]:
    """path=value pairs."""
    found = []
    for change in changes:
        path, sign, value = change.partition("=")
        if not sign:
            raise BadInput(f"--set {change}: expected path=value, such as parameters.hoarding=1.")
        found.append((path.strip(), value.strip()))
    return tuple(found)


def families(
    scenarios: Annotated[list[str], typer.Argument(help="Scenarios to lay the recommendations over.")],
    budgets: Annotated[str, typer.Option(help="Budgets, separated by commas.")] = "1,2",
    seeds: Annotated[int, typer.Option(help="Runs of each combination.", min=1, max=RUNS)] = 3,
    until: Annotated[str, typer.Option(help="Last day, such as 2030-12-31.")] = "",
    only: Annotated[str, typer.Option(help="Minerals, separated by commas: their chains alone.")] = "",
    workers: Annotated[int, typer.Option(help="Processes.", min=1, max=WORKERS)] = 2,
    out: Annotated[Path | None, typer.Option(help="Folder for the tables.")] = None,
    docs: Annotated[bool, typer.Option("--docs", help="Write docs/families.md of this clone.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False,
) -> None:
    """Compare none, each, each pair and all of the recommendations: cost, loss avoided, complements or substitutes."""
    from experiments.families import bands, compare, effects, together
    from experiments.folder import Folder

    check_docs(docs, "families")
    if until:
        check_last(scenarios, until)
    sizes, settings = sizes_of(budgets), {"until": until, "only": words(only), "workers": workers}
    work = partial(compare, scenarios, sizes, seeds, settings)
    if out is None:
        found = effects(with_bar(work, as_json))
    else:
        with Folder(out) as folder:
            runs = with_bar(work, as_json)
            found = effects(runs)
            asked = {"scenarios": scenarios, "budgets": sizes, "seeds": seeds, **settings}
            tables = {"runs": runs, "effects": found, "bands": bands(found), "together": together(found)}
            write_tables(asked, tables, folder.draft)
            folder.publish()
    if docs:
        from experiments.rescue_page import families_page

        text = families_page(bands(found), together(found), seeds, asked_by("families"))
        (DOCS / "families.md").write_text(text, encoding="utf-8")
    if as_json:
        tables = {"bands": bands(found), "together": together(found)}
        print(json.dumps({name: json.loads(each.to_json(orient="records")) for name, each in tables.items()}))
        return
    from app.rescue_shown import print_families

    print_families(bands(found), together(found), seeds)


def check_last(scenarios: list[str], until: str) -> None:
    """BadInput where a last day is no date, or one that a scenario cannot end on."""
    from abm.scenario.scenario import Scenario

    for name in scenarios:
        Scenario.load(name).until(day(until))


def asked_by(word: str) -> str:
    """The command as it was asked for, folders left out."""
    given = sys.argv[sys.argv.index(word) + 1 :] if word in sys.argv else []
    kept = [each for at, each in enumerate(given) if each != "--out" and (at == 0 or given[at - 1] != "--out")]
    return " ".join(["techshield", word, *kept])


def write_tables(asked: dict[str, Any], tables: dict[str, pd.DataFrame], folder: Path) -> None:
    """Tables and a manifest into a folder."""
    from experiments.folder import MANIFEST
    from experiments.run import git_revision, versions, write_json

    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    content = {"request": asked, "versions": versions(), "git_revision": git_revision()}
    files = sorted([*(f"{name}.csv" for name in tables), MANIFEST])
    write_json(content | {"files": files}, folder / MANIFEST)


def with_bar(work: Any, silent: bool) -> Any:
    """Do work that tells how far it is, with a bar on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} runs"))
    log = Console(stderr=True)
    with Progress(*columns, TimeRemainingColumn(), console=log, transient=True, disable=silent) as bar:
        task = bar.add_task("running", total=None)
        return work(lambda done, total: bar.update(task, completed=done, total=total))


def sizes_of(text: str) -> list[float]:
    """Budgets from 1,2."""
    try:
        found = [float(word) for word in words(text)]
    except ValueError as problem:
        raise BadInput(f"--budgets {text}: expected numbers such as 1,2.") from problem
    if not found or not all(0 < each <= 10 for each in found):
        raise BadInput(f"--budgets {text}: expected numbers above 0 and at most 10.")
    return found
