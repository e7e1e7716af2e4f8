"""The runner: a study's runs over any executor, in chunks, with worlds built once in each worker."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, ProcessPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from abm import Model
from abm.errors import BadInput
from abm.metrics import summary
from abm.model import reserves_of, world_for
from abm.parameters import Parameters
from abm.world import SHAPING, World
from experiments.store import Store
from experiments.study import RunSpec, Study

CHUNK_SECONDS = 0.3
MOST_WORLDS = 4
MOST_FAILURES, FEWEST_FAILURES = 0.05, 5
Tell = Callable[[int, int, int], None]
_worlds: OrderedDict[Any, World] = OrderedDict()


@dataclass(frozen=True)
class Chunk:
    """Rows of some runs, and how long they took."""

    scalars: pd.DataFrame
    series: pd.DataFrame | None
    seconds: float


def world_of(study: Study, setting: Any) -> World:
    """The world of a run: built once in each worker for runs that start alike, other parameters laid over it."""
    tables = shared_parameters(setting)
    shaping = tuple(tables[name] for name in SHAPING)
    key = (setting.base_year, tuple(sorted(reserves_of(setting))), study.only, shaping)
    if key not in _worlds:
        _worlds[key] = world_for(setting, only=study.only)
        while len(_worlds) > MOST_WORLDS:
            _worlds.popitem(last=False)
    _worlds.move_to_end(key)
    world = _worlds[key]
    return world if world.parameters.as_dict() == tables.as_dict() else world.with_parameters(tables)


def shared_parameters(setting: Any) -> Parameters:
    """The parameters of a run."""
    from abm.world import shared_tables

    return Parameters(shared_tables()["parameters"], setting.parameters)


def run_chunk(study: Study, runs: Sequence[RunSpec]) -> Chunk:
    """Some runs; one that fails is a row with its error."""
    begun = time.perf_counter()
    rows, monthly = [], []
    for spec in runs:
        row: dict[str, Any] = {
            "run_id": spec.run_id,
            "arm": spec.arm,
            "point": spec.point,
            "seed": spec.seed,
            "error": "",
        }
        row |= {f"p.{name}": value for name, value in spec.parameters.items()}
        try:
            told, months = run_one(study, spec)
            rows.append(row | told)
            monthly.append(months)
        except Exception as problem:  # a run's failure must not end the batch: it is kept with its inputs
            rows.append(row | {"error": f"{type(problem).__name__}: {problem}"})
    series = pd.concat(monthly, ignore_index=True) if study.series == "headline" and monthly else None
    return Chunk(pd.DataFrame(rows), series, time.perf_counter() - begun)


def run_one(study: Study, spec: RunSpec) -> tuple[dict[str, float], pd.DataFrame]:
    """Outcomes of one run by name, and its months."""
    setting = study.setting(spec.scenario, spec.changes, spec.parameters)
    model = Model(setting, rng=spec.seed, only=study.only, world=world_of(study, setting)).run()
    told = {name: float(each["value"]) for name, each in summary(model.history).items() if each["value"] is not None}
    return told, months_of(spec.run_id, model) if study.series == "headline" else pd.DataFrame()


def months_of(run_id: str, model: Model) -> pd.DataFrame:
    """Outside spot prices over base by month (`price.<good>`), and controls in force."""
    history, weeks = model.history, model.history.weeks
    months = history.dates().strftime("%Y-%m").to_numpy()
    names, first = np.unique(months, return_index=True)
    counts = np.diff(np.append(first, weeks))
    prices = np.add.reduceat(history.spot[:weeks, 1], first, axis=0) / counts[:, None]
    goods = [f"price.{good}" for good in model.world.goods.good]
    frame = pd.DataFrame(prices.astype(np.float32), columns=goods)
    frame.insert(0, "month", names)
    frame.insert(0, "run_id", run_id)
    return frame


@dataclass(frozen=True)
class Way:
    """How a batch is run: on how many processes or on whose executor, from the start or going on, how many runs."""

    workers: int = 2
    executor: Executor | None = None
    resume: bool = False
    limit: int = 0


def run_study(study: Study, out: str, way: Way = Way(), tell: Tell | None = None) -> Store:
    """Run what is missing of a study and keep it; `tell` hears runs done, all, and failed.

    A kill loses the chunks in flight. BadInput if too many runs fail, or the folder holds something else.
    """
    store, runs = Store(out), study.runs()
    store.open(study.manifest(), way.resume)
    there = store.done()
    waiting = [spec for spec in runs if spec.run_id not in there]
    waiting = waiting[: way.limit] if way.limit else waiting
    progress = Progress(len(there), len(runs), tell)
    if way.executor is not None:
        _drain(study, waiting, (store, progress), (way.executor, way.workers))
    else:
        with ProcessPoolExecutor(way.workers) as pool:
            _drain(study, waiting, (store, progress), (pool, way.workers))
    store.merge(least=2)
    return store


class Progress:
    """How many runs are done and have failed; too many failures end the batch."""

    def __init__(self, done: int, total: int, tell: Tell | None) -> None:
        self.done, self.total, self.failed = done, total, 0
        self.tell = tell or (lambda *_: None)
        self.tell(done, total, 0)

    def add(self, rows: pd.DataFrame) -> None:
        """Some runs are done; BadInput if too many have failed."""
        self.done += len(rows)
        failing = rows[rows.error != ""]
        self.failed += len(failing)
        self.tell(self.done, self.total, self.failed)
        if self.failed > max(FEWEST_FAILURES, MOST_FAILURES * self.done):
            raise BadInput(f"{self.failed} of {self.done} runs failed; the last, {failing.run_id.iloc[-1]}: "
                           f"{failing.error.iloc[-1]}")  # fmt: skip


def _drain(study: Study, waiting: list[RunSpec], kept: tuple[Store, Progress], pool: tuple[Executor, int]) -> None:
    """Keep the executor busy with chunks of about a third of a second, and keep what comes back."""
    store, progress = kept
    executor, workers = pool
    size, position, running = 1, 0, set()
    while position < len(waiting) or running:
        while position < len(waiting) and len(running) < 2 * workers:
            running.add(executor.submit(run_chunk, study, waiting[position : position + size]))
            position += size
        finished, running = wait(running, return_when=FIRST_COMPLETED)
        for future in finished:
            chunk: Chunk = future.result()
            store.write(chunk.scalars, chunk.series)
            store.merge()
            progress.add(chunk.scalars)
            size = max(1, int(CHUNK_SECONDS / max(chunk.seconds / len(chunk.scalars), 1e-6)))
