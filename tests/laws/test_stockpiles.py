"""Laws of public stockpiles: how much they hold, what they buy and when they do not."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from abm.economy.stockpiles import national_use


def store(model):
    """Row of the United States' stockpile of gallium."""
    return int(np.flatnonzero(model.world.firms.kind == "reserve")[0])


def test_a_stockpile_that_stands_holds_its_days_of_national_use(calm, cause):
    begun = datetime.date(2020, 1, 6)
    model = calm(cause("stockpile", by="USA", goods=("gallium",), days=70.0, release_weeks=0.0, start=begun))
    row = store(model)
    weekly = national_use(model.world, row)
    home = (model.world.firms.country == "USA") & (model.world.firms.kind != "reserve")
    shelves = home.to_numpy()[model.world.bought.firm] & (model.world.bought.good == "gallium").to_numpy()
    assert weekly == pytest.approx(model.world.start["expected_use"][shelves].sum()), (
        "national use is that of its users"
    )
    assert model.columns["main_stock"][row] == pytest.approx(10 * weekly), "70 days of national use are ten weeks of it"


def test_a_stockpile_aims_at_its_days_and_buys_the_gap_over_the_time_it_takes_to_fill(calm, cause):
    model = calm(cause("stockpile", by="USA", goods=("gallium",), days=70.0, release_weeks=0.0))
    model.step()
    row, columns = store(model), model.columns
    shelf = np.flatnonzero(model.world.bought.firm == row)
    aimed = 10 * national_use(model.world, row)
    assert columns["target"][row] == pytest.approx(aimed, rel=1e-3), "a stockpile of 70 days aims at ten weeks of use"
    weekly = aimed / model.rules["reserve_fill_weeks"]
    assert columns["ordered"][shelf] == pytest.approx([weekly], rel=1e-3), "the gap is ordered over reserve_fill_weeks"


def test_a_stockpile_that_releases_buys_nothing(calm, cause):
    model = calm(cause("stockpile", by="USA", goods=("gallium",), days=70.0, release_weeks=0.0))
    model.step()
    row = store(model)
    key = str(model.world.firms.producer[row])
    model.plan.add(cause("release", by="USA", reserve=key, amount=1.0))
    model.step()
    shelf = np.flatnonzero(model.world.bought.firm == row)
    assert model.columns["ordered"][shelf].sum() == 0, "a stockpile that is being released buys nothing"
    made = np.flatnonzero(model.world.made.firm == row)
    assert model.columns["release"][made].tolist() == [1.0], "a stockpile sells at most what is released a week"
