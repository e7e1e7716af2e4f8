"""Outcome: what a recorded run means for its firms. Losses, what caused them, stops; functions of history alone."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from abm.measures.recorded import Recorded
from abm.world.labels import labels_of
from abm.world.world import kept_in
from kit.clock import WEEK, Week

STOPS_BELOW, RESTARTS_ABOVE = 0.5, 0.8
NO_ORDERS = 0.01
TIERS = 6
ROUNDING = 1e-9


class Outcome:
    """Arrays worked out from a history, each once, when first asked for; shapes (week, firm) or (week, bought)."""

    def __init__(self, history: Recorded) -> None:
        self.history, self.world, self.weeks = history, history.world, history.weeks
        labels = labels_of(self.world)
        self.owner, self.raw, self.named, self.sector = labels.owner, labels.raw, labels.named, labels.sector
        self.producing, self.industry, self.final = labels.producing, labels.industry, labels.final

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
    def short(self) -> np.ndarray:
        """Rows of the shelves that at least once held less than was wanted of them when production began (short,)."""
        stock, desired = self.history.bought["stock"], self.history.bought["desired"][: self.weeks]
        short = (desired[:1] > self.history.opening).any(axis=0)
        return np.nonzero(short | (desired[1:] > stock[: max(self.weeks - 1, 0)]).any(axis=0))[0]

    @cached_property
    def served(self) -> np.ndarray:
        """Share of the input wanted that was in stock when production began (week, short), at most 1."""
        ended = self.history.bought["stock"][: self.weeks, self.short]
        stock = np.concatenate((self.history.opening[None, self.short].astype(ended.dtype), ended[:-1]))
        desired = self.history.bought["desired"][: self.weeks, self.short]
        return np.divide(stock, desired, out=np.ones_like(stock), where=desired > stock)

    @cached_property
    def binding(self) -> np.ndarray:
        """Row of the bought shelf that bounds the firm's output most (week, firm); -1 where none does.

        Each input allows 1 - criticality x (1 - served) of the wanted output: equation 12.
        """
        found = np.full((self.weeks, len(self.world.firms)), -1, dtype=np.int64)
        if not len(self.short):
            return found
        buyers, first, counts = np.unique(self.owner[self.short], return_index=True, return_counts=True)
        allowed = np.ascontiguousarray((1 - self.world.start["criticality"][self.short] * (1 - self.served)).T)
        least = np.minimum.reduceat(allowed, first)
        rows = np.where(allowed <= np.repeat(least, counts, axis=0), self.short[:, None], len(self.owner))
        found[:, buyers] = np.where(least < 1, np.minimum.reduceat(rows, first), -1).T
        return found

    @cached_property
    def blame(self) -> np.ndarray:
        """Share of a firm's `lost_to_inputs` that falls to each input (week, bought).

        A firm's binding input takes it all; other users lose by each input apart, weighted by value.
        """
        week, firm = np.nonzero((self.binding >= 0) & (self.lost_to_inputs > 0) & ~self.industry)
        blame = np.zeros((self.weeks, len(self.owner)), dtype=np.float32)
        blame[week, self.binding[week, firm]] = 1.0
        users = self.industry[self.owner[self.short]]
        shelves = self.short[users]
        missing = self.world.start["weight"][shelves] * (1 - self.served[:, users])
        total = sums(missing, self.owner[shelves], len(self.industry))[:, self.owner[shelves]]
        blame[:, shelves] = np.divide(missing, total, out=np.zeros_like(missing), where=total > 0)
        return blame

    @cached_property
    def lost_by_shelf(self) -> np.ndarray:
        """`lost_to_inputs` over the run by the input that caused it, US$ (bought,)."""
        lost = np.zeros(len(self.owner))
        blamed = self.lost_to_inputs[:, self.owner[self.short]] * self.blame[:, self.short]
        lost[self.short] = blamed.sum(axis=0)
        return lost

    @cached_property
    def outlook(self) -> np.ndarray:
        """Published demand outlook over the base year (week, firm)."""
        return outlook_of(self.history, range(self.weeks))

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
        """Share of each firm's orders that its customers, and theirs, could not place (week, firm).

        A customer keeps 1 - `lost` of its orders as far as its own stops go, and `found` is missing of what it was
        itself asked for: 1 - kept x (1 - found) is missing in all, and that is lost + kept x found.
        """
        own = self._share_lost()
        hit, losing = np.nonzero(own.any(axis=1))[0], own.any(axis=0)
        shelves, weights = np.nonzero(losing[self.owner])[0], self.order_weights
        lost = np.ascontiguousarray(own[hit].T)[self.owner[shelves]]
        short = np.isin(shelves, self.short)
        lost[short] *= 1 - self.blame[np.ix_(hit, shelves[short])].T
        found = first = weights[:, shelves] @ lost
        sells = np.diff(weights.indptr) > 0
        again = sells[self.owner[shelves]]
        buyer, kept, taken = self.owner[shelves[again]], 1 - lost[again], weights[:, shelves[again]]
        passed = self._passed_on(sells & ~losing)
        for _ in range(TIERS - 1):
            found = first + taken @ (kept * found[buyer]) + passed @ found
        missing = np.zeros_like(own)
        missing[hit] = np.clip(found, 0.0, 1.0).T
        return missing

    def _share_lost(self) -> np.ndarray:
        """Share that each firm did not make of what it aimed at, at most 1, rounding left out (week, firm)."""
        gap = self.aimed - self.activity
        share = np.divide(gap, self.aimed, out=np.zeros_like(gap), where=gap > ROUNDING * self.aimed)
        return np.minimum(share, 1.0)

    def _passed_on(self, chosen: np.ndarray) -> csr_array:
        """Share of each seller's sales that some firms take (firm, firm). chosen: (firm,) true or false."""
        rows = np.nonzero(chosen[self.owner])[0]
        shape = len(self.owner), len(chosen)
        return self.order_weights @ csr_array((np.ones(len(rows)), (rows, self.owner[rows])), shape=shape)

    @property
    def order_weights(self) -> csr_array:
        """Share of each buyer's shelf in the seller's sales of the base year by value (firm, bought)."""
        return kept_in(self.world, "order weights", self._order_weights)

    def _order_weights(self) -> csr_array:
        """The same, worked out."""
        links = self.world.links
        value = links.flow.to_numpy() * self.world.base_price[links.g]
        seller = links.seller_firm.to_numpy()
        total = np.bincount(seller, weights=value, minlength=len(self.world.firms))[seller]
        share = np.divide(value, total, out=np.zeros_like(value), where=total > 0)
        shape = len(self.world.firms), len(self.owner)
        weights = csr_array((share, (seller, links.buyer.to_numpy())), shape=shape)
        weights.eliminate_zeros()
        return weights

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


def outlook_of(history: Recorded, weeks: range) -> np.ndarray:
    """Published demand outlook over the base year in some weeks of a run (week, firm)."""
    demand = history.demand
    dates = [history.start + number * WEEK for number in weeks]
    return np.stack([demand.at(demand.outlook, Week(0, date).years) for date in dates])


def sums(values: np.ndarray, groups: np.ndarray, count: int) -> np.ndarray:
    """Sums over the columns of each group: (week, n) and (n,) to (week, count)."""
    columns = np.arange(len(groups))
    chosen = csr_array((np.ones(len(groups)), (groups, columns)), shape=(count, len(groups)))
    return np.asarray((chosen @ values.T).T)
