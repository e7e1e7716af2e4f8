"""The cast: real Mesa agents over the columns of a world, and the populations that carry out rules for many."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np

from abm.world.world import World, kept_in
from agents import FIRMS, Actor, Crowd, Government, Population, fields_of, population_of
from kit.columns import Columns, FixedColumns


def columns_of(world: World) -> Columns:
    """Every column of a run: the world's own start values where it gives them, else the fields' own."""
    plain = kept_in(world, "fields at rest", lambda: fields_at_rest(world))
    return FixedColumns({name: values.copy() for name, values in (world.start | plain).items()})


def fields_at_rest(world: World) -> Columns:
    """The columns of all fields that the world gives no start values of its own."""
    sizes, found = world.sizes(), Columns()
    kinds: tuple[type[Actor], ...] = (*FIRMS.values(), Government)
    for kind in kinds:
        for name, field in fields_of(kind).items():
            if name not in world.start and name not in found:
                found[name] = np.full(sizes[field.level], field.start)
    return found


def edges_of(world: World) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Where the shelves of each firm and the links of each shelf begin, one more for the end; links of each shelf."""
    counts = {
        "bought": np.bincount(world.bought.firm, minlength=len(world.firms)),
        "made": np.bincount(world.made.firm, minlength=len(world.firms)),
        "link": np.bincount(world.links.buyer, minlength=len(world.bought)),
    }
    return {name: np.concatenate(([0], np.cumsum(count))) for name, count in counts.items()}, counts["link"]


class Cast:
    """All agents of a run. `firms` is the crowd of firms, `governments` the population of governments."""

    def __init__(self, model: mesa.Model, world: World, columns: Columns) -> None:
        self._world, self._columns = world, columns
        self._known: dict[tuple[int, int], dict[str, Any]] = kept_in(world, "rows of firms", dict)
        self._edge, self._links_per_shelf = kept_in(world, "edges", lambda: edges_of(world))
        self._owner, self._buyer = world.array("bought", "firm"), world.array("links", "buyer")
        self._words = kept_in(
            world, "keys and kinds", lambda: (world.firms.producer.tolist(), world.firms.kind.tolist())
        )
        self.agents = self._firm_agents(model)
        self.firms = Crowd(self._populations(), self.merge)
        self.governments = self._government_agents(model)

    def _firm_agents(self, model: mesa.Model) -> list[Actor]:
        """One agent per firm row."""
        known = kept_in(self._world, "rows of each", self._find_each)
        return [FIRMS[kind](model, key, self._columns, rows) for key, kind, rows in known]

    def _find_each(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Key, kind and rows of each firm."""
        firms = self._world.firms
        rows = [self._find_rows(row, row + 1) | {"firm": row} for row in range(len(firms))]
        return list(zip(firms.producer.tolist(), firms.kind.tolist(), rows, strict=True))

    def _government_agents(self, model: mesa.Model) -> Population:
        """One agent per government."""
        members = [
            Government(model, key, self._columns, {"government": row})
            for row, key in enumerate(self._world.array("governments", "country").tolist())
        ]
        return population_of(Government)(members, self._columns, {"government": slice(0, len(members))})

    def _rows(self, first: int, last: int) -> dict[str, Any]:
        """Where the rows of firms first..last-1 lie in the columns of each level, and how they hang together."""
        if (first, last) not in self._known:
            self._known[first, last] = self._find_rows(first, last)
        return self._known[first, last]

    def _find_rows(self, first: int, last: int) -> dict[str, Any]:
        """The same, worked out; populations of all models on one world share it."""
        edge = self._edge
        low, high = int(edge["bought"][first]), int(edge["bought"][last])
        links = slice(int(edge["link"][low]), int(edge["link"][high]))
        owner = self._owner[low:high] - first
        shelves = np.bincount(owner, minlength=last - first)
        buyers = np.nonzero(shelves)[0]
        return {
            "firm": slice(first, last),
            "bought": slice(low, high),
            "made": slice(int(edge["made"][first]), int(edge["made"][last])),
            "link": links,
            "owner_of_bought": owner,
            "bought_count": high - low,
            "shelves_per_firm": shelves,
            "shelf_of_link": self._buyer[links] - low,
            "links_per_shelf": self._links_per_shelf[low:high],
            "buyers": buyers,
            "bought_starts": np.searchsorted(owner, buyers),
        }

    def _populations(self) -> list[tuple[type[Actor], Population]]:
        """One population per kind of firm that is present, in the order of the columns."""
        kinds = np.array(self._words[1])
        found = []
        for name, kind in FIRMS.items():
            rows = np.nonzero(kinds == name)[0]
            if len(rows):
                found.append((kind, self._population(kind, int(rows[0]), int(rows[-1]) + 1)))
        return found

    def _population(self, kind: type[Actor], first: int, last: int) -> Population:
        """The population of neighbouring firm rows."""
        return population_of(kind)(self.agents[first:last], self._columns, self._rows(first, last))

    def merge(self, kinds: list[type[Actor]], populations: list[Population]) -> Population:
        """Neighbouring populations as one."""
        if len(populations) == 1:
            return populations[0]
        first = populations[0]._rows["firm"].start
        return self._population(kinds[0], first, populations[-1]._rows["firm"].stop)
