"""Scrap: what reaches recyclers at rest, in a growing market and at other prices."""

from __future__ import annotations

import numpy as np
import pytest

from abm import Model


@pytest.fixture
def model() -> Model:
    """A run at rest on the chain of cobalt."""
    return Model("calm", rng=1, only=["cobalt"])


def fed(model: Model, year: int = 0) -> np.ndarray:
    """Scrap that reaches the recyclers over what they work in the base year."""
    rows = model.recycling.recyclers
    feed = model.recycling.collect(model.columns, model.conditions, year)[rows]
    return np.asarray(feed / model.world.start["base_activity"][rows])


def test_idle_plant_of_recyclers_is_want_of_scrap(model: Model) -> None:
    rows = model.recycling.recyclers
    assert (model.world.start["base_capacity"][rows] > model.world.start["base_activity"][rows]).all()
    assert fed(model) == pytest.approx(1.0), (
        "in the base year a recycler gets the scrap that it works, whatever its plant"
    )


def test_scrap_answers_weakly_to_the_price(model: Model) -> None:
    model.columns["price_ratio"][model.recycling.recyclers] = 2.0
    assert fed(model) == pytest.approx(2.0 ** model.rules["scrap_response"]), (
        "dear metal brings more scrap, by its response"
    )


def test_scrap_grows_with_the_outlook_until_products_of_the_run_are_discarded(model: Model) -> None:
    """Servers and phones, which hold cobalt, live four years: what was sold in year 0 is discarded in year 4."""
    rows, recycling = model.recycling.recyclers, model.recycling
    recycling.cohort[:, 0] = 1.5
    for year in range(6):
        model.columns["outlook"][rows] = 1.0 + 0.1 * year
        expected = {4: 1.4 * 1.5, 5: 1.4}.get(year, 1.0 + 0.1 * year)
        assert fed(model, year) == pytest.approx(expected), "a cohort is discarded once its life in years is over"
