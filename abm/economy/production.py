"""Production: what the firms' activity does to their shelves, and what the world lets them do."""

from __future__ import annotations

from operator import itemgetter

import numpy as np

from abm.economy import trade_kernels
from abm.policy.conditions import Conditions
from abm.world.world import World, kept_in
from kit.columns import Columns

DUMP_ABOVE = 3.0
of_plant = itemgetter("activity", "base_activity", "capacity", "base_capacity")


class Production:
    """Uses inputs, adds outputs, hands final goods to their buyers and dumps surplus co-products (equation 1)."""

    def __init__(self, world: World) -> None:
        self.firm_of_made = world.array("made", "firm")
        self.main = np.nonzero(world.array("made", "later") == 0)[0]
        self.final = world.array("firms", "final")[self.firm_of_made] > 0
        self.sink = world.array("made", "sink") > 0
        activity = world.array("firms", "activity")[self.firm_of_made]
        self.room = DUMP_ABOVE * np.maximum(world.start["made_stock"], 4 * world.start["amount"] * activity)
        self.hosted, self.host = kept_in(world, "hosts", lambda: hosts_of(world))
        self.firms = len(world.firms)
        self.delivered = np.zeros(len(world.made))
        self.dumped = np.zeros(len(world.made))
        self.made = np.zeros(len(world.made))

    def bound(self, columns: Columns, conditions: Conditions, feed: np.ndarray) -> None:
        """Write what bounds each firm: its host's activity, the scrap collected, a mining quota, outages, partners."""
        trade_kernels.bound(
            (self.hosted, self.host),
            (*of_plant(columns), feed),
            (conditions["ceiling"], conditions["capacity"], conditions["partner"], columns["help"]),
            (columns["limit"], columns["available"]),
        )

    def run(self, columns: Columns) -> None:
        """One week of production."""
        trade_kernels.use_up(columns["used"], columns["stock"])
        trade_kernels.put_on_shelves(
            (self.firm_of_made, columns["amount"], columns["activity"]),
            (self.final, self.sink, self.room),
            (columns["made_stock"], self.made, self.delivered, self.dumped),
        )

    def look(self, columns: Columns, wanted: np.ndarray) -> None:
        """Tell each firm its stock of the main good and the orders for it. wanted: (made,) units/week."""
        trade_kernels.look(
            (self.main, self.firm_of_made),
            (columns["made_stock"], wanted, columns["amount"]),
            (columns["main_stock"], columns["requested"]),
        )


def hosts_of(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Rows of firms that work what a host yields, and rows of their hosts."""
    hosts = world.firms.host.map({key: row for row, key in enumerate(world.firms.producer)})
    return np.nonzero(hosts.notna().to_numpy())[0], np.array(hosts[hosts.notna()], dtype=np.int64)
