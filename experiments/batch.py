"""The runner: a study's runs over any executor, in chunks of a third of a second, kept as they come."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import nullcontext
from dataclasses import dataclass

import pandas as pd

from experiments.chunk import Chunk, run_chunk
from experiments.design import Design, RunSpec
from experiments.provenance import manifest_of
from experiments.store import Store
from experiments.study_checks import check_entries
from kit.errors import BadInput
from kit.processes import Pool, breadth

CHUNK_SECONDS = 0.3
MOST_FAILURES, FEWEST_FAILURES = 0.05, 5
AHEAD = 2  # chunks handed over for each worker: one at work, one waiting
Tell = Callable[[int, int, int], None]


@dataclass(frozen=True)
class Way:
    """How a batch is run: on how many processes or on whose executor, from the start or going on, how many runs."""

    workers: int = 2
    executor: Executor | None = None
    resume: bool = False
    limit: int = 0


def run_study(study: Design, out: str, way: Way = Way(), tell: Tell | None = None) -> Store:
    """Run what is missing of a study and keep it; `tell` hears runs done, all, and failed.

    A kill loses the chunks in flight. BadInput if too many runs fail, or the folder holds something else.
    """
    store = Store(out)
    if not store.begun():
        check_entries(study)
    store.open(manifest_of(study), way.resume)
    there = store.done()
    waiting = (spec for spec in study.each_run() if spec.run_id not in there)
    waiting = itertools.islice(waiting, way.limit or None)
    progress = Progress(len(there), study.size(), tell)
    with nullcontext(way.executor) if way.executor else Pool(way.workers) as pool:
        Drain(study, pool, (store, progress)).all(waiting)
    store.merge(least=2)
    return store


class Progress:
    """How many runs are done and have failed; too many failures end the batch."""

    def __init__(self, done: int, total: int, tell: Tell | None) -> None:
        self.before = self.done = done
        self.total, self.failed = total, 0
        self.tell = tell or (lambda *_: None)
        self.tell(done, total, 0)

    def add(self, rows: pd.DataFrame) -> None:
        """Some runs are done; BadInput if too many of those of this call have failed."""
        self.done += len(rows)
        failing = rows[rows.error != ""]
        self.failed += len(failing)
        self.tell(self.done, self.total, self.failed)
        if self.failed > max(FEWEST_FAILURES, MOST_FAILURES * (self.done - self.before)):
            raise BadInput(f"too many runs fail: {self.failed} of {self.done - self.before}; the last, "
                           f"{failing.run_id.iloc[-1]} ({failing.arm.iloc[-1]}): {failing.error.iloc[-1]}. "
                           "What was done is kept; see techshield status.")  # fmt: skip


class Drain:
    """Keeps an executor busy with chunks of a size that follows how long runs take, and keeps what comes back."""

    def __init__(self, study: Design, executor: Executor, kept: tuple[Store, Progress]) -> None:
        self.study, self.executor = study, executor
        self.store, self.progress = kept
        self.size, self.running = 1, set[Future[Chunk]]()
        self.most = AHEAD * breadth(executor)

    def all(self, waiting: Iterator[RunSpec]) -> None:
        """Every run that waits."""
        try:
            self.fill(waiting)
            while self.running:
                finished, self.running = wait(self.running, return_when=FIRST_COMPLETED)
                for future in finished:
                    self.keep(result(future))
                self.fill(waiting)
        finally:
            for future in self.running:
                future.cancel()

    def fill(self, waiting: Iterator[RunSpec]) -> None:
        """Hand over chunks until each worker has one at work and one waiting."""
        while len(self.running) < self.most and (runs := list(itertools.islice(waiting, self.size))):
            self.running.add(self.executor.submit(run_chunk, self.study, runs))

    def keep(self, chunk: Chunk) -> None:
        """Write a chunk, tell of it, and size the next."""
        self.store.write(chunk.scalars, chunk.series, chunk.full)
        self.store.merge()
        self.progress.add(chunk.scalars)
        self.size = max(1, int(CHUNK_SECONDS / max(chunk.seconds / len(chunk.scalars), 1e-6)))


def result(future: Future[Chunk]) -> Chunk:
    """What a worker gave; BadInput where the worker itself failed, since a failing run is a row."""
    try:
        return future.result()
    except Exception as problem:
        raise BadInput(f"a worker ended ({type(problem).__name__}: {problem}): killed, or out of memory. What was done "
                       "is kept: go on with --resume, with fewer workers if memory is short.") from problem  # fmt: skip
