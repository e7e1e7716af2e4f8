"""Laws of production: what binds output, what is used, what stock is aimed at."""

from __future__ import annotations

import numpy as np
import pytest

from abm.economy import trade_kernels


def test_the_scarcest_input_binds_by_its_criticality(calm, gallium):
    """Of all makers with several inputs the one whose first input matters least; that input is gone."""
    criticality, owner = gallium.start["criticality"], gallium.array("bought", "firm")
    kind = gallium.array("firms", "kind")
    inputs = [np.flatnonzero(owner == row) for row in range(len(kind)) if kind[row] not in ("industry", "reserve")]
    shelves = min((rows for rows in inputs if len(rows) > 1), key=lambda rows: criticality[rows[0]])
    model, firm = calm(), int(owner[shelves[0]])
    model.columns["stock"][shelves[0]] = 0.0
    model.firms.do("aim", model.observer.seen)
    model.firms.do("produce", model.observer.seen)
    made = model.columns["activity"][firm] / model.columns["wanted"][firm]
    assert made == pytest.approx(1 - criticality[shelves[0]]), "without an input output falls by its criticality"


def test_inputs_are_used_as_recipes_and_thrift_say(calm, gallium):
    model = calm()
    model.columns["thrift"][:] = 0.2
    model.firms.do("aim", model.observer.seen)
    model.firms.do("produce", model.observer.seen)
    shelves = (~gallium.firms.kind.isin(["industry", "reserve"])).to_numpy()[gallium.bought.firm]
    expected = model.columns["activity"][gallium.bought.firm] * model.columns["need"] * 0.8
    assert model.columns["used"][shelves] == pytest.approx(expected[shelves]), "thrift saves its share of an input"


def test_other_users_use_less_of_what_is_dear_by_the_elasticity_of_demand(calm, gallium):
    model = calm()
    model.columns["paid_ratio"][:] = 2.0
    model.firms.do("produce", model.observer.seen)
    shelves = (gallium.firms.kind == "industry").to_numpy()[gallium.bought.firm]
    expected = gallium.start["expected_use"] * 2.0 ** gallium.parameters["demand_elasticity"]
    assert model.columns["used"][shelves] == pytest.approx(expected[shelves]), "use answers to price by its elasticity"


def test_an_empty_stock_is_filled_over_its_weeks_and_a_full_one_run_down(calm, gallium):
    model = calm()
    columns, rules = model.columns, model.rules
    rows = np.flatnonzero(gallium.firms.kind.isin(["material_maker", "refiner"]) & (columns["activity"] > 0))
    for held, filled in ((0.0, 1.0), (2.0, -1.0)):
        columns["main_stock"][rows] = held * columns["made_cover"][rows] * columns["sales"][rows]
        model.firms.do("aim", model.observer.seen)
        gap = filled * columns["made_cover"][rows] * columns["sales"][rows] / rules["refill_weeks"]
        least = columns["activity"][rows] * (1 - columns["pace"][rows])
        expected = np.maximum(columns["sales"][rows] + gap, least)
        assert columns["plan"][rows] == pytest.approx(expected), (
            "output is sales and the gap in stock over refill_weeks"
        )


def test_refineries_wind_output_down_at_their_pace(calm, gallium):
    model = calm()
    rows = np.flatnonzero(gallium.firms.kind == "refiner")
    model.columns["sales"][rows] = 0.0
    model.firms.do("aim", model.observer.seen)
    least = model.columns["activity"][rows] * (1 - 1 / model.rules["output_cut_weeks"])
    assert model.columns["plan"][rows] == pytest.approx(least), "a refinery cuts output by 1/output_cut_weeks a week"


def test_a_by_product_follows_its_host():
    """The host works at half of its base activity."""
    host, line, one, none = 0, 1, np.ones(2), np.full(2, np.inf)
    limit, available = np.zeros(2), np.zeros(2)
    firms = (np.array([5.0, 1.0]), np.array([10.0, 1.0]), np.array([12.0, 2.0]), np.array([12.0, 2.0]), none)
    terms = (none, one, one, 0 * one)
    trade_kernels.bound((np.array([line]), np.array([host])), firms, terms, (limit, available))
    assert limit[line] == pytest.approx(1.0), (
        "a by-product line makes its capacity by its host's activity over the base"
    )


def test_a_mining_quota_and_an_outage_bound_output(calm, cause, gallium):
    plants = tuple(gallium.firms.producer[gallium.firms.kind == "refiner"])
    model = calm(cause("mining_quota", goods=("gallium",), factor=0.5), cause("outage", producers=plants, factor=0.25))
    model.step()
    columns, china = model.columns, (gallium.firms.country == "CHN").to_numpy()
    makers = china & (gallium.firms.good == "gallium").to_numpy()
    most = 0.5 * columns["base_capacity"][makers]
    assert (columns["limit"][makers] <= most + 1e-12).all(), "a quota bounds output by its share of base capacity"
    rows = np.flatnonzero(gallium.firms.kind == "refiner")
    most = 0.25 * columns["capacity"][rows]
    assert (columns["activity"][rows] <= most * (1 + 1e-9)).all(), "a plant that lost capacity makes what is left"
