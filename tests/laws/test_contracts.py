"""Laws of contracts: the share at an index price, and what off-take puts aside."""

from __future__ import annotations

import numpy as np
import pytest

from abm.economy.market import OUTSIDE


def test_contracts_carry_their_share_at_an_index_that_follows_over_half_a_year(calm, good, gallium):
    model, metal = calm(), good("gaas_crystal")
    model.trade.permits.watch(model.conditions)
    model.market.premium[OUTSIDE, metal] = 0.5
    model.market.price(model.columns, model.conditions, model.trade)
    jump = model.market.spot[OUTSIDE, metal] - 1
    share, weeks = gallium.parameters.of_family("contract_share", "gallium"), model.rules["index_weeks"]
    model.market.price(model.columns, model.conditions, model.trade)
    spot, index, average = (getattr(model.market, name)[OUTSIDE, metal] for name in ("spot", "index", "average"))
    assert jump > 0.1
    assert average == pytest.approx(share * index + (1 - share) * spot), "the share under contract pays the index price"
    assert share != 0.5
    assert 0 < index - 1 < 3 * jump / weeks, "the index follows the price over its weeks"


@pytest.mark.parametrize(("parts", "kept"), [((0.6,), 0.6), ((0.9, 0.9), 1.0)])
def test_a_share_of_the_output_is_under_contract_and_all_contracts_take_at_most_all_of_it(
    calm, cause, gallium, parts, kept
):
    plant = gallium.firms.producer[gallium.links.seller_firm[gallium.links.good == "gallium"].mode()[0]]
    places = ("USA", "JPN")[: len(parts)]
    measures = [
        cause("off_take", by=place, key=f"contract_{place}", producers=(plant,), share=part)
        for place, part in zip(places, parts, strict=True)
    ]
    model = calm(*measures)
    model.plan.write(model.conditions, model.clock.week(0))
    model.observer.observe(model.clock.week(0), model.columns, model.conditions)
    row = gallium.places[plant]
    made = model.columns["activity"][row]
    under = model.columns["contracted"][gallium.links.seller_firm == row].sum() / made
    assert under == pytest.approx(kept), "contracts take their share of a plant's output, together at most all of it"


def test_contracts_are_shared_out_by_use_and_by_belief(calm, cause, gallium):
    plant = gallium.firms.producer[gallium.links.seller_firm[gallium.links.good == "gallium"].mode()[0]]
    model = calm(cause("off_take", by="USA", producers=(plant,), share=0.5))
    model.columns["belief"][:] = 0.8
    model.plan.write(model.conditions, model.clock.week(0))
    model.observer.observe(model.clock.week(0), model.columns, model.conditions)
    rows = np.flatnonzero(model.columns["contracted"] > 0)
    use = model.columns["expected_use"][gallium.links.buyer[rows]]
    made = model.columns["activity"][gallium.places[plant]]
    expected = 0.5 * made * use / use.sum() * 0.8
    assert model.columns["contracted"][rows] == pytest.approx(expected), (
        "users share a contract by their use and belief"
    )
