"""Model and record side by side: one figure for each part of the history of 2023 to 2026, misses included."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from experiments.pictures import CHINA, GREY, OUTSIDE, prices, save

if TYPE_CHECKING:
    from abm.engine.model import Model

DAYS_PER_WEEK = 7


@dataclass(frozen=True)
class Comparison:
    """Chinese exports of some goods by month against a series of the record, from one month to another."""

    name: str
    title: str
    series: str
    record_good: str
    goods: tuple[str, ...]
    span: tuple[str, str]
    base: tuple[str, str]


COMPARISONS = (
    Comparison("gallium", "Gallium: Chinese exports", "exports", "gallium", ("gallium",),
               ("2023-01", "2024-12"), ("2022-06", "2023-06")),
    Comparison("germanium", "Germanium: Chinese exports", "exports", "germanium", ("germanium",),
               ("2023-01", "2024-12"), ("2022-06", "2023-06")),
    Comparison("graphite", "Flake graphite: Chinese exports", "exports", "graphite_flake", ("graphite_flake",),
               ("2023-06", "2024-06"), ("2022-06", "2023-09")),
    Comparison("magnets", "Permanent magnets: Chinese exports, both grades", "exports_magnets", "ndfeb_heavy",
               ("ndfeb_heavy", "ndfeb_standard"), ("2024-05", "2026-03"), ("2024-01", "2024-12")),
)  # fmt: skip


def draw_record(model: Model, folder: Path) -> list[Path]:
    """Every comparison, the prices and the car makers that stopped, as PNG files in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = [exports(model, one, folder / f"exports-{one.name}.png") for one in COMPARISONS]
    return [*drawn, prices(model, folder / "prices-2023.png"), cars(model, folder / "car-makers.png")]


def monthly_exports(model: Model, goods: tuple[str, ...]) -> pd.Series:
    """Chinese exports by month: each week's shipments spread over its days, in tonnes."""
    links = model.world.links
    rows = ((links.exporter == "CHN") & (links.importer != "CHN") & links.good.isin(goods)).to_numpy()
    weekly = model.history.link["sent"][: model.history.weeks][:, rows].sum(axis=1)
    months = model.history.months()
    return pd.Series(months.total(weekly), index=pd.to_datetime(list(months.names)))


def exports(model: Model, one: Comparison, path: Path) -> Path:
    """Two panels with scales of their own: the record as published, the model in its tonnes."""
    record = model.world.tables["record"]
    rows = record[(record.series == one.series) & (record.good == one.record_good) & (record.place == "WLD")]
    rows = rows[rows.date.str.fullmatch(r"\d{4}-\d{2}")]
    seen = pd.Series(rows.value.to_numpy(), index=pd.to_datetime(rows.date)).sort_index()[slice(*one.span)]
    made = monthly_exports(model, one.goods)
    figure, axes = plt.subplots(2, 1, figsize=(9, 5), sharex=True)
    axes[0].bar(seen.index, seen, width=20, color=GREY)
    axes[0].set_title(f"{one.title}. Above: record; below: model, uncalibrated, seed {model.seed_number}")
    axes[1].bar(made[slice(*one.span)].index, made[slice(*one.span)], width=20, color=OUTSIDE)
    axes[1].axhline(made[slice(*one.base)].mean(), color=CHINA, ls="--", lw=1, label="model's mean before")
    axes[1].legend(fontsize=8)
    for axis in axes:
        axis.set_ylabel("t a month")
    return save(figure, path)


def cars(model: Model, path: Path) -> Path:
    """Car makers below half of their plan from 2025 on, by week, and the stops on record."""
    firms = model.world.firms
    rows = np.nonzero(firms.good.isin(["electric_cars", "other_cars"]).to_numpy())[0]
    firm, weeks = model.history.firm, model.history.weeks
    wanted = np.maximum(firm["wanted"][:weeks][:, rows], 1e-12)
    stopped = pd.Series((firm["activity"][:weeks][:, rows] < 0.5 * wanted).sum(axis=1), index=model.history.dates())
    figure, axis = plt.subplots(figsize=(9, 3))
    axis.step(stopped["2025":].index, stopped["2025":], color=OUTSIDE, where="post")
    axis.axvline(pd.Timestamp("2025-04-04"), color=GREY, lw=1)
    for name, date in (
        ("Ford, May 2025", "2025-05-15"),
        ("Suzuki, 26 May", "2025-05-26"),
        ("46 EU stops, Sept.", "2025-09-15"),
    ):
        axis.axvline(pd.Timestamp(date), color=CHINA, ls=":", lw=1, label=f"record: {name}")
    axis.set_ylabel("makers")
    axis.set_title(f"Car makers that stand still, of {len(rows)} in the model (grey: control of 4 April 2025)")
    axis.legend(fontsize=8)
    return save(figure, path)
