"""What measures read of a run: its recorded weeks, wherever they are kept."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pandas as pd

from abm.economy.demand import Demand
from abm.scenario.scenario import Scenario
from abm.tables.parameters import Parameters
from abm.world.world import World


class Recorded(Protocol):
    """All that measures may read; shapes and units stand in `abm.record.history.History`."""

    world: World
    weeks: int
    setting: Scenario
    parameters: Parameters
    demand: Demand
    start: datetime.date
    spot: np.ndarray
    average: np.ndarray
    export: np.ndarray
    balance_error: np.ndarray
    tension: np.ndarray
    controls: np.ndarray
    fees: np.ndarray
    opening: np.ndarray
    routes: dict[str, np.ndarray]
    fabs: np.ndarray
    packagers: np.ndarray
    acts: list[tuple[datetime.date, str, str, bool]]

    @property
    def firm(self) -> Mapping[str, np.ndarray]:
        """Series of firms by name, (week, firm)."""

    @property
    def bought(self) -> Mapping[str, np.ndarray]:
        """Series of bought inputs by name, (week, bought)."""

    @property
    def made(self) -> Mapping[str, np.ndarray]:
        """Series of made goods by name, (week, made)."""

    @property
    def link(self) -> Any:
        """Series of supply links by name, (week, link), with their `names`, `places`, `total`."""

    def governed(self) -> list[tuple[int, int, Scenario]]:
        """The scenarios that governed: first week, first week after, scenario."""

    def days(self) -> list[datetime.date]:
        """First day of each recorded week."""

    def dates(self) -> pd.DatetimeIndex:
        """First days of the recorded weeks as an index of pandas."""
