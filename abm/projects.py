"""Projects: named plants on their way, with slip, cancellation, floor price and ramp-up (equation 9)."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd

from abm.clock import Week
from abm.conditions import Conditions
from abm.luck import Luck, names_to_entities
from abm.plant_kernels import ramp_up, work_on
from abm.world import World, kept_in
from agents.base import Columns

WEEKS_PER_YEAR, DAYS_PER_YEAR = 52, 365.25
WAITING, BUILDING, OPEN, CANCELLED = "waiting", "building", "open", "cancelled"


class Projects:
    """Adds capacity to the producers of the projects table as their time comes.

    Progress is counted in weeks of work, so a technology ban slows it and faster permits speed it up. What is known to
    be building when the run starts has survived so far: its chance of being given up counts from then on.
    """

    def __init__(self, world: World, luck: Luck, ramp_weeks: float, live: bool) -> None:
        known = kept_in(world, ("projects", live), lambda: projects_of(world, live))
        self.table, self.firm, entities, self.decision, self.decided = known
        slip = -np.log(luck.uniform("slip", 0, entities)) * self.table.slip_years.to_numpy(dtype=float)
        self.work = (self.table.lead_years.to_numpy(dtype=float) + slip) * WEEKS_PER_YEAR
        survival = luck.uniform("cancel", 0, entities)
        hazard = np.maximum(self.table.cancel_hazard.to_numpy(dtype=float), 1e-9)
        self.cancel_after = -np.log(survival) / hazard * WEEKS_PER_YEAR
        self.size = self.table.capacity.to_numpy(dtype=float) / WEEKS_PER_YEAR
        self.floor = self.table.floor_price.fillna(0.0).to_numpy(dtype=float)
        self.done = np.zeros(len(self.table))
        self.ramped = np.zeros(len(self.table))
        self.state = np.full(len(self.table), WAITING, dtype=object)
        self.waiting, self.unbuilt = (np.ones(len(self.table), dtype=bool) for _ in range(2))
        self.opened, self.turns = (np.zeros(len(self.table), dtype=bool) for _ in range(2))
        self.ramp_weeks = ramp_weeks
        self.news: list[tuple[Week, int, str]] = []

    def begin(self, date: datetime.date, year: int) -> None:
        """Count the work done before the run starts; what opened before the base year is in its statistics."""
        lead = self.table.lead_years.tolist()
        for number, decision in enumerate(self.decision):
            spent = (date - decision).days / DAYS_PER_YEAR * WEEKS_PER_YEAR
            self.done[number] = max(spent, 0.0)
            self.cancel_after[number] += self.done[number]
            if spent > 0:
                self._turn(number, BUILDING)
            opened = decision.year + lead[number]
            if opened < year:
                self._turn(number, OPEN)
                self.ramped[number] = 1.0

    def advance(self, week: Week, columns: Columns, conditions: Conditions, price: np.ndarray) -> None:
        """One week of work, ramp-up, or waiting for the floor price. price: (firm,) US$ per unit of the main good."""
        if not len(self.table):
            return
        self._build(week, conditions, price)
        ramp_up(self.opened, self.ramped, (self.firm, self.size, 1 / self.ramp_weeks), columns["capacity"])

    def _build(self, week: Week, conditions: Conditions, price: np.ndarray) -> None:
        """One week of the projects that are decided and not yet built."""
        due = (self.unbuilt, self.decided, week.date.toordinal())
        limits = (self.floor, self.work, self.cancel_after)
        firms = (self.firm, price, conditions["build"])
        if not work_on(due, firms, limits, (self.waiting, self.done), self.turns):
            return
        for number in np.nonzero(self.turns)[0].tolist():
            if self.waiting[number]:
                self._tell(number, BUILDING, week)
            cancelled = self.done[number] > self.cancel_after[number]
            if cancelled or self.done[number] >= self.work[number]:
                self._tell(number, CANCELLED if cancelled else OPEN, week)

    def _tell(self, number: int, state: str, week: Week) -> None:
        """Change the state of a project and keep the news."""
        self._turn(number, state)
        self.news.append((week, number, state))

    def _turn(self, number: int, state: str) -> None:
        """Change the state of a project."""
        self.state[number] = state
        self.waiting[number], self.opened[number] = state == WAITING, state == OPEN
        self.unbuilt[number] = state in (WAITING, BUILDING)


def projects_of(world: World, live: bool) -> tuple[Any, ...]:
    """The projects of producers that are there: table, row of the firm, entity, day of decision and its number."""
    table = world.tables["projects"]
    rows = {key: row for row, key in enumerate(world.firms.producer)}
    table = (table[table.producer.isin(rows)] if live else table[:0]).reset_index(drop=True)
    firm = table.producer.map(rows).to_numpy(dtype=np.int64)
    decision = pd.to_datetime(table.decision).dt.date.tolist()
    decided = np.array([day.toordinal() for day in decision], dtype=np.int64)
    return table, firm, names_to_entities(table.project.tolist()), decision, decided
