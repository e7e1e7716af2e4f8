"""Self-supply: how much of what a country uses it mines, refines or recycles itself, and its largest foreign source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abm.world.world import World
from agents.stances import KEPT, LARGEST, RECYCLED, REFINED
from kit.columns import Columns


@dataclass(frozen=True)
class Shelves:
    """Where a good is used, made and ordered: rows of the tables of inputs, outputs and links, found once.

    used: inputs at home (bought,); made, refined, recycled: outputs (made,) of all producers, of those at home and of
    recyclers at home; ores: outputs of ores that it is refined from, with the units of the good that a unit of each
    `gives` and whether it comes from home; orders: links (link,) to buyers at home, with `places` numbering where those
    from abroad come from, -1 at home.
    """

    price: float
    used: np.ndarray
    made: np.ndarray
    refined: np.ndarray
    recycled: np.ndarray
    ores: np.ndarray
    gives: np.ndarray
    own_ores: np.ndarray
    orders: np.ndarray
    places: np.ndarray


class SelfSupply:
    """The part of a government's country in what it uses of some goods, by value at base prices.

    refined: its output, recyclers' included, over its use; recycled: its recyclers' output over its use; mined: its
    share of what the world's ores of the good would give, times the world's output of the good, over its use. Each good
    counts at most its use, so that plenty of one does not stand for another.
    """

    def __init__(self, world: World, government: str, goods: np.ndarray) -> None:
        self.world = world
        firms, links = world.firms, world.links
        self.home = (firms.government == government).to_numpy()
        self.maker, self.made = world.made.firm.to_numpy(), world.made.g.to_numpy()
        self.amount = world.start["amount"]
        self.goods = [self._shelves(int(good)) for good in goods]
        self.outward = np.nonzero(self.home[links.seller_firm] & np.isin(links.g, goods))[0]
        self.kept = self.home[links.buyer_firm.to_numpy()[self.outward]]
        self.outward_price = world.base_price[links.g.to_numpy()[self.outward]]

    def _shelves(self, good: int) -> Shelves:
        """All rows of one good."""
        world, firms = self.world, self.world.firms
        user, recycler = (firms.kind != "reserve").to_numpy(), (firms.kind == "recycler").to_numpy()
        owner, seller = world.bought.firm.to_numpy(), world.links.seller_firm.to_numpy()
        makes, own = self.made == good, (self.home & user)[self.maker]
        ores, gives = self._ore_yields(good)
        orders = np.nonzero(self.home[world.links.buyer_firm] & (world.links.g.to_numpy() == good))[0]
        places = np.unique(firms.government.to_numpy()[seller[orders]], return_inverse=True)[1]
        return Shelves(
            price=float(world.base_price[good]),
            used=np.nonzero((self.home & user)[owner] & (world.bought.g.to_numpy() == good))[0],
            made=np.nonzero(makes & user[self.maker])[0],
            refined=np.nonzero(makes & own)[0],
            recycled=np.nonzero(makes & own & recycler[self.maker])[0],
            ores=ores,
            gives=gives,
            own_ores=own[ores],
            orders=orders,
            places=np.where(self.home[seller[orders]], -1, places),
        )

    def _ore_yields(self, good: int) -> tuple[np.ndarray, np.ndarray]:
        """Shelves of ores that the good is refined from, and units of the good that a unit of each gives."""
        world, bought = self.world, self.world.bought
        owner, input_good = bought.firm.to_numpy(), bought.g.to_numpy()
        ore = (world.goods.stage == "ore").to_numpy()
        makers = self.made == good
        yields = np.zeros(len(world.goods))
        for firm, amount in zip(self.maker[makers], self.amount[makers], strict=True):
            own = np.nonzero((owner == firm) & ore[input_good])[0]
            gives = amount / world.start["need"][own]
            np.maximum.at(yields, input_good[own], gives)
        shelves = np.nonzero(yields[self.made] > 0)[0]
        return shelves, yields[self.made[shelves]]

    def signal(self, watches: str, columns: Columns) -> float:
        """The share that a stance watches; nothing is fully supplied where nothing is used."""
        if watches == LARGEST:
            return self.largest(columns)
        if watches == KEPT:
            return self.ore_kept(columns)
        used = value = 0.0
        for good in self.goods:
            use = float(columns["expected_use"][good.used].sum())
            used += use * good.price
            value += min(self._supply(watches, good, columns["activity"]), use) * good.price
        return value / used if used > 0 else 1.0

    def _supply(self, watches: str, good: Shelves, activity: np.ndarray) -> float:
        """What the country itself supplies of a good, units a week."""
        if watches == REFINED:
            return self._output(good.refined, activity)
        if watches == RECYCLED:
            return self._output(good.recycled, activity)
        gives = self.amount[good.ores] * activity[self.maker[good.ores]] * good.gives
        total = float(gives.sum())
        mined = float(gives[good.own_ores].sum()) / total if total > 0 else 0.0
        return mined * self._output(good.made, activity)

    def _output(self, rows: np.ndarray, activity: np.ndarray) -> float:
        """Output of some rows of the table of outputs, units a week."""
        return float((self.amount[rows] * activity[self.maker[rows]]).sum())

    def largest(self, columns: Columns) -> float:
        """Largest share of one foreign country in what the country orders of a good, over the goods."""
        most = 0.0
        for good in self.goods:
            ordered = columns["claim"][good.orders]
            total = float(ordered.sum())
            if total > 0:
                by_place = np.bincount(good.places + 1, weights=ordered)[1:]
                most = max(most, float(by_place.max(initial=0.0)) / total)
        return most

    def ore_kept(self, columns: Columns) -> float:
        """Part of what is ordered of the country's own goods that buyers at home order, by value at base prices."""
        value = columns["claim"][self.outward] * self.outward_price
        total = float(value.sum())
        return float(value[self.kept].sum()) / total if total > 0 else 1.0
