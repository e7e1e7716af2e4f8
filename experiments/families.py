"""Families: a scenario without and with every combination of the recommendations, at several budgets, compared.

Runs of one seed share their luck and their world, so what differs between two of them is the packages.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from abm import Model, Scenario, World, world_for
from abm.measures.headline import Reading
from abm.measures.lever_costs import lever_costs
from abm.scenario import packages
from kit.processes import Pool

BAND = (5, 50, 95)
NONE, ALL = "none", "all"
Task = tuple[str, str, int, str]


def combined(names: Sequence[str], budgets: Sequence[float]) -> list[str]:
    """What is laid over a scenario: nothing, each package, each pair, all, at each budget, as `+R1@2+R3@2`."""
    sets = [chosen for size in range(1, len(names) + 1) for chosen in combinations(names, size)]
    found = ["+".join(["", *(packages.Package(name, budget).word for name in chosen)])
             for budget in budgets for chosen in sets]  # fmt: skip
    return ["", *found]


def expand(scenarios: Sequence[str], budgets: Sequence[float]) -> list[str]:
    """Every scenario with every combination of the packages."""
    return [name + words for name in scenarios for words in combined(packages.RECOMMENDATIONS, budgets)]


def compare(
    scenarios: Sequence[str], budgets: Sequence[float], seeds: int, settings: dict[str, Any],
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """One row a run: scenario, packages, seed, cost (NT$), taiwan, allies (US$ lost), rate (NT$/US$).

    `settings`: until (a date in full or nothing), only (minerals), workers.
    """
    words = combined(packages.RECOMMENDATIONS, budgets)
    for name in scenarios:
        Scenario.load(name)
    tasks = [(name, word, seed, settings["until"]) for name in scenarios for seed in range(seeds) for word in words]
    tell = progress or (lambda _done, _total: None)
    if settings["workers"] == 1:
        rows = []
        for done, task in enumerate(tasks):
            rows.append(run(task, tuple(words), settings["only"]))
            tell(done + 1, len(tasks))
        return pd.DataFrame(rows)
    with Pool(settings["workers"]) as pool:
        waiting = [pool.submit(run, task, tuple(words), settings["only"]) for task in tasks]
        for done, _ in enumerate(as_completed(waiting)):
            tell(done + 1, len(tasks))
        return pd.DataFrame([future.result() for future in waiting])


@lru_cache(maxsize=2)
def world_of(scenario: str, words: tuple[str, ...], only: tuple[str, ...]) -> World:
    """The world of a scenario with all its families, made once in a process."""
    return world_for(Scenario.load(scenario), only=only, also=[Scenario.load(scenario + word) for word in words])


def run(task: Task, words: tuple[str, ...], only: tuple[str, ...]) -> dict[str, Any]:
    """One run: what Taiwan's levers cost, and what Taiwan and its allies lost."""
    name, word, seed, until = task
    setting = Scenario.load(name + word)
    if until:
        setting = setting.override({"end": until})
    world = world_of(name, words, only)
    world = world.with_parameters(world.parameters.under(setting.parameters))
    model = Model(setting, rng=seed, only=only, world=world)
    model.why.kept = False
    model.run()
    reading = Reading(model.history)
    lost = reading.by_place(reading.outcome.output_lost + reading.outcome.orders_lost)
    found = {
        "scenario": name, "packages": word.lstrip("+") or NONE, "seed": seed,
        "cost": lever_costs(model.history)["total"], "taiwan": lost["taiwan"], "allies": lost["allies"],
        "rate": model.parameters["exchange_rate"],
    }  # fmt: skip
    model.let_go()
    return found


def effects(runs: pd.DataFrame) -> pd.DataFrame:
    """What each combination did against none with the same luck, one row a run.

    cost: NT$ more; avoided, avoided_allies: loss less, NT$; per_avoided: NT$ of cost per NT$ of Taiwan's loss avoided.
    """
    keys = ["scenario", "seed"]
    bare = runs[runs.packages == NONE].set_index(keys)
    rest = runs[runs.packages != NONE]
    place = pd.MultiIndex.from_frame(rest[keys])
    before = bare.reindex(place)
    cost = rest.cost.to_numpy() - before.cost.to_numpy()
    own = (before.taiwan.to_numpy() - rest.taiwan.to_numpy()) * rest.rate.to_numpy()
    allies = (before.allies.to_numpy() - rest.allies.to_numpy()) * rest.rate.to_numpy()
    per = np.divide(cost, own, out=np.full(len(own), math.nan), where=own > 0)
    return rest[["scenario", "packages", "seed"]].assign(cost=cost, avoided=own, avoided_allies=allies, per_avoided=per)


def bands(found: pd.DataFrame) -> pd.DataFrame:
    """Median and 5 to 95 % over seeds of each combination; cost per avoided loss from the sums, none if none is."""
    rows = []
    for (scenario, words), part in found.groupby(["scenario", "packages"], sort=False):
        row: dict[str, Any] = {"scenario": scenario, "packages": words}
        for name in ("cost", "avoided", "avoided_allies"):
            low, middle, high = np.percentile(part[name], BAND)
            row |= {name: middle, f"{name}_p05": low, f"{name}_p95": high}
        total = float(part.avoided.sum())
        rows.append(row | {"per_avoided": float(part.cost.sum()) / total if total > 0 else math.nan})
    return pd.DataFrame(rows)


def together(found: pd.DataFrame) -> pd.DataFrame:
    """Are the recommendations complements? Loss avoided by all, less the sum of each alone, NT$; by scenario, budget.

    Above 0 they are complements, below 0 substitutes; median and 5 to 95 % over seeds.
    """
    rows = []
    for scenario, part in found.groupby("scenario", sort=False):
        table = part.pivot(index="seed", columns="packages", values="avoided")
        for words in [word for word in table.columns if word.count("+") == len(packages.RECOMMENDATIONS) - 1]:
            extra = table[words] - table[words.split("+")].sum(axis=1)
            low, middle, high = np.percentile(extra, BAND)
            verdict = "complements" if low > 0 else "substitutes" if high < 0 else "neither for sure"
            told = {"scenario": scenario, "packages": words, "extra": middle, "p05": low, "p95": high}
            rows.append(told | {"verdict": verdict})
    return pd.DataFrame(rows)
