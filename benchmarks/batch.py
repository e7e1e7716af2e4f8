"""Speed of batches: `python -m benchmarks.batch [RUNS]`. Rate, overhead, efficiency, memory, bytes; two rivals beside.

All figures are of one call: the full world over ten years, the same runs by the bare model, by our runner on one and
on two workers, by Mesa's batch_run, and by a plain ProcessPoolExecutor.map.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import mesa
from rich.console import Console
from rich.table import Table

from abm import Model, Scenario, World, world_for
from abm.metrics import summary
from experiments import Study, Way, run_study

RUNS, FEW, WORKERS = 1000, 40, 2
YEARS = ("2024-01-01", "2033-12-31")
OUTCOME = "output_lost.world"


def study(seeds: int) -> Study:
    """So many runs of the baseline over ten years."""
    return Study("bench", ("baseline",), until=YEARS[1], seeds=seeds, outcomes=(OUTCOME,), series="headline")


@cache
def stage() -> tuple[Scenario, World]:
    """The scenario and its world, once in each process."""
    setting = study(1).setting("baseline", {}, {})
    return setting, world_for(setting)


def one(seed: int) -> float:
    """One run by hand: what any of the runners has to do at the least."""
    setting, world = stage()
    return float(summary(Model(setting, rng=seed, world=world).run().history)[OUTCOME]["value"])


class Plain(Model):
    """The model as Mesa's batch_run takes it."""

    def __init__(self, rng: int = 0) -> None:
        setting, world = stage()
        super().__init__(setting, rng=rng, world=world)
        self.datacollector = mesa.DataCollector(model_reporters={"week": lambda model: model.clock.over})


def seconds(work: Callable[[], Any]) -> float:
    """How long some work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def pooled(count: int, workers: int = WORKERS) -> list[float]:
    """A plain map over a pool of processes, which build their world as ours do."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(one, range(count)))


def by_mesa(count: int) -> Any:
    """Mesa's own runner."""
    return mesa.batch_run(
        Plain, {}, number_processes=WORKERS, rng=list(range(count)), max_steps=10_000, data_collection_period=-1,
        display_progress=False,
    )  # fmt: skip


def peak() -> float:
    """Largest memory of this process or a worker so far, MB."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(kind).ru_maxrss for kind in kinds) / 1024


def ours(seeds: int, workers: int) -> tuple[float, float]:
    """Seconds of a study, and bytes that a run takes on disk."""
    with tempfile.TemporaryDirectory() as folder:
        took = seconds(lambda: run_study(study(seeds), f"{folder}/out", Way(workers=workers)))
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    return took, size / seeds


def main(runs: int = RUNS, few: int = FEW) -> None:
    """Measure, and print a table."""
    one(0)
    bare = seconds(lambda: [one(seed) for seed in range(few)]) / few
    alone = seconds(lambda: pooled(few, 1)) / few
    single = ours(few, 1)[0] / few
    pool = seconds(lambda: pooled(few)) / few
    mesa_own = seconds(lambda: by_mesa(few)) / few
    small = peak()
    double, size = ours(runs, WORKERS)
    rate = runs / double
    shown = Table(
        "what", "measured", "aim", title=f"Batches: {runs} runs of the full world over ten years, {WORKERS} workers"
    )
    rows = [
        ("runs a second, two workers", f"{rate:.2f}", ""),
        ("overhead over the bare model in one process", f"{single / alone - 1:+.1%}", "below 10 %"),
        ("efficiency on two workers", f"{rate * bare / WORKERS:.2f}", "above 0.9"),
        ("largest memory of a process", f"{peak():.0f} MB", ""),
        (f"largest memory after {few} runs", f"{small:.0f} MB", "flat"),
        ("bytes a run", f"{size:,.0f}", ""),
        (f"plain ProcessPoolExecutor.map, {few} runs, time a run over ours", f"{pool * rate:.2f}", ""),
        (f"Mesa's batch_run, {few} runs, time a run over ours", f"{mesa_own * rate:.2f}", ""),
    ]
    for row in rows:
        shown.add_row(*row)
    Console().print(shown)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
