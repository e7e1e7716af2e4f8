"""Production: what the firms' activity does to their shelves, and what the world lets them do."""

from __future__ import annotations

import numpy as np

from abm.conditions import Conditions
from abm.world import World
from agents.base import Columns

DUMP_ABOVE = 3.0


class Production:
    """Uses inputs, adds outputs, hands final goods to their buyers and dumps surplus co-products (equation 1)."""

    def __init__(self, world: World) -> None:
        self.firm_of_made = world.made.firm.to_numpy()
        self.main = np.nonzero(world.made.later.to_numpy() == 0)[0]
        self.main_firm = self.firm_of_made[self.main]
        self.final = world.firms.final.to_numpy(dtype=float)[self.firm_of_made] > 0
        self.sink = world.made.sink.to_numpy(dtype=float) > 0
        activity = world.firms.activity.to_numpy(dtype=float)[self.firm_of_made]
        self.room = DUMP_ABOVE * np.maximum(world.start["made_stock"], 4 * world.start["amount"] * activity)
        places = {key: row for row, key in enumerate(world.firms.producer)}
        hosts = world.firms.host.map(places)
        self.hosted = np.nonzero(hosts.notna().to_numpy())[0]
        self.host = hosts[hosts.notna()].astype(int).to_numpy()
        self.firms = len(world.firms)
        self.delivered = np.zeros(len(world.made))
        self.dumped = np.zeros(len(world.made))
        self.made = np.zeros(len(world.made))

    def bound(self, columns: Columns, conditions: Conditions, feed: np.ndarray) -> None:
        """Write what bounds each firm: its host's activity, the scrap collected, a mining quota, outages, partners."""
        limit = columns["limit"]
        limit[:] = np.inf
        base = columns["base_activity"]
        host_ratio = columns["activity"][self.host] / np.maximum(base[self.host], 1e-300)
        limit[self.hosted] = columns["base_capacity"][self.hosted] * host_ratio
        np.minimum(limit, feed, out=limit)
        if conditions.touched("ceiling"):
            under = np.isfinite(conditions["ceiling"])
            limit[under] = np.minimum(limit[under], conditions["ceiling"][under] * columns["base_capacity"][under])
        columns["available"] = np.minimum(conditions["capacity"] * conditions["partner"], 2.0)

    def run(self, columns: Columns) -> None:
        """One week of production."""
        columns["stock"] -= columns["used"]
        self.made = columns["amount"] * columns["activity"][self.firm_of_made]
        stock = columns["made_stock"] + self.made
        self.delivered = np.where(self.final, stock, 0.0)
        kept = stock - self.delivered
        self.dumped = np.where(self.sink, np.maximum(kept - self.room, 0.0), 0.0)
        columns["made_stock"] = kept - self.dumped

    def look(self, columns: Columns, wanted: np.ndarray) -> None:
        """Tell each firm its stock of the main good and the orders for it. wanted: (made,) units/week."""
        columns["main_stock"][self.main_firm] = columns["made_stock"][self.main]
        columns["requested"][self.main_firm] = wanted[self.main] / np.maximum(columns["amount"][self.main], 1e-300)
