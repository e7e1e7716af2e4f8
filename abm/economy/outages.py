"""Outages: mines and refineries fail now and then; the luck of each is its own."""

from __future__ import annotations

import numpy as np

from abm.tables.parameters import Parameters
from abm.world.world import World, kept_in
from kit.clock import QUARTER
from kit.luck import Luck, names_to_entities


class Outages:
    """Random outages, drawn each quarter for each plant from its own stream."""

    def __init__(self, world: World, luck: Luck, parameters: Parameters, live: bool) -> None:
        self.rows, self.entities = kept_in(world, ("plants", live), lambda: plants_of(world, live))
        self.luck, self.chance = luck, parameters["outage_rate"] / 4
        self.left, self.weeks = 1 - parameters["outage_depth"], int(parameters["outage_weeks"])
        self.start = np.full(len(self.rows), -10_000)
        self.begun: list[tuple[int, int]] = []

    def strike(self, week: int) -> None:
        """At the start of a quarter, draw which plants fail in it and when."""
        if not len(self.rows) or week % QUARTER:
            return
        fails = self.luck.uniform("outage", week, self.entities) < self.chance
        when = (self.luck.uniform("outage week", week, self.entities) * QUARTER).astype(int)
        self.start[fails] = week + when[fails]
        self.begun += [(int(self.start[n]), int(self.rows[n])) for n in np.nonzero(fails)[0]]

    def apply(self, available: np.ndarray, week: int) -> None:
        """Cut what the failed plants can run. available: (firm,) share of capacity."""
        if not len(self.rows):
            return
        down = (self.start <= week) & (week < self.start + self.weeks)
        if down.any():
            available[self.rows[down]] *= self.left


def plants_of(world: World, live: bool) -> tuple[np.ndarray, np.ndarray]:
    """Rows of mines and refineries, none where outages are switched off, and their entities."""
    mining = (world.firms.kind.isin(["mine", "refiner"]) & ~world.firms.residual).to_numpy(dtype=bool)
    rows = np.nonzero(mining)[0] if live else np.zeros(0, dtype=np.int64)
    return rows, names_to_entities(world.firms.producer.to_numpy()[rows].tolist())
