"""The rescue index measured: each year of a run is probed with standard shocks by forks that share their luck.

Four forks a shock: Taiwan's provider capacity on or off, shock or calm. What comes of it is a table of losses;
`experiments.rescue_index` makes the index of it.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Iterator
from concurrent.futures import as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm import BadInput, Model, Scenario, World, world_for
from abm.measures.headline import Reading
from abm.scenario import checks
from abm.scenario.checks import Place, Raw
from abm.scenario.scenario import CauseSpec
from kit import yaml_loader
from kit.clock import WEEK
from kit.nearest import did_you_mean, shortened
from kit.processes import Pool

SHOCKS = Path(__file__).parent / "shocks.yaml"
CALM = "calm"
RULES = {"contract": 1.0, "alike": 0.0}
Losses = list[dict[str, Any]]


@functools.cache
def declared() -> Raw:
    """The standard shocks as they are declared."""
    found: Raw = yaml_loader.read(SHOCKS)
    return found


@dataclass(frozen=True)
class Request:
    """What to measure: scenarios, seeds, years to probe (all where empty), shocks, weeks of a probe, chains."""

    scenarios: tuple[str, ...]
    seeds: tuple[int, ...] = (0,)
    years: tuple[int, ...] = ()
    shocks: tuple[str, ...] = ()
    weeks: int = 0
    only: tuple[str, ...] = ()
    changes: tuple[tuple[str, str], ...] = ()
    rules: tuple[str, ...] = tuple(RULES)
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        known = tuple(declared()["shocks"])
        for name in self.shocks:
            if name not in known:
                raise BadInput(f"--shocks: '{shortened(name)}' is not a standard shock.{did_you_mean(name, known)}")
        object.__setattr__(self, "names", self.shocks or known)
        object.__setattr__(self, "weeks", self.weeks or int(declared()["probe_weeks"]))

    def setting(self, name: str) -> Scenario:
        """A scenario with the changes asked for."""
        return Scenario.load(name).override(dict(self.changes)) if self.changes else Scenario.load(name)


def measure(request: Request, workers: int, progress: Callable[[int, int], None] | None = None) -> pd.DataFrame:
    """Losses of every probe: scenario, rule, seed, year, shock, provider, allies, taiwan (US$ over the probe)."""
    tasks = [(name, rule, seed) for name in request.scenarios for rule in request.rules for seed in request.seeds]
    check(request)
    rows: Losses = []
    tell = progress or (lambda _done, _total: None)
    if workers == 1:
        for done, task in enumerate(tasks):
            rows += carry_out(request, task)
            tell(done + 1, len(tasks))
    else:
        with Pool(min(workers, len(tasks))) as pool:
            waiting = [pool.submit(carry_out, request, task) for task in tasks]
            for done, future in enumerate(as_completed(waiting)):
                rows += future.result()
                tell(done + 1, len(tasks))
    keys = ["scenario", "rule", "seed", "year", "shock", "provider"]
    return pd.DataFrame(rows).sort_values(keys, ignore_index=True)


def check(request: Request) -> None:
    """Refuse what cannot be run, before anything does."""
    settings = [request.setting(name) for name in request.scenarios]
    for setting in settings:
        if setting.base_year != settings[0].base_year:
            raise BadInput(f"{setting.name}: base_year {setting.base_year}, expected {settings[0].base_year}.")
        possible = years_of(setting, request.weeks)
        for year in request.years:
            if year not in possible:
                span = f"{possible[0]} to {possible[-1]}" if possible else "none"
                raise BadInput(f"--years {year}: {setting.name} can be probed in these years: {span}.")
        if not possible:
            raise BadInput(f"{setting.name}: it is too short for a probe of {request.weeks} weeks.")


def years_of(setting: Scenario, weeks: int) -> list[int]:
    """Years whose first day lies in the run with room for a probe after it."""
    years = range(setting.start.year + 1, setting.end.year + 1)
    return [year for year in years if datetime.date(year, 1, 1) + (weeks + 1) * WEEK <= setting.end]


@functools.lru_cache(maxsize=1)
def shared_world(request: Request) -> World:
    """The world on which all scenarios of a request run, made once in a process."""
    settings = [request.setting(name) for name in request.scenarios]
    return world_for(settings[0], only=request.only, also=settings[1:])


def carry_out(request: Request, task: tuple[str, str, int]) -> Losses:
    """One run of a scenario under a rationing rule with a seed, probed year by year."""
    name, rule, seed = task
    setting = request.setting(name).override({"parameters.ration_by_contract": RULES[rule]})
    world = shared_world(request)
    world = world.with_parameters(world.parameters.under(setting.parameters))
    model = Model(setting, rng=seed, only=request.only, world=world)
    model.why.kept = False
    rows: Losses = []
    for year in request.years or years_of(setting, request.weeks):
        while model.clock.start + (model.clock.number + 1) * WEEK < datetime.date(year, 1, 1):
            model.step()
        for found in probe_year(model, request):
            rows.append({"scenario": name, "rule": rule, "seed": seed, "year": year, **found})
    model.let_go()
    return rows


def probe_year(model: Model, request: Request) -> Iterator[dict[str, Any]]:
    """Losses of the forks of one moment: calm and each shock, provider on and off."""
    for shock in (CALM, *request.names):
        for provider in ("on", "off"):
            allies, taiwan = probe(model, shock, provider == "on", request.weeks)
            yield {"shock": shock, "provider": provider, "allies": allies, "taiwan": taiwan}


def probe(model: Model, shock: str, provider: bool, weeks: int) -> tuple[float, float]:
    """Value added lost by the allies (Taiwan apart) and by Taiwan over one fork, US$; the model stays as it is."""
    fork = model.fork(weeks)
    start = fork.clock.start + (fork.clock.number + 1) * WEEK
    for spec in [*causes_of(shock, model.setting, start), *([] if provider else [switch(start)])]:
        fork.plan.add(spec)
    for _ in range(weeks):
        fork.step()
    found = losses(fork)
    fork.let_go()
    return found


def losses(model: Model) -> tuple[float, float]:
    """Output lost and orders lost over a recorded fork, US$: allies, Taiwan."""
    reading = Reading(model.history)
    lost = np.asarray(reading.outcome.output_lost + reading.outcome.orders_lost)
    sums = reading.by_place(lost)
    return sums["allies"], sums["taiwan"]


def causes_of(shock: str, setting: Scenario, start: datetime.date) -> list[CauseSpec]:
    """The causes of a standard shock that begins on a day; none for calm."""
    if shock == CALM:
        return []
    entry, end = declared()["shocks"][shock], start + int(declared()["shock_weeks"]) * WEEK
    specs = []
    for number, raw in enumerate(entry["causes"]):
        fields = checks.cause_fields(raw, setting.vocabulary, Place(SHOCKS.name, f"shocks.{shock}.causes.{number}"))
        specs.append(
            CauseSpec(
                id=f"shock-{shock}-{number}", instrument=raw["instrument"], by=fields.pop("by"), fields=fields,
                start=start, end=end, announced=start, title_en=entry["title_en"], title_zh=entry["title_zh"],
                source=declared()["source"], confidence=declared()["confidence"],
            )
        )  # fmt: skip
    return specs


def switch(start: datetime.date) -> CauseSpec:
    """Taiwan's provider capacity off from a day on."""
    return CauseSpec(
        id="provider-off", instrument="provider_switch", by=None, fields={"left": 0.0}, start=start, end=None,
        announced=start, title_en="Taiwan's provider capacity off", title_zh="台灣供應能力關閉",
        source="Probe of the rescue index", confidence="assumed",
    )  # fmt: skip
