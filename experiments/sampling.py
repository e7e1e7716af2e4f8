"""Points of what is uncertain: how a design draws them, and how many they are."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from abm.scenario_checks import Place

SAMPLINGS = ("latin_hypercube", "sobol", "morris", "factorial", "list")
EFFECTS = ("sobol", "morris")  # effects are told apart only if every point meets the same luck
SEED = 0


def count(uncertain: Any, points: int, sampling: str) -> int:
    """How many points a design has, without drawing them.

    Sobol takes `points` x (parameters + 2), Morris `points` paths of (parameters + 1); a factorial takes every
    combination of the values named.
    """
    if not isinstance(uncertain, Mapping):
        return len(uncertain) if sampling == "list" and uncertain is not None else points
    sizes = [len(values) for values in uncertain.values()]
    return {
        "sobol": points * (len(sizes) + 2), "morris": points * (len(sizes) + 1),
        "factorial": int(np.prod(sizes, dtype=float)), "list": max(sizes, default=0),
    }.get(sampling, points)  # fmt: skip


def check(uncertain: Any, points: int, sampling: str, place: Place) -> None:
    """Refuse ranges or values that cannot be drawn from."""
    if uncertain is None or isinstance(uncertain, str):
        if sampling in (*EFFECTS, "factorial"):
            raise place.refuse(f"sampling '{sampling}' needs ranges or values by parameter.")
        return
    if sampling == "list":
        return
    if not isinstance(uncertain, Mapping) or not uncertain:
        raise place.refuse("expected a word (prior, posterior), or ranges by parameter.")
    for name, values in uncertain.items():
        if not isinstance(values, list | tuple) or not values:
            raise place.at(name).refuse(f"expected a list, got {values!r}.")
        if sampling != "factorial" and (len(values) != 2 or not values[0] < values[1]):
            raise place.at(name).refuse(f"expected [low, high], got {values!r}.")
    if sampling == "sobol" and points & (points - 1):
        raise place.refuse(f"sampling 'sobol' needs a power of two for points, got {points}.")


def problem_of(ranges: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """Ranges in the words of SALib."""
    bounds = [[float(low), float(high)] for low, high in ranges.values()]
    return {"num_vars": len(ranges), "names": list(ranges), "bounds": bounds}


def drawn(uncertain: Any, points: int, sampling: str) -> pd.DataFrame:
    """One row a point, one column a parameter, of ranges or values that have been checked."""
    if sampling == "list":
        return pd.DataFrame(uncertain, dtype=float)
    names = list(uncertain)
    if sampling == "factorial":
        return pd.DataFrame(itertools.product(*uncertain.values()), columns=names, dtype=float)
    problem = problem_of(uncertain)
    if sampling == "sobol":
        from SALib.sample import sobol

        rows = sobol.sample(problem, points, calc_second_order=False, seed=SEED)
    elif sampling == "morris":
        from SALib.sample import morris

        rows = morris.sample(problem, points, seed=SEED)
    else:
        from scipy.stats import qmc

        low, high = np.array(problem["bounds"]).T
        rows = low + qmc.LatinHypercube(len(names), rng=np.random.default_rng(SEED)).random(points) * (high - low)
    return pd.DataFrame(rows, columns=names)
