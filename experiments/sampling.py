"""Points of what is uncertain: how a design draws them, and how many they are."""

from __future__ import annotations

import datetime
import itertools
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd

from abm.scenario import checks
from abm.scenario.checks import Place
from kit.limits import RUNS
from kit.nearest import quoted

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


def lever_values(given: Any, place: Place) -> list[Any]:
    """The values of a lever: those listed, or `steps` of them from `low` to `high`, numbers or dates."""
    if not isinstance(given, Mapping):
        if not isinstance(given, list | tuple) or not given:
            raise place.refuse(f"expected a list of values, or {{low, high, steps}}, got {quoted(given)}.")
        return list(given)
    checks.keys(given, ("low", "high", "steps"), place)
    steps = whole(given.get("steps", 3), 2, place.at("steps"))
    low, high = (number_or_day(given.get(end), place.at(end)) for end in ("low", "high"))
    if not isinstance(low, type(high)) or not low < high:
        raise place.refuse(f"the range is empty: low {quoted(given['low'])}, high {quoted(given['high'])}.")
    return [low + (high - low) * number / (steps - 1) for number in range(steps)]


def number_or_day(given: Any, place: Place) -> Any:
    """A number, or a date."""
    if isinstance(given, str):
        with suppress(ValueError):
            given = datetime.date.fromisoformat(given)
    if isinstance(given, datetime.date):
        return given
    return checks.number(given, -math.inf, math.inf, place)


def whole(given: Any, least: int, place: Place) -> int:
    """A whole number of at least so much."""
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= RUNS:
        raise place.refuse(f"expected a whole number from {least} to {RUNS:,}, got {quoted(given)}.")
    return given


def check(uncertain: Any, points: int, sampling: str, place: Place) -> None:
    """Refuse ranges or values that cannot be drawn from."""
    if uncertain is None or isinstance(uncertain, str):
        if sampling in (*EFFECTS, "factorial"):
            raise place.refuse(f"sampling '{sampling}' needs ranges or values by parameter.")
    elif sampling == "list" and isinstance(uncertain, list | tuple) and uncertain:
        check_rows(uncertain, place)
    elif isinstance(uncertain, Mapping) and uncertain:
        check_ranges(uncertain, sampling, place)
    else:
        raise place.refuse("expected a word (prior, posterior), or ranges by parameter.")
    if sampling == "sobol" and points & (points - 1):
        raise place.refuse(f"sampling 'sobol' needs a power of two for points, got {points}.")


def check_ranges(uncertain: Mapping[str, Any], sampling: str, place: Place) -> None:
    """Refuse ranges, or values for a factorial or a list, that are none."""
    for name, values in uncertain.items():
        if not isinstance(values, list | tuple) or not values:
            raise place.at(name).refuse(f"expected a list of numbers, got {quoted(values)}.")
        for value in values:
            checks.number(value, -math.inf, math.inf, place.at(name))
        if sampling not in ("factorial", "list") and (len(values) != 2 or not values[0] < values[1]):
            raise place.at(name).refuse(f"expected [low, high], got {quoted(values)}.")
    if sampling == "list" and len({len(values) for values in uncertain.values()}) > 1:
        raise place.refuse("sampling 'list' needs as many values of each parameter.")


def check_rows(rows: Sequence[Any], place: Place) -> None:
    """Refuse rows that do not give a number to each of the same parameters."""
    for number, row in enumerate(rows):
        if not isinstance(row, Mapping) or set(row) != set(rows[0]):
            raise place.at(str(number + 1)).refuse("expected the same parameters in each row.")
        for name, value in row.items():
            checks.number(value, -math.inf, math.inf, place.at(str(number + 1)).at(str(name)))


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
