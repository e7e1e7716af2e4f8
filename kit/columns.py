"""One rule, two selves: a column for everyone, a row for each.

State lives in numpy columns, one row per actor (or per shelf, or per supply link). A `Field` shows an actor its own
row of a column, and shows a `Population` the rows of all its members, so that a rule written once as a method serves
one actor (`each`) and all of them at once (`do`). A rule that builds on another kind's names it,
`Firm.wish(self, seen)`: a population is not an instance of its kind, so `super()` does not work in rules.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, overload

import mesa
import numpy as np

Columns = dict[str, np.ndarray]
OF_MESA = frozenset(["model", "unique_id", "pos"])
LEVELS = ("firm", "bought", "made", "link", "government")


class FixedColumns(Columns):
    """Columns whose arrays stay where they are for a whole run: setting one writes into it."""

    def __setitem__(self, name: str, value: Any) -> None:
        standing = self.get(name)
        if standing is None:
            super().__setitem__(name, value)
        elif standing is not value:
            standing[...] = value


class Field:
    """A column seen as an attribute.

    `unit` is the unit of one entry, `level` says what a row is: a firm, a shelf of bought inputs, a shelf of made
    goods, a supply link (seen by its buyer) or a government. `start` is the value before the world writes its own.
    """

    def __init__(self, unit: str, meaning: str, level: str = "firm", start: float = 0.0) -> None:
        self.unit, self.meaning, self.level, self.start = unit, meaning, level, start
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, holder: None, owner: type) -> Field: ...
    @overload
    def __get__(self, holder: object, owner: type) -> Any: ...
    def __get__(self, holder: Any, owner: type) -> Any:
        if holder is None:
            return self
        return holder._columns[self.name][holder._rows[self.level]]

    def __set__(self, holder: Any, value: Any) -> None:
        holder._columns[self.name][holder._rows[self.level]] = value


@dataclass(frozen=True)
class Decision:
    """What a government has decided: an instrument with its fields and dates, and why.

    `reason` is a key of the table of reasons; `values` are what its words tell (numbers, names, the options weighed).
    `end` is None where the measure stands until it is taken back; `withdraws` names a measure that it ends.
    """

    instrument: str
    fields: dict[str, Any]
    start: datetime.date
    end: datetime.date | None
    reason: str
    values: dict[str, Any]
    withdraws: str = ""


def fields_of(kind: type) -> dict[str, Field]:
    """All fields that a class declares or inherits, by name."""
    found: dict[str, Field] = {}
    for base in reversed(kind.__mro__):
        found |= {name: value for name, value in vars(base).items() if isinstance(value, Field)}
    return found


class Actor(mesa.Agent):
    """A real Mesa agent that views its rows of the columns; setting an undeclared attribute raises."""

    _fields: ClassVar[dict[str, Field]] = {}

    def __init_subclass__(cls) -> None:
        cls._fields = fields_of(cls)

    def __init__(self, model: mesa.Model, key: str, columns: Columns, rows: dict[str, Any]) -> None:
        super().__init__(model)
        self.__dict__.update(_key=key, _columns=columns, _rows=rows)

    @property
    def key(self) -> str:
        """The stable key of the tables; luck is keyed by it."""
        return self._key

    def __setattr__(self, name: str, value: Any) -> None:
        kept = name in OF_MESA or name.startswith("_")
        if kept or isinstance(getattr(type(self), name, None), Field | property):
            object.__setattr__(self, name, value)
            return
        raise AttributeError(f"{type(self).__name__} has no field '{name}'; declare it as a Field")

    def own(self, *names: str) -> tuple[Any, ...]:
        """Its own rows of some fields as arrays, which a kernel may write in place."""
        found = []
        for name in names:
            rows = self._rows[self._fields[name].level]
            found.append(self._columns[name][rows if isinstance(rows, slice) else slice(rows, rows + 1)])
        return tuple(found)

    def shelves_per_firm(self) -> Any:
        """How many shelves of bought inputs the firm has, as an array of one."""
        return self._rows["shelves_per_firm"]

    def links_per_shelf(self) -> Any:
        """How many supply links each shelf of bought inputs has."""
        return self._rows["links_per_shelf"]

    def per_firm(self, values: np.ndarray) -> Any:
        """What a kernel has written for the firm, an array of one, as its value."""
        return values[0]

    def per_bought(self, values: Any) -> Any:
        """A value of the firm for each of its shelves of bought inputs."""
        return np.full(self._rows["bought_count"], values)

    def per_link(self, values: Any) -> Any:
        """A value of each shelf of bought inputs for each of its supply links."""
        return np.repeat(values, self._rows["links_per_shelf"])

    def sum_links(self, values: Any) -> Any:
        """The sum over the supply links of each shelf of bought inputs."""
        counts = self._rows["links_per_shelf"]
        return np.add.reduceat(values, starts_of(counts)) if len(counts) else np.zeros(0)

    def sum_bought(self, values: Any) -> Any:
        """The sum over the shelves of bought inputs of the firm."""
        return np.sum(values)

    def least_bought(self, values: Any) -> Any:
        """The smallest value over the shelves of bought inputs of the firm; 1 where it buys nothing."""
        return np.min(values, initial=1.0)


def starts_of(counts: np.ndarray) -> np.ndarray:
    """Where each run starts when runs of the given lengths follow one another."""
    return np.concatenate(([0], np.cumsum(counts)[:-1])).astype(np.int64)


class Population:
    """Neighbouring rows of the columns as one `self`: every field is the column of all members.

    Made by `population_of(kind)`, which gives it the fields and the rules of the agent class. A field is looked up once
    and kept as an attribute where its column stays where it is for the whole run (`FixedColumns`).
    """

    _fields: ClassVar[dict[str, Field]] = {}

    def __init__(self, members: list[Actor], columns: Columns, rows: dict[str, Any]) -> None:
        self._members, self._columns, self._rows = members, columns, rows
        self._views: dict[tuple[str, ...], tuple[Any, ...]] = {}

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[Actor]:
        return iter(self._members)

    def __getattr__(self, name: str) -> Any:
        """The members' rows of a field that has not been looked up before."""
        if name not in self._fields:
            raise AttributeError(f"{type(self).__name__} has no field '{name}'; declare it as a Field")
        view = self._columns[name][self._rows[self._fields[name].level]]
        if isinstance(self._columns, FixedColumns):
            self.__dict__[name] = view
        return view

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._fields:
            getattr(self, name)[...] = value
        elif name.startswith("_"):
            super().__setattr__(name, value)
        else:
            raise AttributeError(f"{type(self).__name__} has no field '{name}'; declare it as a Field")

    def __reduce__(self) -> tuple[Any, ...]:
        return restore, (type(self)._kind, self._members, self._columns, self._rows)  # type: ignore[attr-defined]

    def do(self, rule: str, seen: Any) -> None:
        """Carry out a rule for all members at once."""
        getattr(self, rule)(seen)

    def each(self, rule: str, seen: Any) -> list[Any]:
        """Carry out a rule member by member; returns what each of them decided."""
        return [getattr(member, rule)(seen) for member in self._members]

    def own(self, *names: str) -> tuple[Any, ...]:
        """The members' rows of some fields as arrays, which a kernel may write in place."""
        found = self._views.get(names)
        if found is None:
            columns, rows, fields = self._columns, self._rows, self._fields
            found = self._views[names] = tuple(columns[name][rows[fields[name].level]] for name in names)
        return found

    def shelves_per_firm(self) -> Any:
        """How many shelves of bought inputs each firm has."""
        return self._rows["shelves_per_firm"]

    def links_per_shelf(self) -> Any:
        """How many supply links each shelf of bought inputs has."""
        return self._rows["links_per_shelf"]

    def per_firm(self, values: np.ndarray) -> np.ndarray:
        """What a kernel has written for each firm, as it is."""
        return values

    def per_bought(self, values: np.ndarray) -> np.ndarray:
        """A value of each firm for each of its shelves of bought inputs."""
        return values[self._rows["owner_of_bought"]]

    def per_link(self, values: np.ndarray) -> np.ndarray:
        """A value of each shelf of bought inputs for each of its supply links."""
        return values[self._rows["shelf_of_link"]]

    def sum_links(self, values: np.ndarray) -> np.ndarray:
        """The sum over the supply links of each shelf of bought inputs."""
        return np.bincount(self._rows["shelf_of_link"], weights=values, minlength=self._rows["bought_count"])

    def sum_bought(self, values: np.ndarray) -> np.ndarray:
        """The sum over the shelves of bought inputs of each firm."""
        return np.bincount(self._rows["owner_of_bought"], weights=values, minlength=len(self._members))

    def least_bought(self, values: np.ndarray) -> np.ndarray:
        """The smallest value over the shelves of bought inputs of each firm; 1 where it buys nothing."""
        least = np.ones(len(self._members))
        if len(values):
            least[self._rows["buyers"]] = np.minimum.reduceat(values, self._rows["bought_starts"])
        return least


def population_of(kind: type[Actor]) -> type[Population]:
    """The population class of an agent class: its fields and its rules over a `self` of columns; made once."""
    name = f"{kind.__module__}.{kind.__qualname__}"
    if name not in POPULATIONS:
        namespace: dict[str, Any] = {"_kind": kind, "_fields": fields_of(kind)}
        for base in reversed(kind.__mro__):
            if issubclass(base, Actor) and base is not Actor:
                namespace |= {key: value for key, value in vars(base).items() if is_rule(key, value)}
        POPULATIONS[name] = type(f"{kind.__name__}Population", (Population,), namespace)
    return POPULATIONS[name]


POPULATIONS: dict[str, type[Population]] = {}


def is_rule(name: str, value: Any) -> bool:
    """Whether a class member is a rule: a plain public method."""
    return callable(value) and not name.startswith("_") and not isinstance(value, type)


def restore(kind: type[Actor], members: list[Actor], columns: Columns, rows: dict[str, Any]) -> Population:
    """Make a population anew (copy and pickle use it, since its class is made on the fly)."""
    return population_of(kind)(members, columns, rows)
