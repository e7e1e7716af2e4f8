"""Contracts: what the users of a country take of a producer's output by off-take or as owners (equation 3a)."""

from __future__ import annotations

import numpy as np

from abm.conditions import Conditions
from abm.world import World, kept_in
from agents.base import Columns

TINY = 1e-300


class Contracts:
    """Puts a share of what a producer makes under contract to the users of a country, shared out by their use.

    What they have lost belief in, or do not use, they do not ask for: the buyer of the contract sells it on. `group`
    (link,) numbers the pairs of a made shelf and a government.
    """

    def __init__(self, world: World) -> None:
        links = world.links
        self.seller, self.buyer = (links[name].to_numpy(dtype=np.int64) for name in ("seller", "buyer"))
        self.maker = links.seller_firm.to_numpy(dtype=np.int64)
        self.group = kept_in(world, "contract groups", lambda: groups_of(world))
        self.groups, self.sellers = int(self.group.max(initial=0)) + 1, len(world.made)

    def write(self, columns: Columns, conditions: Conditions) -> None:
        """Write what each link carries under contract, units/week; contracts on more than all output are cut alike."""
        rows = np.flatnonzero(conditions["off_take"])
        seller, group, use = self.seller[rows], self.group[rows], columns["expected_use"][self.buyer[rows]]
        made = columns["amount"][seller] * columns["activity"][self.maker[rows]]
        part = use / np.maximum(np.bincount(group, weights=use, minlength=self.groups), TINY)[group]
        taken = conditions["off_take"][rows] * made * part
        total = np.bincount(seller, weights=taken, minlength=self.sellers)[seller]
        columns["contracted"][:] = 0.0
        columns["contracted"][rows] = taken * np.minimum(1.0, made / np.maximum(total, TINY)) * columns["belief"][rows]


def groups_of(world: World) -> np.ndarray:
    """Number of the pair of made shelf and government of the buyer of each link (link,)."""
    _, government = np.unique(world.firms.government.to_numpy(dtype=str), return_inverse=True)
    buyer = government[world.links.buyer_firm.to_numpy(dtype=np.int64)]
    pair = world.links.seller.to_numpy(dtype=np.int64) * (int(government.max()) + 1) + buyer
    return np.asarray(np.unique(pair, return_inverse=True)[1], dtype=np.int64)
