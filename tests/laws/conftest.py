"""What the laws share: small worlds at rest, measures, and weeks of trade alone."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from abm import Model, Scenario, world_for
from abm.scenario.scenario import CauseSpec
from abm.world.world import World

START = datetime.date(2024, 1, 1)
Calm = Callable[..., Model]


@pytest.fixture(scope="session")
def cause() -> Callable[..., CauseSpec]:
    """A measure that stands from the first week on and was announced long before."""

    def make(instrument: str, by: str = "CHN", **fields: Any) -> CauseSpec:
        dates = {name: fields.pop(name, None) for name in ("end", "announced")}
        start = fields.pop("start", START)
        words = {"title_en": "t", "title_zh": "t", "source": "test", "confidence": "assumed"}
        key = fields.pop("key", instrument)
        return CauseSpec(id=key, instrument=instrument, by=by, fields=fields, start=start, **dates, **words)

    return make


@pytest.fixture(scope="session")
def gallium(cause: Callable[..., CauseSpec]) -> World:
    """The gallium world of 2024, with room for a stockpile of the United States."""
    stockpile = cause("stockpile", by="USA", goods=("gallium",), days=70.0, release_weeks=0.0)
    calm = Scenario.load("calm")
    return world_for(calm, only=("gallium",), also=(dataclasses.replace(calm, causes=(stockpile,)),))


@pytest.fixture
def calm(gallium: World) -> Calm:
    """Makes a run of the calm gallium world under some measures, before its first week."""

    def make(*causes: CauseSpec, **changes: Any) -> Model:
        return Model(dataclasses.replace(Scenario.load("calm"), causes=causes, **changes), rng=1, world=gallium)

    return make


@pytest.fixture(scope="session")
def trading() -> Callable[..., Iterator[int]]:
    """Weeks of trade alone, by number: nothing is made or used, sellers have plenty, buyers ask what they asked."""

    def weeks(model: Model, count: int, plenty: float = 1e12) -> Iterator[int]:
        for number in range(count):
            model.columns["made_stock"][:] = plenty
            model.plan.write(model.conditions, model.clock.week(number))
            model.trade.clear(model.columns, model.conditions, model.rules, (model.luck, number))
            yield number

    return weeks


@pytest.fixture(scope="session")
def exports(gallium: World) -> np.ndarray:
    """Links that carry Chinese gallium abroad, row numbers."""
    links = gallium.links
    out = (links.exporter == "CHN") & (links.importer != "CHN") & (links.good == "gallium") & (links.flow > 0)
    return np.flatnonzero(out)


@pytest.fixture(scope="session")
def good(gallium: World) -> Callable[[str], int]:
    """Row of a good."""
    return gallium.goods.good.tolist().index
