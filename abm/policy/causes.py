"""Causes: what every policy and event has in common, and how each finds the rows of the world that it touches."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

import numpy as np

from abm.policy.conditions import Conditions
from abm.scenario.scenario import CauseSpec
from abm.world.world import World
from kit.clock import DAYS_PER_WEEK, Week

WARNING_WEEKS = 2


class Cause:
    """A dated policy or event. `resolve` finds its rows once; `apply` writes while it is announced or in force.

    Rows follow from who acts and from the words among the fields (goods, places, producers), never from its numbers,
    so that causes of all runs on one world find them once.
    """

    name: ClassVar[str] = ""
    known: ClassVar[dict[str, type[Cause]]] = {}
    announces: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        if cls.name:
            Cause.known[cls.name] = cls

    def __init__(self, spec: CauseSpec, world: World) -> None:
        self.spec, self.fields = spec, spec.fields
        self.announced = spec.announced or spec.start
        self._since = min(self.announced, spec.start) if self.announces else spec.start
        self.paused = self.decided = False
        key = (type(self), spec.by, *words_of(self.fields))
        if key not in world.kept:
            world.kept[key] = self.resolve(world)
        self.rows = world.kept[key]
        self.touches = len(self.rows) > 0

    def resolve(self, world: World) -> np.ndarray:
        """Row numbers that it touches."""
        raise TypeError(f"{type(self).__name__} does not say which rows it touches")

    def in_force(self, date: datetime.date) -> bool:
        """Whether it holds on that day."""
        return self.spec.start <= date and (self.spec.end is None or date < self.spec.end)

    def active(self, date: datetime.date) -> bool:
        """Whether it matters on that day: in force, or announced where the announcement itself acts."""
        end = self.spec.end
        return not self.paused and self._since <= date and (end is None or date < end)

    def steady(self, date: datetime.date) -> bool:
        """Whether it writes as it last did, in the same year and once its start is some weeks ago."""
        return True

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Write on the conditions of the week."""
        raise TypeError(f"{type(self).__name__} writes on nothing")

    def yearly(self, field: str, year: int, before: float) -> float:
        """A field that is a number, or a number by year: a year not named keeps the last one named.

        `before` holds until the first year named: what the measure is when it does nothing.
        """
        value = self.fields[field]
        if not isinstance(value, dict):
            return float(value)
        named = [key for key in sorted(value) if key <= year]
        return float(value[named[-1]]) if named else before


def words_of(fields: dict[str, Any]) -> list[tuple[str, Any]]:
    """The fields that are words or lists of words, hashable."""
    found = [(name, value) for name, value in sorted(fields.items()) if not isinstance(value, int | float | dict)]
    return [(name, tuple(value) if isinstance(value, list | set | tuple) else value) for name, value in found]


def among(values: Any, places: Any, world: World) -> np.ndarray:
    """Whether each country code is one of `places`: a code, a government's code for all it rules, all, or allied."""
    if "all" in places:
        return np.ones(len(values), dtype=bool)
    if "countries" not in world.kept:
        table = world.tables["countries"]
        world.kept["countries"] = list(zip(table.country, table.government, table.alliance, strict=True))
    wanted = set(places)
    for country, government, alliance in world.kept["countries"]:
        if government in places or (alliance == "allied" and "allied" in places):
            wanted.add(country)
    return one_of(values, wanted)


def one_of(values: Any, wanted: set[str]) -> np.ndarray:
    """Whether each word is one of those wanted."""
    return np.fromiter((value in wanted for value in values), dtype=bool, count=len(values))


def of_goods(values: Any, goods: Any) -> np.ndarray:
    """Whether each good is one of `goods`; `all` is every good."""
    return np.ones(len(values), dtype=bool) if "all" in goods else one_of(values, set(goods))


def export_links(world: World, by: str, goods: Any, to: Any = ("all",)) -> np.ndarray:
    """Links that carry the goods out of a government's country to some places, as row numbers."""
    links = world.links
    out = among(links.exporter.to_numpy(), (by,), world) & ~among(links.importer.to_numpy(), (by,), world)
    mask = out & of_goods(links.good.to_numpy(), goods) & among(links.importer.to_numpy(), to, world)
    return np.nonzero(mask)[0]


def makers(world: World, by: str | None, goods: Any) -> np.ndarray:
    """Firms of a government's country whose main good is one of the goods, as row numbers."""
    mask = of_goods(world.firms.good.to_numpy(), goods)
    if by is not None:
        mask = mask & among(world.firms.country.to_numpy(), (by,), world)
    return np.nonzero(mask)[0]


class LinkCause(Cause):
    """A cause that acts on exports of some goods from one country to some places."""

    def resolve(self, world: World) -> np.ndarray:
        """The links concerned."""
        return export_links(world, self.spec.by or "", self.fields["goods"], self.fields.get("to", ("all",)))

    def warn(self, conditions: Conditions, week: Week) -> None:
        """Shake belief from the announcement until shortly after the start, and tell how long is left before it."""
        left = (self.spec.start - week.date).days / DAYS_PER_WEEK
        if left > 0:
            conditions.write("grace", self.rows, left)
        if left > -WARNING_WEEKS:
            conditions.write("warned", self.rows, 1.0)


class FirmCause(Cause):
    """A cause that acts on makers of some goods in one country, or on producers named."""

    def resolve(self, world: World) -> np.ndarray:
        """The firms concerned."""
        if "producers" in self.fields:
            return world.firm_rows(list(self.fields["producers"]))
        return makers(world, self.spec.by, self.fields.get("goods", ("all",)))


class CountryCause(Cause):
    """A cause that acts on all firms of a country with one value: `condition` from `field`."""

    condition: ClassVar[str] = ""
    field: ClassVar[str] = ""

    def resolve(self, world: World) -> np.ndarray:
        """Every firm there."""
        return np.nonzero(among(world.firms.country.to_numpy(), (self.spec.by,), world))[0]

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Write the value."""
        conditions.write(self.condition, self.rows, self.fields[self.field])


class Relation(Cause):
    """A cause that acts on other causes; the plan carries it out."""

    def resolve(self, world: World) -> np.ndarray:
        """No rows of its own."""
        return np.zeros(0, dtype=np.int64)

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Nothing to write: what it changes is written by the causes it names."""
