"""`techshield bench`: build and loop times, per link, memory, growth with size, and the plain Mesa yardstick."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from abm import Model, Scenario, World, world_for
from abm.world import shared_tables
from benchmarks.plain import PlainModel

WEEKS, CHAIN_WEEKS, PLAIN_WEEKS, SIZE_WEEKS = 520, 156, 10, 52


def timed(work: Callable[[], object]) -> float:
    """Seconds that some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def steps(model: Model, weeks: int) -> Callable[[], None]:
    """Run some weeks of a model."""

    def work() -> None:
        for _ in range(weeks):
            model.step()

    return work


def twice(world: World, times: int) -> World:
    """The same world several times side by side: rows repeated, keys numbered."""
    count = {"firm": len(world.firms), "bought": len(world.bought), "made": len(world.made)}
    parts: dict[str, list[pd.DataFrame]] = {"firms": [], "bought": [], "made": [], "links": []}
    for number in range(times):
        firms = world.firms.assign(producer=world.firms.producer + f"#{number}", copy=number)
        links = world.links.assign(key=world.links.key + f"#{number}")
        links["seller"] += number * count["made"]
        links["buyer"] += number * count["bought"]
        for name in ("seller_firm", "buyer_firm"):
            links[name] += number * count["firm"]
        parts["firms"].append(firms)
        parts["links"].append(links)
        for name, frame in (("bought", world.bought), ("made", world.made)):
            parts[name].append(frame.assign(firm=frame.firm + number * count["firm"], copy=number))
    start = {name: np.tile(values, times) for name, values in world.start.items()}
    return in_kind_order(replace(world, **{k: pd.concat(v, ignore_index=True) for k, v in parts.items()}, start=start))


def in_kind_order(world: World) -> World:
    """Put the rows of a repeated world back into the order of kinds that populations need."""
    rank = {kind: number for number, kind in enumerate(world.firms.kind.drop_duplicates())}
    order = np.argsort(world.firms.kind.map(rank).to_numpy(), kind="stable")
    place = np.argsort(order)
    shelves = {name: np.argsort(place[getattr(world, name).firm], kind="stable") for name in ("bought", "made")}
    where = {name: np.argsort(rows) for name, rows in shelves.items()}
    links = world.links.assign(
        seller_firm=place[world.links.seller_firm], buyer_firm=place[world.links.buyer_firm],
        seller=where["made"][world.links.seller], buyer=where["bought"][world.links.buyer],
    )  # fmt: skip
    line = np.argsort(links.buyer.to_numpy(), kind="stable")
    sizes = {
        len(world.firms): order,
        len(world.bought): shelves["bought"],
        len(world.made): shelves["made"],
        len(links): line,
    }
    start = {name: values[sizes[len(values)]] for name, values in world.start.items()}
    frames = {n: getattr(world, n).iloc[r].reset_index(drop=True) for n, r in shelves.items()}
    frames = {n: frame.assign(firm=place[frame.firm]) for n, frame in frames.items()}
    firms = world.firms.iloc[order].reset_index(drop=True)
    return replace(world, firms=firms, links=links.iloc[line].reset_index(drop=True), start=start, **frames)


def main() -> None:
    """Measure and print."""
    shared_tables()
    setting = Scenario.load("calm")
    table = Table(title="Techshield: speed (one core, one run; trust the ratios)")
    table.add_column("what")
    table.add_column("figure", justify="right")
    build = timed(lambda: world_for(setting))
    world = world_for(setting)
    links = len(world.links)
    loop = min(timed(steps(Model(setting, world=world), WEEKS)) for _ in range(2))
    baseline = Scenario.load("baseline")
    loud = timed(steps(Model(baseline, world=world_for(baseline)), WEEKS))
    chain = world_for(setting, only=("gallium",))
    alone = min(timed(steps(Model(setting, world=chain), CHAIN_WEEKS)) for _ in range(3))
    plain_model = PlainModel(world)
    plain = timed(lambda: [plain_model.step() for _ in range(PLAIN_WEEKS)]) / PLAIN_WEEKS
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
    rows = [
        ("firms, links of the full world", f"{len(world.firms)}, {links}"),
        ("build the full world", f"{build:.2f} s"),
        (f"{WEEKS} weeks of calm, full world", f"{loop:.2f} s"),
        (f"{WEEKS} weeks of baseline, full world, all policies", f"{loud:.2f} s"),
        ("per link and week", f"{loop / WEEKS / links * 1e9:.0f} ns"),
        (f"{CHAIN_WEEKS} weeks of gallium alone ({len(chain.links)} links)", f"{alone * 1000:.0f} ms"),
        ("a plain Mesa week over ours (ratio)", f"{plain / (loop / WEEKS):.1f}"),
        ("peak memory of this process", f"{memory:.0f} MB"),
    ]
    small = timed(steps(Model(setting, world=chain), SIZE_WEEKS))
    for times in (2, 4, 8):
        large = timed(steps(Model(setting, world=twice(chain, times)), SIZE_WEEKS))
        rows.append((f"time of {times} x the links over 1 x (ratio)", f"{large / small:.1f}"))
    for row in rows:
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
