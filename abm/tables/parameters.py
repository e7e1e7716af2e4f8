"""Parameters: one entry each (value, unit, range, source), for all or by family, with a scenario's changes on top."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from kit.errors import BadInput
from kit.nearest import did_you_mean, shortened

BY_FAMILY = frozenset([
    "price_response", "price_response_china", "choke", "contract_share", "open_surge", "hoarding", "thrift_cap",
    "thrift_speed", "demand_elasticity", "scrap_abroad", "cost_curve",
])  # fmt: skip
"""Parameters that are read by family; all others hold for all families alike."""


class Parameters:
    """Values by name and family; `changes` is a mapping of `name` or `name.family` to a value.

    An unknown name, a family that is neither in the table nor among `families`, a family where none is read, or a value
    outside the plausible range is refused with BadInput.
    """

    def __init__(
        self, table: pd.DataFrame, changes: Mapping[str, float] | None = None, families: Iterable[str] = ()
    ) -> None:
        self._values: dict[tuple[str, str], float] = {
            (str(name), str(family)): float(value)
            for name, family, value in zip(
                table.parameter.tolist(), table.family.tolist(), table.value.tolist(), strict=True
            )
        }
        columns = (table[name].tolist() for name in ("parameter", "family", "low", "high", "unit"))
        self._ranges: dict[str, dict[str, tuple[float, float, str]]] = {}
        for name, family, low, high, unit in zip(*columns, strict=True):
            self._ranges.setdefault(name, {})[family] = (low, high, unit)
        self._stated = dict(self._values)
        self._families = {*families, *table.family.tolist()} - {""}
        self.changes = dict(changes or {})
        self._take_up()

    def under(self, changes: Mapping[str, float]) -> Parameters:
        """The same table under other changes."""
        if dict(changes) == self.changes:
            return self
        other = copy.copy(self)
        other._values, other.changes = dict(self._stated), dict(changes)
        other._take_up()
        return other

    def _take_up(self) -> None:
        """Write the changes over what the table states."""
        for key, value in self.changes.items():
            self._change(key, value)

    def _change(self, key: str, value: float) -> None:
        name, _, family = key.partition(".")
        if name not in self._ranges:
            raise BadInput(
                f"parameters: '{shortened(name)}' is not a parameter.{did_you_mean(name, sorted(self._ranges))}"
            )
        if family and name not in BY_FAMILY:
            known = f"'{name}' holds for all families alike. Did you mean '{name}'?"
            raise BadInput(f"parameters: '{shortened(key)}': {known}")
        if family and family not in self._families:
            known = did_you_mean(family, sorted(self._families))
            raise BadInput(f"parameters: '{shortened(key)}': '{shortened(family)}' is not a known family.{known}")
        rows = self._ranges[name]
        low, high, unit = rows.get(family, next(iter(rows.values())))
        if not low <= float(value) <= high:
            raise BadInput(f"parameters: '{key}' is {value}, outside its range {low:g} to {high:g} {unit}.")
        self._values[name, family] = float(value)

    def __getitem__(self, name: str) -> float:
        if (name, "") not in self._values:
            raise missing(name)
        return self._values[name, ""]

    def of_family(self, name: str, family: str) -> float:
        """The value for a family, or the shared one, of a parameter that is declared to be read so."""
        if name not in BY_FAMILY:
            raise ValueError(f"'{name}' is read by family but not declared in BY_FAMILY")
        found = self._values.get((name, family), self._values.get((name, "")))
        if found is None:
            raise missing(name, family)
        return found

    def by_family(self, name: str, families: Iterable[str]) -> np.ndarray:
        """One value per entry of `families`: (n,)."""
        asked = list(families)
        found = {family: self.of_family(name, family) for family in set(asked)}
        return np.array([found[family] for family in asked])

    def as_dict(self) -> dict[str, float]:
        """All values by `name` or `name.family`, for the manifest."""
        return {name if not family else f"{name}.{family}": value for (name, family), value in self._values.items()}

    def shared(self) -> dict[str, float]:
        """Values that hold for all families, by name."""
        return Shared({name: value for (name, family), value in self._values.items() if not family})


class Shared(dict[str, float]):
    """Values that hold for all families, by name; BadInput for one that the table lacks."""

    def __missing__(self, name: str) -> float:
        raise missing(name)


def missing(name: str, family: str = "") -> BadInput:
    """The error for a parameter that rules read and the table lacks."""
    return BadInput(
        f"parameters.csv: there is no '{name}' for {f'the family {family} or for all' if family else 'all'}."
    )
