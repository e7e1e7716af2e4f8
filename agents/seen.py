"""What all agents may see of the week: the date, shared parameters, and for governments their reserves."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

NOTHING = np.zeros(0)


class Seen:
    """What everyone may see this week: the date, the shared parameters, and for governments their reserves."""

    def __init__(self, rules: dict[str, float]) -> None:
        self.rules = rules
        self.week = 0
        self.date = datetime.date.min
        self.reserve_rows: dict[str, list[int]] = {}
        self.reserves: tuple[list[str], np.ndarray, np.ndarray, np.ndarray] = ([], NOTHING, NOTHING, NOTHING)
        self.views: dict[str, Any] = {}

    def parameter(self, name: str) -> float:
        """A parameter that holds for all."""
        return self.rules[name]

    def view_of(self, government: str) -> Any:
        """What a free government sees; None where it acts by script alone."""
        return self.views.get(government)

    def short_reserves(self, government: str) -> list[tuple[str, float, float, float]]:
        """A government's stockpiles whose users' cover is below the mark for a release.

        (key, users' cover in weeks, that mark in weeks, weekly release).
        """
        keys, cover, mark, weekly = self.reserves
        short = [row for row in self.reserve_rows.get(government, ()) if cover[row] < mark[row]]
        return [(keys[row], float(cover[row]), float(mark[row]), float(weekly[row])) for row in short]
