"""The best-fitting run, by CMA-ES on the fitted targets: a label for the lowest miss, not an estimate of parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from calibration.fit.abc import from_line
from calibration.fit.fingerprint import made_from
from calibration.fit.free import free
from calibration.fit.posterior import Posterior
from calibration.record.event import Event
from calibration.record.replay import evaluate_together, misfit, together
from kit.processes import Pool

STEP, SEED = 1.0, 5
LABEL = "best-fitting run"


def miss(events: Sequence[Event], changes: dict[str, float]) -> float:
    """Mean miss of the fitted targets in tolerances, under one luck."""
    told = []
    for group in together(events):
        values = evaluate_together(group, changes, 0)
        told += [misfit(target, values[f"{event.name}/{target.id}"])
                 for event in group for target in event.counted() if target.use == "fit"]  # fmt: skip
    return float(np.mean(told))


def search(events: Sequence[Event], evaluations: int, workers: int, tell: Callable[[int, int], None]) -> Posterior:
    """Search from the middle of the ranges; the result is one draw with the miss and its label in the manifest."""
    from cmaes import CMA

    names = free()[0]
    keys = [each.key for each in names]
    engine = CMA(mean=np.zeros(len(names)), sigma=STEP, seed=SEED)
    lowest, winner, done = np.inf, np.zeros(len(names)), 0
    with Pool(workers) as pool:
        while done < evaluations:
            asked = [engine.ask() for _ in range(engine.population_size)]
            rows = from_line(np.array(asked), names)
            waiting = [pool.submit(miss, events, dict(zip(keys, map(float, row), strict=True))) for row in rows]
            found = [(place, future.result()) for place, future in zip(asked, waiting, strict=True)]
            engine.tell(found)
            done += len(found)
            tell(min(done, evaluations), evaluations)
            place, value = min(found, key=lambda each: each[1])
            if value < lowest:
                lowest, winner = value, place
    draws = pd.DataFrame(from_line(winner[None], names), columns=keys)
    manifest = {"label": LABEL, "misfit": lowest, "evaluations": done, "seed": SEED, **made_from(events)}
    return Posterior(draws, np.ones(1), manifest)
