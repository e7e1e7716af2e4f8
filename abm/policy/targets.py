"""Instruments of the marks that a government sets itself: the most from one country, and recycled content.

Both turn buyers toward the suppliers wanted, by as much as brings the shares of the base year to the mark (equation 3).
"""

from __future__ import annotations

import numpy as np

from abm.policy.causes import Cause, among, of_goods
from abm.policy.conditions import Conditions
from abm.scenario.scenario import CauseSpec
from abm.world.world import World
from kit.clock import Week


class Turn(Cause):
    """A preference on links into the country, sized so that the links wanted reach a part of each shelf's orders.

    With s the base share of the links wanted and m the part they are to have: (1 + favour) = m (1 - s) / (s (1 - m)).
    Where none of them, or nothing else, supplies a shelf, nothing can be turned.
    """

    field = ""

    def __init__(self, spec: CauseSpec, world: World) -> None:
        super().__init__(spec, world)
        rows = self.rows
        wanted = np.zeros(len(world.links), dtype=bool)
        wanted[rows] = True
        buyer, share = world.links.buyer.to_numpy(), world.start["share"]
        part = np.bincount(buyer, weights=share * wanted, minlength=len(world.bought))[buyer[rows]]
        aim = self.aim()
        need = aim * (1 - part) / np.maximum(part * (1 - aim), np.finfo(float).tiny)
        turned = (part > 0) & (part < aim)
        self.favour = np.where(turned, np.maximum(need - 1, 0.0), 0.0)

    def aim(self) -> float:
        """Part of a shelf's orders that the links wanted are to have."""
        raise TypeError(f"{type(self).__name__} does not say what it aims at")

    def into(self, world: World) -> np.ndarray:
        """Whether each link carries the goods to a buyer of the country."""
        inward = among(world.links.importer.to_numpy(), (self.spec.by,), world)
        return np.asarray(inward & of_goods(world.links.good.to_numpy(), self.fields["goods"]))

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Add the preference."""
        conditions.write("favour", self.rows, self.favour)


class SingleCountryCap(Turn):
    """At most a share of what a country buys of a good may come from the country named: the others are preferred."""

    name = "single_country_cap"

    def resolve(self, world: World) -> np.ndarray:
        """Links from anywhere else, home included."""
        named = among(world.links.exporter.to_numpy(), (self.fields["source_country"],), world)
        return np.nonzero(self.into(world) & ~named)[0]

    def aim(self) -> float:
        """What is left to the others."""
        return 1 - float(self.fields["share"])


class RecycledContent(Turn):
    """Buyers of a country must take a share of a good from recyclers."""

    name = "recycled_content"

    def resolve(self, world: World) -> np.ndarray:
        """Links from recyclers."""
        recycled = (world.firms.kind == "recycler").to_numpy()[world.links.seller_firm.to_numpy()]
        return np.nonzero(self.into(world) & recycled)[0]

    def aim(self) -> float:
        """The share."""
        return float(self.fields["share"])
