"""The supply map: one mineral's chain as a drawing, countries by stage and what flows between them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Curve

from experiments.supply_flows import LARGEST, STAGES, last_flows

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from abm.engine.model import Model

MINERALS = ("dysprosium", "gallium", "graphite", "ndpr", "antimony", "tungsten")
COLOURS = {"CHN": "#0072B2", "TWN": "#D55E00"}
OTHER = "#999999"
GAP, WIDTH, SMALLEST = 0.02, 0.06, 0.002


def draw_map(model: Model, path: Path) -> Path:
    """The chain of the first controlled mineral that this world has: what flowed in the last year, tonnes contained."""
    mineral = chosen_mineral(model)
    flows = last_flows(model, mineral)
    figure, axis = plt.subplots(figsize=(12, 6))
    axis.axis("off")
    if len(flows):
        draw(axis, flows)
    names = model.world.tables["minerals"].set_index("mineral")
    axis.set_title(
        f"{names.name_en.get(mineral, mineral)}: tonnes contained in the flows of the last year "
        "(blue: from China, orange: from Taiwan, grey: from elsewhere)", fontsize=10,
    )  # fmt: skip
    figure.savefig(path, dpi=110, bbox_inches="tight")
    plt.close(figure)
    return path


def chosen_mineral(model: Model) -> str:
    """The first of the controlled minerals whose goods are traded here, else the first mineral there is."""
    content = model.world.tables["content"]
    present = set(model.world.links.good)
    held = {str(row.mineral) for row in content.itertuples() if row.good in present and row.fraction > 0}
    return next((mineral for mineral in MINERALS if mineral in held), min(held, default=""))


def draw(axis: Axes, flows: pd.DataFrame) -> None:
    """Nodes as bars by stage, flows as bands between them, widths to one scale."""
    stages = [stage for stage in STAGES if stage in {*flows.stage, *flows.to_stage}]
    columns = [column(flows, stage) for stage in stages]
    spots = {(number, place): span for number, spans in enumerate(columns) for place, span in spans.items()}
    left = {key: span[0] for key, span in spots.items()}
    entered = dict(left)
    scale = scale_of(flows)
    for row in flows.sort_values("tonnes", ascending=False).itertuples():
        start, end = (stages.index(row.stage), row.exporter), (stages.index(row.to_stage), row.importer)
        height = row.tonnes * scale
        band(axis, (start[0] + WIDTH, left[start]), (end[0], entered[end]), height, COLOURS.get(row.exporter, OTHER))
        left[start] += height
        entered[end] += height
    for (number, place), (low, high) in spots.items():
        axis.add_patch(plt.Rectangle((number, low), WIDTH, high - low, color=COLOURS.get(place, OTHER)))
        axis.text(number + WIDTH / 2, (low + high) / 2, place, ha="center", va="center", fontsize=7)
    for number, stage in enumerate(stages):
        axis.text(number + WIDTH / 2, 1.04, stage, ha="center", fontsize=9)
    axis.set_xlim(-0.1, len(stages) - 1 + 0.2)
    axis.set_ylim(-0.05, 1.1)


def scale_of(flows: pd.DataFrame) -> float:
    """Height of a tonne, so that the fullest stage fits."""
    out, into = flows.groupby("stage").tonnes.sum(), flows.groupby("to_stage").tonnes.sum()
    fullest = max(out.max(), into.max())
    return (1 - GAP * (LARGEST + len(COLOURS))) / max(float(fullest), 1e-12)


def column(flows: pd.DataFrame, stage: str) -> dict[str, tuple[float, float]]:
    """Where each country's bar stands at a stage: the larger of what it sends on and what it receives."""
    out = flows[flows.stage == stage].groupby("exporter").tonnes.sum()
    into = flows[flows.to_stage == stage].groupby("importer").tonnes.sum()
    size = pd.concat([out, into], axis=1).max(axis=1).sort_values(ascending=False) * scale_of(flows)
    spans, low = {}, 0.0
    for place, height in size.items():
        spans[str(place)] = (low, low + max(float(height), SMALLEST))
        low = spans[str(place)][1] + GAP
    return spans


def band(axis: Axes, start: tuple[float, float], end: tuple[float, float], height: float, colour: str) -> None:
    """A curved band from one node to another."""
    (x, low), (to_x, to_low) = start, end
    middle = (x + to_x) / 2
    upper = [(x, low + height), (middle, low + height), (middle, to_low + height), (to_x, to_low + height)]
    lower = [(to_x, to_low), (middle, to_low), (middle, low), (x, low)]
    codes = [Curve.MOVETO, *[Curve.CURVE4] * 3, Curve.LINETO, *[Curve.CURVE4] * 3]
    axis.add_patch(PathPatch(Curve([*upper, *lower], codes), facecolor=colour, alpha=0.35, lw=0))
