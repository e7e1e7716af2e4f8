"""What metrics read of a run, and the register in which they stand."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from abm.measures.harm import Harm
from abm.measures.losses import Outcome
from abm.measures.recorded import Recorded
from abm.measures.shares import Structure
from abm.measures.taiwan import Role
from abm.world.labels import labels_of

Told = float | Mapping[str, float]
Range = tuple[float, float]

ANYTHING: Range = (-math.inf, math.inf)
NOT_NEGATIVE: Range = (0.0, math.inf)
SHARE: Range = (0.0, 1.0)
CHANGE_OF_SHARE: Range = (-1.0, 1.0)
AMOUNTS = ("US$", "NT$", "firms", "1")
"""Units of metrics of which an entry that is not there means that there was none."""
ROUNDING = 1e-9


@dataclass(frozen=True)
class Metric:
    """A headline metric: how it is worked out, its unit, its least and largest value, and why it may be undefined."""

    name: str
    work_out: Callable[[Reading], Told]
    unit: str
    within: Range = ANYTHING
    undefined: str = ""

    @property
    def meaning(self) -> str:
        """The first lines of the function's docstring on one line."""
        return " ".join((self.work_out.__doc__ or "").split())

    def tell(self, reading: Reading) -> dict[str, dict[str, Any]]:
        """Name, or name.entry of several, to value, unit and meaning; where undefined, the value None and why."""
        found = self.work_out(reading)
        entries = {f".{key}": value for key, value in found.items()} if isinstance(found, Mapping) else {"": found}
        return {f"{self.name}{key}": self.checked(f"{self.name}{key}", float(value)) for key, value in entries.items()}

    def checked(self, name: str, value: float) -> dict[str, Any]:
        """One entry; ArithmeticError where it lies outside the range by more than rounding, or may not be undefined."""
        if math.isnan(value) and self.undefined:
            return {"value": None, "unit": self.unit, "meaning": self.meaning, "undefined": self.undefined}
        least, most = self.within
        slack = ROUNDING * max(abs(value), 1.0)
        if not (math.isfinite(value) and least - slack <= value <= most + slack):
            raise ArithmeticError(f"{name} is {value:g} {self.unit}, expected {told_range(self.within)}.")
        return {"value": value, "unit": self.unit, "meaning": self.meaning}


def told_range(within: Range) -> str:
    """A range in words."""
    least, most = within
    if math.isinf(least):
        return "any number" if math.isinf(most) else f"at most {most:g}"
    return f"{least:g} or more" if math.isinf(most) else f"{least:g} to {most:g}"


METRICS: list[Metric] = []


def metric(
    unit: str, within: Range, undefined: str = ""
) -> Callable[[Callable[[Reading], Told]], Callable[[Reading], Told]]:
    """Register a function as a headline metric; its docstring is its meaning.

    within: its least and largest value; undefined: why it may be not a number, where it may be.
    """

    def register(work_out: Callable[[Reading], Told]) -> Callable[[Reading], Told]:
        METRICS.append(Metric(work_out.__name__, work_out, unit, within, undefined))
        return work_out

    return register


class Reading:
    """What metrics read: the history, its outcome, and the structure of its last year."""

    def __init__(self, history: Recorded) -> None:
        self.history, self.world = history, history.world
        self.outcome, self.structure = Outcome(history), Structure(history)
        self.role = Role(history, self.structure)
        self.harm = Harm(history, self.outcome)
        labels = labels_of(self.world)
        self.home = labels.home
        allied, world = labels.allied & ~self.home, np.ones(len(self.home), dtype=bool)
        self.places = {"world": world, "allies": allied, "taiwan": self.home, "china": labels.china}

    def fab_places(self) -> dict[str, np.ndarray]:
        """Base capacity of the fabs that buy tools, of the world's and of Taiwan's (fab,), nothing for the others."""
        fabs = self.history.fabs
        capacity = self.world.start["base_capacity"][fabs]
        return {"world": capacity, "taiwan": np.where(self.home[fabs], capacity, 0.0)}

    def by_place(self, values: np.ndarray) -> dict[str, float]:
        """Sums over the run for the world, allies without Taiwan, Taiwan and China. values: (week, firm)."""
        total = values.sum(axis=0)
        return {name: float(total[rows].sum()) for name, rows in self.places.items()}

    def by_sector(self, values: np.ndarray, rows: np.ndarray) -> dict[str, float]:
        """Sums over the run by sector of some firms. values: (week, firm); rows: (firm,) true or false."""
        total, sector = values.sum(axis=0), self.outcome.sector
        return {str(name): float(total[rows & (sector == name)].sum()) for name in sorted(set(sector[rows]))}
