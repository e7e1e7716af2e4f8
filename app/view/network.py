"""The supply network of the page: flows by stage and country, those under control marked, links in detail on click."""

from __future__ import annotations

import numpy as np
import pandas as pd

from abm import Model
from app.view.session import Session
from experiments.supply_flows import RAW, last_flows, lumped

MOST_ROWS = 12
KEYS = ["stage", "to_stage", "exporter", "importer"]


def flows(session: Session, mineral: str) -> pd.DataFrame:
    """Flows of a mineral in the last year, users lumped: stage, to_stage, exporter, importer, tonnes, bound (share)."""
    model = session.models[-1]
    if not model.history.weeks:
        return pd.DataFrame()
    found = last_flows(model, mineral)
    found = found.assign(to_stage=found.to_stage.where(found.to_stage.isin(RAW), "users"))
    found = found.groupby(KEYS, as_index=False).sum()
    bound = controlled(model, mineral)
    keys = pd.MultiIndex.from_frame(found[["stage", "exporter", "importer"]])
    return found.assign(bound=bound.reindex(keys).fillna(0.0).to_numpy())


def links_of(model: Model, mineral: str) -> pd.DataFrame:
    """Links of the raw goods that hold a mineral: row, stage, exporter, importer, usual flow, whether under control."""
    world = model.world
    content = world.tables["content"]
    goods = set(content[(content.mineral == mineral) & (content.fraction > 0)].good)
    stage = world.goods.set_index("good").stage
    rows = np.nonzero(world.links.good.isin([good for good in goods if stage.get(good) in RAW]).to_numpy())[0]
    held = model.conditions
    bound = (held["licence"] > 0) | (held["hold"] > 0) | (held["open"] < 1) | (held["examined"] > 0)
    chosen = world.links.iloc[rows]
    return chosen.assign(row=rows, stage=chosen.good.map(stage), bound=bound[rows], refused=held["open"][rows] < 1)


def controlled(model: Model, mineral: str) -> pd.Series:
    """Share of the usual flow that is under control, by stage, exporter and importer as the map names them."""
    links = links_of(model, mineral)
    weeks = slice(max(model.history.weeks - 52, 0), model.history.weeks)
    sent = model.history.link["sent"][weeks][:, links.row.to_numpy()].sum(axis=0)
    table = pd.DataFrame({
        "stage": links.stage.to_numpy(), "exporter": lumped(links.exporter, sent),
        "importer": lumped(links.importer, sent), "usual": links.flow.to_numpy(),
        "bound": links.flow.to_numpy() * links.bound.to_numpy(),
    })  # fmt: skip
    sums = table.groupby(["stage", "exporter", "importer"])[["usual", "bound"]].sum()
    return sums.bound / sums.usual.clip(lower=1e-12)


def detail(session: Session, mineral: str, key: str) -> pd.DataFrame:
    """The largest links of one country at one stage (`stage|country`), last 13 weeks.

    Columns: seller, buyer (keys), good, sent (units a week), waiting (units applied for), state: free, waits, refused.
    """
    model = session.models[-1]
    stage, _, place = key.partition("|")
    links = links_of(model, mineral)
    side = links.importer if stage == "users" else links.exporter
    chosen = links[(side == place) & ((links.stage == stage) | (stage == "users"))]
    rows = chosen.row.to_numpy()
    weeks = slice(max(model.history.weeks - 13, 0), model.history.weeks)
    firms = model.world.firms.producer.to_numpy()
    table = pd.DataFrame({
        "seller": firms[chosen.seller_firm], "buyer": firms[chosen.buyer_firm], "good": chosen.good.to_numpy(),
        "sent": model.history.link["sent"][weeks][:, rows].mean(axis=0),
        "waiting": (model.trade.applied + model.trade.licensed)[rows],
        "state": np.select([chosen.refused, chosen.bound], ["refused", "licence"], "free"),
    })  # fmt: skip
    return table.sort_values(["sent", "waiting"], ascending=False).head(MOST_ROWS)


def holds(session: Session, agent: str) -> pd.DataFrame:
    """What a firm holds of each input: good, stock_weeks, trust, suppliers (countries, largest first)."""
    model = session.models[-1]
    world, columns = model.world, model.columns
    rows = world.firm_rows([agent])
    if not len(rows):
        return pd.DataFrame()
    shelves = np.nonzero((world.bought.firm == rows[0]).to_numpy())[0]
    weeks = columns["stock"][shelves] / np.maximum(columns["expected_use"][shelves], 1e-12)
    share, buyer, exporter = columns["share"], world.links.buyer.to_numpy(), world.links.exporter.to_numpy()
    suppliers = []
    for shelf in shelves:
        mine = np.nonzero(buyer == shelf)[0]
        order = mine[np.argsort(-share[mine])]
        suppliers.append(list(dict.fromkeys(exporter[order[share[order] > 0]]))[:3])
    table = pd.DataFrame({"good": world.bought.good.to_numpy()[shelves], "stock_weeks": weeks,
                          "trust": columns["trust"][shelves], "suppliers": suppliers})  # fmt: skip
    return table.sort_values("stock_weeks")
