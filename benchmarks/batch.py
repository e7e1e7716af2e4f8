"""Speed of batches: `python -m benchmarks.batch [RUNS]`. Rate, overhead, efficiency, memory, bytes; two rivals beside.

All figures are of one call: the full world over ten years, the same runs by the bare model, by our runner on one and
on two workers, by Mesa's batch_run, and by a plain ProcessPoolExecutor.map. Start-up and the building of worlds are
left out on every side; the bare model is measured before and after. `python -m benchmarks.batch 24 8` is a quick look.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import mesa
from rich.console import Console
from rich.table import Table

from abm.pool import Pool
from benchmarks.rivals import Plain, one, study, usage
from experiments import Way, run_study

RUNS, FEW, WORKERS = 1000, 40, 2


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock and of processors, and the largest memory of a process, MB."""

    wall: float
    cpu: float
    memory: float = 0.0


def workers_of(pool: ProcessPoolExecutor, workers: int) -> Cost:
    """Seconds of processor and largest memory of a pool's processes so far."""
    told = {pid: (cpu, memory) for pid, cpu, memory in pool.map(usage, range(4 * workers))}
    return Cost(0.0, sum(cpu for cpu, _ in told.values()), max(memory for _, memory in told.values()))


def bare(count: int) -> Cost:
    """The model alone, one run after another in this process."""
    begun, used = time.perf_counter(), time.process_time()
    for seed in range(count):
        one(seed)
        gc.collect()
    return Cost(time.perf_counter() - begun, time.process_time() - used)


def warm(pool: ProcessPoolExecutor, workers: int, work: Callable[[], Any]) -> Cost:
    """Some work on a pool whose workers have been used before: start and worlds are left out, for both sides."""
    before, here = workers_of(pool, workers), time.process_time()
    begun = time.perf_counter()
    work()
    wall, here = time.perf_counter() - begun, time.process_time() - here
    after = workers_of(pool, workers)
    return Cost(wall, after.cpu - before.cpu + here, after.memory)


def plain(count: int, workers: int = WORKERS) -> Cost:
    """A plain map over a pool of processes."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        list(pool.map(one, range(2 * workers)))
        return warm(pool, workers, lambda: list(pool.map(one, range(count))))


def ours(count: int, workers: int) -> tuple[Cost, float]:
    """A study of so many runs, and bytes that a run takes on disk."""
    asked = study(count + 2 * workers)
    with tempfile.TemporaryDirectory() as folder, Pool(workers) as pool:
        run_study(asked, folder, Way(executor=pool, limit=2 * workers))
        cost = warm(pool, workers, lambda: run_study(asked, folder, Way(executor=pool, resume=True)))
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    return cost, size / asked.size()


def by_mesa(count: int) -> float:
    """Seconds a run of Mesa's own runner, its start left out."""
    took = []
    for number in (WORKERS, WORKERS + count):
        begun = time.perf_counter()
        mesa.batch_run(Plain, {}, number_processes=WORKERS, rng=list(range(number)), max_steps=10_000,
                       data_collection_period=-1, display_progress=False)  # fmt: skip
        took.append(time.perf_counter() - begun)
    return (took[1] - took[0]) / count


def main(runs: int = RUNS, few: int = FEW) -> None:
    """Measure, and print a table."""
    one(0)
    first = bare(few)
    single, _ = ours(few, 1)
    double, size = ours(runs, WORKERS)
    short, _ = ours(few, WORKERS)
    mapped, mesa_own = plain(few), by_mesa(few)
    last = bare(few)
    alone = Cost((first.wall + last.wall) / 2 / few, (first.cpu + last.cpu) / 2 / few)
    overhead = single.cpu / few / alone.cpu - 1, single.wall / few / alone.wall - 1
    pace = runs / double.wall / WORKERS
    rows = [
        ("runs a second, two workers", f"{runs / double.wall:.2f}", ""),
        ("bare model, seconds a run", f"{alone.wall:.2f}", ""),
        ("overhead over the bare model, one worker, processor time", f"{overhead[0]:+.1%}", "< 10 %"),
        ("overhead over the bare model, one worker, clock", f"{overhead[1]:+.1%}", "< 10 %"),
        ("efficiency on two workers, over ours on one", f"{pace * single.wall / few:.2f}", "> 0.9"),
        ("efficiency on two workers, over the bare model", f"{pace * alone.wall:.2f}", ""),
        ("largest memory of a worker", f"{double.memory:.0f} MB", ""),
        (f"largest memory of a worker after {few} runs", f"{short.memory:.0f} MB", "flat"),
        ("bytes a run", f"{size:,.0f}", ""),
        ("plain ProcessPoolExecutor.map, time a run over ours", f"{mapped.wall / short.wall:.2f}", ""),
        ("Mesa's batch_run, time a run over ours", f"{mesa_own / (short.wall / few):.2f}", ""),
    ]
    title = f"Batches: {runs} runs of the full world over ten years, {WORKERS} workers; rivals on {few}"
    shown = Table("what", "measured", "aim", title=title)
    for row in rows:
        shown.add_row(*row)
    Console().print(shown)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
