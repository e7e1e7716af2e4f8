"""Licences: what tension, general licences, declared goods and a standing control mean for one link."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from abm import Model, Scenario, kernels
from agents import kernels as rules

CONTROL = {
    "licence": 0.0, "wait": 9.0, "hold": 0.0, "hold_wait": 9.0, "examined": 0.0, "threshold": 1.0, "grace": 0.0,
    "declared": 0.0, "open": 1.0, "leak": 0.0,
}  # fmt: skip


def carried(claim: float, **control: float) -> float:
    """What a link with a usual flow of 1 may carry under a control."""
    one = np.ones(1)
    terms = tuple(np.array([value]) for value in (CONTROL | control).values())
    flows = (claim * one, one, one, 0 * one, 0 * one, (0, 3 * one, 1.3, 13.0))
    results = (np.zeros(1), np.zeros(1), np.zeros(1), np.zeros(1))
    kernels.lodge(np.zeros(1, dtype=np.int64), np.zeros((64, 1)), terms, flows, results)
    return float(results[1][0])


def test_asking_for_more_does_not_undo_a_hold_or_a_control_on_some_grades() -> None:
    assert carried(5.0, hold=0.5) == pytest.approx(0.5)
    assert carried(5.0, licence=0.5, hold=0.5) == pytest.approx(0.25)
    assert carried(5.0, licence=0.5) == pytest.approx(1.5)


def test_declared_goods_leave_at_the_usual_flow_and_no_faster() -> None:
    assert carried(5.0, licence=1.0) == 0.0
    assert carried(5.0, licence=1.0, declared=1.0) == pytest.approx(1.0)
    assert carried(0.4, licence=1.0, declared=1.0) == pytest.approx(0.4)


def test_deliveries_do_not_restore_full_trust_while_a_licence_is_needed() -> None:
    belief, trust, one = np.array([0.9, 0.9]), np.zeros(1), np.ones(2)
    told = (one, 0 * one, np.array([1.0, 0.0]), one / 2)
    rules.learn(np.array([2]), told, np.zeros(1), (belief, trust), (1.0, 0.5, 0.6))
    assert belief == pytest.approx([0.6, 1.0])
    assert trust == pytest.approx([0.8])


def test_tension_lowers_case_by_case_approvals_alone() -> None:
    setting = Scenario.load("history-2023")
    model = Model(setting, rng=0, only=["rare_earths", "dysprosium", "ndpr", "terbium"])
    while model.clock.start + model.clock.number * datetime.timedelta(weeks=1) < datetime.date(2025, 5, 3):
        model.step()
    links, trade = model.world.links, model.trade
    out = ((links.exporter == "CHN") & (links.good == "ndfeb_heavy")).to_numpy()
    usa, korea = (out & (links.importer == place).to_numpy() for place in ("USA", "KOR"))
    kept = trade._kept(model.conditions)
    assert kept[usa].max() < 0.5 < kept[korea].min()
    assert kept[~trade.marked].min() == 1
