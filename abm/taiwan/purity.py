"""Purity: what a provider's grade opens. Makers take high purity alone; other users take any (equation 13b)."""

from __future__ import annotations

import numpy as np

from abm.world.providers import providers
from abm.world.world import World, kept_in
from agents.seen import Seen
from agents.strategy_kernels import accept_more
from kit.columns import Columns

ANY_GRADE = ("industry", "reserve", "trader")


class Purity:
    """Writes what each provider starts with, and each quarter which part of its output makers accept.

    At the grade of the base year nothing changes: the base year's trade is what that grade sold.
    """

    def __init__(self, world: World, columns: Columns) -> None:
        rows = providers(world)
        self.links, self.seller, gleaner, fine = kept_in(world, "purity", lambda: sales_to_makers(world))
        columns["grade"][rows] = columns["capability"][rows]
        columns["gleaner"][rows] = gleaner
        columns["price_weight"][rows] = world.output_value[rows] / columns["value_added"][rows]
        columns["fine"][rows] = fine
        self.start = columns["grade"][self.seller].copy()

    def open(self, columns: Columns, seen: Seen) -> None:
        """Let makers accept more of what a provider of a higher grade makes than they did in the base year."""
        grade = columns["grade"][self.seller]
        if np.array_equal(grade, self.start) and (columns["accepted"] == 1).all():
            return
        columns["accepted"][self.links] = accept_more(grade, self.start, seen.parameter("grade_capability"))


def sales_to_makers(world: World) -> tuple[np.ndarray, ...]:
    """Links from providers to makers and their sellers (n,); of each provider: whether it lives on scrap, part sold so.

    The last is the share of its base sales that goes to makers.
    """
    firms, links, rows = world.firms, world.links, providers(world)
    seller = links.seller_firm.to_numpy(dtype=np.int64)
    maker = ~firms.kind.isin(ANY_GRADE).to_numpy()[links.buyer_firm]
    to_makers = np.nonzero(np.isin(seller, rows) & maker)[0]
    buys = np.bincount(world.bought.firm, minlength=len(firms)) > 0
    gleaner = (firms.kind.to_numpy() == "recycler")[rows] & ~buys[rows]
    flow = links.flow.to_numpy(dtype=float)
    fine = np.bincount(seller[to_makers], weights=flow[to_makers], minlength=len(firms))
    sold = np.bincount(seller, weights=flow, minlength=len(firms))
    return to_makers, seller[to_makers], gleaner, (fine / np.maximum(sold, 1e-300))[rows]
