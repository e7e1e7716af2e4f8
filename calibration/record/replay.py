"""Replay: run events under draws of parameters, and hold every target against the record."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from abm import Model, Scenario
from abm.engine.model import world_for
from abm.world.world import World
from calibration.record.baselines import RULES, reader
from calibration.record.event import Event, Quantity, Target
from calibration.record.readings import Readings, links_read, statistic
from kit.clock import WEEK
from kit.processes import Pool

READ = ("used",)  # series of inputs that statistics look at
STEPS = 50  # quantiles by which the discrepancy is laid on each run
LEAST = 1e-6
WORST = 5.0  # a miss counts at most so many tolerances
OWN = {"name", "title_en", "title_zh", "question_en", "question_zh", "sources", "end"}
"""What scenarios of events that one run can serve may differ in."""
_worlds: dict[tuple[Any, ...], World] = {}


@dataclass(frozen=True)
class Job:
    """One run: an event, changed parameters by name, luck, and whether naive rules and monthly series are wanted."""

    event: Event
    changes: dict[str, float]
    seed: int
    naive: bool = False
    series: bool = False


@dataclass(frozen=True)
class Found:
    """What one run gave: statistics by target id, those of naive rules, and monthly series by quantity."""

    event: str
    values: dict[str, float]
    naive: dict[str, dict[str, float]]
    series: dict[Quantity, list[float]]


def world_of(event: Event) -> World:
    """The world of an event, built once in each process for all events on the same rows."""
    scenario = event.scenario
    piles = tuple(
        (cause.by, str(cause.fields["goods"])) for cause in scenario.causes if cause.instrument == "stockpile"
    )
    key = (event.minerals, scenario.base_year, tuple(sorted(scenario.parameters.items())), scenario.free, piles)
    if key not in _worlds:
        _worlds[key] = world_for(event.scenario, only=event.minerals)
    return _worlds[key]


def run_event(
    event: Event,
    changes: dict[str, float],
    seed: int,
    last: datetime.date | None = None,
    read: Sequence[Event] = (),
) -> Readings:
    """One run of an event under changed parameters.

    It is broken off after the day `last`; with `read`, only what the targets of these events look at is recorded.
    """
    whole = event.scenario.end + WEEK  # a run has whole weeks: the last days of the window lie in one more
    setting = dataclasses.replace(event.scenario, parameters={**event.scenario.parameters, **changes}, end=whole)
    world = world_of(event)
    changed = world.with_parameters(world.parameters.under(setting.parameters)) if changes else world
    model = Model(setting, rng=seed, only=event.minerals, world=changed)
    model.why.kept = False
    if read:
        targets = tuple(target for each in read for target in each.targets)
        model.history.keep(READ, links_read(world, targets))
    while not model.clock.over and (last is None or model.clock.next_date <= last):
        Model.step(model)  # without Mesa's clock of events, which nobody reads here
    readings = Readings(model.history)
    model.let_go()
    return readings


def together(events: Sequence[Event]) -> list[tuple[Event, ...]]:
    """Events of the same minerals and causes, whose windows begin alike: one run serves them all. Longest first."""
    found: list[list[Event]] = []
    for event in sorted(events, key=lambda event: event.scenario.end, reverse=True):
        mates = (group for group in found if alike(group[0], event))
        group = next(mates, None)
        if group is None:
            found.append([event])
        else:
            group.append(event)
    return [tuple(group) for group in found]


def alike(one: Event, two: Event) -> bool:
    """Whether two events are the same but for their names, their targets and the end of their windows."""
    first, second = (
        {each.name: getattr(event.scenario, each.name) for each in dataclasses.fields(Scenario) if each.compare}
        for event in (one, two)
    )
    apart = {name for name, value in first.items() if value != second[name]}
    return one.minerals == two.minerals and apart <= OWN


def evaluate_together(events: Sequence[Event], changes: dict[str, float], seed: int) -> dict[str, float]:
    """One run for events of a group, to the last day that a target needs: each target as `event/target`."""
    run = run_event(events[0], changes, seed, last=max(event.last for event in events), read=events)
    return {f"{event.name}/{target.id}": statistic(target, run.value) for event in events for target in event.targets}


def evaluate(job: Job) -> Found:
    """Run, and read every target."""
    run = run_event(job.event, job.changes, job.seed)
    values = {target.id: statistic(target, run.value) for target in job.event.targets}
    naive = {}
    if job.naive:
        rules = {rule: reader(rule, run) for rule in RULES}
        naive = {
            target.id: {rule: statistic(target, read) for rule, read in rules.items()} for target in job.event.targets
        }
    return Found(job.event.name, values, naive, monthly(job.event, run) if job.series else {})


def monthly(event: Event, run: Readings) -> dict[Quantity, list[float]]:
    """Each quantity by calendar month, over the whole window."""
    wanted = [quantity for quantity in event.quantities() if quantity.variable != "approvals"]
    return {quantity: [run.value(quantity, month) for month in months_of(event)] for quantity in wanted}


def months_of(event: Event) -> list[Any]:
    """The whole calendar months in the window of an event."""
    from calibration.record.spans import Span

    months = Span(event.scenario.start, event.scenario.end).by_month()
    return [month for month in months if month.first >= event.scenario.start and month.last <= event.scenario.end]


def replay(
    events: Sequence[Event], draws: pd.DataFrame, workers: int, tell: Callable[[int, int], None]
) -> dict[str, list[Found]]:
    """Every event under every draw; seed and draw have the same number. The first run also gives the naive rules.

    Naive rules are fed with a run under the tables' own parameters.
    """
    rows = [{str(key): float(value) for key, value in row.items()} for row in draws.to_dict("records")]
    jobs = [Job(event, {}, 0, naive=True) for event in events]
    jobs += [Job(event, row, seed, series=True) for event in events for seed, row in enumerate(rows)]
    found: dict[str, list[Found]] = {event.name: [] for event in events}
    with Pool(workers) as pool:
        for done, one in enumerate(pool.map(evaluate, jobs, chunksize=max(len(rows) // 8, 1)), 1):
            found[one.event].append(one)
            tell(done, len(jobs))
    return found


def misfit(target: Target, value: float) -> float:
    """Distance from the record in tolerances."""
    if not np.isfinite(value) or (target.scale == "log" and value <= 0):
        return WORST
    gap = np.log(value / target.value) if target.scale == "log" else value - target.value
    return float(min(abs(gap) / target.tolerance, WORST))


def judge(event: Event, found: Sequence[Found], lack: float = 0.0) -> pd.DataFrame:
    """One row a target: record, tolerance, the model's median and bands, hit, naive rules and misfits in tolerances.

    The first of `found` is the run that feeds the naive rules, the rest are draws. p05 to p95 is the band of a
    prediction: the runs and a discrepancy of `lack` tolerances; `runs_p05` to `runs_p95` is that of the runs alone.
    """
    naive, runs = found[0].naive, found[1:]
    rows = []
    for target in event.targets:
        values = np.array([run.values[target.id] for run in runs])
        rows.append({
            "event": event.name, "target": target.id, "title_en": target.title_en, "title_zh": target.title_zh,
            "record": target.value, "tolerance": target.tolerance, "scale": target.scale, "use": target.use,
            "plumbing": target.plumbing, "confidence": target.confidence, "weight": target.weight,
            **bands(target, values, None, lack), "baselines": naive[target.id],
            "naive_misfit": {rule: misfit(target, value) for rule, value in naive[target.id].items()},
        })  # fmt: skip
    return pd.DataFrame(rows)


def bands(target: Target, values: np.ndarray, weights: np.ndarray | None, lack: float) -> dict[str, Any]:
    """Median, misfit and hit; the band of runs and discrepancy together, that of runs alone, and which hold the record.

    The discrepancy is normal, with a standard deviation of `lack` tolerances, in logarithms where the target is. Half
    the width of a band is told in tolerances, before its lower end is cut: a ratio, a share or a count is not below
    nothing.
    """
    low, median, high = quantiles(values, weights)
    wide = (low, high) if lack <= 0 else widened(target, values, weights, lack)
    floor = -1.0 if target.statistic == "change" else 0.0
    under = max(wide[0], floor) if lack > 0 else wide[0]
    missed = misfit(target, median)
    return {"median": median, "p05": under, "p95": wide[1], "runs_p05": low, "runs_p95": high,
            "misfit": missed, "hit": missed <= 1, "covered": bool(under <= target.value <= wide[1]),
            "covered_runs": bool(low <= target.value <= high), "half_width": half_width(target, *wide),
            "runs_half_width": half_width(target, low, high), "cut": bool(under > wide[0])}  # fmt: skip


def widened(target: Target, values: np.ndarray, weights: np.ndarray | None, lack: float) -> tuple[float, float]:
    """5 % and 95 % of runs and discrepancy together, not yet cut at nothing."""
    steps = (np.arange(STEPS) + 0.5) / STEPS
    extra = lack * target.tolerance * ndtri(steps)
    heavy = np.repeat(np.ones(len(values)) if weights is None else weights, STEPS)
    if target.scale == "log":
        low, _, high = quantiles((np.log(np.maximum(values, LEAST))[:, None] + extra).ravel(), heavy)
        return float(np.exp(low)), float(np.exp(high))
    low, _, high = quantiles((values[:, None] + extra).ravel(), heavy)
    return low, high


def half_width(target: Target, low: float, high: float) -> float:
    """Half the width of a band in tolerances, in logarithms where the target is."""
    if target.scale == "log":
        low, high = np.log(max(low, LEAST)), np.log(max(high, LEAST))
    return float((high - low) / 2 / target.tolerance)


def quantiles(values: np.ndarray, weights: np.ndarray | None) -> tuple[float, float, float]:
    """5 %, median and 95 %, of weighted draws where weights are given; runs without a value are left out."""
    sound = np.isfinite(values)
    if not sound.any():
        return np.nan, np.nan, np.nan
    if weights is None:
        low, median, high = np.quantile(values[sound], [0.05, 0.5, 0.95])
        return float(low), float(median), float(high)
    order = np.argsort(values[sound])
    heaped = np.cumsum(weights[sound][order])
    at = np.searchsorted(heaped / heaped[-1], [0.05, 0.5, 0.95])
    low, median, high = values[sound][order][np.minimum(at, sound.sum() - 1)]
    return float(low), float(median), float(high)


def score(table: pd.DataFrame) -> dict[str, Any]:
    """Targets that count: hits, covered, half-width of bands (median, in tolerances), mean misfit, skill.

    Skill is over the best naive rule.
    """
    counted = table[~table.plumbing]
    if not len(counted):
        return {"targets": 0}
    weight = counted.weight / counted.weight.sum()
    naive = {rule: float((counted.naive_misfit.map(lambda found, rule=rule: found[rule]) * weight).sum())
             for rule in RULES}  # fmt: skip
    ours, best = float((counted.misfit * weight).sum()), min(naive.values())
    return {
        "targets": len(counted), "hits": int(counted.hit.sum()), "covered": int(counted.covered.sum()),
        "covered_runs": int(counted.covered_runs.sum()),
        "half_width": float(counted.half_width.median()), "runs_half_width": float(counted.runs_half_width.median()),
        "misfit": ours, "naive": naive, "skill": 1 - ours / best if best > 0 else np.nan,
    }  # fmt: skip
