"""Contracts: what the users of a country take of a producer's output by off-take or as owners (equation 3a)."""

from __future__ import annotations

import numpy as np

from abm.economy import earning_kernels as kernels
from abm.policy.conditions import Conditions
from abm.world.world import World, kept_in
from kit.columns import Columns


class Contracts:
    """Puts a share of what a producer makes under contract to the users of a country, shared out by their use.

    What they have lost belief in, or do not use, they do not ask for: the buyer of the contract sells it on. `group`
    (link,) numbers the pairs of a made shelf and a government.
    """

    def __init__(self, world: World) -> None:
        self.seller, self.buyer = (world.array("links", name) for name in ("seller", "buyer"))
        self.maker = world.array("links", "seller_firm")
        self.group = kept_in(world, "contract groups", lambda: groups_of(world))
        self.rows, self._shown = np.zeros(0, dtype=np.int64), -1  # changes of the conditions when they were found
        self.used, self.taken = np.zeros(int(self.group.max(initial=0)) + 1), np.zeros(len(world.made))

    def write(self, columns: Columns, conditions: Conditions) -> None:
        """Write what each link carries under contract, units/week; contracts on more than all output are cut alike."""
        if conditions.changed("off_take") > self._shown:
            self.rows, self._shown = np.flatnonzero(conditions["off_take"] > 0), conditions.changes
            columns["contracted"][:] = 0.0
        kernels.put_under_contract(
            self.rows,
            (self.seller, self.buyer, self.maker, self.group),
            (conditions["off_take"], columns["belief"]),
            (columns["amount"], columns["activity"], columns["expected_use"]),
            (self.used, self.taken, columns["contracted"]),
        )


def groups_of(world: World) -> np.ndarray:
    """Number of the pair of made shelf and government of the buyer of each link (link,)."""
    _, government = np.unique(world.firms.government.to_numpy(dtype=str), return_inverse=True)
    buyer = government[world.links.buyer_firm.to_numpy(dtype=np.int64)]
    pair = world.links.seller.to_numpy(dtype=np.int64) * (int(government.max()) + 1) + buyer
    return np.asarray(np.unique(pair, return_inverse=True)[1], dtype=np.int64)
