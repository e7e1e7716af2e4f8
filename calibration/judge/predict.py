"""What a posterior predicts: all events run again under draws of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import as_completed

import numpy as np
import pandas as pd

from calibration.fit.evaluations import evaluate_part
from calibration.record.event import Event
from kit.processes import Pool

DRAWS = 400  # a hundred leave the ends of the bands in doubt by several per cent
CHUNK = 5


def predicted(
    events: tuple[Event, ...], draws: pd.DataFrame, workers: int, tell: Callable[[int, int], None]
) -> pd.DataFrame:
    """Each target as `event/target`, one row a draw; draws of equal weight, one column a parameter."""
    rows = list(enumerate({str(key): float(value) for key, value in row.items()} for row in draws.to_dict("records")))
    chunks = [rows[first : first + CHUNK] for first in range(0, len(rows), CHUNK)]
    found: list[dict[str, float]] = []
    tell(0, len(rows))
    with Pool(workers) as pool:
        for future in as_completed([pool.submit(evaluate_part, events, chunk) for chunk in chunks]):
            found += future.result()
            tell(len(found), len(rows))
    return pd.DataFrame(found).sort_values("evaluation", ignore_index=True).drop(columns=draws.columns.tolist())


def evenly(weights: np.ndarray, count: int) -> np.ndarray:
    """Rows of so many draws of equal weight that stand for weighted ones."""
    heaped = np.cumsum(weights) / weights.sum()
    found: np.ndarray = np.minimum(np.searchsorted(heaped, (np.arange(count) + 0.5) / count), len(weights) - 1)
    return found
