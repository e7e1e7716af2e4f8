"""What Mesa's own tools expect of a model: luck of any kind, a scenario that resets it, and a collector of data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import mesa
import numpy as np
from mesa.experimental.scenarios import Scenario as MesaScenario

from abm.scenario.scenario import Scenario
from abm.world.world import World
from kit.errors import BadInput

BASELINE = "baseline"
USUAL: Any = object()
"""Luck that is not named: that of the run that is reset, else seed 0."""
WORD_BITS, SEED_BITS = 64, 53
"""Bits of numpy's words, and of a seed that is drawn: what any reader of JSON keeps."""


@dataclass(frozen=True)
class Start:
    """How a run begins; without a world, one is to be built."""

    setting: Scenario
    seed: int
    only: tuple[str, ...] = ()
    world: World | None = None


class Kept(MesaScenario):
    """Mesa's scenario of a run. Its class keeps how the run began: by the class alone Mesa's viewer resets a model."""

    def __init__(self, **_: Any) -> None:
        super().__init__(rng=self._start.seed, _scenario_id=0)

    def __reduce__(self) -> tuple[Any, ...]:
        return kept, (self._start,), (None, {"model": self.model})


def kept(start: Start) -> Kept:
    """Mesa's scenario of a run that began so."""
    found: Kept = type("Kept", (Kept,), {"_start": start})()
    return found


def begin(scenario: Any, rng: Any, only: Any, world: World | None) -> Start:
    """How a run begins: as a scenario of ours says, or again as the run began that a scenario of Mesa's is of."""
    minerals = (only,) if isinstance(only, str) else tuple(only)
    if isinstance(scenario, Kept):
        before: Start = scenario._start
        seed = before.seed if rng is USUAL else seed_of(rng)
        return Start(before.setting, seed, minerals, world) if minerals else replace(before, seed=seed)
    if isinstance(scenario, MesaScenario):
        own = [name for name in vars(scenario) if name != "rng"]
        if own:
            raise BadInput(f"scenario: Mesa's scenario sets '{own[0]}', expected rng alone. Name one of Techshield, "
                           f"such as '{BASELINE}', and set values by its override.")  # fmt: skip
        rng, scenario = scenario.rng if rng is USUAL and scenario.rng is not None else rng, BASELINE
    return Start(setting_of(scenario), 0 if rng is USUAL else seed_of(rng), minerals, world)


def setting_of(given: Any) -> Scenario:
    """A scenario as it is, or by its name or path."""
    if isinstance(given, str | Path):
        return Scenario.load(given)
    if not isinstance(given, Scenario):
        raise BadInput(f"scenario: expected a name, a path or a Scenario, got {given!r:.80}.")
    return given


def seed_of(luck: Any) -> int:
    """The seed of a run: a number as it is, one made from a SeedSequence, drawn from a Generator, or drawn afresh."""
    if isinstance(luck, int | np.integer) and not isinstance(luck, bool) and luck >= 0:
        return int(luck)
    if isinstance(luck, np.random.BitGenerator):
        luck = np.random.Generator(luck)
    if isinstance(luck, np.random.Generator):
        return int(luck.integers(2**SEED_BITS))
    try:
        if luck is not None and not isinstance(luck, list | tuple | np.ndarray | np.random.SeedSequence):
            raise TypeError
        source = luck if isinstance(luck, np.random.SeedSequence) else np.random.SeedSequence(luck)
    except (TypeError, ValueError):
        raise BadInput("rng: expected a whole number from 0 on, None, or one of numpy's generators or seed sequences, "
                       f"got {luck!r:.80}.") from None  # fmt: skip
    return int(source.generate_state(1, np.uint64)[0]) >> (WORD_BITS - SEED_BITS)


def collector() -> mesa.DataCollector:
    """What Mesa's tools read of each week."""
    return mesa.DataCollector({
        "date": date, "seed": "seed_number", "controls": controls, "price_outside": price_outside,
    })  # fmt: skip


def date(model: Any) -> str:
    """First day of the last week."""
    return str(model.clock.date)


def controls(model: Any) -> float:
    """Chinese export controls in force in the last week."""
    return float(model.history.controls[model.history.weeks - 1])


def price_outside(model: Any) -> float:
    """Spot price outside China in the last week, base year 1, mean over all goods."""
    return float(model.history.spot[model.history.weeks - 1, 1].mean())
