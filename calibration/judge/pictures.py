"""Pictures of a replay: the record laid over the model's band, one panel a quantity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from abm.world.world import shared_tables
from calibration.record.event import Event, Quantity, Target
from calibration.record.replay import Found, months_of

BAND, LINE, RECORD = "#56b4e9", "#0072b2", "#d55e00"
NAMES = {"exports": "exports", "imports": "imports", "use": "use", "price_spot": "spot price",
         "price_average": "average price", "price_fob": "FOB price"}  # fmt: skip


def draw_events(events: Sequence[Event], found: Mapping[str, Sequence[Found]], folder: Path) -> list[Path]:
    """One PNG an event."""
    return [draw_event(event, found[event.name][1:], folder / f"{event.name}.png") for event in events]


def draw_event(event: Event, runs: Sequence[Found], path: Path) -> Path:
    """The band of each quantity by month over its mean before, with targets and the record's months on it."""
    panels = list(dict.fromkeys(t.quantity for t in event.targets if t.quantity.variable != "approvals"))
    height = 2.6 * len(panels) + 0.6  # inches
    figure, axes = plt.subplots(len(panels), 1, figsize=(9, height), squeeze=False)
    for axis, quantity in zip(axes[:, 0], panels, strict=True):
        targets = [target for target in event.targets if target.quantity == quantity]
        _panel(axis, event, targets, runs)
    figure.suptitle(event.scenario.title_en, fontsize=10, y=1 - 0.1 / height, va="top")
    figure.tight_layout(rect=(0, 0, 1, 1 - 0.3 / height))
    figure.savefig(path, dpi=110)
    plt.close(figure)
    return path


def _panel(axis: plt.Axes, event: Event, targets: list[Target], runs: Sequence[Found]) -> None:
    """One quantity: the model's band, the record's points."""
    quantity = targets[0].quantity
    months = months_of(event)
    dates = pd.DatetimeIndex([month.first for month in months]) + pd.Timedelta(days=14)
    based = next((t for t in targets if t.over is not None), None)
    inside = _inside(months, based)
    values = np.array([run.series[quantity] for run in runs])
    values = values / np.maximum(values[:, inside].mean(axis=1, keepdims=True), 1e-12)
    low, median, high = np.quantile(values, [0.05, 0.5, 0.95], axis=0)
    axis.fill_between(dates, low, high, color=BAND, alpha=0.5, lw=0, label="model, 5 to 95 %")
    axis.plot(dates, median, color=LINE, lw=1.5, label="model, median")
    _points(axis, targets, based)
    axis.set_xlim(dates[0], dates[-1])
    where = quantity.place + (f" to {quantity.to}" if quantity.variable == "exports" else "")
    axis.set_title(f"{', '.join(quantity.goods)}: {NAMES[quantity.variable]}, {where}", fontsize=9, loc="left")
    axis.set_ylabel("over " + (str(based.over) if based else "the first months"), fontsize=7)
    axis.set_ylim(bottom=0)
    axis.legend(fontsize=7, loc="upper left")


def _inside(months: list, based: Target | None) -> np.ndarray:
    """Months of the span that all is shown over."""
    if based is None or based.over is None:
        return np.arange(3)
    rows = [n for n, m in enumerate(months) if m.last >= based.over.first and m.first <= based.over.last]
    return np.array(rows or [0])


def _points(axis: plt.Axes, targets: list[Target], based: Target | None) -> None:
    """Targets with their tolerance, and the record's own series where it has one on the same base."""
    for target in targets:
        if target.statistic not in ("ratio", "change") or (based and target.over != based.over):
            continue
        value = target.value + (target.statistic == "change")
        low, high = (value - target.tolerance, value + target.tolerance)
        if target.scale == "log":
            low, high = value * np.exp(-target.tolerance), value * np.exp(target.tolerance)
        middle = pd.Timestamp(target.at.first) + (pd.Timestamp(target.at.last) - pd.Timestamp(target.at.first)) / 2
        error = [[value - low], [high - value]]
        axis.errorbar(
            [middle], [value], yerr=error, fmt="o", color=RECORD, ms=5, capsize=3, label=f"record {target.id}"
        )
    series = next((t for t in targets if t.record_series and t.over is not None), None)
    if series is not None:
        seen = recorded(series.quantity, series.record_series)
        before = seen[(seen.index >= pd.Timestamp(series.over.first)) & (seen.index <= pd.Timestamp(series.over.last))]
        if len(before):
            axis.plot(seen.index, seen / before.mean(), "x", color=RECORD, ms=5, label="record, months")


def recorded(quantity: Quantity, name: str) -> pd.Series:
    """The record's own months or days of a quantity."""
    table = shared_tables()["record"]
    place = quantity.to if quantity.variable == "exports" else quantity.place
    rows = table[(table.series == name) & table.good.isin(quantity.goods) & (table.place == place)]
    rows = rows[rows.date.str.fullmatch(r"\d{4}-\d{2}(-\d{2})?")]
    return pd.Series(rows.value.to_numpy(), index=pd.to_datetime(rows.date, format="mixed")).sort_index()
