"""Projects: named plants on their way, with slip, cancellation, floor price and ramp-up (equation 9)."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from abm.economy.plant_kernels import ramp_up, work_on
from abm.policy.conditions import Conditions
from abm.world.world import World, kept_in
from kit.clock import Week
from kit.columns import Columns
from kit.luck import Luck, names_to_entities

Offered = Callable[[Conditions], np.ndarray]
WEEKS_PER_YEAR, DAYS_PER_YEAR = 52, 365.25
NEVER = datetime.date.max.toordinal()
WAITING, BUILDING, OPEN, CANCELLED = "waiting", "building", "open", "cancelled"


class Projects:
    """Adds capacity to the producers of the projects table as their time comes.

    Progress is counted in weeks of work, so a technology ban slows it and faster permits speed it up. What is known to
    be building when the run starts has survived so far: its chance of being given up counts from then on.
    """

    def __init__(self, world: World, luck: Luck, ramp_weeks: float, live: bool) -> None:
        known = kept_in(world, ("projects", live), lambda: projects_of(world, live))
        self.table, self.firm, entities, self.decision, self.decided, figures = known
        self.lead, slip_years, hazard, capacity, floor = figures
        slip = -np.log(luck.uniform("slip", 0, entities)) * slip_years
        self.work = (self.lead + slip) * WEEKS_PER_YEAR
        survival = luck.uniform("cancel", 0, entities)
        self.cancel_after = -np.log(survival) / np.maximum(hazard, 1e-9) * WEEKS_PER_YEAR
        self.size, self.floor, self.unasked = capacity / WEEKS_PER_YEAR, floor, np.zeros(len(world.firms))
        self.done = np.zeros(len(self.table))
        self.ramped = np.zeros(len(self.table))
        self.state = np.full(len(self.table), WAITING, dtype=object)
        self.waiting, self.unbuilt = (np.ones(len(self.table), dtype=bool) for _ in range(2))
        self.opened, self.turns = (np.zeros(len(self.table), dtype=bool) for _ in range(2))
        self.ramp_weeks = ramp_weeks
        self.asks_from = NEVER
        self.news: list[tuple[Week, int, str]] = []

    def begin(self, date: datetime.date, year: int) -> None:
        """Count the work done before the run starts; what opened before the base year is in its statistics."""
        for number, (decision, lead) in enumerate(zip(self.decision, self.lead.tolist(), strict=True)):
            spent = (date - decision).days / DAYS_PER_YEAR * WEEKS_PER_YEAR
            self.done[number] = max(spent, 0.0)
            self.cancel_after[number] += self.done[number]
            if spent > 0:
                self._turn(number, BUILDING)
            opened = decision.year + lead
            if opened < year:
                self._turn(number, OPEN)
                self.ramped[number] = 1.0
        self._look_ahead()

    def advance(self, week: Week, columns: Columns, conditions: Conditions, offered: Offered) -> None:
        """One week of work, ramp-up, or waiting for the floor price.

        offered: what a new plant would be paid (firm,), US$ per unit of the main good; asked where a project waits for
        its floor price.
        """
        if not len(self.table):
            return
        if np.count_nonzero(self.unbuilt):
            asking = week.date.toordinal() >= self.asks_from
            self._build(week, conditions, offered(conditions) if asking else self.unasked)
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
        self._look_ahead()
        self.news.append((week, number, state))

    def _look_ahead(self) -> None:
        """Find the day from which a project waits for its floor price."""
        self.asks_from = int(self.decided[self.waiting & (self.floor > 0)].min(initial=NEVER))

    def _turn(self, number: int, state: str) -> None:
        """Change the state of a project."""
        self.state[number] = state
        self.waiting[number], self.opened[number] = state == WAITING, state == OPEN
        self.unbuilt[number] = state in (WAITING, BUILDING)


def projects_of(world: World, live: bool) -> tuple[Any, ...]:
    """The projects of producers that are there: table, row of the firm, entity, day of decision and its number.

    The last are figures of each: years to build, slip in years, yearly chance of being given up, capacity, floor price.
    """
    table = world.tables["projects"]
    rows = {key: row for row, key in enumerate(world.firms.producer)}
    table = (table[table.producer.isin(rows)] if live else table[:0]).reset_index(drop=True)
    firm = table.producer.map(rows).to_numpy(dtype=np.int64)
    decision = pd.to_datetime(table.decision).dt.date.tolist()
    decided = np.array([day.toordinal() for day in decision], dtype=np.int64)
    columns = (table.lead_years, table.slip_years, table.cancel_hazard, table.capacity, table.floor_price.fillna(0.0))
    figures = tuple(column.to_numpy(dtype=float) for column in columns)
    return table, firm, names_to_entities(table.project.tolist()), decision, decided, figures
