"""The words of the command line that hold the model against history: replay."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from app.account_commands import Runs
from kit.errors import BadInput
from kit.limits import RUNS, WORKERS

WIDE = 120  # signs that a screen needs for all columns of a replay
RULES_SHOWN = {"no_change": "no change", "ratchet": "ratchet", "cover": "cover"}


def replay(
    events: Annotated[list[str] | None, typer.Argument(help="Events by name, or YAML files.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All events that come with the project.")] = False,
    parameters: Annotated[str, typer.Option(help="default, prior, posterior, or a posterior's file.")] = "default",
    draws: Annotated[int, typer.Option(help="Runs of each event.", min=1, max=RUNS)] = 10,
    workers: Annotated[int, typer.Option(help="Processes.", min=1, max=WORKERS)] = 2,
    out: Annotated[Path | None, typer.Option(help="Folder for replay.json and figures.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False,
) -> None:
    """Replay recorded events and hold every target against the record, with naive rules beside it."""
    from calibration.fit.draws import draws_of
    from calibration.record.event import Event, load_all
    from calibration.record.replay import judge, score
    from calibration.record.replay import replay as run_replay
    from experiments.folder import check_writable

    if not events and not every:
        raise BadInput(f"replay: name an event, or --all. Known: {', '.join(Event.names())}.")
    chosen = load_all(Event.names() if every else events or [])
    found_draws = draws_of(parameters, draws)
    if out is not None:
        check_writable(out)
    with Runs(None, as_json) as runs:
        found = run_replay(chosen, found_draws.table, workers, runs.tell)
    tables = {event.name: judge(event, found[event.name], found_draws.lack(event.name)) for event in chosen}
    scores = {name: score(table) for name, table in tables.items()}
    told = told_of(tables, scores, parameters, draws) | {"bands": bands_told(found_draws)}
    if found_draws.posterior is not None:
        told["posterior"] = found_draws.posterior.told()
    if out is not None:
        from calibration.judge.pictures import draw_events

        (out / "replay.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        drawn = draw_events(chosen, found, out)
    if as_json:
        print(json.dumps(told, ensure_ascii=False))
        return
    for event in chosen:
        console = Console()
        console.print(as_table(event, tables[event.name], console.width))
        print(score_line(scores[event.name]))
    print(bands_told(found_draws))
    if out is not None:
        print(f"Written: {out / 'replay.json'} and {len(drawn)} figures.")


def bands_told(draws: Any) -> str:
    """What the bands hold, and which parameters history informs, in both languages."""
    if draws.posterior is None:
        return ("Bands: the runs alone; no posterior, so no discrepancy is known. / "
                "區間僅含模擬本身；未用後驗，故無偏差項。")  # fmt: skip
    from calibration.fit.informed import in_a_line

    if "discrepancy" not in draws.posterior.manifest:
        return "Bands: the runs alone; this posterior tells no discrepancy. / 區間僅含模擬本身；此後驗無偏差項。"
    return ("Bands: runs and discrepancy (what the model misses at the fitted figures of the other events, by its "
            "median: no promise for peaks that it does not reach), the runs alone beside. / 區間含模擬與偏差"
            "（其他事件擬合值之誤的中位數；模型達不到的極端高點不在此限），旁列僅含模擬者。\n"
            + in_a_line(draws.posterior))  # fmt: skip


def told_of(tables: dict[str, Any], scores: dict[str, Any], parameters: str, draws: int) -> dict[str, Any]:
    """A replay as plain words and numbers."""
    rows = [finite(row) for table in tables.values() for row in table.to_dict("records")]
    return {"parameters": parameters, "draws": draws, "scores": {key: finite(each) for key, each in scores.items()},
            "targets": rows}  # fmt: skip


def finite(value: Any) -> Any:
    """The same with nothing in the place of numbers that are not finite."""
    if isinstance(value, dict):
        return {key: finite(entry) for key, entry in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def as_table(event: Any, table: Any, width: int = WIDE) -> Table:
    """The targets of an event for the screen; a narrow one leaves naive rules and the runs alone to the JSON."""
    shown = Table(title=f"{event.scenario.title_en}\n{event.scenario.title_zh}")
    more = ("runs alone", *RULES_SHOWN.values()) if width >= WIDE else ()
    for name in ("target", "what", "record", "±", "median", "5 to 95 %", "", *more):
        text = name in ("what", "")
        shown.add_column(name, justify="left" if text or name == "target" else "right", no_wrap=not text)
    for row in table.itertuples():
        verdict = "[green]hit[/green]" if row.hit else "[red]miss[/red]"
        verdict = f"[dim]plumbing, {'hit' if row.hit else 'miss'}[/dim]" if row.plumbing else verdict
        naive = [f"{row.baselines[rule]:.2f}".replace("nan", "-") for rule in RULES_SHOWN]
        tolerance = f"{row.tolerance:g}" + (" log" if row.scale == "log" else "")
        what = row.title_en + (" (held out)" if row.use == "hold" else "")
        band, runs = f"{row.p05:.3g} to {row.p95:.3g}", f"{row.runs_p05:.3g} to {row.runs_p95:.3g}"
        cells = (row.target, what, f"{row.record:g}", tolerance, f"{row.median:.3g}", band, verdict)
        shown.add_row(*cells, *((runs, *naive) if more else ()))
    return shown


def score_line(score: dict[str, Any]) -> str:
    """The score of an event in a sentence."""
    if not score["targets"]:
        return "Every target tests the plumbing; none counts in skill.\n"
    naive = ", ".join(f"{RULES_SHOWN[rule]} {value:.2f}" for rule, value in score["naive"].items())
    return (f"{score['hits']} of {score['targets']} within tolerance, {score['covered']} inside the band (median "
            f"half-width {score['half_width']:.1f} tolerances), {score['covered_runs']} inside that of the runs alone "
            f"({score['runs_half_width']:.1f}); mean miss "
            f"{score['misfit']:.2f} tolerances (naive: {naive}); skill {score['skill']:+.2f}\n")  # fmt: skip
