"""Laws of the quarter: thrift, investment, research."""

from __future__ import annotations

import numpy as np
import pytest


def test_a_doubled_price_teaches_a_quarter_of_a_years_thrift(calm):
    model = calm()
    columns = model.columns
    columns["paid_ratio"][:] = 2.0
    model.firms.do("adapt", model.observer.seen)
    expected = columns["thrift_speed"] / 4 * columns["thrift_cap"]
    buys = (model.world.firms.kind != "reserve").to_numpy()[model.world.bought.firm]
    assert columns["thrift"][buys] == pytest.approx(expected[buys]), (
        "a price twice the base brings thrift_speed a year toward the cap, a quarter of it each quarter"
    )


def test_thrift_is_forgotten_at_its_rate_where_nothing_presses(calm):
    model = calm()
    model.columns["thrift"][:] = 0.2
    model.firms.do("adapt", model.observer.seen)
    expected = 0.2 * (1 - model.rules["thrift_reversal"] / 4)
    buys = (model.world.firms.kind != "reserve").to_numpy()[model.world.bought.firm]
    assert model.columns["thrift"][buys] == pytest.approx(expected), "thrift fades by thrift_reversal a year"


def worth(model, **changes):
    """Worth of new capacity of each firm after the quarter's investment, some columns being changed before."""
    for name, value in changes.items():
        model.columns[name][:] = value
    model.firms.do("invest", model.observer.seen)
    rows = (model.world.firms.kind == "refiner") & (model.world.start["base_capacity"] > 0)
    return model.columns["worth"][rows.to_numpy()]


def test_new_capacity_is_worth_its_cost_at_the_hurdle_price_alone(calm):
    hurdle = calm().rules["hurdle_price"]
    later = 1.1 ** -(calm().columns["build_weeks"] / 52).max()
    assert (worth(calm(), seen_price=1.0) < 0).all(), "at base prices nothing is worth building"
    assert (worth(calm(), seen_price=hurdle / later * 1.5) > 0).all(), "well above the hurdle price building pays"


def test_a_credit_bears_its_part_of_the_outlay(calm):
    bare, aided, dear = worth(calm()), worth(calm(), credit=0.3), worth(calm(), outlay_ratio=0.7)
    assert (aided > bare).all(), "a credit makes new capacity cheaper"
    assert aided == pytest.approx(dear), "a credit of 0.3 is worth as much as an outlay lower by 0.3"


def test_an_expansion_stands_after_its_time_to_build(calm):
    model = calm()
    columns, step = model.columns, model.rules["expansion_step"]
    rows = np.flatnonzero((model.world.firms.kind == "refiner") & (model.world.start["base_activity"] > 0))
    columns["activity"][rows], before = columns["capacity"][rows], columns["capacity"][rows].copy()
    model.observer.seen.week = 12
    worth(model, seen_price=9.0)
    assert columns["building"][rows] == pytest.approx(step * before), "an expansion is expansion_step of what stands"
    ready = 12 + 52 * model.parameters["build_years_refiner"]
    assert columns["ready"][rows] == pytest.approx(ready), "an expansion is ready after its years to build, in weeks"
    for week, stands in ((ready - 1, 1.0), (ready + 1, 1 + step)):
        model.observer.seen.week = week
        worth(model, seen_price=1.0)
        assert columns["capacity"][rows] == pytest.approx(stands * before), "an expansion stands once it is ready"


def test_losing_plants_are_laid_up_a_step_a_quarter(calm):
    model = calm()
    worth(model, seen_price=0.1)
    rows = (model.world.firms.kind == "refiner").to_numpy()
    assert model.columns["idle"][rows] == pytest.approx(model.rules["idling_step"]), "losing plant is laid up by a step"


def test_a_research_grant_cuts_cost_by_a_quarter_of_its_yearly_effect(calm, gallium):
    model = calm()
    columns, rules = model.columns, model.rules
    columns["grant"][:] = 0.1 * columns["value_added"] * columns["base_capacity"]
    before = columns["running_cost"].copy()
    model.firms.do("improve", model.observer.seen)
    some = (columns["grant"] > 1e-3) & (before > 0)
    expected = before * (1 - 0.1 * rules["research_effect"] / 4)
    assert columns["running_cost"][some] == pytest.approx(expected[some]), (
        "a grant of a tenth of value added cuts cost by a tenth of research_effect a year, a quarter of it a quarter"
    )
