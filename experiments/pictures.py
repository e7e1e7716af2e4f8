"""Figures of a run, as PNG: titled, with units, in colours that colour-blind readers can tell apart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from abm.measures.losses import Outcome
from experiments.supply_map import draw_map
from kit.nearest import and_more

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from abm.engine.model import Model

OUTSIDE, CHINA, GREY = "#D55E00", "#0072B2", "#999999"
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
SHOWN = ("gallium", "germanium", "graphite_spherical", "antimony", "tungsten_apt", "dy_oxide", "y_oxide", "ndpr_oxide",
         "ndfeb_heavy", "bismuth", "indium", "cobalt")  # fmt: skip
BILLION = 1e9


def save(figure: plt.Figure, path: Path) -> Path:
    """Write a figure and let it go."""
    figure.savefig(path, dpi=110, bbox_inches="tight")
    plt.close(figure)
    return path


def draw_all(model: Model, folder: Path) -> list[tuple[str, Path]]:
    """All figures of a run with their titles."""
    return [
        ("Prices in China and outside", prices(model, folder / "prices.png")),
        ("Output lost by sector and by country", losses(model, folder / "output-lost.png")),
        ("Where Taiwan's minerals and materials come from", taiwan(model, folder / "taiwan-imports.png")),
        ("The supply map of a controlled mineral", draw_map(model, folder / "supply-map.png")),
        ("Who supplies the outside world with the controlled goods", supply(model, folder / "china-part.png")),
    ]


def prices(model: Model, path: Path) -> Path:
    """Small multiples: asked and volume-weighted price outside, asked price in China, over the base year."""
    goods = model.world.goods.good.tolist()
    shown = [good for good in SHOWN if good in goods] or goods[:6]
    names = dict(zip(goods, model.world.goods.name_en, strict=True))
    rows = int(np.ceil(len(shown) / 3))
    figure, grid = plt.subplots(rows, 3, figsize=(12, 2.5 * rows), squeeze=False, sharex=True)
    dates, weeks = model.history.dates(), slice(0, model.history.weeks)
    for axis, good in zip(grid.ravel(), shown, strict=False):
        place = goods.index(good)
        axis.plot(dates, model.history.spot[weeks, 1, place], color=OUTSIDE, label="outside, asked")
        axis.plot(
            dates, model.history.average[weeks, 1, place], color=OUTSIDE, ls=":", label="outside, volume-weighted"
        )
        axis.plot(dates, model.history.spot[weeks, 0, place], color=CHINA, ls="--", label="China")
        axis.set_title(names[good], fontsize=10)
        mark_controls(axis, model, good)
    for axis in grid.ravel()[len(shown) :]:
        axis.axis("off")
    grid[0, 0].legend(fontsize=7)
    figure.suptitle(
        f"Price over the price of {model.setting.base_year} (ratio); grey line: control in force"
        f"{goods_left(len(goods) - len(shown))}"
    )
    figure.autofmt_xdate()
    return save(figure, path)


def goods_left(number: int) -> str:
    """A note on how many goods a figure leaves out."""
    return f"; {and_more(number)} goods in series.parquet" if number > 0 else ""


def mark_controls(axis: Axes, model: Model, good: str) -> None:
    """A line where a licence, ban or quota on the good comes into force within the run."""
    last = model.history.dates()[-1].date()
    for cause in model.setting.causes:
        acts = cause.instrument in ("licence", "ban", "embargo", "export_quota") and cause.by == "CHN"
        if acts and good in cause.fields.get("goods", ()) and model.clock.start <= cause.start <= last:
            axis.axvline(pd.Timestamp(cause.start), color=GREY, lw=0.8)


def losses(model: Model, path: Path) -> Path:
    """Value added lost, US$ billion a month, stacked by sector and by country."""
    firms = model.world.firms
    sector = firms.good.map(model.world.tables["products"].set_index("good").sector)
    months = model.history.months()
    lost = pd.DataFrame(months.total(Outcome(model.history).output_lost), index=pd.to_datetime(list(months.names)))
    figure, axes = plt.subplots(1, 2, figsize=(12, 4))
    for axis, label, title in (
        (axes[0], sector, "by sector"),
        (axes[1], firms.country.where(sector.notna()), "by country"),
    ):
        sums = lost.T.groupby(label.to_numpy()).sum().T / BILLION
        top = sums.sum().sort_values(ascending=False).index[: len(PALETTE)]
        if len(top):
            axis.stackplot(sums.index, sums[top].T.to_numpy(), labels=[str(name) for name in top], colors=PALETTE)
            axis.legend(fontsize=7, loc="upper left")
        axis.set_title(f"Value added lost for want of inputs, {title}")
        axis.set_ylabel("US$ billion a month")
    figure.autofmt_xdate()
    return save(figure, path)


def taiwan(model: Model, path: Path) -> Path:
    """Shares of origins in Taiwan's imports of minerals and materials, by value."""
    links = model.world.links
    raw = model.world.goods[model.world.goods.stage.isin(["refined", "material"])].good
    rows = np.nonzero(((links.importer == "TWN") & (links.exporter != "TWN") & links.good.isin(raw)).to_numpy())[0]
    value = (
        model.history.link["sent"][: model.history.weeks][:, rows] * model.world.base_price[links.g.to_numpy()[rows]]
    )
    months = model.history.months()
    table = pd.DataFrame(months.total(value), index=pd.to_datetime(list(months.names)))
    table = table.T.groupby(links.exporter.to_numpy()[rows]).sum().T
    shares = table.div(table.sum(axis=1).replace(0, np.nan), axis=0)
    top = table.sum().sort_values(ascending=False).index[: len(PALETTE)]
    figure, axis = plt.subplots(figsize=(9, 4))
    for name, colour in zip(top, PALETTE, strict=False):
        axis.plot(shares.index, shares[name] * 100, label=str(name), color=colour)
    axis.set_ylabel("% of imports by value at base prices")
    axis.set_title("Origins of Taiwan's imports of refined minerals and materials")
    if len(top):
        axis.legend(fontsize=8, ncol=2)
    return save(figure, path)


def supply(model: Model, path: Path) -> Path:
    """China's part of what reaches buyers outside China, good by good, at the start and at the end."""
    links, weeks = model.world.links, model.history.weeks
    sold = sorted(set(links.good))
    goods = [good for good in SHOWN if good in sold] or sold[:8]
    outside = (links.importer != "CHN").to_numpy()
    china = (links.exporter == "CHN").to_numpy()
    span = min(13, weeks)
    figure, axis = plt.subplots(figsize=(9, 0.4 * len(goods) + 1.5))
    for label, sent, colour, shift in (
        ("first quarter", model.history.link["sent"][:span].mean(axis=0), GREY, -0.2),
        ("last quarter", model.history.link["sent"][weeks - span : weeks].mean(axis=0), OUTSIDE, 0.2),
    ):
        shares = []
        for good in goods:
            rows = outside & (links.good == good).to_numpy()
            shares.append(100 * sent[rows & china].sum() / max(sent[rows].sum(), 1e-12))
        axis.barh(np.arange(len(goods)) + shift, shares, height=0.38, color=colour, label=label)
    names = dict(zip(model.world.goods.good, model.world.goods.name_en, strict=True))
    axis.set_yticks(range(len(goods)), [names[good] for good in goods])
    axis.invert_yaxis()
    axis.set_xlabel("China's part of shipments to buyers outside China, %" + goods_left(len(sold) - len(goods)))
    axis.legend(fontsize=8)
    return save(figure, path)
