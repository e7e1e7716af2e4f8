"""`techshield bench`: build and loop times, per link, memory, growth with size, and the plain Mesa yardstick."""

from __future__ import annotations

import gc
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from abm import Model, Scenario, World, world_for
from abm.world.world import shared_tables
from benchmarks.plain import PlainModel

WEEKS, CHAIN_WEEKS, PLAIN_WEEKS, SIZE_WEEKS = 520, 156, 5, 52
AIMS = {"calm": 0.3, "baseline": 0.8, "chain": 0.03, "plain": 30.0, "growth": 1.1, "compile": 8.0, "own": 0.4}


def timed(work: Callable[[], object]) -> float:
    """Seconds that some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def loop(setting: Scenario, world: World, weeks: int, runs: int = 3) -> float:
    """Seconds that some weeks of a run take, the making of the model left out; the best of several runs.

    The first run also compiles and touches memory for the first time.
    """
    found = []
    for _ in range(runs):
        model = Model(setting, world=world)
        found.append(timed(lambda model=model: [model.step() for _ in range(weeks)]))
        del model
        gc.collect()  # a model is a web of references: give its memory to the next run
    return min(found)


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


def compiling() -> float:
    """Seconds that all kernels take to compile where none is on disk yet, in a process of its own."""
    program = (
        "import time; from abm import Model, Scenario; from abm.world import shared_tables; shared_tables()\n"
        "model = Model('embargo-taiwan', only=('gallium',)); now = time.perf_counter()\n"
        "[model.step() for _ in range(60)]; print(time.perf_counter() - now)"
    )
    with tempfile.TemporaryDirectory() as folder:
        surroundings = os.environ | {"NUMBA_CACHE_DIR": folder, "PYTHONPATH": os.pathsep.join(sys.path)}
        words = [sys.executable, "-c", program]
        cold, warm = (float(subprocess.check_output(words, env=surroundings, text=True)) for _ in range(2))
    return cold - warm


def own_decisions(setting: Scenario, world: World) -> tuple[float, float]:
    """Seconds of one run without and with what strategies, provision, governments and the log of reasons take."""
    model, spent = Model(setting, world=world), [0.0]

    def counted(work: Callable[..., object]) -> Callable[..., object]:
        def run(*words: object) -> object:
            started = time.perf_counter()
            found = work(*words)
            spent[0] += time.perf_counter() - started
            return found

        return run

    for owner, name in (
        (model.strategies, "show"), (model.strategies, "move"), (model.why, "keep"), (model.partners, "help"),
        (model.partners, "pay"), (model.purity, "open"), (model.diplomacy, "review"), (model, "hear"),
    ):  # fmt: skip
        setattr(owner, name, counted(getattr(owner, name)))
    carry_out = model.firms.do
    mine = counted(carry_out)
    model.firms.do = lambda rule, seen: (mine if rule in ("strategise", "provide") else carry_out)(rule, seen)
    total = timed(model.run)
    return total - spent[0], total


def main() -> None:
    """Measure and print, the aim beside what was reached."""
    shared_tables()
    calm, baseline = Scenario.load("calm"), Scenario.load("baseline")
    world, chain = world_for(calm), world_for(calm, only=("gallium",))
    links = len(world.links)
    quiet, alone = loop(calm, world, WEEKS), loop(calm, chain, CHAIN_WEEKS, 5)
    loud = loop(baseline, world_for(baseline), WEEKS, 2)
    plain_model = PlainModel(world)
    plain = timed(lambda: [plain_model.step() for _ in range(PLAIN_WEEKS)]) / PLAIN_WEEKS
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
    compiled = compiling()
    free = Scenario.load("free-governments")
    without, whole = own_decisions(free, world_for(free))
    own = whole / without - 1
    ratio, week = plain / (quiet / WEEKS), quiet / WEEKS
    rows = [
        ("firms, links of the full world", f"{len(world.firms)}, {links}", "", ""),
        ("build the full world", f"{timed(lambda: world_for(calm)):.2f} s", "", ""),
        ("make a model of it, baseline", f"{timed(lambda: Model(baseline, world=world)):.2f} s", "", ""),
        reached(f"{WEEKS} weeks of calm, full world", quiet, "calm", "s"),
        reached(f"{WEEKS} weeks of baseline, all policies", loud, "baseline", "s"),
        ("a run with governments free: loop without own decisions, with them", f"{without:.2f} s, {whole:.2f} s", "",
         ""),
        ("own decisions over the rest of that loop", f"{own:.0%}", f"≤ {AIMS['own']:.0%}",
         "yes" if own <= AIMS["own"] else "NO"),
        ("calm, per link and week", f"{week / links * 1e9:.0f} ns", "", ""),
        reached(f"{CHAIN_WEEKS} weeks of gallium alone ({len(chain.links)} links)", alone, "chain", "s"),
        (f"plain Mesa week ({plain * 1e3:.1f} ms) over ours ({week * 1e3:.2f} ms)", f"{ratio:.1f}",
         f"≥ {AIMS['plain']:.0f}", "yes" if ratio >= AIMS["plain"] else "NO"),
        ("compile all kernels, once on a machine", f"{compiled:.1f} s", f"< {AIMS['compile']:g} s",
         "yes" if compiled < AIMS["compile"] else "NO"),
        ("peak memory of this process", f"{memory:.0f} MB", "", ""),
        *growth(calm, world),
    ]  # fmt: skip
    table = Table(title="Techshield: speed (one core; trust the ratios)")
    for name in ("what", "figure", "aim", "reached"):
        table.add_column(name, justify="left" if name == "what" else "right")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def reached(what: str, seconds: float, aim: str, unit: str) -> tuple[str, str, str, str]:
    """A row with its aim, and whether it is reached."""
    return what, f"{seconds:.3f} {unit}", f"< {AIMS[aim]:g} {unit}", "yes" if seconds < AIMS[aim] else "NO"


def growth(setting: Scenario, world: World) -> list[tuple[str, str, str, str]]:
    """Time of a year with 2, 4 and 8 times the links over that with the links themselves."""
    small = loop(setting, world, SIZE_WEEKS, 2)
    found = []
    for times in (2, 4, 8):
        ratio = loop(setting, twice(world, times), SIZE_WEEKS, 2) / small
        most = AIMS["growth"] * times
        what = f"{times} x the links ({times * len(world.links)}): time over 1 x"
        found.append((what, f"{ratio:.1f}", f"< {most:.1f}", "yes" if ratio < most else "NO"))
    return found


if __name__ == "__main__":
    main()
