"""One past, two futures: a run is forked on a day, one copy goes on, the other follows another scenario."""

from __future__ import annotations

import dataclasses
import datetime
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from abm import BadInput, Model, Scenario, world_for
from abm.engine.events import happenings
from abm.engine.model import check_same_world
from abm.measures.headline import summary
from abm.measures.register import AMOUNTS
from abm.tables.parameters import Parameters
from abm.world.world import shared_tables
from experiments.folder import MANIFEST, Folder
from experiments.run import Progress, RunRequest, RunResult, write_json, write_result
from kit.clock import WEEK

TOLD = ("output_lost", "orders_lost", "taiwan_loss", "taiwan_extra_input_cost", "gdp_at_risk_taiwan", "firms_stopped",
        "taiwan_exposure", "taiwan_midstream_share", "taiwan_midstream_owned", "allied_refined_share", "provider_sales",
        "order_share_taiwan", "time_to_survive_taiwan", "lever_cost")  # fmt: skip
OUTSIDE, LEAST_PRICE_CHANGE = 1, 0.001


@dataclass
class Branches:
    """Two results with the same past, the first week in which they may differ, and a table of their differences."""

    one: RunResult
    other: RunResult
    fork_week: int
    differences: pd.DataFrame

    @property
    def names(self) -> tuple[str, str]:
        """The names of both futures, also those of their folders."""
        names = [each.request.scenario.name for each in (self.one, self.other)]
        return (names[0], names[1]) if names[0] != names[1] else (names[0], f"{names[1]}-2")


def run_branches(request: RunRequest, other: Scenario, date: datetime.date, progress: Progress | None) -> Branches:
    """Run both futures and write them side by side, or not at all. BadInput before anything runs.

    `progress` is told how many weeks of both are done and how many there are.
    """
    check(request.scenario, other, date)
    if request.out is None:
        return simulate(request, other, date, progress)
    with Folder(request.out) as folder:
        found = simulate(request, other, date, progress)
        for name, result in zip(found.names, (found.one, found.other), strict=True):
            (folder.draft / name).mkdir()
            write_result(result, folder.draft / name)
        found.differences.to_csv(folder.draft / "differences.csv", index=False)
        told = {"fork_at": date.isoformat(), "futures": list(found.names), "seed": request.seed}
        files = sorted([*(path.name for path in folder.draft.iterdir()), MANIFEST])
        write_json({**told, "files": files}, folder.draft / MANIFEST)
        folder.publish()
    return found


def check(setting: Scenario, other: Scenario, date: datetime.date) -> None:
    """Refuse a day outside the run, and futures that cannot follow."""
    if not setting.start + WEEK <= date < setting.end:
        last = setting.end - datetime.timedelta(days=1)
        raise BadInput(f"--fork-at {date}: expected a day from {setting.start + WEEK} to {last}.")
    tables = shared_tables()
    parameters = Parameters(tables["parameters"], setting.parameters, tables["goods"].family)
    try:
        check_same_world(setting, parameters, other)
    except BadInput as problem:
        raise BadInput(f"--with {problem}") from None


def simulate(request: RunRequest, other: Scenario, date: datetime.date, progress: Progress | None) -> Branches:
    """The shared past, the fork, and both futures to the end."""
    begun = time.perf_counter()
    world = world_for(request.scenario, only=request.only, also=[other])
    model = Model(request.scenario, rng=request.seed, world=world, only=request.only)
    built = time.perf_counter()
    split = -(-(date - model.clock.start).days // WEEK.days)
    total = 2 * model.clock.weeks - split
    tell = progress or (lambda _done, _total: None)
    for week in range(split):
        model.step()
        tell(week + 1, total)
    second = model.fork()
    second.follow(other)
    for number, each in enumerate((model, second)):
        for week in range(split, each.clock.weeks):
            each.step()
            tell(week + 1 + number * (each.clock.weeks - split), total)
    seconds = {"build_seconds": built - begun, "loop_seconds": time.perf_counter() - built}
    results = [result_of(each, request, seconds) for each in (model, second)]
    return Branches(results[0], results[1], split, differences(results[0], results[1], split))


def result_of(model: Model, request: RunRequest, seconds: dict[str, float]) -> RunResult:
    """The result of one future."""
    asked = dataclasses.replace(request, scenario=model.setting)
    return RunResult(model, asked, summary(model.history), happenings(model), seconds)


def differences(one: RunResult, other: RunResult, split: int) -> pd.DataFrame:
    """Measures and prices of both futures and what lies between: measure, unit, one, other, difference.

    Sums run over the whole run; since the past is shared, their difference is that of the futures. Prices are means
    outside China from the fork on, over the base year.
    """
    return pd.concat([measures(one.summary, other.summary), prices(one.model, other.model, split)], ignore_index=True)


def measures(one: dict[str, Any], other: dict[str, Any]) -> pd.DataFrame:
    """Headline measures of two summaries side by side."""
    rows = []
    for name in [*one, *(each for each in other if each not in one)]:
        if name.split(".")[0] not in TOLD:
            continue
        entry = one.get(name) or other[name]
        absent = {"value": 0.0 if entry["unit"] in AMOUNTS else None}
        values = [told.get(name, absent)["value"] for told in (one, other)]
        values = [np.nan if value is None else value for value in values]
        rows.append({"measure": name, "unit": entry["unit"], "one": values[0], "other": values[1]})
    table = pd.DataFrame(rows, columns=["measure", "unit", "one", "other"])
    return table.assign(difference=table.other - table.one)


def prices(one: Model, other: Model, split: int) -> pd.DataFrame:
    """Mean outside price ratio of each good since the fork, where the futures differ by a thousandth or more."""
    means = [each.history.average[split : each.history.weeks, OUTSIDE].mean(axis=0) for each in (one, other)]
    table = pd.DataFrame(
        {"measure": "price." + one.world.goods.good, "unit": "ratio", "one": means[0], "other": means[1]}
    )
    table = table.assign(difference=table.other - table.one)
    return table[table.difference.abs() >= LEAST_PRICE_CHANGE * table.one]
