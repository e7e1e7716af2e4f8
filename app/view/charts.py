"""Charts as SVG text: lines, bands, and the supply map. Every text that comes from data is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd

BLUE, ORANGE, GREEN, GREY = "#0072b2", "#d55e00", "#009e73", "#888888"
WIDE, HIGH, LEFT, BOTTOM, TOP, RIGHT = 560, 230, 46, 24, 40, 12
NODE, GAP, LEAST = 12, 13, 1.5
MAP_WIDE, MAP_HIGH, LEFT_MAP = 1120, 340, 110
LEFT_TIME, TIME_HIGH = 150, 112
BOUND = 0.5  # share of a flow under control from which it is drawn dashed
STAGES = ("ore", "refined", "material", "users")


@dataclass(frozen=True)
class Line:
    """One line: name, values (point,), colour, dashed or not, and a band (low, high) around it if any."""

    name: str
    values: np.ndarray
    colour: str
    dashed: bool = False
    low: np.ndarray | None = None
    high: np.ndarray | None = None


def lines(title: str, dates: Sequence[str], drawn: Sequence[Line]) -> str:
    """A chart of lines over dates, all with one scale that begins at 0; where a line has no value it is not drawn."""
    tops = [one.values if one.high is None else one.high for one in drawn]
    top = max([float(values[np.isfinite(values)].max(initial=0.0)) for values in tops] + [1e-9])
    step = nice(top / 4)
    most = np.ceil(top / step) * step
    width, height = WIDE - LEFT - RIGHT, HIGH - TOP - BOTTOM
    count = max(len(dates) - 1, 1)

    def points(values: np.ndarray) -> list[str]:
        return [f"{LEFT + width * at / count:.1f},{TOP + height * (1 - value / most):.1f}"
                for at, value in enumerate(values) if np.isfinite(value)]  # fmt: skip

    parts = [head(title, WIDE, HIGH), *axes(dates, (step, most), (width, height))]
    for one in drawn:
        if one.low is not None and one.high is not None:
            around = " ".join([*points(one.high), *points(one.low)[::-1]])
            parts.append(f'<polygon points="{around}" fill="{one.colour}" opacity="0.2"/>')
        dash = ' stroke-dasharray="5 3"' if one.dashed else ""
        parts.append(f'<polyline points="{" ".join(points(one.values))}" fill="none" stroke="{one.colour}" '
                     f'stroke-width="1.8"{dash}/>')  # fmt: skip
    return "".join([*parts, *legend(drawn), "</svg>"])


def head(title: str, wide: int, high: int) -> str:
    """The beginning of a picture, with its title for readers and for screen readers."""
    told = escape(title)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img" aria-label="{told}" '
            f'style="width:100%;height:auto;font:11px system-ui,sans-serif" fill="currentColor"><title>{told}</title>'
            f'<text x="{LEFT}" y="13" font-size="12" font-weight="600">{escape(title)}</text>')  # fmt: skip


def axes(dates: Sequence[str], scale: tuple[float, float], size: tuple[int, int]) -> list[str]:
    """Grid, numbers and years."""
    (step, most), (width, height) = scale, size
    parts = []
    for value in np.arange(0, most + step / 2, step):
        y = TOP + height * (1 - value / most)
        parts.append(f'<path d="M{LEFT},{y:.1f} H{LEFT + width}" stroke="currentColor" opacity="0.15"/>'
                     f'<text x="{LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')  # fmt: skip
    years = [at for at, day in enumerate(dates) if at == 0 or day[:4] != dates[at - 1][:4]]
    spacing = max(len(years) // 8, 1)
    for at in years[::spacing]:
        x = LEFT + width * at / max(len(dates) - 1, 1)
        parts.append(f'<text x="{x:.1f}" y="{HIGH - 8}" text-anchor="middle">{dates[at][:4]}</text>')
    return parts


def legend(drawn: Sequence[Line]) -> list[str]:
    """Names of the lines, those of one name once."""
    parts, x = [], float(LEFT)
    for one in {line.name: line for line in reversed(drawn)}.values():
        parts.append(f'<rect x="{x:.0f}" y="21" width="14" height="4" fill="{one.colour}"/>'
                     f'<text x="{x + 18:.0f}" y="28">{escape(one.name)}</text>')  # fmt: skip
        x += 30 + 7 * sum(2 if ord(letter) > 255 else 1 for letter in one.name)
    return parts


def nice(step: float) -> float:
    """A round step near this one."""
    power = 10.0 ** np.floor(np.log10(max(step, 1e-12)))
    return float(next((power * times for times in (1, 2, 5, 10) if power * times >= step), power * 10))


def supply_map(flows: pd.DataFrame, title: str, stages: dict[str, str], names: dict[str, str]) -> str:
    """Countries by stage and what flows between them, widths to one scale; flows name themselves on hover.

    flows: stage, to_stage, exporter, importer, tonnes; stages, names: name of each stage and country.
    """
    parts = [head(title, MAP_WIDE, MAP_HIGH)]
    if not len(flows):
        return parts[0] + "</svg>"
    present = [stage for stage in STAGES if stage in {*flows.stage, *flows.to_stage}]
    spots, scale = nodes(flows, present)
    out = {key: span[0] for key, span in spots.items()}
    into = dict(out)
    across = (MAP_WIDE - LEFT_MAP - 30) / max(len(present) - 1, 1)
    for row in flows.sort_values("tonnes", ascending=False).itertuples():
        start, end = (row.stage, row.exporter), (row.to_stage, row.importer)
        thick = row.tonnes * scale
        x, to_x = LEFT_MAP + across * present.index(row.stage) + NODE, LEFT_MAP + across * present.index(row.to_stage)
        y, to_y = out[start] + thick / 2, into[end] + thick / 2
        middle = (x + to_x) / 2
        told = f"{names.get(row.exporter, row.exporter)} → {names.get(row.importer, row.importer)}: {row.tonnes:,.0f} t"
        bend = f"M{x:.0f},{y:.1f} C{middle:.0f},{y:.1f} {middle:.0f},{to_y:.1f} {to_x:.0f},{to_y:.1f}"
        ink = f'stroke="{colour(row.exporter)}" stroke-width="{max(thick, 0.6):.1f}" opacity="0.35"'
        dash = ' stroke-dasharray="7 4"' if row.bound > BOUND else ""
        parts.append(f'<path d="{bend}" fill="none" {ink}{dash}><title>{escape(told)}</title></path>')
        out[start] += thick
        into[end] += thick
    for (stage, place), (low, size) in spots.items():
        x = LEFT_MAP + across * present.index(stage)
        parts.append(f'<g {button(f"{stage}|{place}", names.get(place, place))}>'
                     f'<rect x="{x:.0f}" y="{low:.1f}" width="{NODE}" height="{size:.1f}" fill="{colour(place)}"/>'
                     f'<text x="{x - 4:.0f}" y="{low + size / 2 + 4:.1f}" text-anchor="end">'
                     f"{escape(names.get(place, place))}</text></g>")  # fmt: skip
    for at, stage in enumerate(present):
        parts.append(f'<text x="{LEFT_MAP + across * at + NODE / 2:.0f}" y="34" text-anchor="middle" font-weight="600">'
                     f"{escape(stages[stage])}</text>")  # fmt: skip
    return "".join([*parts, "</svg>"])


def button(key: str, name: str) -> str:
    """What makes a part of a picture a button, for mouse, keyboard and screen reader."""
    return (f'data-key="{escape(key)}" role="button" tabindex="0" aria-label="{escape(name)}" '
            'style="cursor:pointer"')  # fmt: skip


def timeline(title: str, span: tuple[str, str], marks: Sequence[tuple[str, str, str]], sorts: dict[str, str]) -> str:
    """Marks on a line from the first to the last day of a run, one row a sort, each a button.

    marks: day, sort, text; sorts: name of each sort, in the order of the rows.
    """
    first, last = (np.datetime64(day) for day in span)
    width, length = MAP_WIDE - LEFT_TIME - RIGHT, max((last - first).astype(float), 1.0)
    parts = [head(title, MAP_WIDE, TIME_HIGH)]
    for row, name in enumerate(sorts.values()):
        y = 34 + 22 * row
        parts.append(f'<text x="{LEFT_TIME - 8}" y="{y + 4}" text-anchor="end">{escape(name)}</text>')
        parts.append(f'<path d="M{LEFT_TIME},{y} H{LEFT_TIME + width}" stroke="currentColor" opacity="0.2"/>')
    for year in range(int(span[0][:4]) + 1, int(span[1][:4]) + 1):
        x = LEFT_TIME + width * (np.datetime64(f"{year}-01-01") - first).astype(float) / length
        parts.append(f'<text x="{min(x, MAP_WIDE - 16):.1f}" y="{TIME_HIGH - 4}" text-anchor="middle">{year}</text>')
    inks = dict(zip(sorts, (BLUE, ORANGE, GREEN), strict=False))
    for number, (day, sort, text) in enumerate(marks):
        x = LEFT_TIME + width * (np.datetime64(day) - first).astype(float) / length
        y = 34 + 22 * list(sorts).index(sort)
        parts.append(f'<circle cx="{x:.1f}" cy="{y}" r="5" fill="{inks[sort]}" opacity="0.75" '
                     f"{button(str(number), text)}><title>{escape(text)}</title></circle>")  # fmt: skip
    return "".join([*parts, "</svg>"])


def plane(title: str, axes_told: tuple[str, str], points: Sequence[tuple[str, float, float, bool]]) -> str:
    """Taiwan's path: own loss (x) and allied loss avoided (y), US$ billion, labelled by day; the branch hollow."""
    wide, high = WIDE, 300
    most = nice(max([abs(value) for _, own, spared, _ in points for value in (own, spared)] + [1e-6]) / 2) * 2
    width, height = wide - LEFT - 90, high - TOP - 40
    middle = TOP + height / 2
    parts = [head(title, wide, high)]
    for step in (0.0, 0.5, 1.0):
        x = LEFT + width * step
        parts.append(f'<text x="{x:.0f}" y="{TOP + height + 14}" text-anchor="middle">{most * step:g}</text>')
    for step in (-1.0, 0.0, 1.0):
        y = middle - height / 2 * step
        parts.append(f'<path d="M{LEFT},{y:.0f} H{LEFT + width}" stroke="currentColor" opacity="0.2"/>'
                     f'<text x="{LEFT - 5}" y="{y + 4:.0f}" text-anchor="end">{most * step:g}</text>')  # fmt: skip
    parts.append(f'<text x="{LEFT + width / 2:.0f}" y="{high - 6}" text-anchor="middle">{escape(axes_told[0])}</text>'
                 f'<text x="{LEFT + 4}" y="{TOP - 6}">↑ {escape(axes_told[1])}</text>')  # fmt: skip
    spots = [(LEFT + width * own / most, middle - height / 2 * spared / most, day, branch)
             for day, own, spared, branch in points]  # fmt: skip
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y, _, branch in spots if not branch)
    parts.append(f'<polyline points="{way}" fill="none" stroke="{GREY}"/>')
    for x, y, day, branch in spots:
        ink = f'fill="none" stroke="{ORANGE}" stroke-width="2"' if branch else f'fill="{ORANGE}"'
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" {ink}/><text x="{x + 8:.1f}" y="{y + 4:.1f}">{day}</text>'
        )
    return "".join([*parts, "</svg>"])


def nodes(flows: pd.DataFrame, present: list[str]) -> tuple[dict[tuple[str, str], tuple[float, float]], float]:
    """Where each country stands at each stage (top, height), and the height of a tonne."""
    sizes = {}
    for stage in present:
        sent = flows[flows.stage == stage].groupby("exporter").tonnes.sum()
        got = flows[flows.to_stage == stage].groupby("importer").tonnes.sum()
        sizes[stage] = pd.concat([sent, got], axis=1).max(axis=1).sort_values(ascending=False)
    room = MAP_HIGH - 60
    scale = min((room - GAP * len(size)) / float(size.sum()) for size in sizes.values())
    spots = {}
    for stage, size in sizes.items():
        low = 44.0
        for place, tonnes in size.items():
            spots[stage, str(place)] = (low, max(float(tonnes) * scale, LEAST))
            low += max(float(tonnes) * scale, LEAST) + GAP
    return spots, scale


def colour(place: str) -> str:
    """China blue, Taiwan orange, others grey: to be told apart by the colour-blind too."""
    return {"CHN": BLUE, "TWN": ORANGE}.get(place, GREY)
