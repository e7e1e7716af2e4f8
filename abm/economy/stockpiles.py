"""Public stockpiles that stand when a run begins: filled to their days of national use."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

import numpy as np

from abm.policy.causes import Cause
from abm.world.world import World, kept_in
from kit.clock import DAYS_PER_WEEK
from kit.columns import Columns


def fill_standing(world: World, columns: Columns, causes: Iterable[Cause], start: datetime.date) -> None:
    """Fill the reserves whose stockpile was begun before the run, in the columns of made goods."""
    for cause in causes:
        if cause.spec.instrument == "stockpile" and cause.spec.start < start and cause.in_force(start):
            for row in cause.rows:
                shelf = np.nonzero(world.array("made", "firm") == row)[0]
                held = float(cause.fields["days"]) / DAYS_PER_WEEK * national_use(world, int(row))
                columns["made_stock"][shelf] = np.maximum(columns["made_stock"][shelf], held)
                columns["main_stock"][row] = columns["made_stock"][shelf].max(initial=0.0)


def national_use(world: World, row: int) -> float:
    """What users in a reserve's country use of its good in the base year, units a week."""
    return float(kept_in(world, ("national use", row), lambda: _national_use(world, row)))


def _national_use(world: World, row: int) -> float:
    """The same, worked out; use in the base year does not depend on parameters."""
    firms, bought = world.firms, world.bought
    home = (firms.government == firms.government[row]).to_numpy()[bought.firm]
    users = (firms.kind != "reserve").to_numpy()[bought.firm]
    rows = home & users & (bought.good == firms.good[row]).to_numpy()
    return float(world.start["expected_use"][rows].sum())
