"""Identity: what a run is computed from, as hashes of figures. Words (titles, sources, confidence) change none."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from abm.tables.tables import Tables, figures_of, schema
from abm.world.roster import build_rows
from abm.world.world import nearest_prices

if TYPE_CHECKING:
    from abm.scenario.scenario import Scenario

LENGTH = 16  # signs of a hash that are kept


def digest(content: Any) -> str:
    """A hash of plain content."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:LENGTH]


@lru_cache(maxsize=64)
def world_digest(tables: Tables, year: int, only: tuple[str, ...]) -> str:
    """A hash of the figures that the world of a base year, or of the chains of some minerals in it, is built from.

    Rows of goods, producers and recipes that are not in that world do not count.
    """
    rows = build_rows(tables, year, only, ())
    inside = {"goods.good": set(rows.goods.good), "producers.producer": set(rows.firms.producer),
              "recipes.recipe": set(rows.firms.recipe)}  # fmt: skip
    total = hashlib.sha256()
    for name in sorted(tables):
        total.update(figures_of(name, rows_inside(name, of_year(name, tables, year), inside)))
    return total.hexdigest()[:LENGTH]


def of_year(name: str, tables: Tables, year: int) -> pd.DataFrame:
    """The rows of a table that speak of a base year: outputs of that year, of prices those of the nearest."""
    frame = tables[name]
    if name == "prices":
        return nearest_prices(frame, year)
    return frame[frame.year == year] if name == "outputs" else frame


def rows_inside(name: str, frame: pd.DataFrame, inside: dict[str, set[str]]) -> pd.DataFrame:
    """The rows that name nothing outside of a world; an optional reference does not count."""
    for column in schema()[name].columns:
        known = inside.get(column.refers or f"{name}.{column.name}")
        if known is not None and not column.optional:
            frame = frame[frame[column.name].isin(known)]
    return frame


def setting_figures(scenario: Scenario) -> dict[str, Any]:
    """A scenario as numbers come from it: window, setting and parameters as they are, causes as hashes."""
    causes = {cause.id: digest([cause.instrument, cause.start, cause.end, cause.announced, cause.by, cause.fields])
              for cause in scenario.causes}  # fmt: skip
    setting = {"start": str(scenario.start), "end": str(scenario.end), "base_year": scenario.base_year,
               "demand": scenario.demand, "projects": scenario.projects, "outages": scenario.outages,
               "free": list(scenario.free),
               **{f"parameters.{name}": value for name, value in scenario.parameters.items()}}  # fmt: skip
    return {"setting": setting, "causes": causes}
