"""What the command line prints, for people who know supply chains."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from abm.engine.table_doctor import Finding
from experiments.page import chosen, entry_told
from experiments.pictures import SHOWN
from experiments.run import RunResult
from kit.nearest import and_more

console = Console()
MOST_EVENTS, MOST_STOPS = 12, 10


def print_result(result: RunResult) -> None:
    """The outcome of a run."""
    model = result.model
    console.rule(model.setting.title_en)
    console.print(f"{model.setting.question_en}\n{model.setting.question_zh}", style="italic")
    dates = model.history.dates()
    console.print(
        f"{dates[0]:%Y-%m-%d} to {dates[-1]:%Y-%m-%d}, seed {model.seed_number}; "
        + (
            f"{len(model.setting.parameters)} parameters set\n"
            if model.setting.parameters
            else "parameters as the tables have them\n"
        )
    )
    console.print(price_table(result))
    console.print(loss_table(result))
    console.print(event_table(result.events))
    console.print(
        f"Results: {result.request.out}/report.html, series.parquet, summary.json, events.parquet, manifest.json"
    )


def price_table(result: RunResult) -> Table:
    """Prices of the controlled goods: peak outside, the Chinese price then, and the end."""
    model = result.model
    table = Table(title=f"Prices (ratio to {model.setting.base_year}) and Chinese exports")
    for column in (
        "good",
        "貨品",
        "peak outside",
        "when",
        "China then",
        "end outside",
        "lowest quarter of exports, % of first year",
    ):
        table.add_column(column, justify="left" if column in ("good", "貨品", "when") else "right")
    goods, history = model.world.goods.good.tolist(), model.history
    for good in [name for name in SHOWN if name in goods]:
        place = goods.index(good)
        spot = history.spot[: history.weeks, :, place]
        peak = int(spot[:, 1].argmax())
        name = (model.world.goods.name_en[place], model.world.goods.name_zh[place])
        cells = (f"{spot[peak, 1]:.2f}", f"{history.dates()[peak]:%Y-%m}", f"{spot[peak, 0]:.2f}", f"{spot[-1, 1]:.2f}")
        table.add_row(*name, *cells, lowest_exports(model, good))
    return table


def lowest_exports(model: Any, good: str) -> str:
    """Smallest 13-week mean of Chinese exports over the mean of the first year, in per cent."""
    links = model.world.links
    rows = ((links.exporter == "CHN") & (links.importer != "CHN") & (links.good == good)).to_numpy()
    sent = pd.Series(model.history.link["sent"][: model.history.weeks][:, rows].sum(axis=1))
    first = sent[:52].mean()
    lowest = sent.rolling(min(13, len(sent))).mean().min()
    return f"{100 * lowest / first:.0f}" if first > 0 and np.isfinite(lowest) else "-"


def loss_table(result: RunResult) -> Table:
    """Losses, Taiwan, and who stopped."""
    table = Table(title="Losses and Taiwan")
    table.add_column("measure")
    table.add_column("value", justify="right")
    table.add_column("unit")
    for name, metric in chosen(result.summary).items():
        table.add_row(name.replace("_", " ").replace(".", ": "), *entry_told(metric))
    return table


def event_table(events: pd.DataFrame) -> Table:
    """The controls, the first stops and the projects."""
    table = Table(title="What happened")
    for column in ("date", "what", "who", "where", "why"):
        table.add_column(column)
    stops = events[events.kind == "stop"].head(MOST_STOPS)
    controls = events[events.kind.str.contains("licence in force|ban in force|embargo in force|quota in force")]
    left = {"stops": (events.kind == "stop").sum() - MOST_STOPS, "controls": len(controls) - MOST_EVENTS}
    notes = [f"{and_more(number)} {name}" for name, number in left.items() if number > 0]
    table.caption = f"{', '.join(notes)}: events.parquet has all" if notes else None
    for row in pd.concat([stops, controls.head(MOST_EVENTS)]).sort_values("date").itertuples():
        table.add_row(f"{row.date:%Y-%m-%d}", str(row.kind), str(row.actor), str(row.place), str(row.reason_en))
    return table


def print_scenarios(settings: list[Any]) -> None:
    """All scenarios."""
    table = Table(title="Scenarios")
    for column in ("name", "title", "標題", "from", "to", "base year", "causes"):
        table.add_column(column)
    for setting in settings:
        span = (str(setting.start), str(setting.end), str(setting.base_year), str(len(setting.causes)))
        table.add_row(setting.name, setting.title_en, setting.title_zh, *span)
    console.print(table)


def print_scenario(setting: Any) -> None:
    """One scenario: what it asks and its causes."""
    console.print(f"[bold]{setting.title_en}[/bold] {setting.title_zh}\n{setting.question_en}\n{setting.question_zh}")
    table = Table(title=f"{setting.start} to {setting.end}, base year {setting.base_year}, demand {setting.demand}")
    for column in ("cause", "instrument", "by", "announced", "from", "to", "what", "source", "confidence"):
        table.add_column(column)
    for cause in setting.causes:
        dates = [str(date) if date else "" for date in (cause.announced, cause.start, cause.end)]
        table.add_row(
            cause.id, cause.instrument, cause.by or "", *dates, cause.title_en, cause.source, cause.confidence
        )
    console.print(table)


def print_findings(findings: list[Finding], as_json: bool) -> None:
    """What tables and instruments lack."""
    if as_json:
        told = [dataclasses.asdict(each) | {"known": each.known} for each in findings]
        print(json.dumps({"findings": told}, ensure_ascii=False))
        return
    new = [each for each in findings if not each.known]
    for each in findings:
        mark = " (known)" if each.known else ""
        print(f"{each.file}: {each.key + ' ' if each.key else ''}{each.problem}{mark}.")
    print(f"Tables and instruments lack nothing{' else' if findings else ''}." if not new else f"{len(new)} to mend.")


def print_frame(frame: pd.DataFrame, title: str) -> None:
    """A table of the world."""
    table = Table(title=title)
    for column in frame.columns:
        table.add_column(str(column))
    for row in frame.itertuples(index=False):
        table.add_row(*[str(cell) for cell in row])
    console.print(table)
