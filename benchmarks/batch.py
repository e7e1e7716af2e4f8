"""Speed of batches: `python -m benchmarks.batch [RUNS [FEW]]`. Rate, overhead, efficiency, memory, bytes; two rivals.

All figures are of one call: the full world over ten years, the same runs by the bare model, by our runner on one and
on two workers, by Mesa's batch_run, and by a plain ProcessPoolExecutor.map. Start-up and the building of worlds are
left out on every side; the bare model is measured before and after. Told beforehand: how long it will take, by the
speed of the bare model. `python -m benchmarks.batch 24 8` is a quick look.

Overhead: processor (or clock) time a run of our runner on one worker, that of its parent included, over that of the
bare model, less 1. The bare model is told in two ways: a run whose headline measures are read, which each runner has
to do, and a run alone. Efficiency: runs a second on two workers over twice those on one.
"""

from __future__ import annotations

import os
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
import psutil
from rich.console import Console
from rich.table import Table

from app.batch_commands import Bar
from benchmarks.rivals import Plain, alone, one, study, usage
from experiments import Way, run_study
from kit.processes import Pool

RUNS, FEW, WORKERS = 1000, 40, 2
WARM = 8  # runs for each worker beforehand, so that each has built its world


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


def bare(count: int, work: Callable[[int], Any] = one) -> Cost:
    """A run of the bare model: the mean of so many, one after another in this process."""
    begun, used = time.perf_counter(), time.process_time()
    for seed in range(count):
        work(seed)
    return Cost((time.perf_counter() - begun) / count, (time.process_time() - used) / count)


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
        list(pool.map(one, range(WARM * workers)))
        return warm(pool, workers, lambda: list(pool.map(one, range(count))))


def ours(count: int, workers: int) -> tuple[Cost, float]:
    """A study of so many runs, and bytes that a run takes on disk."""
    asked = study(count + WARM * workers)
    with tempfile.TemporaryDirectory() as folder, Pool(workers) as pool:
        run_study(asked, folder, Way(executor=pool, limit=WARM * workers))
        with Bar() as bar:
            cost = warm(pool, workers, lambda: run_study(asked, folder, Way(executor=pool, resume=True), bar.tell))
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


def mean(first: Cost, last: Cost) -> Cost:
    """Half way between two measurements."""
    return Cost((first.wall + last.wall) / 2, (first.cpu + last.cpu) / 2)


def say(words: str) -> None:
    """A line of progress, beside the table."""
    print(words, file=sys.stderr, flush=True)


def foretell(runs: int, few: int, each: float) -> None:
    """How long all of it will take, by the seconds of a bare run."""
    whole = each * (5 * few + WARM + (runs + 4 * few + 4 * WARM * WORKERS) / WORKERS)
    say(f"{runs} runs and {few} of each rival: about {whole / 60:.0f} minutes more, at {each:.1f} s a bare run")


def table(rows: list[tuple[str, str, str]], title: str) -> None:
    """Print what was measured."""
    shown = Table("what", "measured", "aim", title=title)
    for row in rows:
        shown.add_row(*row)
    Console(width=110).print(shown)


def cores() -> str:
    """What the workers run on, since two threads of one core do less than two cores."""
    whole, threads = psutil.cpu_count(logical=False), os.cpu_count()
    return f"{threads} processors on {whole} cores as the system tells, load {os.getloadavg()[0]:.1f} at the end"


def main(runs: int = RUNS, few: int = FEW) -> None:
    """Measure, and print a table."""
    one(0)
    say(f"bare model, {few} runs read and {few} alone")
    first, silent = bare(few), bare(few, alone)
    foretell(runs, few, first.wall)
    say(f"ours on one worker, {few} runs")
    single, _ = ours(few, 1)
    say(f"ours on {WORKERS} workers, {few} runs, then {runs}")
    short, _ = ours(few, WORKERS)
    double, size = ours(runs, WORKERS)
    say(f"plain map and Mesa's batch_run, {few} runs each; the bare model again")
    mapped, mesa_own = plain(few), by_mesa(few)
    read, silent = mean(first, bare(few)), mean(silent, bare(few, alone))
    pace = runs / double.wall / WORKERS
    rows = [
        (f"runs a second, {WORKERS} workers", f"{runs / double.wall:.2f}", ""),
        ("bare model, seconds a run by the clock: measures read, run alone", f"{read.wall:.2f}, {silent.wall:.2f}", ""),
        *overheads(Cost(single.wall / few, single.cpu / few), read, silent),
        (f"efficiency on {WORKERS} workers, over ours on one", f"{pace * single.wall / few:.2f}", "> 0.9"),
        (f"the same with {few} runs on either side", f"{single.wall / short.wall / WORKERS:.2f}", "> 0.9"),
        (f"processor time a run on {WORKERS} workers, over one", f"{double.cpu / runs * few / single.cpu:.2f}", ""),
        ("largest memory of a worker", f"{double.memory:.0f} MB", ""),
        (f"largest memory of a worker after {few} runs", f"{short.memory:.0f} MB", "flat"),
        ("bytes a run", f"{size:,.0f}", ""),
        ("plain ProcessPoolExecutor.map, time a run over ours", f"{mapped.wall / few / (double.wall / runs):.2f}", ""),
        ("Mesa's batch_run (reads no measures), the same", f"{mesa_own / (double.wall / runs):.2f}", ""),
    ]
    table(rows, f"{runs} runs of the full world over ten years, {WORKERS} workers; rivals on {few}; {cores()}")


def overheads(ours: Cost, read: Cost, silent: Cost) -> list[tuple[str, str, str]]:
    """Our runner's time a run over that of the bare model, less 1: by processor and by clock, both ways."""
    return [
        ("overhead over a run with its measures read, processor", f"{ours.cpu / read.cpu - 1:+.1%}", "< 10 %"),
        ("overhead over a run with its measures read, clock", f"{ours.wall / read.wall - 1:+.1%}", "< 10 %"),
        ("overhead over a run alone, processor (it reads nothing)", f"{ours.cpu / silent.cpu - 1:+.1%}", ""),
    ]


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
