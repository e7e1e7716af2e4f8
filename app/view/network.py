"""The supply network of the page: flows by stage and country, those under control marked, links in detail on click."""

from __future__ import annotations

import numpy as np
import pandas as pd

from abm import Model
from app.view.supply import STAGES
from experiments.supply_flows import RAW, lumped

YEAR, QUARTER = 52, 13
KEYS = ["stage", "to_stage", "exporter", "importer"]
COLUMNS = [*KEYS, "tonnes", "bound", "waiting", "refused"]


def flows(model: Model, mineral: str) -> pd.DataFrame:
    """Flows of a mineral in the last year, users lumped: stage, to_stage, exporter, importer, tonnes (a year), and of
    these bound (share of the usual flow under licence or hold), waiting (tonnes), refused (tonnes a year that used to
    flow).
    """
    links = links_of(model, mineral)
    if not model.history.weeks or not len(links):
        return pd.DataFrame(columns=COLUMNS)
    rows, weeks = links.row.to_numpy(), min(model.history.weeks, YEAR)
    sent = model.history.link["sent"][model.history.weeks - weeks : model.history.weeks][:, rows].sum(axis=0)
    yearly, usual = sent * YEAR / weeks, links.flow.to_numpy() * YEAR
    part, opened = links.fraction.to_numpy(), model.conditions["open"][rows]
    table = pd.DataFrame({
        "stage": links.stage.to_numpy(), "to_stage": links.to_stage.to_numpy(),
        "exporter": lumped(links.exporter, sent), "importer": lumped(links.importer, sent),
        "tonnes": yearly * part, "usual": usual * part, "bound": usual * part * links.bound.to_numpy(),
        "waiting": model.trade.waiting[rows] * part, "refused": usual * (1 - opened) * part,
    })  # fmt: skip
    table = table[table.stage.map(STAGES.index) < table.to_stage.map(STAGES.index)]
    sums = table.groupby(KEYS, as_index=False).sum()
    sums["bound"] = (sums.bound / sums.usual.clip(lower=1e-12)).clip(upper=1.0)
    return sums[(sums.tonnes > 0) | (sums.refused > 0)][COLUMNS]


def links_of(model: Model, mineral: str) -> pd.DataFrame:
    """Links of the raw goods that hold a mineral: row, stage, to_stage, usual flow, fraction, under control or not."""
    chosen = standing(model, mineral)
    rows, held = chosen.row.to_numpy(), model.conditions
    bound = (held["licence"][rows] > 0) | (held["hold"][rows] > 0) | (held["open"][rows] < 1)
    return chosen.assign(bound=bound | (held["examined"][rows] > 0), refused=held["open"][rows] < 1)


def standing(model: Model, mineral: str) -> pd.DataFrame:
    """What of these links never changes."""
    world = model.world
    key = ("shown links", mineral)
    if key not in world.kept:
        content = world.tables["content"]
        fraction = content[(content.mineral == mineral) & (content.fraction > 0)].set_index("good").fraction
        stage = world.goods.set_index("good").stage
        goods = [good for good in fraction.index if stage.get(good) in RAW]
        rows = np.nonzero(world.links.good.isin(goods).to_numpy())[0]
        chosen = world.links.iloc[rows]
        user = pd.Series(world.firms.good.to_numpy()[chosen.buyer_firm], index=chosen.index).map(stage)
        world.kept[key] = chosen.assign(row=rows, stage=chosen.good.map(stage), fraction=chosen.good.map(fraction),
                                        to_stage=user.where(user.isin(RAW), "users"))  # fmt: skip
    found: pd.DataFrame = world.kept[key]
    return found


def detail(model: Model, mineral: str, key: str) -> pd.DataFrame:
    """The links of one country at one stage (`stage|country`), last 13 weeks, the largest first.

    Columns: seller, buyer (keys), good, sent (units a week), waiting (units applied for, held, or free to leave), state
    (free, licence, refused).
    """
    stage, _, place = key.partition("|")
    links = links_of(model, mineral)
    side = links.importer if stage == "users" else links.exporter
    chosen = links[(side == place) & ((links.stage == stage) | (stage == "users"))]
    rows = chosen.row.to_numpy()
    weeks = slice(max(model.history.weeks - QUARTER, 0), model.history.weeks)
    firms = model.world.firms.producer.to_numpy()
    table = pd.DataFrame({
        "seller": firms[chosen.seller_firm], "buyer": firms[chosen.buyer_firm], "good": chosen.good.to_numpy(),
        "sent": model.history.link["sent"][weeks][:, rows].mean(axis=0),
        "waiting": model.trade.waiting[rows],
        "state": np.select([chosen.refused, chosen.bound], ["refused", "licence"], "free"),
    })  # fmt: skip
    return table.sort_values(["sent", "waiting"], ascending=False)
