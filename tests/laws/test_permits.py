"""Laws of permits: licences, customs holds, quotas and what is smuggled."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

BEFORE = datetime.date(2023, 6, 1)
"""A day of notice long before the start: nothing is spared as declared."""
LICENCE = {"goods": ("gallium",), "to": ("all",), "share": 1.0, "wait_weeks": 3.0}


def test_a_licence_is_decided_after_its_wait(calm, cause, trading):
    model, decided = calm(cause("licence", approval=1.0, announced=BEFORE, **LICENCE)), []
    for _ in trading(model, 6):
        decided.append(float(model.trade.permits.granted.sum()) > 0)
    assert decided.index(True) == 3, "an application of week w is decided in week w and the wait of the licence"


def test_approval_is_the_share_of_applications_granted(calm, cause, trading):
    model, asked, granted = calm(cause("licence", approval=0.2, **LICENCE)), 0, 0
    for _ in trading(model, 40):
        permits = model.trade.permits
        firms = permits.many == 0
        asked += ((permits.granted + permits.refused > 0) & firms).sum()
        granted += ((permits.granted > 0) & firms).sum()
        many = (permits.granted + permits.refused > 0) & ~firms
        part = permits.granted[many] / (permits.granted + permits.refused)[many]
        assert part == pytest.approx(0.2), "rows that stand for many firms are granted the share of approvals"
    assert asked > 100
    assert granted / asked == pytest.approx(0.2, abs=0.1), "approval is the share of applicants that are granted"


def test_customs_hold_their_share_for_the_weeks_of_the_hold_and_release_all_of_it(calm, cause, trading, exports):
    hold = cause("customs_hold", goods=("gallium",), to=("all",), share=0.75, wait_weeks=2.0, announced=BEFORE)
    model = calm(hold)
    usual = model.trade.flow[exports]
    sent = [float((model.trade.shipped.sent[exports] / usual).mean()) for _ in trading(model, 6)]
    assert sent[:2] == pytest.approx([0.25] * 2), "customs let pass the usual flow less the share that they hold"
    assert sent[-1] == pytest.approx(1.0), "what customs held is released in full after the weeks of the hold"


def test_asking_for_more_does_not_undo_a_hold(calm, cause, trading, exports):
    model = calm(cause("customs_hold", goods=("gallium",), to=("all",), share=0.75, wait_weeks=9.0, announced=BEFORE))
    usual = model.trade.flow[exports].copy()
    for values in (model.columns["claim"], *model.trade.booked):
        values[exports] = 3.0 * usual
    for _ in trading(model, 1):
        found = model.trade.shipped.sent[exports] / usual
    assert found == pytest.approx(0.25), "of more than the usual flow customs let pass no more than of the usual flow"


def test_a_quota_lets_pass_exactly_what_it_says(calm, cause, trading, exports, gallium):
    year = 52 * float(gallium.links.flow.to_numpy()[exports].sum())
    model = calm(cause("export_quota", goods=("gallium",), tonnes=0.4 * year, smuggled=0.0))
    passed = [model.trade.shipped.sent[exports].sum() for _ in trading(model, 4)]
    assert passed == pytest.approx([0.4 * year / 52] * 4), "a binding quota lets pass a week's part of its tonnes"


def test_smuggled_goods_are_a_ratio_to_what_goes_openly(calm, cause, trading, exports, gallium):
    year = 52 * float(gallium.links.flow.to_numpy()[exports].sum())
    model = calm(cause("export_quota", goods=("gallium",), tonnes=0.4 * year, smuggled=0.5))
    passed = [model.trade.shipped.sent[exports].sum() for _ in trading(model, 3)]
    leaked = model.trade.permits.leaked.sum()
    openly = passed[-1] - leaked
    assert leaked == pytest.approx(0.5 * openly), "smuggled goods leave at the ratio said to what leaves openly"
    assert openly == pytest.approx(0.4 * year / 52), "smuggled goods come besides the quota where it binds"


def test_tension_above_the_usual_lowers_case_by_case_approvals_alone(calm, cause, trading):
    """A row of many firms gets the share: half the approvals are left where tension leaves a half."""
    model = calm(cause("licence", approval=0.8, **LICENCE))
    model.trade.mercy = np.full(len(model.trade.flow), 0.5)
    parts = []
    for _ in trading(model, 5):
        permits = model.trade.permits
        many = (permits.granted + permits.refused > 0) & (permits.many > 0)
        parts += list((permits.granted[many] / (permits.granted + permits.refused)[many]).round(9))
    assert set(parts) == {0.4}, "where cases are decided one by one, approvals are the share times what tension leaves"
