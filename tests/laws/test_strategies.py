"""Laws of strategies: how fear moves, what a cut costs, what each option saves."""

from __future__ import annotations

import numpy as np
import pytest


def weighed(model, **changes):
    """Columns after firms have weighed their options once, some columns being changed before."""
    for name, value in changes.items():
        model.columns[name][:] = value
    model.firms.do("strategise", model.observer.seen)
    return model.columns


def vital_makers(columns, world):
    """Rows of firms that decide and buy a vital input."""
    owner = world.array("bought", "firm")
    rows = np.unique(owner[columns["vital"] > 0])
    return rows[columns["strategic"][rows] > 0]


def test_fear_rises_fast_and_fades_slowly(calm, gallium):
    model = calm()
    rules = model.rules
    columns = weighed(model, dependence=1.0, distrust=1.0)
    rows = vital_makers(columns, gallium)
    assert columns["fear"][rows] == pytest.approx(rules["fear_rise"]), "fear takes up fear_rise of new doubt a quarter"
    columns = weighed(model, distrust=0.0, alertness=0.0)
    expected = rules["fear_rise"] * (1 - rules["fear_fade"])
    assert columns["fear"][rows] == pytest.approx(expected), "fear without cause fades by fear_fade a quarter"
    assert rules["fear_fade"] < rules["fear_rise"]


def test_stock_shortens_a_cut_and_so_is_worth_something_to_those_who_fear_it(calm, gallium):
    afraid = {"fear": 0.9, "dependence": 1.0, "distrust": 0.9, "cover": 2.0, "input_value": 0.0}
    columns = weighed(calm(), **afraid)
    rows = vital_makers(columns, gallium)
    assert (columns["value_stock"][rows] > 0).all(), "four weeks of stock shorten a cut: that is worth something"
    ample = weighed(calm(), **afraid | {"cover": 60.0})
    assert (ample["value_stock"][rows] <= 0).all(), "who holds more than a year of stock gains nothing by more"


def test_a_second_source_saves_its_part_of_the_loss(calm, gallium):
    model = calm()
    columns = weighed(model, fear=0.9, dependence=1.0, distrust=0.9, cover=2.0)
    rows = vital_makers(columns, gallium)
    weeks = {"short": 9, "quarter": 13, "half": 26, "year": 52}
    lost = sum(model.rules[f"shock_share_{name}"] * (length - 2) / 52 for name, length in weeks.items())
    owner, vital = gallium.array("bought", "firm"), columns["vital"] > 0
    need = np.zeros(len(gallium.firms))
    np.maximum.at(need, owner[vital], columns["criticality"][vital])
    fear = columns["fear"][rows]
    saved = fear * need[rows] * lost * model.rules["source_step"] * model.rules["strategy_years"]
    worth = columns["value_second_source"][rows] + model.rules["cost_second_source"]
    assert worth == pytest.approx(saved, rel=1e-6), (
        "a second source is worth its part of the loss expected (chance x part of a year lost) over the horizon"
    )


def test_a_second_source_wakes_ties_elsewhere(calm, gallium):
    model = calm()
    columns = weighed(model, sourcing=1.0)
    owner = gallium.array("bought", "firm")[gallium.array("links", "buyer")]
    away = (columns["elsewhere"] > 0) & (columns["sourcing"][owner] >= 1) & (columns["accepted"] == 1)
    expected = columns["tie"] * (1 + model.rules["source_gain"]) + columns["dormant"]
    assert columns["affinity"][away] == pytest.approx(expected[away]), (
        "qualified ties elsewhere grow and dormant ones wake"
    )
