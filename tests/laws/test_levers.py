"""Laws of what levers cost and bring: their declared size times a unit cost, in the right order of magnitude."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from abm import Model, Scenario
from abm.measures.lever_costs import Spending, lever_costs
from abm.world.providers import providers

WEEKS, GROWN = 13, 2.0
LEVERS = {
    "mapping": {"coverage": 0.5},
    "substitution_research": {"factor": 2.0},
    "research_grant": {"goods": ("all",), "amount": 300.0},
    "investment_credit": {"goods": ("all",), "rate": 0.3},
    "collection_target": {"share": 0.1},
    "material_retention": {"goods": ("all",), "share": 0.5},
    "waste_import": {"goods": ("all",), "tonnes": 10_000.0},
    "recycling_service": {"goods": ("all",), "coverage": 0.4},
    "alliance_membership": {"preference": 0.1},
    "green_procurement": {"goods": ("all",), "premium": 0.2},
}


@pytest.fixture(scope="module")
def spent(gallium, cause):
    """A quarter of the calm gallium world under all these levers; Taiwan's providers grow in its sixth week."""
    measures = tuple(cause(name, by="TWN", **fields) for name, fields in LEVERS.items())
    model = Model(dataclasses.replace(Scenario.load("calm"), causes=measures), rng=1, world=gallium)
    for week in range(WEEKS):
        if week == 5:
            model.columns["capacity"][providers(gallium)] += GROWN
        model.step()
    return model


def expected_cost(name, model):
    """Size x unit cost of a lever over a quarter, NT$, from the units that its entry and its parameters declare."""
    value = model.parameters.as_dict()
    year, million, kilograms, rate = WEEKS / 52, 1e6, 1000.0, value["exchange_rate"]
    batteries = value["battery_waste_first"] * year
    kept = {"scrap": value["scrap_abroad"], "batteries": value["scrap_abroad.battery_metals"]}
    away = {kind: part / (1 + part) for kind, part in kept.items()}
    rows = providers(model.world)
    works = model.world.firms.kind.to_numpy()[rows] == "recycler"
    swarf = value["swarf_ratio"] * model.world.start["base_capacity"][rows[works]].sum() * WEEKS
    metal = model.world.base_price[model.world.firms.g.to_numpy()[rows]]
    return {
        "mapping": 0.5 * value["firms_mapped"] * value["cost_mapping"] * million * year,
        "substitution_research": value["cost_substitution"] * million * year,
        "research_grant": 300.0 * million * year,
        "investment_credit": 0.3 * GROWN * Spending(model.history).plant_value(SimpleNamespace(rows=rows)).sum() * rate,
        "collection_target": 0.1 * (value["waste_generated"] * year + batteries) * kilograms * value["cost_collection"],
        "material_retention": 0.5
        * (away["batteries"] * batteries + away["scrap"] * value["waste_collected"] * year)
        * kilograms
        * value["cost_retention"],
        "waste_import": 10_000 * year * kilograms * value["cost_import"],
        "recycling_service": 0.4 * swarf * kilograms * value["cost_service"],
        "alliance_membership": value["cost_membership"] * million * year,
        "green_procurement": 0.2 * (model.world.start["base_activity"][rows] * metal).sum() * WEEKS * rate,
    }[name]


@pytest.mark.parametrize("name", LEVERS)
def test_a_lever_costs_its_quantity_times_its_unit_cost(name, spent):
    cost = lever_costs(spent.history)[name]
    assert cost == pytest.approx(expected_cost(name, spent), rel=0.3), (
        f"{name} costs its declared size times its unit cost in NT$, over the time for which it stands"
    )


def test_the_total_is_the_sum_of_the_levers(spent):
    costs = lever_costs(spent.history)
    rest = sum(cost for name, cost in costs.items() if name != "total")
    assert costs["total"] == pytest.approx(rest), "the total is the sum over levers"


def test_a_grant_reaches_providers_as_the_week_of_its_yearly_amount(spent, gallium):
    rows = providers(gallium)
    yearly = spent.columns["grant"][rows].sum() * 52 * spent.parameters["exchange_rate"]
    assert yearly == pytest.approx(300e6), "a grant of NT$ million a year pays a fifty-second part of it each week"
    assert np.ptp(spent.columns["grant"][rows]) == pytest.approx(0.0), "a grant is shared out alike"
