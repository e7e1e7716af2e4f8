"""The supply map as SVG text: countries by stage, flows by width, those under control dashed, refused ones crossed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from app.view.charts import BLUE, GREY, ORANGE, PINK, button, head, nice, wide_of

NODE, GAP, LEAST = 12, 13, 1.5
MAP_WIDE, MAP_HIGH, LEFT_MAP, TOP_MAP = 1120, 380, 110, 66
BOUND, THIN = 0.5, 0.6  # share of a flow under control from which it is drawn dashed; thinnest line
STAGES = ("ore", "refined", "material", "users")
Key = tuple[str, str]


@dataclass(frozen=True)
class Told:
    """Words of the map: stages and countries by key, and those of its legend and tooltips by name."""

    stages: Mapping[str, str]
    places: Mapping[str, str]
    words: Mapping[str, str]

    def place(self, key: str) -> str:
        """A country's name."""
        return self.places.get(key, key)


@dataclass(frozen=True)
class Layout:
    """Where each country stands at each stage (top, height), the height of a tonne, and the stages there are."""

    spots: Mapping[Key, tuple[float, float]]
    scale: float
    present: tuple[str, ...]

    def x(self, stage: str) -> float:
        """Place of a stage on the way across."""
        across = (MAP_WIDE - LEFT_MAP - 30) / max(len(self.present) - 1, 1)
        return LEFT_MAP + across * self.present.index(stage)


def supply_map(flows: pd.DataFrame, title: str, told: Told) -> str:
    """Countries by stage and what flows between them, widths to one scale; flows name themselves on hover.

    flows: stage, to_stage, exporter, importer, tonnes, bound (share), waiting (tonnes), refused (tonnes a year).
    """
    parts = [head(title, MAP_WIDE, MAP_HIGH)]
    if not len(flows):
        return parts[0] + "</svg>"
    layout = laid_out(flows)
    out = {key: top for key, (top, _) in layout.spots.items()}
    into = dict(out)
    for row in flows.sort_values("tonnes", ascending=False).itertuples():
        start, end = (row.stage, row.exporter), (row.to_stage, row.importer)
        thick = row.tonnes * layout.scale
        y, to_y = out[start] + thick / 2, into[end] + thick / 2
        parts.append(flow(row, (y, to_y), thick, layout, told))
        out[start] += thick
        into[end] += thick
    parts += [node(key, layout, told) for key in layout.spots]
    for stage in layout.present:
        anchor = "end" if stage == layout.present[-1] else "middle"
        x = layout.x(stage) + (NODE if anchor == "end" else NODE / 2)
        parts.append(f'<text x="{x:.0f}" y="{TOP_MAP - 10}" text-anchor="{anchor}" font-weight="600">'
                     f"{escape(told.stages[stage])}</text>")  # fmt: skip
    return "".join([*parts, *key_of(layout.scale, told), "</svg>"])


def flow(row: Any, ends: tuple[float, float], thick: float, layout: Layout, told: Told) -> str:
    """One flow: its band, and a cross where a good part of it is refused."""
    (y, to_y), x, to_x = ends, layout.x(row.stage) + NODE, layout.x(row.to_stage)
    middle = (x + to_x) / 2
    words = [f"{told.place(row.exporter)} → {told.place(row.importer)}: {row.tonnes:,.3g} {told.words['a_year']}"]
    for name, value in (("waiting", row.waiting), ("refused", row.refused)):
        if value > 0:
            words.append(f"{told.words[name]}: {value:,.3g} {told.words['tonnes' if name == 'waiting' else 'a_year']}")
    bend = f"M{x:.0f},{y:.1f} C{middle:.0f},{y:.1f} {middle:.0f},{to_y:.1f} {to_x:.0f},{to_y:.1f}"
    title = f"<title>{escape('; '.join(words))}</title>"
    dash = ' stroke-dasharray="7 4"' if row.bound > BOUND else ""
    drawn = (f'<path d="{bend}" fill="none" stroke="{colour(row.exporter)}" stroke-width="{max(thick, THIN):.1f}" '
             f'opacity="0.35"{dash}>{title}</path>')  # fmt: skip
    if row.refused <= row.tonnes:
        return drawn
    return (drawn + f'<path d="{bend}" fill="none" stroke="{PINK}" stroke-width="1.4" stroke-dasharray="2 4">{title}'
            f"</path>{cross(middle, (y + to_y) / 2)}")  # fmt: skip


def cross(x: float, y: float) -> str:
    """The mark of what is refused."""
    return f'<path d="M{x - 4:.1f},{y - 4:.1f} l8,8 m0,-8 l-8,8" stroke="{PINK}" stroke-width="2" fill="none"/>'


def node(key: Key, layout: Layout, told: Told) -> str:
    """A country at a stage, which can be picked."""
    (stage, place), (low, size) = key, layout.spots[key]
    x = layout.x(stage)
    return (f'<g {button(f"{stage}|{place}", told.place(place))}>'
            f'<rect x="{x - 60:.0f}" y="{low + size / 2 - 6:.1f}" width="60" height="12" fill="transparent"/>'
            f'<rect x="{x:.0f}" y="{low:.1f}" width="{NODE}" height="{size:.1f}" fill="{colour(place)}"/>'
            f'<text x="{x - 4:.0f}" y="{low + size / 2 + 4:.1f}" text-anchor="end" class="halo">'
            f"{escape(told.place(place))}</text></g>")  # fmt: skip


def key_of(scale: float, told: Told) -> list[str]:
    """The legend: colours, what is dashed or crossed, and a band of a round number of tonnes."""
    parts, x, y = [], 46.0, 32
    amount = nice(12 / scale / 2)
    entries = [("china", f'<rect width="14" height="8" fill="{BLUE}" opacity="0.6"/>'),
               ("taiwan", f'<rect width="14" height="8" fill="{ORANGE}" opacity="0.6"/>'),
               ("others", f'<rect width="14" height="8" fill="{GREY}" opacity="0.6"/>'),
               ("under", f'<path d="M0,4 h14" stroke="{GREY}" stroke-width="3" stroke-dasharray="4 2"/>'),
               ("refused", f'<path d="M0,4 h14" stroke="{PINK}" stroke-width="1.4" stroke-dasharray="2 3"/>'
                           + cross(7, 4)),
               ("", f'<rect y="{4 - amount * scale / 2:.1f}" width="14" height="{amount * scale:.1f}" fill="{GREY}" '
                    'opacity="0.5"/>')]  # fmt: skip
    for name, drawn in entries:
        text = told.words[name] if name else f"{amount:,g} {told.words['a_year']}"
        parts.append(f'<g transform="translate({x:.0f},{y - 8})">{drawn}</g>'
                     f'<text x="{x + 19:.0f}" y="{y}">{escape(text)}</text>')  # fmt: skip
        x += 36 + wide_of(text)
    return parts


def laid_out(flows: pd.DataFrame) -> Layout:
    """Where each country stands at each stage."""
    present = tuple(stage for stage in STAGES if stage in {*flows.stage, *flows.to_stage})
    sizes = {}
    for stage in present:
        sent = flows[flows.stage == stage].groupby("exporter").tonnes.sum()
        got = flows[flows.to_stage == stage].groupby("importer").tonnes.sum()
        sizes[stage] = pd.concat([sent, got], axis=1).max(axis=1).sort_values(ascending=False)
    room = MAP_HIGH - TOP_MAP - 12
    scale = min((room - (GAP + LEAST) * len(size)) / max(float(size.sum()), 1e-12) for size in sizes.values())
    spots = {}
    for stage, size in sizes.items():
        low = float(TOP_MAP)
        for place, tonnes in size.items():
            spots[stage, str(place)] = (low, max(float(tonnes) * scale, LEAST))
            low += max(float(tonnes) * scale, LEAST) + GAP
    return Layout(spots, scale, present)


def colour(place: str) -> str:
    """China blue, Taiwan orange, others grey: to be told apart by the colour-blind too."""
    return {"CHN": BLUE, "TWN": ORANGE}.get(place, GREY)
