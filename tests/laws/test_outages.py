"""Laws of outages: how often plants fail, how deep and for how long."""

from __future__ import annotations

import numpy as np
import pytest

from kit.clock import QUARTER


def test_an_outage_takes_its_depth_for_its_weeks(calm):
    model = calm(outages=True)
    outages, weeks = model.outages, int(model.rules["outage_weeks"])
    outages.start[0] = 3
    left = []
    for week in range(weeks + 6):
        available = np.ones(len(model.world.firms))
        outages.apply(available, week)
        left.append(float(available[outages.rows[0]]))
    kept = 1 - model.rules["outage_depth"]
    expected = [kept if 3 <= week < 3 + weeks else 1.0 for week in range(weeks + 6)]
    assert left == pytest.approx(expected), "a plant that fails loses outage_depth of its capacity for outage_weeks"


def test_plants_fail_at_their_yearly_rate(calm):
    model = calm(outages=True)
    outages, years = model.outages, 60
    for quarter in range(4 * years):
        outages.strike(QUARTER * quarter)
    found = len(outages.begun) / (years * len(outages.rows))
    assert found == pytest.approx(model.rules["outage_rate"], rel=0.4), "plants fail outage_rate times a year"
