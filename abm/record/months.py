"""Calendar months of weekly series: a week's flow is spread over its days, so that no month is made of Mondays."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cache

import numpy as np

from kit.clock import DAY, DAYS_PER_WEEK


@dataclass(frozen=True)
class Months:
    """The months of a run: `names` as 2024-05, `days` of each week in each month (month, week).

    Months are those in which a week begins; days of the last week that lie beyond count in the last month.
    """

    names: tuple[str, ...]
    days: np.ndarray

    @classmethod
    @cache
    def of(cls, start: datetime.date, weeks: int) -> Months:
        """The months of so many weeks from a day on."""
        named = [f"{start + number * DAY:%Y-%m}" for number in range(weeks * DAYS_PER_WEEK)]
        names = tuple(dict.fromkeys(named[::DAYS_PER_WEEK]))
        row = {name: number for number, name in enumerate(names)}
        days = np.zeros((len(names), weeks))
        for number, name in enumerate(named):
            days[row.get(name, len(names) - 1), number // DAYS_PER_WEEK] += 1
        return cls(names, days)

    def total(self, weekly: np.ndarray) -> np.ndarray:
        """Flows by month from flows by week (week, ...)."""
        found: np.ndarray = np.tensordot(self.days / DAYS_PER_WEEK, weekly, axes=1)
        return found

    def mean(self, levels: np.ndarray) -> np.ndarray:
        """Levels by month from levels by week (week, ...)."""
        found: np.ndarray = np.tensordot(self.days / self.days.sum(axis=1, keepdims=True), levels, axes=1)
        return found
