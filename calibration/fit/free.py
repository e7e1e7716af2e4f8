"""The parameters that history is asked about: their ranges, their prior, and draws from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from abm.world.world import shared_tables
from kit import yaml_loader

FILE = Path(__file__).parents[1] / "free.yaml"
EDGE = 1e-9
WIDE = 3.0  # ranges of positive numbers this wide are drawn in logarithms


@dataclass(frozen=True)
class Free:
    """One free parameter: `name` or `name.family`, its range, and the shared one that it scatters around."""

    key: str
    low: float
    high: float
    value: float
    parent: str = ""

    @property
    def log(self) -> bool:
        """Whether it is drawn in logarithms."""
        return self.low > 0 and self.high / self.low >= WIDE

    def at(self, uniform: np.ndarray) -> np.ndarray:
        """The value at a position of 0 to 1 in its own range."""
        if self.log:
            return np.exp(np.log(self.low) + uniform * np.log(self.high / self.low))
        return self.low + uniform * (self.high - self.low)


@cache
def free() -> tuple[tuple[Free, ...], float]:
    """The free parameters, shared ones first, and how alike families are (a correlation)."""
    told = yaml_loader.read(FILE)
    found = [one(name, "") for name in told["shared"]]
    shared = {each.key for each in found}
    for name, families in told["families"].items():
        found += [one(name, family, name if name in shared else "") for family in families]
    return tuple(found), float(told["likeness"])


def one(name: str, family: str, parent: str = "") -> Free:
    """One free parameter with the range of the table: its family's row, or the shared one."""
    table = shared_tables()["parameters"]
    rows = table[table.parameter == name]
    own = rows[rows.family == family]
    row = (own if len(own) else rows[rows.family == ""]).iloc[0]
    return Free(f"{name}.{family}" if family else name, float(row.low), float(row.high), float(row.value), parent)


def prior(count: int, seed: int = 0) -> pd.DataFrame:
    """Draws of the prior by Latin hypercube: one row a draw, one column a parameter.

    A family's value is drawn over its own range, and lies the higher in it the higher the shared value of the same draw
    lies in its range: their places are correlated (a Gaussian copula).
    """
    from scipy.stats import qmc  # takes half a second, which the view's first page need not wait for

    names, likeness = free()
    places = qmc.LatinHypercube(len(names), rng=np.random.default_rng(seed)).random(count)
    of = {each.key: place for each, place in zip(names, places.T, strict=True)}
    draws = {}
    for each in names:
        place = of[each.key]
        if each.parent:
            own = np.sqrt(1 - likeness**2) * ndtri(np.clip(place, EDGE, 1 - EDGE))
            place = ndtr(likeness * ndtri(np.clip(of[each.parent], EDGE, 1 - EDGE)) + own)
        draws[each.key] = each.at(place)
    return pd.DataFrame(draws)


def default() -> pd.DataFrame:
    """The values of the tables, as one row without changes."""
    return pd.DataFrame(index=[0])
