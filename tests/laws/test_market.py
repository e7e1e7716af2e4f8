"""Laws of prices: scarcity, the two zones, the border, costs passed on, duty."""

from __future__ import annotations

import numpy as np
import pytest

from abm.economy import market_kernels
from abm.economy.market import CHINA, OUTSIDE


def priced(model, zone, good):
    """The spot price in a zone after one more week of prices, which knows what controls are in force."""
    model.trade.permits.watch(model.conditions)
    model.market.price(model.columns, model.conditions, model.trade)
    return float(model.market.spot[zone, good])


def scale(model, name, good, zone, factor):
    """Scale what some firms hold, make or use of a good in a zone."""
    world = model.world
    frame = world.bought if name == "stock" else world.made
    rows = (frame.good == good).to_numpy() & (world.firms.zone.to_numpy()[frame.firm] == zone)
    if name == "activity":
        rows = np.unique(frame.firm.to_numpy()[rows])
    model.columns[name][rows] *= factor


def test_prices_rise_with_scarcity_and_fall_with_plenty(calm, good):
    assert priced(calm(), OUTSIDE, good("gallium")) == pytest.approx(1.0), "at rest every price is its base price"
    for factor, sign in ((0.3, 1), (3.0, -1)):
        model = calm()
        scale(model, "stock", "gallium", OUTSIDE, factor)
        assert sign * np.log(priced(model, OUTSIDE, good("gallium"))) > 1e-3, "the price rises as cover falls"


def test_output_that_stops_makes_a_good_dear_before_its_stocks_are_gone(calm, good):
    model = calm()
    scale(model, "activity", "gallium", OUTSIDE, 0.0)
    assert priced(model, OUTSIDE, good("gallium")) > 1.001, (
        "less output over the horizon is less cover: the price rises"
    )


def test_a_ban_makes_its_good_dear_outside_and_cheap_at_home_before_stocks_move(calm, cause, good):
    model = calm(cause("ban", goods=("gallium",), to=("all",), leak=0.0))
    model.plan.write(model.conditions, model.clock.week(0))
    assert priced(model, OUTSIDE, good("gallium")) > 1.001, "arrivals that are not expected raise the outside price"
    assert model.market.premium[CHINA, good("gallium")] < -1e-3, (
        "departures that are not expected lower the price at home"
    )


def test_the_outside_zone_stands_on_its_own_costs(calm, good):
    """Gallium enters gallium arsenide crystals, which China does not lead."""
    crystal, metal = good("gaas_crystal"), good("gallium")
    model = calm()
    assert not model.market.dominant[crystal]
    model.market.average[CHINA, metal] = 3.0
    assert priced(model, OUTSIDE, crystal) == pytest.approx(1.0, abs=1e-6), (
        "the outside price stands on costs outside China"
    )
    output, entering, weight = model.market.chain
    part = float(weight[(output == crystal) & (entering == metal)][0])
    model = calm()
    model.market.average[OUTSIDE, metal] = 3.0
    expected = 1 + model.rules["pass_through"] * part * (3.0 - 1.0)
    assert priced(model, OUTSIDE, crystal) == pytest.approx(expected), (
        "makers pass on their part of what inputs cost above base"
    )


def test_what_closes_on_its_way_out_of_china_parts_the_outside_and_not_china():
    """Outside holds half of its usual cover and China all of it; China's exports are closed and its imports open."""
    cover, ones, nothing = np.array([[1.0], [0.5]]), np.ones((2, 1)), np.zeros((2, 1))
    totals, closed = (ones, ones, ones, nothing), np.array([[1.0], [0.0]])
    market_kernels.share_cover(cover, totals, ones, (np.zeros(1, dtype=bool), closed))
    assert cover.ravel() == pytest.approx([0.75, 0.5]), (
        "exports that are closed leave the outside with its own cover, while China still shares the world's"
    )


def test_an_export_tax_stands_on_the_price_abroad(calm, cause, good):
    model, metal = calm(cause("export_tax", goods=("gallium",), rate=0.2)), good("gallium")
    model.plan.write(model.conditions, model.clock.week(0))
    outside = priced(model, OUTSIDE, metal)
    home, freight = model.market.spot[CHINA, metal], model.rules["freight"]
    assert model.market.export[metal] == pytest.approx(1.2 * home), "exports cost the Chinese price and the export tax"
    premium = np.exp(model.market.premium[:, metal].sum() - max(model.market.premium[:, metal].min(), 0.0))
    expected = (1.2 + freight) / (1 + freight) * premium
    assert outside == pytest.approx(expected), "where China leads the price abroad is its price, tax and freight"


def test_duty_is_paid_on_top_of_the_price_by_the_part_that_comes_from_there(calm, cause, gallium):
    model = calm(cause("tariff", by="USA", goods=("gallium",), on=("CHN",), rate=0.5))
    model.plan.write(model.conditions, model.clock.week(0))
    model.observer.observe(model.clock.week(0), model.columns, model.conditions)
    links = gallium.links
    taxed = ((links.exporter == "CHN") & (links.importer == "USA") & (links.good == "gallium")).to_numpy()
    part = np.bincount(links.buyer[taxed], model.columns["share"][taxed], minlength=len(gallium.bought))
    assert part.max() > 0
    assert model.columns["paid_ratio"] == pytest.approx(1 + 0.5 * part), "buyers pay the price and its duty"


def test_tariffs_and_the_worth_of_a_licence_stand_in_the_landed_cost(calm, cause, gallium, good, exports):
    model = calm(
        cause("tariff", by="USA", goods=("gallium",), on=("CHN",), rate=0.5),
        cause("licence", goods=("gallium",), to=("all",), share=1.0, approval=1.0, wait_weeks=3.0),
    )
    model.market.spot[OUTSIDE, good("gallium")] = 1.4
    model.plan.write(model.conditions, model.clock.week(0))
    model.observer.observe(model.clock.week(0), model.columns, model.conditions)
    duty = 1 + 0.5 * (gallium.links.importer == "USA").to_numpy()[exports]
    assert model.columns["landed"][exports] == pytest.approx(1.4 * duty), (
        "under licence goods cost what they are worth outside, and duty comes on top"
    )
