"""The time line of a run and Taiwan's path in the plane, as SVG text whose marks can be picked."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from app.view.charts import BLUE, GREEN, GREY, LEFT, ORANGE, RIGHT, TOP, WIDE, button, head, nice
from app.view.supply import MAP_WIDE

LEFT_TIME, TIME_HIGH = 150, 112
PLANE_HIGH, PLANE_RIGHT = 300, 84


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
    for day, sort, text in marks:
        x = LEFT_TIME + width * (np.datetime64(day) - first).astype(float) / length
        y = 34 + 22 * list(sorts).index(sort)
        parts.append(f'<circle cx="{x:.1f}" cy="{y}" r="5" fill="{inks[sort]}" opacity="0.75" '
                     f"{button(f"{day}|{sort}", text)}><title>{escape(text)}</title></circle>")  # fmt: skip
    return "".join([*parts, "</svg>"])


def marked(told: Sequence[tuple[str, str, str]], most: int) -> tuple[dict[tuple[str, str], list[str]], int]:
    """Texts by day and sort, and how many stops are left out: those of all but the days with the most stops.

    told: day, sort, text.
    """
    days: dict[tuple[str, str], list[str]] = {}
    for day, sort, text in told:
        days.setdefault((day, sort), []).append(text)
    stops = sorted((key for key in days if key[1] == "stops"), key=lambda key: -len(days[key]))
    left = sum(len(days.pop(key)) for key in stops[most:])
    return days, left


def plane(title: str, told: tuple[str, str, str], points: Sequence[tuple[str, float, float, bool]]) -> str:
    """Taiwan's path: own loss (x) and allied loss avoided (y), US$ billion, labelled by day; the branch hollow.

    told: names of both axes, and what is said while there is no point.
    """
    most = nice(max([abs(value) for _, own, spared, _ in points for value in (own, spared)] or [1.0]) / 2) * 2
    width, height = WIDE - LEFT - PLANE_RIGHT, PLANE_HIGH - TOP - 40
    middle = TOP + height / 2
    parts = [head(title, WIDE, PLANE_HIGH), *plane_axes(told[:2], most, (width, height))]
    spots = [(LEFT + width * max(own, 0) / most, middle - height / 2 * spared / most, day, branch)
             for day, own, spared, branch in points]  # fmt: skip
    if not points:
        parts.append(f'<text x="{LEFT + width / 2:.0f}" y="{middle - 8}" text-anchor="middle">{escape(told[2])}</text>')
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y, _, branch in spots if not branch)
    parts.append(f'<polyline points="{way}" fill="none" stroke="{GREY}"/>')
    return "".join([*parts, *stands(spots), "</svg>"])


def stands(spots: Sequence[tuple[float, float, str, bool]]) -> list[str]:
    """The points of the path with their days, which do not cover each other."""
    parts: list[str] = []
    taken: list[tuple[float, float]] = []
    for x, y, day, branch in spots:
        ink = f'fill="none" stroke="{ORANGE}" stroke-width="2"' if branch else f'fill="{ORANGE}"'
        label = y + 4
        while any(abs(label - other) < 12 and abs(x - near) < 70 for near, other in taken):
            label -= 12
        taken.append((x, label))
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" {ink}/><text x="{x + 8:.1f}" y="{label:.1f}">{escape(day)}</text>'
        )
    return parts


def plane_axes(told: tuple[str, str], most: float, size: tuple[float, float]) -> list[str]:
    """Grid, numbers and names of the plane."""
    (width, height), parts = size, []
    middle = TOP + height / 2
    for step in (0.0, 0.5, 1.0):
        x = LEFT + width * step
        parts.append(f'<text x="{x:.0f}" y="{TOP + height + 14}" text-anchor="middle">{most * step:g}</text>')
    for step in (-1.0, 0.0, 1.0):
        y = middle - height / 2 * step
        parts.append(f'<path d="M{LEFT},{y:.0f} H{LEFT + width}" stroke="currentColor" opacity="0.2"/>'
                     f'<text x="{LEFT - 5}" y="{y + 4:.0f}" text-anchor="end">{most * step:g}</text>')  # fmt: skip
    return [*parts, f'<text x="{LEFT + width / 2:.0f}" y="{PLANE_HIGH - 6}" text-anchor="middle">{escape(told[0])} →'
            f'</text><text x="{LEFT}" y="{TOP - 12}">↑ {escape(told[1])}</text>']  # fmt: skip
