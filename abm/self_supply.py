"""Self-supply: how much of what a country uses it mines, refines or recycles itself, and its largest foreign source."""

from __future__ import annotations

import numpy as np

from abm.world import World
from agents.base import Columns

MINED, REFINED, RECYCLED = "home_mined", "home_refined", "home_recycled"
SHARES = (MINED, REFINED, RECYCLED)
LARGEST, KEPT = "largest_source", "ore_kept"
WATCHED = (*SHARES, KEPT, LARGEST)


class SelfSupply:
    """The part of a government's country in what it uses of some goods, by value at base prices.

    refined: its output, recyclers' included, over its use; recycled: its recyclers' output over its use; mined: its
    share of what the world's ores of the good would give, times the world's output of the good, over its use. Each good
    counts at most its use, so that plenty of one does not stand for another.
    """

    def __init__(self, world: World, government: str, goods: np.ndarray) -> None:
        self.world, self.goods = world, goods
        firms = world.firms
        self.home = (firms.government == government).to_numpy()
        self.user = ~firms.kind.isin(["reserve"]).to_numpy()
        self.recycler = (firms.kind == "recycler").to_numpy()
        self.maker, self.made = world.made.firm.to_numpy(), world.made.g.to_numpy()
        self.owner, self.bought = world.bought.firm.to_numpy(), world.bought.g.to_numpy()
        self.amount = world.start["amount"]
        links = world.links
        self.inward = np.nonzero(self.home[links.buyer_firm] & np.isin(links.g, goods))[0]
        self.source = firms.government.to_numpy()[links.seller_firm.to_numpy()[self.inward]]
        self.good = links.g.to_numpy()[self.inward]
        self.outward = np.nonzero(self.home[links.seller_firm] & np.isin(links.g, goods))[0]
        self.kept = self.home[links.buyer_firm.to_numpy()[self.outward]]
        self.ores = {int(good): self._ore_yields(int(good)) for good in goods}

    def _ore_yields(self, good: int) -> tuple[np.ndarray, np.ndarray]:
        """Shelves of ores that the good is refined from, and units of the good that a unit of each gives."""
        world = self.world
        ore = (world.goods.stage == "ore").to_numpy()
        makers = self.made == good
        yields = np.zeros(len(world.goods))
        for firm, amount in zip(self.maker[makers], self.amount[makers], strict=True):
            own = np.nonzero((self.owner == firm) & ore[self.bought])[0]
            gives = amount / world.start["need"][own]
            np.maximum.at(yields, self.bought[own], gives)
        shelves = np.nonzero(yields[self.made] > 0)[0]
        return shelves, yields[self.made[shelves]]

    def signal(self, watches: str, columns: Columns) -> float:
        """The share that a stance watches; nothing is fully supplied where nothing is used."""
        if watches == LARGEST:
            return self.largest(columns)
        if watches == KEPT:
            return self.ore_kept(columns)
        output = self.amount * columns["activity"][self.maker]
        own = self.home[self.maker] & self.user[self.maker]
        used = value = 0.0
        for good in self.goods:
            wanted = self.home[self.owner] & self.user[self.owner] & (self.bought == good)
            use, price = float(columns["expected_use"][wanted].sum()), float(self.world.base_price[good])
            supply = self._supply(watches, int(good), output, own)
            used += use * price
            value += min(supply, use) * price
        return value / used if used > 0 else 1.0

    def _supply(self, watches: str, good: int, output: np.ndarray, own: np.ndarray) -> float:
        """What the country itself supplies of a good, units a week."""
        makes = self.made == good
        if watches == REFINED:
            return float(output[makes & own].sum())
        if watches == RECYCLED:
            return float(output[makes & own & self.recycler[self.maker]].sum())
        shelves, yields = self.ores[good]
        gives = output[shelves] * yields
        total = float(gives.sum())
        mined = float(gives[own[shelves]].sum()) / total if total > 0 else 0.0
        return mined * float(output[makes & self.user[self.maker]].sum())

    def largest(self, columns: Columns) -> float:
        """Largest share of one foreign country in what the country orders of a good, over the goods."""
        most = 0.0
        for good in self.goods:
            rows = self.good == good
            ordered = columns["claim"][self.inward[rows]]
            total = float(ordered.sum())
            if total <= 0:
                continue
            abroad = ~self.home_source(rows)
            places, number = np.unique(self.source[rows][abroad], return_inverse=True)
            by_place = np.bincount(number, weights=ordered[abroad], minlength=len(places))
            most = max(most, float(by_place.max(initial=0.0)) / total)
        return most

    def ore_kept(self, columns: Columns) -> float:
        """Part of what is ordered of the country's own goods that buyers at home order, by value at base prices."""
        price = self.world.base_price[self.world.links.g.to_numpy()[self.outward]]
        value = columns["claim"][self.outward] * price
        total = float(value.sum())
        return float(value[self.kept].sum()) / total if total > 0 else 1.0

    def home_source(self, rows: np.ndarray) -> np.ndarray:
        """Whether each of some inward links comes from a firm at home."""
        return np.asarray(self.home[self.world.links.seller_firm.to_numpy()[self.inward[rows]]])
