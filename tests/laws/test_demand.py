"""Laws of demand: the middle of a year, growth by the outlook, orders that move."""

from __future__ import annotations

import numpy as np
import pytest

from abm.economy import plant_kernels
from abm.economy.demand import Demand


def test_the_value_of_a_year_stands_in_its_middle(gallium):
    demand = Demand(gallium, "STEPS", gallium.parameters, (2024, 2028))
    final = gallium.firms.final.to_numpy() > 0
    for year in (2025, 2027):
        middle = demand.at(demand.index, year + 0.5)
        assert middle[final] == pytest.approx(demand.index[final, year - demand.first]), (
            "demand of a year stands in its middle, and moves straight from middle to middle"
        )
    assert np.abs(demand.index[final, 3] / demand.index[final, 1] - 1).max() > 0.05


def test_demand_is_the_index_times_the_base_year_and_a_shock_scales_it(calm, cause, gallium):
    goods = gallium.tables["goods"]
    products = tuple(goods[goods.stage == "product"].good)
    shock = cause("demand_shock", goods=products, countries=("all",), factor=1.5)
    model = calm(shock, demand="STEPS")
    week = model.clock.week(60)
    model.plan.write(model.conditions, week)
    model.prepare(week)
    makers = gallium.firms.good.isin(products).to_numpy()
    expected = 1.5 * model.demand.at(model.demand.index, week.years) * gallium.start["base_activity"]
    assert model.columns["demand"][makers] == pytest.approx(expected[makers]), "demand is index x base activity x shock"


def test_capacity_grows_with_the_outlook_on_the_base_year(calm, gallium):
    model = calm(demand="STEPS")
    columns, week = model.columns, model.clock.week(100)
    columns["capacity"] *= 3.0
    before = columns["capacity"].copy()
    model.prepare(week)
    growth = gallium.start["base_capacity"] * (columns["outlook"] - 1)
    fabs = np.isin(np.arange(len(before)), model.routes.tools.fabs)
    assert growth.max() > 0
    assert (columns["capacity"] - before)[~fabs] == pytest.approx(growth[~fabs]), (
        "capacity grows by base capacity times the rise of the outlook: growth does not compound on what stands"
    )


def test_orders_that_move_are_taken_up_abroad_and_none_is_lost():
    demand = np.array([10.0, 30.0, 10.0])
    moved = np.array([0.2, 0.0, 0.0])
    rows, kinds = (np.array([0]), np.array([1, 2])), (np.array([0]), np.array([0, 0]))
    plant_kernels.move_orders(rows, kinds, 1, moved, demand)
    assert demand == pytest.approx([8.0, 31.5, 10.5]), "orders moved leave their maker and are shared abroad by size"
