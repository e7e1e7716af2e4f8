"""Charts as SVG text: lines, bands, and what a branch differs by. Every text that comes from data is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

BLUE, ORANGE, GREEN, GREY = "#0072b2", "#d55e00", "#009e73", "#888888"
PINK, SKY = "#cc79a7", "#56b4e9"
INKS = (BLUE, ORANGE, GREEN, PINK, SKY)
WIDE, HIGH, LEFT, BOTTOM, TOP, RIGHT = 430, 260, 46, 22, 64, 14
GAP_HIGH, MONTHS_UP_TO, MOST_TICKS = 90, 80, 7
LETTER, LINE_HIGH = 6.2, 13
YEAR, MONTH = 4, 7  # letters of a day that name its year and month


@dataclass(frozen=True)
class Line:
    """One line: name, values (point,), colour, dashed or not, and a band (low, high) around it if any."""

    name: str
    values: np.ndarray
    colour: str
    dashed: bool = False
    low: np.ndarray | None = None
    high: np.ndarray | None = None


def lines(title: str, dates: Sequence[str], drawn: Sequence[Line], difference: str = "") -> str:
    """A chart of lines over dates, all with one scale that begins at 0; where a line has no value it is not drawn.

    With `difference` (its words) what each dashed line differs by from the solid one of its name is drawn below.
    """
    gaps = differences(drawn) if difference else []
    tops = [one.values if one.high is None else one.high for one in drawn]
    top = max([float(values[np.isfinite(values)].max(initial=0.0)) for values in tops] + [1e-9])
    step = nice(top / 4)
    most = float(np.ceil(top / step) * step)
    size = (WIDE - LEFT - RIGHT, HIGH - TOP - BOTTOM)
    box = Box(len(dates), TOP, size[1], (0.0, most))
    parts = [head(title, WIDE, HIGH + (GAP_HIGH if gaps else 0)), *axes(dates, step, box)]
    for one in drawn:
        parts += stroke(one, box)
    parts += legend(drawn)
    if gaps:
        parts += below(gaps, difference, len(dates))
    return "".join([*parts, "</svg>"])


@dataclass(frozen=True)
class Box:
    """Where points lie in a picture: how many there are, top and height in pixels, lowest and highest value."""

    count: int
    top: float
    height: float
    span: tuple[float, float]

    def x(self, at: float) -> float:
        """Place of a point on the way across."""
        return LEFT + (WIDE - LEFT - RIGHT) * at / max(self.count - 1, 1)

    def y(self, value: float) -> float:
        """Place of a value on the way up."""
        low, high = self.span
        return self.top + self.height * (high - value) / (high - low)

    def points(self, values: np.ndarray) -> list[str]:
        """Points of a line, those without a value left out."""
        low, high = self.span
        x = LEFT + (WIDE - LEFT - RIGHT) * np.arange(len(values)) / max(self.count - 1, 1)
        y = self.top + self.height * (high - values) / (high - low)
        kept = np.isfinite(values)
        return [f"{a:.1f},{b:.1f}" for a, b in zip(x[kept].tolist(), y[kept].tolist(), strict=True)]


def stroke(one: Line, box: Box) -> list[str]:
    """A line with its band."""
    parts = []
    if one.low is not None and one.high is not None:
        around = " ".join([*box.points(one.high), *box.points(one.low)[::-1]])
        parts.append(f'<polygon points="{around}" fill="{one.colour}" opacity="0.2"/>')
    dash = ' stroke-dasharray="5 3"' if one.dashed else ""
    parts.append(f'<polyline points="{" ".join(box.points(one.values))}" fill="none" stroke="{one.colour}" '
                 f'stroke-width="1.8"{dash}/>')  # fmt: skip
    return parts


def differences(drawn: Sequence[Line]) -> list[Line]:
    """What each dashed line differs by from the solid line of its name."""
    solid = {one.name: one for one in drawn if not one.dashed}
    return [Line(one.name, one.values - solid[one.name].values, one.colour)
            for one in drawn if one.dashed and one.name in solid]  # fmt: skip


def below(gaps: Sequence[Line], words: str, count: int) -> list[str]:
    """The panel of differences under a chart, with a scale of its own around 0."""
    most = nice(max([float(np.nanmax(np.abs(one.values), initial=0.0)) for one in gaps] + [1e-9]))
    box = Box(count, HIGH + 24, GAP_HIGH - 34, (-most, most))
    parts = [f'<text x="{LEFT}" y="{HIGH + 14}" font-style="italic">{escape(words)}</text>']
    for value in (-most, 0.0, most):
        parts.append(f'<path d="M{LEFT},{box.y(value):.1f} H{WIDE - RIGHT}" stroke="currentColor" opacity="0.2"/>'
                     f'<text x="{LEFT - 5}" y="{box.y(value) + 4:.1f}" text-anchor="end">{value:g}</text>')  # fmt: skip
    for one in gaps:
        parts += stroke(one, box)
    return parts


def head(title: str, wide: int, high: int) -> str:
    """The beginning of a picture, with its title for readers and for screen readers."""
    told, rows = escape(title), wrapped(title, wide - LEFT - RIGHT if wide == WIDE else wide)
    shown = "".join(f'<tspan x="{LEFT}" dy="{LINE_HIGH if at else 0}">{escape(row)}</tspan>'
                    for at, row in enumerate(rows))  # fmt: skip
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img" aria-label="{told}" '
            f'style="width:100%;height:auto;font:11px system-ui,sans-serif" fill="currentColor"><title>{told}</title>'
            f'<text x="{LEFT}" y="13" font-size="12" font-weight="600">{shown}</text>')  # fmt: skip


def wide_of(text: str) -> float:
    """About how wide a text is, pixels: a Chinese character takes two letters."""
    return LETTER * sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)


def wrapped(text: str, room: float) -> list[str]:
    """A title in at most two rows."""
    if wide_of(text) * 1.1 <= room:
        return [text]
    ends = [at for at, letter in enumerate(text) if letter in " ：，（" and wide_of(text[:at]) * 1.1 <= room]
    return [text[: ends[-1] + 1].strip(), text[ends[-1] + 1 :].strip()] if ends else [text]


def axes(dates: Sequence[str], step: float, box: Box) -> list[str]:
    """Grid, numbers, and years or months."""
    parts = []
    for value in np.arange(0, box.span[1] + step / 2, step):
        y = box.y(value)
        parts.append(f'<path d="M{LEFT},{y:.1f} H{WIDE - RIGHT}" stroke="currentColor" opacity="0.15"/>'
                     f'<text x="{LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{value:,g}</text>')  # fmt: skip
    length = MONTH if len(dates) <= MONTHS_UP_TO else YEAR
    marks = [at for at, day in enumerate(dates) if at == 0 or day[:length] != dates[at - 1][:length]]
    spacing = max(-(-len(marks) // (MOST_TICKS if length == YEAR else MOST_TICKS - 2)), 1)
    for at in marks[::spacing]:
        anchor = "end" if box.x(at) > WIDE - RIGHT - 16 else "middle"
        parts.append(f'<text x="{box.x(at):.1f}" y="{HIGH - 6}" text-anchor="{anchor}">{dates[at][:length]}</text>')
    return parts


def legend(drawn: Sequence[Line]) -> list[str]:
    """Names of the lines, those of one name once, in one row or two."""
    parts, x, y = [], float(LEFT), TOP - 24
    for one in {line.name: line for line in drawn}.values():
        long = 24 + wide_of(one.name)
        if x > LEFT and x + long > WIDE:
            x, y = float(LEFT), y + LINE_HIGH
        parts.append(f'<rect x="{x:.0f}" y="{y - 5}" width="14" height="4" fill="{one.colour}"/>'
                     f'<text x="{x + 18:.0f}" y="{y}">{escape(one.name)}</text>')  # fmt: skip
        x += long + 8
    return parts


def nice(step: float) -> float:
    """A round step near this one."""
    power = 10.0 ** np.floor(np.log10(max(step, 1e-12)))
    return float(next((power * times for times in (1, 2, 5, 10) if power * times >= step), power * 10))


def button(key: str, name: str) -> str:
    """What makes a part of a picture a button, for mouse, keyboard and screen reader."""
    return (f'data-key="{escape(key)}" role="button" tabindex="0" aria-label="{escape(name)}" '
            'style="cursor:pointer"')  # fmt: skip
