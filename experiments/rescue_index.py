"""The rescue index: on which side Taiwan stands, from the losses of the probes. Formulas: docs/metrics.md.

A is the loss of the allies that Taiwan's provider capacity avoids under a shock, T is Taiwan's own loss to it; both
are summed over seeds and shocks before anything is divided.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from abm.tables.tables import Tables
from abm.world.world import shared_tables
from experiments.rescue import CALM, declared

HOME = "TWN"
BAND = (5, 50, 95)
KEYS = ["scenario", "rule", "seed", "year", "shock"]


def avoided(losses: pd.DataFrame) -> pd.DataFrame:
    """A and T of each probe in US$: scenario, rule, seed, year, shock, avoided, own.

    With D = shock - calm: avoided is D of the allies (off) less D of the allies (on), own is D of Taiwan (on).
    """
    wide = losses.pivot(index=KEYS, columns="provider", values=["allies", "taiwan"])
    calm = wide.xs(CALM, level="shock")
    shocks = wide[wide.index.get_level_values("shock") != CALM]
    rest = calm.reindex(shocks.index.droplevel("shock"))
    allies, taiwan = (shocks[place].to_numpy() - rest[place].to_numpy() for place in ("allies", "taiwan"))
    off, on = (list(shocks["allies"].columns).index(word) for word in ("off", "on"))
    found = shocks.index.to_frame(index=False)
    return found.assign(avoided=allies[:, off] - allies[:, on], own=taiwan[:, on])


def index(avoided_loss: float, own_loss: float) -> float:
    """(A - T) / (|A| + |T|): -1 is a pure risk-taker, +1 a pure provider; not a number where both are nothing."""
    size = abs(avoided_loss) + abs(own_loss)
    return (avoided_loss - own_loss) / size if size > 0 else math.nan


def allied_gdp(tables: Tables) -> tuple[float, float]:
    """Gross domestic product of the allies, Taiwan apart, and of Taiwan, US$ billion."""
    sides = tables["countries"].set_index("country").alliance
    table = tables["gdp"]
    allied = (table.country.map(sides) == "allied") & (table.country != HOME)
    return float(table.gdp[allied].sum()), float(table.gdp[table.country == HOME].sum())


def by_year(probes: pd.DataFrame) -> pd.DataFrame:
    """The index by scenario, rule and year: sums, index, its band over seeds, scaled by GDP, and the plain ratio."""
    allies, home = allied_gdp(shared_tables())
    floor = float(declared()["ratio_floor"])
    rows = []
    for key, part in probes.groupby(["scenario", "rule", "year"]):
        gained, own = float(part.avoided.sum()), float(part.own.sum())
        seeds = part.groupby("seed")[["avoided", "own"]].sum()
        each = [index(a, t) for a, t in zip(seeds.avoided, seeds.own, strict=True)]
        band = np.nanpercentile(each, BAND) if np.isfinite(each).any() else [math.nan] * len(BAND)
        rows.append(
            dict(zip(("scenario", "rule", "year"), key, strict=True)) | {
                "avoided": gained / len(seeds), "own": own / len(seeds), "index": index(gained, own),
                "p05": float(band[0]), "median": float(band[1]), "p95": float(band[2]),
                "index_by_gdp": index(gained / allies, own / home),
                "ratio": gained / own if own > floor * len(seeds) else math.nan,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def shifts(probes: pd.DataFrame) -> pd.DataFrame:
    """Shift year of each run (seed), none where it does not come: scenario, rule, seed, shift."""
    rows = []
    for key, part in probes.groupby(["scenario", "rule", "seed"]):
        years = part.groupby("year")[["avoided", "own"]].sum()
        values = {int(year): index(row.avoided, row.own) for year, row in years.iterrows()}
        rows.append(dict(zip(("scenario", "rule", "seed"), key, strict=True)) | {"shift": shift_year(values)})
    return pd.DataFrame(rows)


def shift_year(values: dict[int, float]) -> float:
    """First year in which the index is above 0 and still is at the next year's probe; not a number if none."""
    for year in sorted(values):
        if values[year] > 0 and values.get(year + 1, -math.inf) > 0:
            return float(year)
    return math.nan


def told(probes: pd.DataFrame) -> dict[str, Any]:
    """Everything for JSON: by scenario and rule the years, and the shift with its probability over seeds."""
    years, moved = by_year(probes), shifts(probes)
    found: dict[str, Any] = {}
    for (scenario, rule), part in years.groupby(["scenario", "rule"], sort=False):
        mine = moved[(moved.scenario == scenario) & (moved["rule"] == rule)]["shift"]
        pooled = shift_year(dict(zip(part.year, part["index"], strict=True)))
        entry = {
            "years": [finite(row) for row in part.drop(columns=["scenario", "rule"]).to_dict("records")],
            "shift_year": None if math.isnan(pooled) else int(pooled),
            "shift_probability": float(mine.notna().mean()),
            "shift_year_median": None if mine.isna().all() else float(mine.median()),
            "seeds": len(mine),
        }
        found.setdefault(str(scenario), {})[str(rule)] = entry
    return found


def finite(row: dict[str, Any]) -> dict[str, Any]:
    """A row with None for what is undefined."""
    return {
        str(key): None if isinstance(value, float) and not math.isfinite(value) else value for key, value in row.items()
    }
