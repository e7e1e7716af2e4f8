"""Figures of the rescue index: the plane of own loss and loss avoided, and the index by year."""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from experiments.pictures import BILLION, GREY, PALETTE, save

STYLES = {"contract": "-", "alike": "--"}


def plane(years: pd.DataFrame, path: Path) -> Path:
    """Taiwan's own loss against the allied loss that it avoids, year by year; above the grey line it is a provider."""
    figure, axis = plt.subplots(figsize=(8, 6))
    for place, (name, part) in enumerate(years.groupby("scenario", sort=False)):
        for rule, line in part.groupby("rule"):
            own, avoided = line.own / BILLION, line.avoided / BILLION
            colour = PALETTE[place % len(PALETTE)]
            axis.plot(own, avoided, STYLES[str(rule)], color=colour, marker="o", ms=3, label=f"{name}, {rule}")
            for row in (line.iloc[0], line.iloc[-1]):
                axis.annotate(f"{row.year:.0f}", (row.own / BILLION, row.avoided / BILLION), fontsize=7)
    high = max(axis.get_xlim()[1], axis.get_ylim()[1], 0.0)
    axis.plot([0, high], [0, high], color=GREY, lw=0.8)
    axis.axhline(0, color=GREY, lw=0.5)
    axis.set_xlabel("Taiwan's own loss to the standard shocks, US$ billion a probe")
    axis.set_ylabel("Allied loss that Taiwan's capacity avoids, US$ billion a probe")
    axis.set_title("Risk-taker below the line, solution-provider above it")
    axis.legend(fontsize=7)
    return save(figure, path)


def index_by_year(years: pd.DataFrame, path: Path) -> Path:
    """The rescue index by year with its band of 5 to 95 % over seeds."""
    figure, axis = plt.subplots(figsize=(8, 4))
    for place, (name, part) in enumerate(years.groupby("scenario", sort=False)):
        for rule, line in part.groupby("rule"):
            colour, label = PALETTE[place % len(PALETTE)], f"{name}, {rule}"
            axis.plot(line.year, line["index"], STYLES[str(rule)], color=colour, marker="o", ms=3, label=label)
            if rule == "contract":
                low, high = line.p05.to_numpy(dtype=float), line.p95.to_numpy(dtype=float)
                axis.fill_between(line.year, low, high, color=colour, alpha=0.15, lw=0)
    axis.axhline(0, color=GREY, lw=0.8)
    axis.set_ylim(-1.05, 1.05)
    axis.set_xticks(np.unique(years.year))
    axis.tick_params(axis="x", labelrotation=45)
    axis.set_ylabel("rescue index, -1 taker to +1 provider")
    axis.set_title("Rescue index by year (band: 5 to 95 % over seeds)")
    axis.legend(fontsize=7)
    return save(figure, path)
