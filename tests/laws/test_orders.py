"""Laws of orders: what is ordered, from whom, and what deliveries teach."""

from __future__ import annotations

import numpy as np
import pytest


def order(model, **changes):
    """Order of each shelf of firms that make something, some columns being changed before; the seen use stays."""
    for name, value in changes.items():
        model.columns[name][:] = value
    model.firms.do("order", model.observer.seen)
    makers = (~model.world.firms.kind.isin(["reserve"])).to_numpy()[model.world.bought.firm]
    return np.where(makers, model.columns["ordered"], 0.0)


def test_at_rest_buyers_order_what_they_use(calm, gallium):
    assert order(calm()) == pytest.approx(gallium.start["expected_use"], rel=0.35), "at rest an order is about the use"


def test_what_is_on_its_way_is_not_ordered_again(calm):
    model, more = calm(), calm()
    on_order = model.columns["on_order"]
    less = 0.5 * order(model)
    before, after = order(model), order(more, on_order=on_order + less)
    pace = model.rules["order_adjustment"]
    assert after == pytest.approx(before - less / pace, rel=1e-9, abs=1e-9), (
        "what is on order counts as there: an order falls by what more is on its way over order_adjustment"
    )


def test_distrust_makes_buyers_want_more_cover_and_trust_does_not(calm):
    model = calm()
    columns = model.columns
    order(model, trust=1.0)
    assert not columns["extra"].any(), "a buyer that trusts its suppliers wants no cover beyond the usual"
    order(model, trust=0.25)
    bought = (model.world.firms.kind != "reserve").to_numpy()[model.world.bought.firm]
    expected = columns["cover"] * columns["hoarding"] * 0.75
    assert columns["extra"][bought] == pytest.approx(expected[bought]), (
        "extra cover is cover, hoarding and lack of trust"
    )


def test_waits_of_licences_are_covered_too(calm):
    model = calm()
    order(model, delay=5.0)
    bought = (model.world.firms.kind != "reserve").to_numpy()[model.world.bought.firm]
    assert model.columns["extra"][bought] == pytest.approx(5.0), "the weeks that licences add are covered besides"


def shelf_with_two(model):
    """Links of a shelf that has two suppliers and more."""
    counts = np.bincount(model.world.links.buyer[model.columns["share"] > 0.05])
    return np.flatnonzero((model.world.links.buyer == int(np.argmax(counts >= 2))) & (model.columns["share"] > 0.05))


def test_a_dearer_supplier_loses_orders_by_the_cost_sensitivity_and_with_inertia(calm):
    model = calm()
    first = int(shelf_with_two(model)[0])
    columns, rules = model.columns, model.rules
    before = columns["share"][first]
    columns["landed"][first] = 1.2
    model.firms.do("choose", model.observer.seen)
    pull = before * np.exp(-rules["cost_sensitivity"] * 0.2)
    aim = pull / (pull + 1 - before)
    expected = before + (aim - before) / rules["switch_weeks"]
    assert columns["share"][first] == pytest.approx(expected, rel=1e-6), (
        "a supplier's share falls with its landed cost by cost_sensitivity, over switch_weeks"
    )


def test_who_is_preferred_gains_orders(calm):
    model = calm()
    first = int(shelf_with_two(model)[0])
    before = model.columns["share"][first]
    model.columns["favour"][first] = 0.5
    model.firms.do("choose", model.observer.seen)
    assert model.columns["share"][first] > before, "preference for a supplier raises its share of the orders"


def test_belief_learns_from_deliveries_and_a_licence_caps_it(calm):
    model = calm()
    columns, rules = model.columns, model.rules
    columns["filled"][:] = 0.0
    model.firms.do("settle", model.observer.seen)
    assert columns["belief"] == pytest.approx(1 - rules["belief_speed"]), (
        "belief falls by belief_speed of what is missing"
    )
    columns["filled"][:], columns["belief"][:], columns["controlled"][:] = 1.0, 1.0, 0.5
    model.firms.do("settle", model.observer.seen)
    most = 1 - 0.5 * (1 - rules["licensed_belief"])
    assert columns["belief"] == pytest.approx(most), "under a licence belief is at most licensed_belief on its part"


def test_a_control_that_is_announced_halves_belief_at_once(calm):
    model = calm()
    model.columns["warned"][:] = 1.0
    model.firms.do("settle", model.observer.seen)
    assert model.columns["belief"] == pytest.approx(model.rules["warned_belief"]), "a warning lowers belief at once"


def test_a_tariff_makes_a_supplier_dearer(calm, cause, gallium):
    model = calm(cause("tariff", by="USA", goods=("gallium",), on=("CHN",), rate=0.5))
    model.plan.write(model.conditions, model.clock.week(0))
    model.observer.observe(model.clock.week(0), model.columns, model.conditions)
    links = gallium.links
    taxed = ((links.exporter == "CHN") & (links.importer == "USA") & (links.good == "gallium")).to_numpy()
    assert model.columns["landed"][taxed] == pytest.approx(1.5), "duty raises the landed cost by its rate"
    assert model.columns["landed"][~taxed] == pytest.approx(1.0), "duty falls on the links that it names alone"
