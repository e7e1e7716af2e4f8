"""Laws of provision: purity, help to partner plants, scrap that levers bring."""

from __future__ import annotations

import numpy as np
import pytest

from abm.world.providers import providers


def test_makers_accept_more_of_a_finer_grade(calm):
    model = calm()
    purity, columns = model.purity, model.columns
    start, full = purity.start, model.rules["grade_capability"]
    assert start.max() < full / 2
    columns["grade"][purity.seller] = 2 * start
    purity.open(columns, model.observer.seen)
    assert columns["accepted"][purity.links] == pytest.approx(2.0), (
        "makers accept output by its grade over the first one"
    )


def test_partner_plants_pay_a_fee_on_what_help_has_added(calm):
    model = calm()
    partners, columns = model.partners, model.columns
    columns["helping"][partners.provider], columns["capability"][partners.provider] = 1.0, 1.0
    partners.help(columns)
    gain = model.rules["help_gain"]
    assert columns["help"][partners.plant] == pytest.approx(gain), "full help adds help_gain to a partner's capacity"
    partners.pay(columns, model.conditions)
    value = (columns["activity"] * model.world.output_value)[partners.plant].sum()
    added = value * gain / (1 + gain)
    fees = columns["provider_income"].sum()
    assert fees == pytest.approx(model.rules["help_fee"] * added), (
        "the fee is a share of what help has added, not of all"
    )


def test_waste_that_is_let_in_feeds_recyclers_by_what_is_collected_a_week(calm):
    model = calm()
    rows = model.recycling.recyclers
    weekly = model.parameters["waste_collected"] / 52
    model.conditions.write("imports", rows, weekly)
    feed = model.provider.gather(np.ones(len(model.world.firms)), model.conditions)
    assert feed[rows] == pytest.approx(2.0), "as much waste again as is collected in a week doubles the feed"


def test_a_provider_learns_by_doing_a_quarter_of_a_years_part(calm):
    model = calm()
    columns, rows = model.columns, providers(model.world)
    before = columns["capability"][rows].copy()
    model.firms.do("provide", model.observer.seen)
    use = np.minimum(columns["activity"][rows] / columns["base_capacity"][rows], 1.0)
    expected = before + (1 - before) * model.rules["capability_by_doing"] * use / 4
    assert columns["capability"][rows] == pytest.approx(expected), "a year of full use teaches capability_by_doing"


def test_a_provider_that_is_switched_off_sells_nothing(calm, cause):
    model = calm()
    model.plan.add(cause("provider_switch", by="TWN", left=0.0))
    model.step()
    theirs = np.isin(model.world.links.seller_firm.to_numpy(), providers(model.world))
    assert model.trade.shipped.sent[theirs].sum() == 0, "what Taiwan provides is taken away where it is switched off"
