"""Figures of the rescue index: the plane of own loss and loss avoided, and the index by year; a panel a scenario."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from experiments.pictures import BILLION, GREY, PALETTE, save

STYLES = {"contract": "-", "alike": "--"}
NONE = "no package"
Draw = Callable[[plt.Axes, pd.DataFrame, str, str], None]


def plane(years: pd.DataFrame, path: Path) -> Path:
    """Taiwan's own loss against the allied loss that it avoids, year by year; above the grey line it is a provider."""

    def draw(axis: plt.Axes, line: pd.DataFrame, style: str, colour: str) -> None:
        axis.plot(line.own / BILLION, line.avoided / BILLION, style, color=colour, marker="o", ms=3, lw=1)

    figure, axes = panels(years, draw)
    for axis in axes:
        high = max(axis.get_xlim()[1], axis.get_ylim()[1], 0.0)
        axis.plot([0, high], [0, high], color=GREY, lw=0.8)
        axis.axhline(0, color=GREY, lw=0.5)
        axis.set_xlabel("Taiwan's own loss, US$ billion a probe", fontsize=8)
        axis.set_ylabel("allied loss avoided, US$ billion", fontsize=8)
    figure.suptitle("Under the standard shocks: risk-taker below the line, solution-provider above it", fontsize=11)
    return save(figure, path)


def index_by_year(years: pd.DataFrame, path: Path) -> Path:
    """The rescue index by year with its band of 5 to 95 % over seeds."""

    def draw(axis: plt.Axes, line: pd.DataFrame, style: str, colour: str) -> None:
        axis.plot(line.year, line["index"], style, color=colour, marker="o", ms=3, lw=1)
        if style == STYLES["contract"]:
            low, high = line.p05.to_numpy(dtype=float), line.p95.to_numpy(dtype=float)
            axis.fill_between(line.year, low, high, color=colour, alpha=0.12, lw=0)

    figure, axes = panels(years, draw)
    for axis in axes:
        axis.axhline(0, color=GREY, lw=0.8)
        axis.set_ylim(-1.05, 1.05)
        axis.set_xticks(np.unique(years.year))
        axis.set_ylabel("-1 taker to +1 provider", fontsize=8)
    figure.suptitle("Rescue index by year (band: 5 to 95 % over seeds, rationing by contract)", fontsize=11)
    return save(figure, path)


def panels(years: pd.DataFrame, draw: Draw) -> tuple[plt.Figure, list[plt.Axes]]:
    """One panel for each scenario, a colour for each set of packages, a style for each rationing rule; one legend."""
    parts = years.scenario.str.partition("+")
    bases, sets = list(dict.fromkeys(parts[0])), list(dict.fromkeys(parts[2].replace("", NONE)))
    columns = min(len(bases), 2)
    rows = -(-len(bases) // columns)
    figure, grid = plt.subplots(rows, columns, figsize=(4.6 * columns, 3.2 * rows + 1), squeeze=False,
                                layout="constrained")  # fmt: skip
    axes = list(grid.flat)
    for spare in axes[len(bases) :]:
        spare.set_visible(False)
    colours = {name: PALETTE[place % len(PALETTE)] for place, name in enumerate(sets)}
    for (name, rule), line in years.groupby(["scenario", "rule"], sort=False):
        base, _, words = str(name).partition("+")
        draw(axes[bases.index(base)], line, STYLES[str(rule)], colours[words or NONE])
    for base, axis in zip(bases, axes, strict=False):
        axis.set_title(base, fontsize=9, loc="left")
    lines = [Line2D([], [], color=colour, label=name) for name, colour in colours.items()]
    rules = [Line2D([], [], color=GREY, ls=STYLES[rule], label=f"rationing: {rule}") for rule in years["rule"].unique()]
    figure.legend(handles=[*lines, *rules], loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    return figure, axes[: len(bases)]
