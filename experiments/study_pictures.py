"""Pictures of a batch as SVG text, at the size at which they are read."""

from __future__ import annotations

import io
import textwrap
import warnings

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")
BLUE, ORANGE, GREY = COLOURS[0], COLOURS[1], "#777777"
NOTHING = 1e-3  # of the largest regret: told as 0
FIRST_WIDE = 0x2E80
WIDE, HALF = 8.0, 3.45  # inches
FONT = {"font.size": 8, "axes.labelsize": 8, "legend.fontsize": 7, "xtick.labelsize": 7, "ytick.labelsize": 7}
SPINES = {"axes.spines.top": False, "axes.spines.right": False}
STYLE = FONT | SPINES | {"svg.hashsalt": "techshield", "svg.fonttype": "none", "text.parse_math": False}


def canvas(width: float, height: float) -> tuple[plt.Figure, plt.Axes]:
    """A figure of so many inches."""
    plt.rcParams.update(STYLE)
    return plt.subplots(figsize=(width, height), layout="constrained")


def svg(figure: plt.Figure) -> str:
    """A figure as SVG text to lay into a page; letters that the measuring font lacks are the browser's."""
    buffer = io.StringIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figure.savefig(buffer, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    plt.close(figure)
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def wide(text: str) -> int:
    """How many narrow letters a text is as wide as; Chinese letters count twice."""
    return sum(2 if ord(letter) > FIRST_WIDE else 1 for letter in text)


def label_axes(axis: plt.Axes, size: tuple[float, float], across: str = "", up: str = "") -> None:
    """Labels of the axes, wrapped to the figure's width and height in inches."""
    for text, place, room in ((across, axis.set_xlabel, size[0]), (up, axis.set_ylabel, 0.75 * size[1])):
        place(textwrap.fill(text, max(int(room * 12 * len(text) / max(wide(text), 1)), 8)))


def legend(figure: plt.Figure, axis: plt.Axes, width: float) -> None:
    """A legend below the axes where there is more than one thing to tell apart."""
    handles, names = axis.get_legend_handles_labels()
    if len(names) > 1:
        figure.legend(handles, names, loc="outside lower center", ncols=columns_of(names, width), frameon=False)


def columns_of(names: list[str], width: float) -> int:
    """In how many columns a legend of these names fits a width in inches."""
    return max(1, min(len(names), int(width * 13 / (max(map(wide, names)) + 6))))


def whiskers(table: pd.DataFrame, label: str, width: float = WIDE, zero: bool = False) -> str:
    """Median and 5 to 95 % of each policy (row) in each future (colour). table: future, policy, p05, median, p95."""
    futures, policies = (list(dict.fromkeys(table[name])) for name in ("future", "policy"))
    row = max(0.16, 0.075 * len(futures) + 0.05)
    figure, axis = canvas(width, row * len(policies) + 0.6 + 0.2 * (len(futures) > 1))
    aside = np.linspace(0.28, -0.28, len(futures)) if len(futures) > 1 else np.zeros(1)
    for number, future in enumerate(futures):
        mine = table[table.future == future]
        place = np.array([-policies.index(policy) for policy in mine.policy]) + aside[number]
        colour = COLOURS[number % len(COLOURS)]
        axis.hlines(place, mine.p05, mine.p95, color=colour, lw=2, alpha=0.45)
        axis.plot(mine["median"], place, "o", color=colour, ms=3.5, label=future)
    if zero:
        axis.axvline(0, color=GREY, lw=1)
    axis.set_yticks([-place for place in range(len(policies))], policies)
    axis.set_ylim(-len(policies) + 0.4, 0.6)
    label_axes(axis, (width, 1.0), label)
    axis.grid(axis="x", alpha=0.3)
    legend(figure, axis, width)
    return svg(figure)


def tornado(table: pd.DataFrame, label: str, width: float = WIDE) -> str:
    """Bars of rank correlation by parameter; pale ones, within the dashed lines, cannot be told from luck."""
    figure, axis = canvas(width, 0.19 * len(table) + 0.6)
    values, sure = table.rank_correlation.to_numpy(dtype=float), float(table.sure.iloc[0])
    place = np.arange(len(table))[::-1]
    bars = axis.barh(place, values, height=0.7, color=np.where(values > 0, ORANGE, BLUE))
    for bar, value in zip(bars, values, strict=True):
        bar.set_alpha(1.0 if abs(value) > sure else 0.35)
    for line in (-sure, sure) if sure < 1 else ():
        axis.axvline(line, color=GREY, lw=0.8, ls="--")
    axis.axvline(0, color=GREY, lw=1)
    axis.set_yticks(place, list(table.parameter))
    label_axes(axis, (width, 1.0), label)
    return svg(figure)


def regret_map(table: pd.DataFrame, label: str, width: float = WIDE) -> str:
    """Regret by policy (row) and future (column)."""
    shown = table.to_numpy(dtype=float)
    figure, axis = canvas(width, 0.22 * len(table) + 0.9)
    image = axis.imshow(shown, cmap="cividis_r", aspect="auto", vmin=0)
    names = [str(name).replace(", ", ",\n") for name in table.columns]
    slanted = width < 2 * HALF and len(names) > 2
    axis.set_xticks(range(len(names)), names, rotation=30 if slanted else 0, ha="right" if slanted else "center")
    axis.set_yticks(range(len(table)), list(table.index))
    for (row, column), value in np.ndenumerate(shown):
        shade = "white" if value > np.nanmax(shown) / 2 else "black"
        told = f"{float(f'{value:.2g}'):,g}" if value > NOTHING * np.nanmax(shown) else "0"
        axis.text(column, row, told, ha="center", va="center", fontsize=7, color=shade)
    figure.colorbar(image, label=label, aspect=12)
    return svg(figure)


def fan(tables: dict[str, pd.DataFrame], label: str, width: float = WIDE) -> str:
    """Median and 5 to 95 % by month of some arms. tables: arm to p05, median, p95 by month."""
    height = 2.5 if width > 2 * HALF else 2.1
    figure, axis = canvas(width, height)
    for number, (arm, table) in enumerate(tables.items()):
        colour, dates = COLOURS[number % len(COLOURS)], pd.to_datetime(table.index)
        axis.fill_between(dates, table.p05, table.p95, color=colour, alpha=0.18, lw=0)
        axis.plot(dates, table["median"], color=colour, lw=1.3, label=arm)
    label_axes(axis, (width, height), up=label)
    axis.xaxis.set_major_locator(AutoDateLocator(maxticks=7))
    axis.xaxis.set_major_formatter(ConciseDateFormatter(axis.xaxis.get_major_locator()))
    axis.grid(alpha=0.3)
    legend(figure, axis, width)
    return svg(figure)


def indices(table: pd.DataFrame, label: str, width: float = WIDE) -> str:
    """Sobol's total and first-order indices, or Morris's effects, with their bands, by parameter."""
    figure, axis = canvas(width, 0.24 * len(table) + 0.9)
    place = np.arange(len(table))[::-1]
    pairs = (("total", BLUE, 0.15), ("first", ORANGE, -0.15)) if "total" in table else (("effect", BLUE, 0.0),)
    for name, colour, aside in pairs:
        axis.errorbar(table[name], place + aside, xerr=table[f"{name}_band"], fmt="o", color=colour, ms=4, label=name)
    axis.axvline(0, color=GREY, lw=1)
    axis.set_yticks(place, list(table.parameter))
    label_axes(axis, (width, 1.0), label)
    legend(figure, axis, width)
    return svg(figure)


def box(limits: pd.DataFrame, ranges: pd.DataFrame, label: str, width: float = WIDE) -> str:
    """Where in its range each condition of a discovered box lies. limits: parameter, low, high, name, words."""
    figure, axis = canvas(width, 0.26 * len(limits) + 0.7)
    for place, row in enumerate(limits.itertuples()):
        low, high = ranges.loc["min", row.parameter], ranges.loc["max", row.parameter]
        left, right = ((value - low) / (high - low) for value in (row.low, row.high))
        axis.hlines(-place, 0, 1, color=GREY, lw=2, alpha=0.4)
        axis.hlines(-place, left, right, color=ORANGE, lw=6)
        axis.text(1.04, -place, row.words, va="center", fontsize=7)
    axis.set_yticks([-place for place in range(len(limits))], list(limits.name))
    axis.set_ylim(-len(limits) + 0.4, 0.6)
    axis.set_xlim(-0.02, 1.5)
    axis.set_xticks([0, 1], ["min", "max"])
    label_axes(axis, (width, 1.0), label)
    return svg(figure)


def plane(points: pd.DataFrame, labels: tuple[str, str], width: float = WIDE) -> str:
    """Arms by Taiwan's own loss avoided (x) and the allies' loss avoided (y), medians with 5 to 95 %.

    points: future, policy, own, own_low, own_high, allied, allied_low, allied_high. A future has a colour, a policy a
    mark.
    """
    height = min(0.45 * width + 0.9, 4.4)
    figure, axis = canvas(width, height)
    futures, policies = list(dict.fromkeys(points.future)), list(dict.fromkeys(points.policy))
    for row in points.itertuples():
        colour, mark = COLOURS[futures.index(row.future) % len(COLOURS)], MARKS[policies.index(row.policy) % len(MARKS)]
        axis.hlines(row.allied, row.own_low, row.own_high, color=colour, lw=0.8, alpha=0.5)
        axis.vlines(row.own, row.allied_low, row.allied_high, color=colour, lw=0.8, alpha=0.5)
        axis.plot(row.own, row.allied, mark, color=colour, ms=4)
    for number, future in enumerate(futures):
        axis.plot([], [], "o", color=COLOURS[number % len(COLOURS)], ms=4, label=future)
    marks = [axis.plot([], [], MARKS[number % len(MARKS)], color=GREY, ms=4)[0] for number in range(len(policies))]
    columns = columns_of(policies, width)
    figure.legend(marks, policies, loc="outside upper center", ncols=columns, frameon=False)
    axis.axhline(0, color=GREY, lw=1)
    axis.axvline(0, color=GREY, lw=1)
    label_axes(axis, (width, height), *labels)
    axis.grid(alpha=0.3)
    legend(figure, axis, width)
    return svg(figure)
