"""The supply network: links between shelves of made goods and shelves of bought inputs, balanced for the base year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from abm.tables.parameters import Parameters
from abm.tables.tables import Tables
from abm.world.ras import sparse_flows
from abm.world.roster import Rows

EAST_ASIA = frozenset(["CHN", "TWN", "JPN", "KOR", "VNM", "THA", "MYS", "PHL", "IDN", "LAO", "KHM", "MMR", "PRK"])
CANDIDATES, RIVAL = 8, "CHN"


def build_links(rows: Rows, tables: Tables, parameters: Parameters) -> pd.DataFrame:
    """All links, sorted by the buyer's shelf.

    Columns: good, seller (made row), buyer (bought row), exporter, importer, flow (units/week), affinity, transit.
    """
    activity, capacity = rows.firms.activity.to_numpy(), rows.firms.capacity.to_numpy()
    country = rows.firms.country.to_numpy()
    bought = rows.bought.assign(amount=rows.bought.need * activity[rows.bought.firm], country=country[rows.bought.firm])
    made = rows.made.assign(made=rows.made.amount * activity[rows.made.firm], country=country[rows.made.firm])
    made["capacity"] = capacity[made.firm]
    shares = {str(good): table for good, table in tables["trade_shares"].groupby("good")}
    count = int(parameters["dormant_suppliers"])
    parts = [
        links_of_good(made[made.good == good], users, shares.get(str(good)), parameters["home_bias"], count)
        for good, users in bought.groupby("good")
    ]
    links = pd.concat(parts, ignore_index=True).sort_values(["buyer", "seller"], ignore_index=True)
    links["transit"] = transit(links, parameters)
    return links


def links_of_good(
    sellers: pd.DataFrame, buyers: pd.DataFrame, shares: pd.DataFrame | None, bias: float, count: int
) -> pd.DataFrame:
    """Links of one good: balanced flows between those who trade today, candidates for those who do not yet."""
    supply, use = sellers.made.to_numpy(), buyers.amount.to_numpy()
    seed = trade_seed(sellers, buyers, shares, bias)
    own = sellers.producer.to_numpy()[:, None] == buyers.producer.to_numpy()[None, :]
    seed = np.where(own, 0.0, seed)
    flow = sparse_flows(seed, supply, use * supply.sum() / max(use.sum(), 1e-300))
    affinity = flow / np.maximum(sellers.capacity.to_numpy()[:, None], 1e-300)
    affinity = candidates(affinity, sellers, buyers, own)
    dormant = dormant_ties(affinity, sellers, buyers, count)
    seller, buyer = np.nonzero((affinity > 0) | (dormant > 0))
    return pd.DataFrame(
        {
            "good": sellers.good.iloc[0],
            "seller": sellers.index.to_numpy()[seller],
            "buyer": buyers.index.to_numpy()[buyer],
            "exporter": sellers.country.to_numpy()[seller],
            "importer": buyers.country.to_numpy()[buyer],
            "flow": flow[seller, buyer],
            "affinity": affinity[seller, buyer],
            "dormant": dormant[seller, buyer],
        }
    )


def trade_seed(sellers: pd.DataFrame, buyers: pd.DataFrame, shares: pd.DataFrame | None, bias: float) -> np.ndarray:
    """Seed (seller, buyer): use times supply, home suppliers favoured, known shares of an importer kept."""
    supply, use = sellers.made.to_numpy(), buyers.amount.to_numpy()
    exporter, importer = sellers.country.to_numpy(), buyers.country.to_numpy()
    home = np.where(exporter[:, None] == importer[None, :], bias, 1.0)
    seed = supply[:, None] * use[None, :] * home
    if shares is None:
        return seed
    for place in set(importer) & set(shares.importer):
        known = shares[shares.importer == place].set_index("exporter").share
        columns = np.nonzero(importer == place)[0]
        seed[:, columns] = seed_by_shares(seed[:, columns], exporter, known)
    return seed


def seed_by_shares(seed: np.ndarray, exporter: np.ndarray, known: pd.Series) -> np.ndarray:
    """Scale the rows of each known exporter to its share of the importer's purchases; the rest share what is left."""
    listed = np.isin(exporter, known.index)
    left = max(1.0 - float(known[known.index.isin(exporter)].sum()), 0.01)
    weights = pd.Series(exporter).map(known).fillna(left).to_numpy()
    groups = np.where(listed, exporter, "")
    total = pd.Series(seed.sum(axis=1)).groupby(groups).transform("sum").to_numpy()
    factor = np.divide(weights, total, out=np.zeros_like(total), where=total > 0)
    return seed * factor[:, None] * max(seed.sum(), 1e-300)


def candidates(affinity: np.ndarray, sellers: pd.DataFrame, buyers: pd.DataFrame, own: np.ndarray) -> np.ndarray:
    """Ties for sellers and buyers that do not trade in the base year, towards the largest of the other side."""
    supply, use = sellers.made.to_numpy(), buyers.amount.to_numpy()
    capacity = np.maximum(sellers.capacity.to_numpy(), 1e-300)
    largest = np.argsort(-use, kind="stable")[:CANDIDATES]
    for seller in np.nonzero(supply <= 0)[0]:
        ties = use[largest] / max(use[largest].sum(), 1e-300)
        affinity[seller, largest] = np.where(own[seller, largest], 0.0, ties)
    chosen = np.argsort(-supply, kind="stable")[:CANDIDATES]
    for buyer in np.nonzero(use <= 0)[0]:
        ties = supply[chosen] / capacity[chosen] * supply[chosen] / max(supply.sum(), 1e-300)
        affinity[chosen, buyer] = np.where(own[chosen, buyer], 0.0, ties)
    return affinity


def dormant_ties(affinity: np.ndarray, sellers: pd.DataFrame, buyers: pd.DataFrame, count: int) -> np.ndarray:
    """Ties that a buyer outside China whose suppliers are all in China could qualify: the largest makers elsewhere.

    Of the size that would give them, all together, as much as the buyer takes in the base year: (seller, buyer).
    """
    dormant = np.zeros_like(affinity)
    abroad = sellers.country.to_numpy() != RIVAL
    capacity = sellers.capacity.to_numpy()
    largest = [row for row in np.argsort(-capacity, kind="stable") if abroad[row] and capacity[row] > 0][:count]
    for buyer in np.nonzero((buyers.country != RIVAL).to_numpy() & (buyers.amount > 0).to_numpy())[0]:
        if largest and not affinity[abroad, buyer].any():
            dormant[largest, buyer] = buyers.amount.iloc[buyer] / capacity[largest].sum()
    return dormant


def transit(links: pd.DataFrame, parameters: Parameters) -> np.ndarray:
    """Weeks in transit of each link."""
    home = links.exporter == links.importer
    near = links.exporter.isin(EAST_ASIA) & links.importer.isin(EAST_ASIA)
    weeks = np.where(near, parameters["transit_near"], parameters["transit_far"])
    return np.where(home, parameters["transit_home"], weeks).astype(np.int64)
