"""Runs of scenarios over seeds for the page that compares: each in a process of a pool, by month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import as_completed

import numpy as np
import pandas as pd

from abm import Model, Scenario
from app.view.charts import BLUE, ORANGE, Line
from app.view.series import losses
from app.view.worlds import world_of
from kit.processes import Pool

LOW, MIDDLE, HIGH = 0.05, 0.5, 0.95
OUTSIDE = 1


def one_run(scenario: str, seed: int, parameters: Mapping[str, float]) -> pd.DataFrame:
    """One run by month, with its scenario."""
    setting = Scenario.load(scenario).settled(parameters)
    world = world_of(scenario)
    world = world.with_parameters(world.parameters.under(setting.parameters))
    model = Model(setting, rng=seed, world=world).run()
    return months_of(model).assign(arm=scenario)


def months_of(model: Model) -> pd.DataFrame:
    """By month: outside spot prices over base (`price.<good>`), and output lost in the world, US$."""
    history, weeks = model.history, model.history.weeks
    months = history.months()
    frame = pd.DataFrame(
        months.mean(history.spot[:weeks, OUTSIDE]), columns=[f"price.{good}" for good in model.world.goods.good]
    )
    lost = months.total(losses(model).world[:weeks])
    return frame.assign(month=list(months.names), output_lost=lost)


def all_runs(
    names: tuple[str, ...], seeds: int, parameters: Mapping[str, float], workers: int
) -> Iterator[pd.DataFrame]:
    """Every run as it is done; leaving off early ends the processes at once."""
    with Pool(workers) as pool:
        asked = [pool.submit(one_run, name, seed, parameters) for seed in range(seeds) for name in names]
        for done in as_completed(asked):
            yield done.result()


def bands(frame: pd.DataFrame, column: str, names: Mapping[str, str]) -> tuple[list[str], list[Line]]:
    """Months, and a line with its band for each scenario; what the other's median differs by can be drawn below."""
    drawn, months = [], sorted(frame.month.unique())
    for arm, ink in zip(dict.fromkeys(sorted(frame.arm)), (BLUE, ORANGE), strict=False):
        table = frame[frame.arm == arm].groupby("month")[column].quantile([LOW, MIDDLE, HIGH]).unstack().reindex(months)
        low, median, high = (np.asarray(table[at], dtype=float) for at in (LOW, MIDDLE, HIGH))
        kept = np.isfinite(median)
        last = len(kept) - int(np.argmax(kept[::-1])) if kept.any() else 0
        shown = (np.where(kept, each, np.nan)[:last] for each in (median, low, high))
        median, low, high = shown
        drawn.append(Line(names.get(arm, arm), median, ink, low=low, high=high))
    return months, drawn
