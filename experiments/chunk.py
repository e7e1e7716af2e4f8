"""What a worker does: some runs of a study, with worlds that are built once in each worker."""

from __future__ import annotations

import gc
import time
import traceback
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm import Model
from abm.engine.model import reserves_of, world_for
from abm.measures.headline import METRICS, Reading, summary
from abm.measures.register import AMOUNTS
from abm.tables.parameters import Parameters
from abm.world.world import SHAPING, World, shared_tables
from experiments.design import Design, RunSpec, parts_of
from experiments.store import parquet

MOST_WORLDS = 4
_worlds: OrderedDict[Any, World] = OrderedDict()


@dataclass(frozen=True)
class Chunk:
    """Rows of some runs, their months, full series as Parquet by run where asked for, and how long they took."""

    scalars: pd.DataFrame
    series: pd.DataFrame | None
    full: dict[str, bytes]
    seconds: float


def world_of(study: Design, setting: Any) -> World:
    """The world of a run: built once in each worker for runs that start alike, other parameters laid over it."""
    tables = Parameters(shared_tables()["parameters"], setting.parameters, shared_tables()["goods"].family)
    shaping = tuple(tables[name] for name in SHAPING)
    key = (setting.base_year, tuple(sorted(reserves_of(setting))), study.only, shaping)
    world = _worlds.get(key) or build(key, study, setting)
    _worlds.move_to_end(key)
    return world if world.parameters.as_dict() == tables.as_dict() else world.with_parameters(tables)


def build(key: Any, study: Design, setting: Any) -> World:
    """A world, kept beside a few others."""
    _worlds[key] = world_for(setting, only=study.only)
    while len(_worlds) > MOST_WORLDS:
        _worlds.popitem(last=False)
    return _worlds[key]


def run_chunk(study: Design, runs: Sequence[RunSpec]) -> Chunk:
    """Some runs; one that fails is a row with its inputs and its error."""
    begun = time.perf_counter()
    rows: list[dict[str, Any]] = []
    monthly, full = [], {}
    for spec in runs:
        row = head(spec)
        try:
            model = simulate(study, spec)
            reading = Reading(model.history)
            rows.append(row | told(study, reading))
            if study.series != "none":
                monthly.append(months_of(spec.run_id, reading))
            if study.series == "full":
                full[spec.run_id] = parquet(model.history.frame())
            model.let_go()
        except Exception as problem:  # a run's failure must not end the batch: it is kept with its inputs
            rows.append(row | {"error": said(problem)})
        model = reading = None
        if rows[-1]["error"]:
            gc.collect()  # what is left of a run that failed
    series = pd.concat(monthly, ignore_index=True) if monthly else None
    return Chunk(pd.DataFrame(rows), series, full, time.perf_counter() - begun)


def head(spec: RunSpec) -> dict[str, Any]:
    """What a run is known by, and its inputs."""
    known = {"run_id": spec.run_id, "arm": spec.arm, "point": spec.point, "seed": spec.seed, "error": ""}
    return known | {f"p.{name}": value for name, value in spec.parameters.items()}


def said(problem: Exception) -> str:
    """An error in one line, with the place where it arose."""
    last = traceback.extract_tb(problem.__traceback__)[-1]
    return f"{type(problem).__name__}: {problem} ({Path(last.filename).name}:{last.lineno})"


def simulate(study: Design, spec: RunSpec) -> Model:
    """One run to its end, without the log of reasons."""
    setting = study.setting(spec.scenario, spec.changes, spec.parameters)
    model = Model(setting, rng=spec.seed, only=study.only, world=world_of(study, setting))
    model.why.kept = False
    return model.run()


def told(study: Design, reading: Reading) -> dict[str, float]:
    """Outcomes of a run by name: not a number where undefined.

    An asked entry that the run does not have is 0 if it is an amount, of which there was none, and else undefined.
    """
    found = {name: each["value"] for name, each in summary(reading.history, reading).items()}
    values = {name: float("nan") if value is None else float(value) for name, value in found.items()}
    amounts = {metric.name for metric in METRICS if metric.unit in AMOUNTS}
    return {part: 0.0 if part.partition(".")[0] in amounts else np.nan for part in parts_of(study.asked())} | values


def months_of(run_id: str, reading: Reading) -> pd.DataFrame:
    """Headline series of a run by month.

    `price.<good>`: outside spot price over base (mean); `lost.world`, `lost.allies`, `lost.taiwan`: output lost in
    the month, US$, weeks spread over their days, for Taiwan its loss as in `taiwan_loss`; `controls`: Chinese export
    controls in force (mean).
    """
    history = reading.history
    weeks, outcome = history.weeks, reading.outcome
    months = history.months()
    names = [f"price.{good}" for good in history.world.goods.good]
    series = [months.mean(history.spot[:weeks, 1])]
    for name in ("world", "allies", "taiwan"):
        rows = reading.places[name]
        lost = outcome.output_lost[:, rows]
        if name == "taiwan":
            lost = outcome.lost_to_inputs[:, rows] + outcome.orders_lost[:, rows]
        names.append(f"lost.{name}")
        series.append(months.total(lost.sum(axis=1)))
    series.append(months.mean(history.controls[:weeks]))
    frame = pd.DataFrame(np.column_stack(series).astype(np.float32), columns=[*names, "controls"])
    frame.insert(0, "month", list(months.names))
    frame.insert(0, "run_id", run_id)
    return frame
