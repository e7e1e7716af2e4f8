"""What metrics read of a run, and the register in which they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from abm.harm import Harm
from abm.labels import labels_of
from abm.outcome import Outcome
from abm.role import Role
from abm.structure import Structure

if TYPE_CHECKING:
    from abm.history import History

Told = float | Mapping[str, float]


@dataclass(frozen=True)
class Metric:
    """A headline metric: how it is worked out, its unit and what it means."""

    name: str
    work_out: Callable[[Reading], Told]
    unit: str

    @property
    def meaning(self) -> str:
        """The first lines of the function's docstring on one line."""
        return " ".join((self.work_out.__doc__ or "").split())


METRICS: list[Metric] = []


def metric(unit: str) -> Callable[[Callable[[Reading], Told]], Callable[[Reading], Told]]:
    """Register a function as a headline metric in the unit given; its docstring is its meaning."""

    def register(work_out: Callable[[Reading], Told]) -> Callable[[Reading], Told]:
        METRICS.append(Metric(work_out.__name__, work_out, unit))
        return work_out

    return register


class Reading:
    """What metrics read: the history, its outcome, and the structure of its last year."""

    def __init__(self, history: History) -> None:
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
