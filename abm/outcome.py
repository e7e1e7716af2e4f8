"""Outcome: what a recorded run means for its firms. Losses, what caused them, stops; functions of history alone."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from abm.clock import WEEK, Week

if TYPE_CHECKING:
    from abm.history import History

RAW_STAGES = ("ore", "refined", "material")
STOPS_BELOW, RESTARTS_ABOVE = 0.5, 0.8
NO_ORDERS = 0.01
TIERS = 6
ROUNDING = 1e-9


class Outcome:
    """Arrays worked out from a history, each once, when first asked for; shapes (week, firm) or (week, bought)."""

    def __init__(self, history: History) -> None:
        self.history, self.world, self.weeks = history, history.world, history.weeks
        firms, bought = self.world.firms, self.world.bought
        self.owner = bought.firm.to_numpy()
        self.stage = bought.good.map(self.world.goods.set_index("good").stage).to_numpy()
        self.raw = np.isin(self.stage, RAW_STAGES)
        self.producing = (firms.kind != "reserve").to_numpy()
        self.industry = (firms.kind == "industry").to_numpy()
        self.final = firms.final.to_numpy(dtype=float) > 0
        self.buyers, self.first = np.unique(self.owner, return_index=True)

    @cached_property
    def aimed(self) -> np.ndarray:
        """Output a firm would have made (week, firm): demand for final makers, else what it wanted to make."""
        firm = self.history.firm
        aimed = np.where(self.final, firm["plan"][: self.weeks], firm["wanted"][: self.weeks])
        return np.where(self.producing, aimed, self.activity)

    @property
    def activity(self) -> np.ndarray:
        """Output in units of the main good a week (week, firm)."""
        return self.history.firm["activity"][: self.weeks]

    @cached_property
    def output_lost(self) -> np.ndarray:
        """Value added lost, US$ a week (week, firm)."""
        return self._value(self.aimed)

    @cached_property
    def lost_to_inputs(self) -> np.ndarray:
        """The part of `output_lost` for want of inputs, US$ a week (week, firm); the rest is for want of capacity."""
        return np.where(self.producing, self._value(self.history.firm["wanted"][: self.weeks]), 0.0)

    def _value(self, aimed: np.ndarray) -> np.ndarray:
        """Value added of what was aimed at and not made, rounding left out (week, firm)."""
        gap = aimed - self.activity
        return self.world.start["value_added"] * np.where(gap > ROUNDING * aimed, gap, 0.0)

    @cached_property
    def served(self) -> np.ndarray:
        """Share of the input wanted that was in stock when production began (week, bought), at most 1."""
        ended = self.history.bought["stock"][: self.weeks]
        stock = np.concatenate((self.history.opening[None, :].astype(ended.dtype), ended[:-1]))
        desired = self.history.bought["desired"][: self.weeks]
        share = np.divide(stock, desired, out=np.ones_like(stock), where=desired > stock)
        return np.minimum(share, 1.0)

    @cached_property
    def allowed(self) -> np.ndarray:
        """Share of the wanted output that each input allows (week, bought): equation 12."""
        return 1 - self.world.start["criticality"] * (1 - self.served)

    @cached_property
    def binding(self) -> np.ndarray:
        """Row of the bought shelf that bounds the firm's output most (week, firm); -1 where none does."""
        found = np.full((self.weeks, len(self.world.firms)), -1, dtype=np.int64)
        if not len(self.buyers):
            return found
        least = np.minimum.reduceat(self.allowed, self.first, axis=1)
        counts = np.diff(np.append(self.first, len(self.owner)))
        rows = np.where(self.allowed <= np.repeat(least, counts, axis=1), np.arange(len(self.owner)), len(self.owner))
        found[:, self.buyers] = np.where(least < 1, np.minimum.reduceat(rows, self.first, axis=1), -1)
        return found

    @cached_property
    def blame(self) -> np.ndarray:
        """Share of a firm's `lost_to_inputs` that falls to each input (week, bought).

        A firm's binding input takes it all; other users lose by each input apart, weighted by value.
        """
        week, firm = np.nonzero((self.binding >= 0) & (self.lost_to_inputs > 0) & ~self.industry)
        blame = np.zeros((self.weeks, len(self.owner)), dtype=np.float32)
        blame[week, self.binding[week, firm]] = 1.0
        shelves = np.nonzero(self.industry[self.owner])[0]
        missing = self.world.start["weight"][shelves] * (1 - self.served[:, shelves])
        total = self.by_owner(missing, shelves)[:, self.owner[shelves]]
        blame[:, shelves] = np.divide(missing, total, out=np.zeros_like(missing), where=total > 0)
        return blame

    def by_owner(self, values: np.ndarray, shelves: np.ndarray) -> np.ndarray:
        """Sums over the shelves of each firm: (week, shelf) to (week, firm)."""
        return sums(values, self.owner[shelves], len(self.world.firms))

    @cached_property
    def lost_by_shelf(self) -> np.ndarray:
        """`lost_to_inputs` by the input that caused it, US$ a week (week, bought)."""
        return self.lost_to_inputs[:, self.owner] * self.blame

    @cached_property
    def outlook(self) -> np.ndarray:
        """Published demand outlook over the base year (week, firm)."""
        demand, start = self.history.demand, self.history.start
        dates = [start + number * WEEK for number in range(self.weeks)]
        return np.stack([demand.at(demand.outlook, Week(0, date).years) for date in dates])

    @cached_property
    def orders_lost(self) -> np.ndarray:
        """Value added of orders that went missing because customers stopped, US$ a week (week, firm).

        A customer's lost share, the part blamed on the seller's own good left out, is passed up the links of the base
        year tier by tier; final makers have no orders to lose.
        """
        missing = self._missing_orders()
        base = self.world.start["value_added"] * self.world.start["base_activity"]
        return np.where(self.final | ~self.producing, 0.0, missing * base * self.outlook)

    def _missing_orders(self) -> np.ndarray:
        """Share of each firm's orders that its customers, and theirs, could not place (week, firm)."""
        gap = self.aimed - self.activity
        own = np.divide(gap, self.aimed, out=np.zeros_like(gap), where=gap > ROUNDING * self.aimed)
        own = np.minimum(own, 1.0)
        hit = np.nonzero(own.max(axis=1, initial=0.0) > 0)[0]
        missing = np.zeros_like(own)
        if not len(hit):
            return missing
        kept = 1 - own[np.ix_(hit, self.owner)] * (1 - self.blame[hit])
        weights = self._order_weights()
        found = missing[hit]
        for _ in range(TIERS):
            found = (weights @ (1 - kept * (1 - found[:, self.owner])).T).T
        missing[hit] = np.clip(found, 0.0, 1.0)
        return missing

    def _order_weights(self) -> csr_array:
        """Share of each buyer's shelf in the seller's sales of the base year by value (firm, bought)."""
        links = self.world.links
        value = links.flow.to_numpy() * self.world.base_price[links.g]
        seller = links.seller_firm.to_numpy()
        total = np.bincount(seller, weights=value, minlength=len(self.world.firms))[seller]
        share = np.divide(value, total, out=np.zeros_like(value), where=total > 0)
        return csr_array((share, (seller, links.buyer.to_numpy())), shape=(len(self.world.firms), len(self.owner)))

    @cached_property
    def named(self) -> np.ndarray:
        """Rows of the firms that stand for themselves and produce in the base year."""
        firms = self.world.firms
        alone = ~firms.residual.to_numpy(dtype=bool) & self.producing & ~self.industry
        return np.nonzero(alone & (self.world.start["base_activity"] > 0))[0]

    @cached_property
    def asked(self) -> np.ndarray:
        """What buyers want of a firm, as far as its plant stands (week, firm): outages and hosts do not lower it."""
        firm = self.history.firm
        return np.minimum(firm["plan"][: self.weeks], firm["capacity"][: self.weeks])

    @cached_property
    def stopped(self) -> np.ndarray:
        """Whether a named firm stands still (week, named): from below half of what it is asked and built for to 0.8."""
        plan = self.asked[:, self.named]
        activity = self.activity[:, self.named]
        asked = plan > NO_ORDERS * self.world.start["base_activity"][self.named]
        below, above = asked & (activity < STOPS_BELOW * plan), ~asked | (activity > RESTARTS_ABOVE * plan)
        stopped = np.zeros(below.shape, dtype=bool)
        state = np.zeros(len(self.named), dtype=bool)
        for week in range(self.weeks):
            state = (state | below[week]) & ~above[week]
            stopped[week] = state
        return stopped

    @cached_property
    def stops(self) -> pd.DataFrame:
        """Every stop and restart of a named firm, by week: week, firm, kind, shelf (binding input or -1)."""
        before = np.concatenate((np.zeros((1, len(self.named)), dtype=bool), self.stopped[:-1]))
        week, place = np.nonzero(self.stopped != before)
        firm = self.named[place]
        kind = np.where(self.stopped[week, place], "stop", "restart")
        return pd.DataFrame({"week": week, "firm": firm, "kind": kind, "shelf": self.binding[week, firm]})

    @cached_property
    def sector(self) -> np.ndarray:
        """Sector of each firm (firm,): of its product, else its stage, recycling apart, or other users."""
        world = self.world
        sector = world.firms.good.map(world.tables["products"].set_index("good").sector)
        stage = world.firms.good.map(world.goods.set_index("good").stage).map(
            {"ore": "mining", "refined": "refining", "material": "materials"}
        )
        return np.where(self.industry, "other_users", sector.fillna(stage).fillna("other_users")).astype(object)


def sums(values: np.ndarray, groups: np.ndarray, count: int) -> np.ndarray:
    """Sums over the columns of each group: (week, n) and (n,) to (week, count)."""
    columns = np.arange(len(groups))
    chosen = csr_array((np.ones(len(groups)), (groups, columns)), shape=(count, len(groups)))
    return np.asarray((chosen @ values.T).T)
