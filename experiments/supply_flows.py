"""Who supplied whom: flows of one mineral between stages and countries, as the run recorded them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from abm.engine.model import Model

RAW, USERS = ("ore", "refined", "material"), "makers of parts and products, other users"
STAGES = (*RAW, USERS)
LARGEST, YEAR = 6, 52
ALWAYS = ("CHN", "TWN")  # countries that are named however small


def last_flows(model: Model, mineral: str) -> pd.DataFrame:
    """Flows between stages and countries in the last year: stage, to_stage, exporter, importer, tonnes."""
    world, history = model.world, model.history
    content = world.tables["content"]
    fraction = content[(content.mineral == mineral) & (content.fraction > 0)].set_index("good").fraction
    stage = world.goods.set_index("good").stage
    links, goods = world.links, [good for good in fraction.index if stage.get(good) in RAW]
    rows = np.nonzero(links.good.isin(goods).to_numpy())[0]
    sent = history.link["sent"][max(history.weeks - YEAR, 0) : history.weeks][:, rows].sum(axis=0)
    chosen = links.iloc[rows]
    used_for = pd.Series(world.firms.good.to_numpy()[chosen.buyer_firm]).map(stage)
    used_at = used_for.where(used_for.isin(RAW), USERS)
    table = pd.DataFrame(
        {
            "stage": chosen.good.map(stage).to_numpy(), "to_stage": used_at.to_numpy(),
            "exporter": lumped(chosen.exporter, sent), "importer": lumped(chosen.importer, sent),
            "tonnes": sent * chosen.good.map(fraction).to_numpy(dtype=float),
        }
    ).dropna()  # fmt: skip
    ahead = table.stage.map(STAGES.index) < table.to_stage.map(STAGES.index)
    keys = ["stage", "to_stage", "exporter", "importer"]
    return table[ahead & (table.tonnes > 0)].groupby(keys, as_index=False).sum()


def lumped(places: pd.Series, amount: np.ndarray) -> np.ndarray:
    """Countries by name where they are large, China or Taiwan; the rest as `others`."""
    total = pd.Series(amount).groupby(places.to_numpy()).sum().sort_values(ascending=False)
    kept = {*total.index[:LARGEST], *ALWAYS}
    return np.where(places.isin(kept), places, "others")
