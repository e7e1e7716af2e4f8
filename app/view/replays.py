"""Recorded events replayed: each figure of the record with its tolerance over the model's band, as SVG."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

from app.view.charts import BLUE, ORANGE, head, wrapped

WIDE, LEFT, RIGHT, ROW, TOP = 1120, 470, 30, 26, 44
LEAST, MOST = 0.0, 3.0  # what the scale shows, over the record; beyond it an arrow says so


def events_of(file: Path) -> dict[str, list[dict[str, Any]]]:
    """Targets of each replayed event, those that can be put over their record."""
    told: dict[str, list[dict[str, Any]]] = {}
    for each in json.loads(file.read_text(encoding="utf-8"))["targets"]:
        if each["record"] and each.get("median") is not None:
            told.setdefault(each["event"], []).append(each)
    return told


def forest(title: str, targets: list[dict[str, Any]], words: dict[str, str]) -> str:
    """One row a target: band and median of the model, record and its tolerance, all over the record.

    words: the title's key (`title_en` or `title_zh`), over (what the scale is), held (a target not fitted to).
    """
    high = TOP + ROW * len(targets) + 34
    parts = [head(title, WIDE, high)]
    for value in (0, 0.5, 1, 1.5, 2, 2.5, 3):
        x = across(value)
        parts.append(f'<path d="M{x:.0f},{TOP - 8} V{high - 32}" stroke="currentColor" '
                     f'opacity="{0.5 if value == 1 else 0.15}"/>'
                     f'<text x="{x:.0f}" y="{high - 18}" text-anchor="middle">{value:g}</text>')  # fmt: skip
    parts.append(f'<text x="{across(1.5):.0f}" y="{high - 4}" text-anchor="middle">{escape(words["over"])}</text>')
    for at, target in enumerate(targets):
        parts += row(target, TOP + ROW * at + 6, words)
    return "".join([*parts, "</svg>"])


def row(target: dict[str, Any], y: float, words: dict[str, str]) -> list[str]:
    """One target."""
    record = target["record"]
    low, median, high = (target[name] / record for name in ("p05", "median", "p95"))
    low, high = min(low, high), max(low, high)
    spread = abs(tolerance(target) / record)
    held = f" ({words['held']})" if target["use"] == "hold" else ""
    text = wrapped(str(target[words["title"]]) + held, LEFT - 20)
    width = max(across(high) - across(low), 2)
    size = "10" if len(text) > 1 else "11"
    rows = "".join(f'<tspan x="{LEFT - 12}" dy="{11 if at else 0}">{escape(each)}</tspan>'
                   for at, each in enumerate(text))  # fmt: skip
    told = f"{target[words['title']]}: {record:.3g}; {target['median']:.3g} ({target['p05']:.3g} – {target['p95']:.3g})"
    beyond = "".join(f'<text x="{WIDE - RIGHT + 4}" y="{y + 4}" fill="{BLUE}">▸</text>' for _ in [0] if median > MOST)
    return [f'<g><title>{escape(told)}</title>'
            f'<text x="{LEFT - 12}" y="{y + (4 if len(text) == 1 else -1)}" text-anchor="end" font-size="{size}">{rows}'
            f'</text><rect x="{across(low):.1f}" y="{y - 5}" width="{width:.1f}" height="10" '
            f'fill="{BLUE}" opacity="0.35"/>'
            f'<path d="M{across(median):.1f},{y - 8} v16" stroke="{BLUE}" stroke-width="2.5"/>'
            f'<path d="M{across(1 - spread):.1f},{y} H{across(1 + spread):.1f}" stroke="{ORANGE}" stroke-width="1.5"/>'
            f'<path d="M{across(1):.1f},{y - 6} l6,6 l-6,6 l-6,-6 z" fill="{ORANGE}"/>{beyond}</g>']  # fmt: skip


def tolerance(target: dict[str, Any]) -> float:
    """The tolerance in the figure's own unit: where it is in logarithms, about that share of the record."""
    share = target["scale"] == "log"
    return float(target["tolerance"]) * (target["record"] if share else 1)


def across(value: float) -> float:
    """Place of a value over the record on the way across, at the edges where it lies beyond."""
    return LEFT + (WIDE - LEFT - RIGHT) * (min(max(value, LEAST), MOST) - LEAST) / (MOST - LEAST)
