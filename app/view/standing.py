"""Where Taiwan stands: exposure, time to survive, and the rescue index with its path in the plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from abm import Model
from abm.measures.shares import VITAL
from abm.world.labels import HOME
from experiments.rescue import Request, probe_year
from experiments.rescue_index import avoided, index
from experiments.supply_flows import RAW, YEAR

ALONE = {"scenario": "here", "rule": "contract", "seed": 0, "year": 0}


@dataclass(frozen=True)
class Stand:
    """The rescue index on a day: own loss and allied loss avoided (US$) under the standard shocks, and -1 to 1."""

    day: str
    branch: bool
    own: float
    avoided: float
    index: float


def measured(model: Model, day: str, branch: bool) -> Stand:
    """Probe a run as it is today with forks that share its luck; the run goes on untouched."""
    request = Request(scenarios=(model.setting.name.partition("+")[0],))
    rows = [ALONE | told for told in probe_year(model, request)]
    probes = avoided(pd.DataFrame(rows))
    own, spared = float(probes.own.sum()), float(probes.avoided.sum())
    return Stand(day, branch, own, spared, index(spared, own))


def exposure(model: Model) -> float:
    """China's part of Taiwan's imports of minerals and materials, by value, in the last year (share)."""
    world, history = model.world, model.history
    if "raw imports" not in world.kept:
        links, stage = world.links, world.goods.set_index("good").stage
        here = (links.importer == HOME) & (links.exporter != HOME) & links.good.map(stage).isin(RAW)
        rows = np.nonzero(here.to_numpy())[0]
        world.kept["raw imports"] = (rows, world.base_price[links.g.to_numpy()[rows]],
                                     (links.exporter == "CHN").to_numpy()[rows])  # fmt: skip
    rows, price, chinese = world.kept["raw imports"]
    sent = history.link["sent"][max(history.weeks - YEAR, 0) : history.weeks][:, rows].mean(axis=0) * price
    return float(sent[chinese].sum() / max(sent.sum(), 1e-12))


def survival(model: Model) -> float:
    """Weeks of use that the median maker in Taiwan holds of its scarcest vital input, as of the last week."""
    world, history = model.world, model.history
    if "vital shelves" not in world.kept:
        bought, firms = world.bought, world.firms
        home = ((firms.country == HOME) & ~firms.kind.isin(["industry", "reserve"])).to_numpy()
        vital = home[bought.firm] & (bought.criticality.to_numpy() >= VITAL) & (world.start["expected_use"] > 0)
        rows = np.nonzero(vital)[0]
        world.kept["vital shelves"] = (rows, np.unique(bought.firm.to_numpy()[rows], return_index=True)[1])
    rows, first = world.kept["vital shelves"]
    if not len(rows):
        return float("nan")
    stock, use = (history.bought[name][history.weeks - 1, rows] for name in ("stock", "expected_use"))
    cover = np.divide(stock, use, out=np.full(len(rows), np.inf), where=use > 0)
    return float(np.median(np.minimum.reduceat(cover, first)))
