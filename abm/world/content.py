"""Content: what share of a good comes from China, traced through the network."""

from __future__ import annotations

import numpy as np

from abm.world.world import World, kept_in

PASSES = 8


class Content:
    """Chinese content of each firm's output by value of its inputs; makers in China count in full."""

    def __init__(self, world: World) -> None:
        self.china = world.firms.zone.to_numpy() == 0
        self.seller = world.links.seller_firm.to_numpy()
        self.buyer = world.links.buyer.to_numpy()
        self.owner = world.bought.firm.to_numpy()
        value = world.bought.need.to_numpy() * world.base_price[world.bought.g]
        total = np.bincount(self.owner, weights=value, minlength=len(world.firms))
        self.weight = np.divide(value, total[self.owner], out=np.zeros_like(value), where=total[self.owner] > 0)

    def trace(self, share: np.ndarray) -> np.ndarray:
        """Chinese content of what each link carries (link,), given each link's share of its buyer's orders."""
        content = self.china.astype(float)
        for _ in range(PASSES):
            shelf = np.bincount(self.buyer, weights=share * content[self.seller], minlength=len(self.owner))
            firm = np.bincount(self.owner, weights=self.weight * shelf, minlength=len(content))
            content = np.where(self.china, 1.0, firm)
        return content[self.seller]


def content_of(world: World) -> Content:
    """The tracer of a world, made once: nothing in it changes."""
    found: Content = kept_in(world, "content", lambda: Content(world))
    return found
