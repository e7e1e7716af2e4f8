"""Laws of instruments: what a measure of a given size does to trade and firms."""

from __future__ import annotations

import numpy as np
import pytest


def sent(model, trading, rows, weeks=2):
    """What some links carry in a week of trade under a measure, over their base flow."""
    for _ in trading(model, weeks):
        found = model.trade.shipped.sent[rows] / model.trade.flow[rows]
    return found


def test_a_chip_rule_refuses_its_share(calm, cause, trading, exports):
    model = calm(cause("chip_rule", goods=("gallium",), to=("all",), share=0.25))
    assert sent(model, trading, exports) == pytest.approx(0.75), "a rule that refuses a share lets the rest through"


def test_a_ban_lets_nothing_through_but_what_leaks(calm, cause, trading, exports):
    model = calm(cause("ban", goods=("gallium",), to=("all",), leak=0.1))
    assert sent(model, trading, exports) == pytest.approx(0.1), "under a ban goes what leaks of what is refused"


def test_a_week_of_a_quota_is_a_fifty_second_part_of_its_year(calm, cause, exports):
    model = calm(cause("export_quota", goods=("gallium",), tonnes={2023: 52.0, 2025: 520.0}, smuggled={2023: 0.5}))
    for number, expected in ((0, 1.0), (60, 10.0)):
        model.plan.write(model.conditions, model.clock.week(number))
        (cap,) = model.conditions.caps
        assert cap.amount == pytest.approx(expected), "a week's part of a quota is its tonnes a year over 52"
        assert cap.smuggled == 0.5, "a year that a measure does not name keeps the last one named"


def test_measures_reach_the_rows_that_they_name(calm, cause, gallium):
    firms = gallium.firms
    measures = {
        "subsidy": (cause("subsidy", by="DEU", goods=("gallium",), rate=0.2), "subsidy", firms.country == "DEU"),
        "mining_quota": (cause("mining_quota", goods=("gallium",), factor=0.5), "ceiling", firms.country == "CHN"),
    }
    for name, (measure, condition, place) in measures.items():
        model = calm(measure)
        model.plan.write(model.conditions, model.clock.week(0))
        hit = model.conditions[condition] != calm().conditions[condition]
        wanted = (place & (firms.good == "gallium")).to_numpy()
        assert np.array_equal(hit, wanted), f"{name} reaches the makers of its goods in the country that acts"
