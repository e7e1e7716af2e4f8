"""The report of one run: a self-contained page with figures and tables."""

from __future__ import annotations

import base64
import html
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from calibration.fit.draws import named
from experiments.pictures import draw_all
from kit.nearest import and_more

if TYPE_CHECKING:
    from experiments.run import RunResult

STYLE = """body{font-family:system-ui,"Noto Sans TC",sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;
line-height:1.5;color:#222}table{border-collapse:collapse;margin:1rem 0}td,th{padding:.2rem .7rem;text-align:left;
border-bottom:1px solid #ddd;vertical-align:top}td.n{text-align:right;font-variant-numeric:tabular-nums}
img{max-width:100%}h2{margin-top:2rem}small{color:#555}"""
BILLION, MANY = 1e9, 40
STALE = " It is stale: what it was fitted to has moved since. 該後驗已過時，其校準依據已有變動。"


def calibrated(parameters: str) -> str:
    """Where the parameters of a run come from, in words, from what --parameters named."""
    if parameters == "default":
        return "Parameters are starting points, not calibrated. 參數為起始值，未經校準。"
    old = STALE if named(parameters).stale else ""
    if parameters == "posterior":
        return f"Parameters are the mean of the posterior that comes with the model. 參數為模型所附後驗之平均值。{old}"
    name = Path(parameters).name
    return f"Parameters are the mean of the posterior {name}. 參數為後驗 {name} 之平均值。{old}"


def write_report(result: RunResult, folder: Path) -> Path:
    """Write report.html and its figures into a folder."""
    model, setting = result.model, result.model.setting
    figures = draw_all(model, folder)
    parts = [
        f"<h1>{html.escape(setting.title_en)}</h1><p>{html.escape(setting.title_zh)}</p>",
        f"<p>{html.escape(setting.question_en)}<br><small>{html.escape(setting.question_zh)}</small></p>",
        f"<p><small>{setting.start} to {model.history.dates()[-1].date()}, seed {model.seed_number}. "
        f"{html.escape(calibrated(result.request.parameters))}</small></p>",
        "<h2>In figures 主要數字</h2>",
        metrics_table(result.summary),
        *[figure(title, path) for title, path in figures],
        "<h2>What happened 事件</h2>",
        events_table(result.events),
    ]
    page = f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(setting.title_en)}</title>"
    path = folder / "report.html"
    path.write_text(f"{page}<style>{STYLE}</style><body>{''.join(parts)}</body></html>", encoding="utf-8")
    return path


def report_extra(result: RunResult, folder: Path) -> None:
    """Add the report to the files of a run."""
    write_report(result, folder)


HEADLINES = ("output_lost.", "output_lost_by_sector.", "taiwan_", "gdp_at_risk", "firms_stopped.", "weeks_stopped.cars",
             "taiwan_exposure", "time_to_survive", "china_share", "taiwan_midstream", "mass_balance")  # fmt: skip


def chosen(summary: dict[str, Any]) -> dict[str, Any]:
    """The headline metrics that are shown to people; the file holds all of them."""
    shown = {name: metric for name, metric in summary.items() if name.startswith(HEADLINES)}
    return {name: metric for name, metric in shown.items() if not name.startswith("taiwan_imports")}


def figure(title: str, path: Path) -> str:
    """A figure inside the page."""
    code = base64.b64encode(path.read_bytes()).decode()
    return f'<h2>{html.escape(title)}</h2><img alt="{html.escape(title)}" src="data:image/png;base64,{code}">'


def metrics_table(summary: dict[str, Any]) -> str:
    """Headline metrics with their units."""
    rows = []
    for name, metric in chosen(summary).items():
        value, unit = entry_told(metric)
        words = html.escape(name.replace("_", " ").replace(".", ": "))
        rows.append(f"<tr><td>{words}<td class=n>{value}<td>{unit}<td><small>{html.escape(metric['meaning'])}</small>")
    return f"<table><tr><th>measure<th>value<th>unit<th>meaning{''.join(rows)}</table>"


def entry_told(entry: dict[str, Any]) -> tuple[str, str]:
    """Value and unit of a measure as people read them; where it is undefined a dash, and why."""
    if entry["value"] is None:
        return "–", f"undefined: {entry['undefined']}"
    return told(entry["value"], entry["unit"])


def told(value: float, unit: str) -> tuple[str, str]:
    """A value and its unit as people read them."""
    if unit == "US$":
        return f"{value / BILLION:,.2f}", "US$ billion"
    if unit == "share" and value > 1e-6:
        return f"{100 * value:.1f}", "%"
    return f"{value:,.3g}", unit


def events_table(events: pd.DataFrame) -> str:
    """The first events of each kind, by date."""
    shown = events.groupby("kind", sort=False).head(MANY)
    left = events.kind.value_counts(sort=False) - MANY
    notes = [f"{kind}: {and_more(number)} / {and_more(number, 'zh')}" for kind, number in left[left > 0].items()]
    rows = [
        f"<tr><td>{row.date:%Y-%m-%d}<td>{html.escape(row.kind)}<td>{html.escape(str(row.actor))}"
        f"<td>{html.escape(str(row.place))}<td>{html.escape(str(row.reason_en))}<br><small>{html.escape(str(row.reason_zh))}</small>"
        for row in shown.itertuples()
    ]
    return f"<table><tr><th>date<th>what<th>who<th>where<th>why{''.join(rows)}</table>" + "".join(
        f"<p><small>{html.escape(note)} (events.parquet)</small></p>" for note in notes
    )
