"""The core of a week, on a few rows: each test holds one rule where it once went wrong."""

from __future__ import annotations

import datetime

import numpy as np

from abm import Scenario, world_for
from abm.economy import trade_kernels
from abm.policy.causes import Cause
from abm.policy.conditions import Conditions
from abm.scenario.scenario import CauseSpec
from agents.kernels import split_orders
from kit.clock import Clock


def test_a_by_product_line_opened_by_a_project_can_run() -> None:
    """A line that starts without capacity is bound by what stands, and by its host's activity."""
    host, line = 0, 1
    activity, base, standing, at_start = (np.array(row) for row in ([8.0, 0.0], [10.0, 0.0], [12.0, 2.0], [12.0, 0.0]))
    one, none = np.ones(2), np.full(2, np.inf)
    limit, available = np.zeros(2), np.zeros(2)
    trade_kernels.bound(
        (np.array([line]), np.array([host])),
        (activity, base, standing, at_start, none),
        (none, one, one, 0 * one),
        (limit, available),
    )
    assert limit[line] == 2.0 * 0.8


def test_what_is_ordered_ahead_of_a_control_adds_up_to_the_order() -> None:
    """Claims sum to the order while stock is built from links about to close and shares move."""
    links, one = 3, np.ones(3)
    share, claim = np.array([0.6, 0.3, 0.1]), np.zeros(links)
    pull = (np.array([1.0, 2.0, 3.0]), one, one, one, np.zeros(links), np.array([1.0, 0.0, 1.0]))
    shelves = (np.array([15.0]), np.array([10.0]), np.zeros(1))
    split_orders(np.array([links]), pull, shelves, (share, claim), (1.0, 0.05, 4.0))
    assert np.isclose(claim.sum(), 15.0)


def test_a_yearly_field_does_nothing_before_its_first_year() -> None:
    """A grant named from 2026 on pays nothing in 2024, and a quota binds nothing."""
    world = world_for(Scenario.load("calm"), only=("gallium",))
    dates = {"start": datetime.date(2024, 1, 1), "end": None, "announced": None}
    told = {"title_en": "", "title_zh": "", "source": "", "confidence": "assumed"}
    specs = [
        CauseSpec(id=name, instrument=name, by=by, fields=fields, **dates, **told)
        for name, by, fields in (
            ("research_grant", "TWN", {"goods": ("all",), "amount": {2026: 100.0}}),
            ("mining_quota", "CHN", {"goods": ("all",), "factor": {2026: 0.5}}),
        )
    ]
    conditions, week = Conditions(world.sizes()), Clock(datetime.date(2024, 1, 1), datetime.date(2025, 1, 1)).week(3)
    for spec in specs:
        Cause.known[spec.instrument](spec, world).apply(conditions, week)
    assert (conditions["grant"] == 0).all()
    assert np.isinf(conditions["ceiling"]).all()
