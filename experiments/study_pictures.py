"""Pictures of a batch as SVG text: bands by arm, differences, drivers, regret, and fans of prices."""

from __future__ import annotations

import io

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from experiments.compare import family, policy

BLUE, ORANGE, GREY, GREEN = "#0072b2", "#d55e00", "#777777", "#009e73"


def svg(figure: plt.Figure) -> str:
    """A figure as SVG text to lay into a page."""
    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "techshield", "svg.fonttype": "none"}):
        figure.savefig(
            buffer, format="svg", bbox_inches="tight", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type"))
        )
    plt.close(figure)
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def whiskers(table: pd.DataFrame, label: str, scale: float, zero: bool = False) -> str:
    """Median and 5 to 95 % by row."""
    figure, axis = plt.subplots(figsize=(8, 0.34 * len(table) + 1.1))
    place = np.arange(len(table))[::-1]
    low, median, high = (table[name].to_numpy(dtype=float) / scale for name in ("p05", "median", "p95"))
    axis.hlines(place, low, high, color=BLUE, lw=3, alpha=0.5)
    axis.plot(median, place, "o", color=ORANGE, ms=5)
    if zero:
        axis.axvline(0, color=GREY, lw=1)
    axis.set_yticks(place, list(table.index), fontsize=8)
    axis.set_xlabel(label, fontsize=9)
    axis.grid(axis="x", alpha=0.3)
    return svg(figure)


def tornado(table: pd.DataFrame, label: str) -> str:
    """Bars of rank correlation by parameter."""
    figure, axis = plt.subplots(figsize=(8, 0.3 * len(table) + 1))
    values = table.rank_correlation.to_numpy(dtype=float)
    axis.barh(np.arange(len(table))[::-1], values, color=np.where(values > 0, ORANGE, BLUE))
    axis.set_yticks(np.arange(len(table))[::-1], list(table.parameter), fontsize=8)
    axis.axvline(0, color=GREY, lw=1)
    axis.set_xlabel(label, fontsize=9)
    return svg(figure)


def regret_map(table: pd.DataFrame, label: str, scale: float) -> str:
    """Regret by policy (row) and future (column)."""
    shown = table.drop(columns=["worst", "mean"]) / scale
    figure, axis = plt.subplots(figsize=(1.6 * shown.shape[1] + 3, 0.36 * len(shown) + 1.4))
    image = axis.imshow(shown.to_numpy(dtype=float), cmap="cividis_r", aspect="auto")
    axis.set_xticks(range(shown.shape[1]), list(shown.columns), fontsize=8)
    axis.set_yticks(range(len(shown)), list(shown.index), fontsize=8)
    for row, values in enumerate(shown.to_numpy(dtype=float)):
        for column, value in enumerate(values):
            shade = "white" if value > np.nanmax(shown.to_numpy()) / 2 else "black"
            axis.text(column, row, f"{value:.2g}", ha="center", va="center", fontsize=8, color=shade)
    figure.colorbar(image, label=label)
    return svg(figure)


def fan(series: pd.DataFrame, runs: pd.DataFrame, column: str, label: str) -> str:
    """Median and 5 to 95 % by month of one column, one line for the first arm of each scenario."""
    figure, axis = plt.subplots(figsize=(8, 3.2))
    firsts = {family(arm): arm for arm in reversed(list(dict.fromkeys(runs.arm)))}.values()
    joined = series.merge(runs[["run_id", "arm"]], on="run_id")
    for arm, colour in zip(firsts, (BLUE, ORANGE, GREEN, GREY), strict=False):
        table = joined[joined.arm == arm].groupby("month")[column].quantile([0.05, 0.5, 0.95]).unstack()
        dates = pd.to_datetime(table.index)
        axis.fill_between(dates, table[0.05], table[0.95], color=colour, alpha=0.2, lw=0)
        axis.plot(dates, table[0.5], color=colour, lw=1.5, label=arm)
    axis.set_ylabel(label, fontsize=9)
    axis.legend(fontsize=8)
    axis.grid(alpha=0.3)
    return svg(figure)


def indices(table: pd.DataFrame, label: str) -> str:
    """Sobol's total and first-order indices, or Morris's effects, with their bands, by parameter."""
    figure, axis = plt.subplots(figsize=(8, 0.36 * len(table) + 1.2))
    place = np.arange(len(table))[::-1]
    pairs = (("total", BLUE, 0.15), ("first", ORANGE, -0.15)) if "total" in table else (("effect", BLUE, 0.0),)
    for name, colour, aside in pairs:
        axis.errorbar(table[name], place + aside, xerr=table[f"{name}_band"], fmt="o", color=colour, ms=5, label=name)
    axis.axvline(0, color=GREY, lw=1)
    axis.set_yticks(place, list(table.parameter), fontsize=8)
    axis.set_xlabel(label, fontsize=9)
    axis.legend(fontsize=8)
    return svg(figure)


def box(limits: pd.DataFrame, ranges: pd.DataFrame, label: str) -> str:
    """Where in its range each condition of a discovered box lies."""
    figure, axis = plt.subplots(figsize=(8, 0.5 * len(limits) + 1))
    for place, row in enumerate(limits.itertuples()):
        low, high = ranges.loc["min", row.parameter], ranges.loc["max", row.parameter]
        left, right = ((value - low) / (high - low) for value in (row.low, row.high))
        axis.hlines(-place, 0, 1, color=GREY, lw=2, alpha=0.4)
        axis.hlines(-place, left, right, color=ORANGE, lw=8)
        axis.text(1.02, -place, f"{row.low:.3g} to {row.high:.3g}", va="center", fontsize=8)
    axis.set_yticks([-place for place in range(len(limits))], list(limits.parameter), fontsize=8)
    axis.set_xticks([0, 1], ["lowest", "highest"], fontsize=8)
    axis.set_xlabel(label, fontsize=9)
    return svg(figure)


def plane(points: pd.DataFrame, labels: tuple[str, str], scale: float) -> str:
    """Arms by Taiwan's own loss avoided (x) and the allies' loss avoided (y), medians with 5 to 95 %, by future.

    The legend names the policy that spares Taiwan most in each future.
    """
    figure, axis = plt.subplots(figsize=(8, 4.6))
    futures = points.arm.map(family)
    for number, future in enumerate(dict.fromkeys(futures)):
        mine = points[futures == future]
        colour = (BLUE, ORANGE, GREEN, GREY)[number % 4]
        own, allied = (mine[name].to_numpy(dtype=float) / scale for name in ("own", "allied"))
        axis.hlines(allied, mine.own_low / scale, mine.own_high / scale, color=colour, lw=0.8, alpha=0.6)
        axis.vlines(own, mine.allied_low / scale, mine.allied_high / scale, color=colour, lw=0.8, alpha=0.6)
        best = policy(str(mine.arm.iloc[int(np.argmax(own))]))
        axis.plot(own, allied, "o", color=colour, ms=5, label=f"{future} (best for Taiwan: {best})")
    axis.axhline(0, color=GREY, lw=1)
    axis.axvline(0, color=GREY, lw=1)
    axis.set_xlabel(labels[0], fontsize=9)
    axis.set_ylabel(labels[1], fontsize=9)
    axis.legend(fontsize=8)
    axis.grid(alpha=0.3)
    return svg(figure)
