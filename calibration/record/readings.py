"""Readings: a finished run read by the day, as the record counts it, and the statistics of targets."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import numpy as np

from abm.record.history import History
from abm.world.world import World, kept_in
from calibration.record.event import FLOWS, Quantity, Target
from calibration.record.spans import Span

DAYS = 7
FIRST_DAYS = 28
OF_LINKS = ("exports", "imports", "approvals")
Reader = Callable[[Quantity, Span | None], float]


class Readings:
    """Daily series of a run: flows in units a day (weeks spread over their days), prices as ratios to the base."""

    def __init__(self, history: History) -> None:
        self.history, self.world = history, history.world
        self.start: datetime.date = history.start
        self._kept: dict[Quantity, np.ndarray] = {}
        self._series: dict[str, np.ndarray] = {}

    def daily(self, quantity: Quantity) -> np.ndarray:
        """One value a day (day,)."""
        if quantity not in self._kept:
            self._kept[quantity] = np.repeat(self._weekly(quantity), DAYS)
        return self._kept[quantity]

    def value(self, quantity: Quantity, span: Span | None) -> float:
        """Units a month of a flow, or mean price, over a span; over the first four weeks where there is none."""
        if quantity.variable == "approvals":
            return self._approved(quantity, span)
        days = self.daily(quantity)
        if span is None:
            return float(days[:FIRST_DAYS].mean()) * (DAYS_IN_MONTH if quantity.variable in FLOWS else 1.0)
        part = days[(span.first - self.start).days : (span.last - self.start).days + 1]
        return float(part.sum() / span.months if quantity.variable in FLOWS else part.mean())

    def _weekly(self, quantity: Quantity) -> np.ndarray:
        """One value a week (week,); flows per day."""
        history, weeks = self.history, self.history.weeks
        if quantity.variable in ("exports", "imports"):
            return self._trade(quantity) / DAYS
        if quantity.variable == "use":
            rows = self._buyers(quantity)
            return history.bought["used"][:weeks, rows].sum(axis=1, dtype=float) / DAYS
        good = self.world.array("goods", "good").tolist().index(quantity.goods[0])
        if quantity.variable == "price_fob":
            return history.export[:weeks, good]
        series = history.spot if quantity.variable == "price_spot" else history.average
        return series[:weeks, 0 if quantity.place == "CHN" else 1, good]

    def _trade(self, quantity: Quantity) -> np.ndarray:
        """Weekly trade: declared exports leave the `place`, imports arrive there after their transit.

        What leaks leaves undeclared: customs do not count it.
        """
        weeks, transits = self.history.weeks, self.world.array("links", "transit")
        rows = links_of(self.world, quantity)
        sent = self.of_links("sent", rows, slice(weeks))
        if quantity.variable == "exports":
            leaks = "leaked" in self.history.link.names
            return (sent - self.of_links("leaked", rows, slice(weeks)) if leaks else sent).sum(axis=1)
        arrived = np.zeros(weeks)
        for transit, column in zip(transits[rows].tolist(), sent.T, strict=True):
            arrived[transit:] += column[: weeks - transit]
            arrived[:transit] += column[0]
        return arrived

    def of_links(self, name: str, rows: np.ndarray, weeks: slice) -> np.ndarray:
        """A series of some links in some weeks (week, row). What leaks is not declared, and not counted by customs."""
        if name not in self._series:
            self._series[name] = self.history.link[name]
        return self._series[name][weeks][:, self.history.link.places(rows)]

    def _buyers(self, quantity: Quantity) -> np.ndarray:
        """Rows of inputs that firms of a place use."""
        found: np.ndarray = kept_in(self.world, ("buyers of", quantity), lambda: self._find_buyers(quantity))
        return found

    def _find_buyers(self, quantity: Quantity) -> np.ndarray:
        """The same, worked out."""
        bought = self.world.bought
        rows = bought.good.isin(quantity.goods)
        if quantity.place != "WLD":
            rows &= within(self.world, bought.firm.map(self.world.firms.country), quantity.place)
        return np.nonzero(rows.to_numpy())[0]

    def _approved(self, quantity: Quantity, span: Span | None) -> float:
        """Part of what was applied for in a span that was granted: granted, refused and still waiting at its end."""
        if span is None:
            return np.nan
        rows = links_of(self.world, quantity)
        first, last = ((day - self.start).days // DAYS for day in (span.first, span.last))
        granted, refused = (self.of_links(name, rows, slice(first, last + 1)) for name in ("granted", "refused"))
        waiting = self.of_links("waiting", rows, slice(last, last + 1))
        given = float(granted.sum())
        asked = given + float(refused.sum()) + float(waiting.sum())
        return given / asked if asked > 0 else np.nan


DAYS_IN_MONTH = 30.4375


def links_of(world: World, quantity: Quantity) -> np.ndarray:
    """Rows of the links between a place and the other end, of the goods meant."""
    found: np.ndarray = kept_in(world, ("links of", quantity), lambda: _find_links(world, quantity))
    return found


def _find_links(world: World, quantity: Quantity) -> np.ndarray:
    """The same, worked out."""
    links = world.links
    here, there = ("exporter", "importer") if quantity.variable != "imports" else ("importer", "exporter")
    rows = links.good.isin(quantity.goods) & (links[here] != links[there])
    for column, word in ((here, quantity.place), (there, quantity.to)):
        if word != "WLD":
            rows &= within(world, links[column], word)
    return np.nonzero(rows.to_numpy())[0]


def links_read(world: World, targets: tuple[Target, ...]) -> np.ndarray:
    """Rows of the links whose trade or licences the targets look at, in ascending order."""
    found: np.ndarray = kept_in(world, ("links read", targets), lambda: _find_links_read(world, targets))
    return found


def _find_links_read(world: World, targets: tuple[Target, ...]) -> np.ndarray:
    """The same, worked out."""
    read = {quantity for target in targets for quantity in (target.quantity, target.other)}
    rows = [links_of(world, quantity) for quantity in read if quantity.variable in OF_LINKS]
    return np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *rows]))


def within(world: World, countries: object, word: str) -> object:
    """Which of the countries are a place or are governed by it."""
    table = world.tables["countries"]
    members = table[(table.country == word) | (table.government == word)].country
    return countries.isin(set(members))  # type: ignore[attr-defined]


def statistic(target: Target, read: Reader) -> float:
    """The target's statistic, whatever the readings come from: a run, or a naive rule."""
    return STATISTIC[target.statistic](target, read)


def _level(target: Target, read: Reader) -> float:
    return read(target.quantity, target.at) / target.per


def _ratio(target: Target, read: Reader) -> float:
    below = read(target.other, target.over)
    return read(target.quantity, target.at) / below if below > 0 else np.nan


def _share(target: Target, read: Reader) -> float:
    whole = read(target.other, target.at)
    return target.base * read(target.quantity, target.at) / whole if whole > 0 else np.nan


def _months(target: Target, read: Reader) -> np.ndarray:
    """Each month of `at` over the level before."""
    before = read(target.other, target.over)
    return np.array([read(target.quantity, month) for month in target.at.by_month()]) / max(before, 1e-12)


def _until(target: Target, read: Reader) -> float:
    """The first month, counted from 1, from which a month reaches the level after one that did not."""
    reached = _months(target, read) >= target.level
    below = np.nonzero(~reached)[0]
    if not len(below):
        return 1.0
    after = np.nonzero(reached[below[0] :])[0]
    return float(below[0] + after[0] + 1) if len(after) else float(len(reached) + 1)


STATISTIC: dict[str, Callable[[Target, Reader], float]] = {
    "level": _level,
    "ratio": _ratio,
    "change": lambda target, read: _ratio(target, read) - 1,
    "share": _share,
    "peak_ratio": lambda target, read: float(_months(target, read).max()),
    "months_to_peak": lambda target, read: float(_months(target, read).argmax() + 1),
    "months_below": lambda target, read: float((_months(target, read) < target.level).sum()),
    "months_until": _until,
}
