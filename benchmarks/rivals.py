"""The same runs by hand, as Mesa's batch_run takes them, and what a worker used: beside benchmarks/batch.py."""

from __future__ import annotations

import os
import resource
import time
from functools import cache

import mesa

from abm import Model, Scenario, World, world_for
from abm.measures.headline import summary
from experiments import Study

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
    model = Model(setting, rng=seed, world=world)
    model.why.kept = False
    found = float(summary(model.run().history)[OUTCOME]["value"])
    model.let_go()
    return found


def alone(seed: int) -> None:
    """One run and nothing more: no measure is read."""
    setting, world = stage()
    model = Model(setting, rng=seed, world=world)
    model.why.kept = False
    model.run().let_go()


class Plain(Model):
    """The model as Mesa's batch_run takes it."""

    def __init__(self, rng: int = 0) -> None:
        setting, world = stage()
        super().__init__(setting, rng=rng, world=world)
        self.why.kept = False
        self.datacollector = mesa.DataCollector(model_reporters={"week": lambda model: model.clock.over})


def usage(_: int = 0) -> tuple[int, float, float]:
    """This process: its id, its seconds of processor, its largest memory, MB."""
    time.sleep(0.2)  # so that every worker takes one
    return os.getpid(), time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
