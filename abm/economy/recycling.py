"""Recycling: stocks in use by cohort, what is discarded, and the scrap that reaches recyclers (equation 10)."""

from __future__ import annotations

from typing import Any

import numpy as np

from abm.economy import plant_kernels
from abm.policy.conditions import Conditions
from abm.world.world import World, kept_in
from kit.columns import Columns

WEEKS_PER_YEAR = 52
MOST_COLLECTED = 0.95


class Recycling:
    """Scrap pools: one per secondary good and product that holds it.

    Each pool remembers the product's output by year, relative to the base year, and discards a cohort when its life is
    over. Cohorts from before the run had grown as the published outlook of the good does now. In the base year a
    recycler gets the scrap that it works: idle plant is want of scrap. Its feed then follows the pools of its good, the
    collection where it stands, which policy can raise, and weakly the price of the good (`scrap_response`).
    """

    def __init__(self, world: World, years: int) -> None:
        known = kept_in(world, "scrap", lambda: pools_of(world))
        self.life, self.collection, self.recyclers, self.makers, self.pool_of_maker, self.pools_of = known
        self.base = self._by_pool_of(world.start["base_activity"])
        self.cohort = np.ones((len(self.life), years + 2))
        self.base_feed = world.start["base_activity"][self.recyclers]
        self.response = world.parameters["scrap_response"]
        self.outlook = np.ones((len(self.recyclers), years + 2))
        self.feed = np.full(len(world.firms), np.inf)
        self._sums = np.zeros(len(self.life))
        self._weeks = 0
        self._now, self._by_pool = (-1, -1), np.ones(len(self.recyclers))
        self._gathered = self.base_feed.copy()

    def _by_pool_of(self, activity: np.ndarray) -> np.ndarray:
        """Output of the products that feed each pool (pool,), from the activity of all firms (firm,)."""
        return np.bincount(self.pool_of_maker, weights=activity[self.makers], minlength=len(self.life))

    def collect(self, columns: Columns, conditions: Conditions, year: int) -> np.ndarray:
        """Scrap that can be worked this week (firm,), in units of the main good; infinite for other firms.

        What recyclers gather themselves, and get out of it, is in it. `year` counts from the start of the run.
        """
        rows = self.recyclers
        if not len(rows):
            return self.feed
        now = (year, conditions.changed("collection"))
        if now != self._now:
            if year != self._now[0]:
                self.outlook[:, year] = columns["outlook"][rows]
                self._by_pool = np.array([self._discarded(at, pools, year) for at, pools in enumerate(self.pools_of)])
            extra = conditions["collection"][rows]
            collected = np.minimum(self.collection + extra, MOST_COLLECTED) / np.maximum(self.collection, 1e-9)
            self._gathered = self.base_feed * self._by_pool * np.maximum(collected, 1.0)
            self._now = now
        price = columns["price_ratio"][rows] ** self.response
        plant_kernels.reach(rows, (self._gathered, price), (columns["collecting"], columns["gained"]), self.feed)
        return self.feed

    def _discarded(self, recycler: int, pools: np.ndarray, year: int) -> float:
        """What the pools of a recycler discard this year over the base year."""
        if not len(pools):
            return float(self.outlook[recycler, year])
        first = self.outlook[recycler, np.minimum(self.life[pools], year)]
        born = np.maximum(year - self.life[pools], 0)
        return float(np.mean(first * np.where(year < self.life[pools], 1.0, self.cohort[pools, born])))

    def remember(self, columns: Columns, year: int) -> None:
        """Add the week's products to the cohort of the year."""
        if not len(self.life):
            return
        self._weeks += 1
        plant_kernels.remember_products(self.pool_of_maker, self.makers, columns["activity"], self._sums)
        if self._weeks == WEEKS_PER_YEAR:
            self.cohort[:, min(year, self.cohort.shape[1] - 1)] = (
                self._sums / WEEKS_PER_YEAR / np.maximum(self.base, 1e-300)
            )
            self._sums, self._weeks = np.zeros(len(self.life)), 0


def scrap_fed(world: World) -> np.ndarray:
    """Recyclers that buy no input live on scrap (firm,)."""
    buys = np.isin(np.arange(len(world.firms)), world.bought.firm.to_numpy())
    return (world.firms.kind == "recycler").to_numpy() & ~buys


def pools_of(world: World) -> tuple[Any, ...]:
    """Scrap pools of products that are made here: life of the products in years (pool,), and who lives on what.

    Collection where each recycler stands, recyclers, makers of the products and their pool, pools of each recycler.
    """
    good, scrap = world.firms.good.to_numpy(), world.tables["scrap"]
    scrap = scrap[scrap["product"].isin(set(good))].reset_index(drop=True)
    life = np.maximum(np.round(scrap.life_years.to_numpy(dtype=float)).astype(int), 1)
    recyclers = np.nonzero(scrap_fed(world))[0]
    makers = [np.nonzero(good == product)[0] for product in scrap["product"]]
    pool_of_maker = np.repeat(np.arange(len(makers)), [len(rows) for rows in makers])
    pools = [np.nonzero((scrap.good == good[row]).to_numpy())[0] for row in recyclers]
    share = scrap.collection.to_numpy(dtype=float)
    collection = np.array([share[own].mean() if len(own) else 0.5 for own in pools])
    return life, collection, recyclers, np.concatenate([np.zeros(0, dtype=np.int64), *makers]), pool_of_maker, pools
