"""A yardstick: one comparable week written the plain Mesa way, one Python object per firm and per supply link."""

from __future__ import annotations

import mesa

from abm.world.world import World


class PlainFirm(mesa.Agent):
    """A firm with dictionaries for its stocks and a loop over its links."""

    def __init__(self, model: PlainModel, activity: float) -> None:
        super().__init__(model)
        self.activity, self.plan, self.stock, self.trust = activity, activity, {}, {}
        self.need, self.use, self.cover, self.made, self.requested = {}, {}, {}, 4 * activity, activity
        self.suppliers: dict[int, list[tuple[PlainFirm, float, list[float]]]] = {}

    def produce(self) -> None:
        """Plan by orders, bound by the scarcest input."""
        self.plan = max(self.requested + (4 * self.activity - self.made) / 8, 0.0)
        share = 1.0
        for good, need in self.need.items():
            share = min(share, 1.0, self.stock[good] / max(need * self.plan, 1e-12))
        self.activity = self.plan * share
        for good, need in self.need.items():
            self.stock[good] = max(self.stock[good] - need * self.activity, 0.0)
        self.made += self.activity
        self.requested = 0.0

    def order(self) -> None:
        """Order by cover and trust, split over suppliers by belief."""
        for good, links in self.suppliers.items():
            self.use[good] += (self.need[good] * self.plan - self.use[good]) / 6
            transit = sum(sum(pipe) for _, _, pipe in links)
            aim = self.use[good] * (self.cover[good] * (1 + 0.8 * (1 - self.trust[good])) + 3)
            wanted = max(self.use[good] + (aim - self.stock[good] - transit) / 3, 0.0)
            total = sum(share for _, share, _ in links) or 1.0
            for seller, share, pipe in links:
                claim = wanted * share / total
                seller.requested += claim
                sent = min(claim, seller.made)
                seller.made -= sent
                pipe.append(sent)
                self.stock[good] += pipe.pop(0)


class PlainModel(mesa.Model):
    """The world's firms and links as plain objects."""

    def __init__(self, world: World) -> None:
        super().__init__(rng=1)
        self.firms = [PlainFirm(self, float(activity)) for activity in world.firms.activity]
        shelves = zip(world.bought.firm, world.bought.g, world.bought.need, world.start["cover"], strict=True)
        owners = []
        for firm, good, need, cover in shelves:
            buyer = self.firms[firm]
            buyer.need[good], buyer.cover[good], buyer.trust[good] = need, cover, 1.0
            buyer.use[good] = need * buyer.activity
            buyer.stock[good] = (cover + 1) * buyer.use[good]
            buyer.suppliers[good] = []
            owners.append((buyer, good))
        for seller, shelf, flow, weeks in zip(
            world.links.seller_firm, world.links.buyer, world.links.flow, world.links.transit, strict=True
        ):
            buyer, good = owners[shelf]
            buyer.suppliers[good].append((self.firms[seller], flow, [flow] * int(weeks)))

    def step(self) -> None:
        """One week."""
        self.agents.do("produce")
        self.agents.shuffle_do("order")
