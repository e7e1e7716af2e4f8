"""Bands: headline metrics of one scenario over many seeds, median and 5 to 95 %, and whether every run stayed sound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from abm import BadInput, Model, Scenario
from abm.engine.model import world_for
from abm.measures.headline import METRICS, summary
from abm.world.world import World
from kit.nearest import did_you_mean, shortened
from kit.processes import Pool

BAND = (0.05, 0.5, 0.95)
LATE, SOUND_ERROR, HIGHEST_PRICE = 104, 1e-9, 100.0


@dataclass(frozen=True)
class Job:
    """One run: scenario, minerals kept, names of metrics, seed."""

    scenario: Scenario
    only: tuple[str, ...]
    metrics: tuple[str, ...]
    seed: int


@cache
def shared_world(scenario: Scenario, only: tuple[str, ...]) -> World:
    """The world of a scenario, built once in each process."""
    return world_for(scenario, only=only)


def run_one(job: Job) -> dict[str, float]:
    """Metrics of one run by full name, with `seed`, `exploded` and `frozen` (0 or 1)."""
    model = Model(job.scenario, rng=job.seed, only=job.only, world=shared_world(job.scenario, job.only)).run()
    told = summary(model.history)
    found = {name: value["value"] for name, value in told.items() if name.split(".")[0] in job.metrics}
    history, weeks = model.history, model.history.weeks
    model.let_go()
    prices = np.concatenate([history.spot[:weeks].ravel(), history.export[:weeks].ravel()])
    exploded = not np.isfinite(prices).all() or prices.max() > HIGHEST_PRICE
    exploded |= bool(history.balance_error[:weeks].max() > SOUND_ERROR)
    frozen = float(np.ptp(history.tension[max(weeks - LATE, 0) : weeks], axis=0).max()) <= 0
    return {**found, "seed": job.seed, "exploded": float(exploded), "frozen": float(frozen)}


def jobs_for(scenario: Scenario, metrics: Sequence[str], seeds: int, only: tuple[str, ...] = ()) -> list[Job]:
    """One job a seed; BadInput for a metric that does not exist."""
    known = [metric.name for metric in METRICS]
    for name in metrics:
        if name not in known:
            raise BadInput(f"--metrics: '{shortened(name)}' is not a headline metric.{did_you_mean(name, known)}")
    return [Job(scenario, only, tuple(metrics), seed) for seed in range(seeds)]


def run_bands(jobs: Sequence[Job], workers: int, tell: Callable[[int], None]) -> pd.DataFrame:
    """One row a seed, one column a metric; `tell` hears how many runs are done."""
    rows = []
    with Pool(workers) as pool:
        for row in pool.map(run_one, jobs):
            rows.append(row)
            tell(len(rows))
    return pd.DataFrame(rows).set_index("seed")


def bands(runs: pd.DataFrame) -> pd.DataFrame:
    """Low, median and high of each metric over the runs that define it, how many these are, and its unit."""
    units = {metric.name: metric.unit for metric in METRICS}
    values = runs.drop(columns=["exploded", "frozen"]).astype(float)
    table = values.quantile(list(BAND)).T
    table.columns = ["p05", "median", "p95"]
    table["runs"] = values.count()
    table["unit"] = [units[str(name).split(".")[0]] for name in table.index]
    return table


def lacking(row: Any, runs: int) -> str:
    """In how many of the runs a metric is defined, where it is not in all."""
    return "" if row.runs == runs else f" (in {row.runs} of {runs} runs)"


def page_of(setting: Scenario, table: pd.DataFrame, runs: pd.DataFrame) -> str:
    """The bands as a Markdown page, with the command that makes it."""
    names = ",".join(dict.fromkeys(str(name).split(".")[0] for name in table.index))
    lines = [
        f"# {setting.title_en}: measures over {len(runs)} seeds",
        "",
        f"{setting.question_en} {setting.question_zh}",
        "",
        f"Made by `techshield bands {setting.name} --seeds {len(runs)} --metrics {names} --docs`;",
        f"parameters not calibrated. Runs from {setting.start} to {setting.end}.",
        f"Out of bounds: {runs.exploded.sum():.0f}. Tension that stood still for two years: {runs.frozen.sum():.0f}.",
        "",
        "| measure | unit | 5 % | median | 95 % |",
        "|---|---|---|---|---|",
    ]
    for row in table.itertuples():
        band = " | ".join(f"{value:.3g}" for value in (row.p05, row.median, row.p95))
        lines.append(f"| `{row.Index}`{lacking(row, len(runs))} | {row.unit} | {band} |")
    return "\n".join(lines) + "\n"
