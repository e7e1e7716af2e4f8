"""Demand: how final demand moves by year and what that announces to those upstream."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from abm.economy import plant_kernels
from abm.tables.parameters import Parameters
from abm.world.world import World, kept_in

PASSES = 12


class Demand:
    """Demand of final makers and the published outlook of every good, over the base year.

    `path` is constant, or a path of the demand table; the record stands in for years it covers. The tables begin with
    the base year or the first year of the run, whichever is earlier, so that a run which starts between two years
    starts between their values.
    """

    def __init__(self, world: World, path: str, parameters: Parameters, years: tuple[int, int]) -> None:
        self.constant = path == "constant"
        years = (min(world.year, years[0]), years[1])
        self.first, growth = years[0], parameters["other_growth"]
        work = partial(indices, world, path, growth, years)
        self.index, self.outlook = kept_in(world, ("demand", path, growth, years), work)

    def at(self, table: np.ndarray, years: float) -> np.ndarray:
        """Values between the years: (firm,). The value of a year stands in its middle."""
        if self.constant:
            return table[:, 0]
        left, part = self._between(table, years)
        return table[:, left] + (table[:, left + 1] - table[:, left]) * part

    def _between(self, table: np.ndarray, years: float) -> tuple[int, float]:
        """Column of the year before, and the part of the way to the next one."""
        place = min(max(years - 0.5 - self.first, 0.0), table.shape[1] - 1.001)
        left = int(place)
        return left, place - left

    def write(self, years: float, base: np.ndarray, shift: np.ndarray, found: np.ndarray) -> None:
        """Demand of final buyers, written into `found`: the index times the base activity and a shift; all (firm,)."""
        left, part = (0, 0.0) if self.constant else self._between(self.index, years)
        after = left if self.constant else left + 1
        plant_kernels.move_demand((self.index[:, left], self.index[:, after], part), (base, shift), found)


def indices(world: World, path: str, growth: float, years: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Demand of final makers and outlook of all, over the base year: (firm, year) each, laid out by year."""
    span = np.arange(years[0], years[1] + 2)
    index = np.ones((len(world.firms), len(span)))
    if path == "constant":
        return np.asfortranarray(index), np.asfortranarray(index)
    final = world.firms.final.to_numpy() > 0
    index[final] = (1 + growth) ** (span - world.year)
    for good, values in paths(world, path, span).items():
        index[(world.firms.good == good).to_numpy() & final] = values
    return np.asfortranarray(index), np.asfortranarray(upstream(world, index, final))


def paths(world: World, path: str, span: np.ndarray) -> dict[str, np.ndarray]:
    """Index of each final product by year, over its value in the base year."""
    table = world.tables["demand_paths"]
    found = {}
    for good, rows in table[table.path.isin([path, "record"])].groupby("good"):
        chosen = rows.assign(first=rows.path != path if path != "record" else False)
        recorded = chosen[chosen.path == "record"].set_index("year")["index"]
        planned = chosen[chosen.path == path].set_index("year")["index"]
        series = recorded.combine_first(planned) if path == "record" else join(recorded, planned)
        values = np.interp(span, series.index.to_numpy(dtype=float), series.to_numpy())
        base = np.interp(world.year, series.index.to_numpy(dtype=float), series.to_numpy())
        found[str(good)] = values / max(base, 1e-9)
    return found


def join(recorded: pd.Series, planned: pd.Series) -> pd.Series:
    """The record up to where the plan begins, then the plan."""
    if planned.empty:
        return recorded.sort_index()
    return pd.concat([recorded[recorded.index < planned.index.min()], planned]).sort_index()


def upstream(world: World, index: np.ndarray, final: np.ndarray) -> np.ndarray:
    """Outlook of each firm's main good, weighted by who uses it, passed up the chain."""
    bought, firms = world.bought, world.firms
    use = bought.need.to_numpy() * firms.activity.to_numpy()[bought.firm]
    total = np.bincount(bought.g, weights=use, minlength=len(world.goods))
    weight = use / np.maximum(total[bought.g], 1e-300)
    main = firms.g.to_numpy()
    outlook = np.where(final[:, None], index, 1.0)
    for _ in range(PASSES):
        goods = np.ones((len(world.goods), index.shape[1]))
        used = total > 0
        sums = np.zeros_like(goods)
        np.add.at(sums, bought.g.to_numpy(), weight[:, None] * outlook[bought.firm])
        goods[used] = sums[used]
        outlook = np.where(final[:, None], index, goods[main])
    return outlook
