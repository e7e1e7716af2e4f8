"""Parameters: one entry each (value, unit, range, source), for all or by family, with a scenario's changes on top."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from abm.errors import BadInput
from abm.words import did_you_mean


class Parameters:
    """Values by name and family; `changes` is a mapping of `name` or `name.family` to a value.

    An unknown name, an unknown family or a value outside the plausible range is refused with BadInput.
    """

    def __init__(self, table: pd.DataFrame, changes: Mapping[str, float] | None = None) -> None:
        self._values: dict[tuple[str, str], float] = {
            (str(name), str(family)): float(value)
            for name, family, value in zip(
                table.parameter.tolist(), table.family.tolist(), table.value.tolist(), strict=True
            )
        }
        self._table = table
        for key, value in (changes or {}).items():
            self._change(key, value)

    def _change(self, key: str, value: float) -> None:
        name, _, family = key.partition(".")
        known = {name for name, _ in self._values}
        if name not in known:
            raise BadInput(f"parameters: '{name}' is not a parameter.{did_you_mean(name, sorted(known))}")
        rows = self._table[self._table.parameter == name]
        own = rows[rows.family == family]
        row = (own if len(own) else rows).iloc[0]
        if not row.low <= float(value) <= row.high:
            raise BadInput(f"parameters: '{key}' is {value}, outside its range {row.low:g} to {row.high:g} {row.unit}.")
        self._values[name, family] = float(value)

    def __getitem__(self, name: str) -> float:
        return self._values[name, ""]

    def of_family(self, name: str, family: str) -> float:
        """The value for a family, or the shared one."""
        return self._values.get((name, family), self._values.get((name, ""), np.nan))

    def by_family(self, name: str, families: Iterable[str]) -> np.ndarray:
        """One value per entry of `families`: (n,)."""
        return np.array([self.of_family(name, family) for family in families])

    def as_dict(self) -> dict[str, float]:
        """All values by `name` or `name.family`, for the manifest."""
        return {name if not family else f"{name}.{family}": value for (name, family), value in self._values.items()}

    def shared(self) -> dict[str, float]:
        """Values that hold for all families, by name."""
        return {name: value for (name, family), value in self._values.items() if not family}
