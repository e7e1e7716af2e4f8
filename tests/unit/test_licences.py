"""Licences: what tension, general licences, declared goods and a standing control mean for one link."""

from __future__ import annotations

import dataclasses
import datetime

import numpy as np
import pytest

from abm import Model, Scenario
from abm.economy import permit_kernels, trade_kernels
from abm.scenario.scenario import CauseSpec
from agents import kernels as rules

CONTROL = {
    "hold": 0.0, "licence": 0.0, "wait": 9.0, "examined": 0.0, "threshold": 1.0, "declared": 0.0, "open": 1.0,
    "leak": 0.0,
}  # fmt: skip


def lodged(claim: float, **control: float) -> dict[str, float]:
    """What is applied for, stopped by customs and let go today on a link with a usual flow of 1 under a control."""
    one = np.ones(1)
    terms = tuple(np.array([value]) for value in (CONTROL | control).values())
    flows = (claim * one, one, 0 * one, one, 0 * one, 0 * one, (0, 1.3, 13.0))
    results = tuple(np.zeros(1) for _ in range(5))
    results[0][:] = min(claim, 3.0)
    permit_kernels.lodge(np.zeros(1, dtype=np.uint32), np.zeros((64, 1)), terms, flows, results)
    names = ("wanted", "leak", "applied", "stopped")
    return {name: float(values[0]) for name, values in zip(names, results, strict=False)}


def carried(claim: float, **control: float) -> float:
    """What a link with a usual flow of 1 may carry under a control."""
    return lodged(claim, **control)["wanted"]


def test_more_than_usual_leaves_once_it_has_been_booked() -> None:
    claims, ring, left = (1.0, 9.0, 9.0, 8.0, 0.5), np.ones((2, 1)), []
    for week, claim in enumerate(claims):
        due, wanted = np.zeros(1), np.zeros(1)
        trade_kernels.want(np.full(1, claim), ring[week % 2], (np.ones(1), np.ones(1)), np.full(1, 3.0), (due, wanted))
        left.append((float(due[0]), float(wanted[0])))
    assert left == [(1.0, 1.0), (1.0, 1.0), (1.0, 1.0), (8.0, 3.0), (0.5, 0.5)]


def test_asking_for_more_does_not_undo_a_hold_or_a_control_on_some_grades() -> None:
    assert carried(5.0, hold=0.5) == pytest.approx(0.5)
    assert carried(5.0, licence=0.5, hold=0.5) == pytest.approx(0.25)
    assert carried(5.0, licence=0.5) == pytest.approx(1.5)


def test_customs_hold_a_part_of_the_usual_flow_until_its_day() -> None:
    assert lodged(5.0, hold=0.5)["stopped"] == pytest.approx(0.5)
    held, detained = np.zeros((64, 1)), np.full(1, 4.0)
    permit_kernels.detain(np.full(1, 0.5), np.full(1, 9.0), 60, (held, detained))
    assert held[69 % 64, 0] == pytest.approx(0.5)
    assert detained[0] == pytest.approx(4.5)


def ordered(closing: float, left: float) -> float:
    """The order of a shelf that uses 1 a week and lacks 8 weeks of its cover, a gap closed in 4 weeks."""
    one, results = np.ones(1), tuple(np.zeros(1) for _ in range(3))
    results[0][:] = 1.0
    now = (one, 2 * one, 0 * one, closing * one, left * one)
    rules.order_inputs(now, (10 * one, 0 * one, 0 * one, 0 * one, one), results, (6.0, 4.0))
    return float(results[1][0])


def test_what_closes_is_bought_by_its_last_day() -> None:
    assert ordered(0.0, 0.0) == pytest.approx(3.0)
    assert ordered(1.0, 2.0) == pytest.approx(5.0)
    assert ordered(1.0, 1.0) == pytest.approx(9.0)
    assert ordered(0.5, 1.0) == pytest.approx(6.0)
    assert ordered(1.0, 20.0) == pytest.approx(3.0)


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
    kept = 1 - model.conditions["discretion"] * (1 - trade.mercy)
    assert kept[usa].max() < 0.5 < kept[korea].min()
    assert kept[~trade.marked].min() == 1


def test_what_customs_held_is_released_in_full_whatever_becomes_of_applications() -> None:
    zero, one = np.zeros(1), np.ones(1)
    due, held, results = (5 * one, 3 * one), (0 * one, 5 * one, 3 * one), (zero.copy(), zero.copy(), zero.copy())
    terms = ((zero, zero, one), one, one, 100 * one, (1.3, 13.0))
    permit_kernels.decide(np.zeros(1, dtype=np.int64), due, terms, held, results)
    assert [float(values[0]) for values in results] == [0, 5, 3]
    assert [float(values[0]) for values in held] == [3, 0, 0]
    assert not any(ring.any() for ring in due)


def control(key: str, start: datetime.date, announced: datetime.date, **fields: object) -> CauseSpec:
    """A licence on Chinese gallium."""
    words = {"title_en": "t", "title_zh": "t", "source": "test", "confidence": "assumed", "end": None}
    terms = {"goods": ("gallium",), "to": ("all",), "wait_weeks": 4, **fields}
    return CauseSpec(id=key, instrument="licence", by="CHN", start=start, announced=announced, fields=terms, **words)


def test_an_announced_control_warns_but_binds_nothing_before_it_is_in_force() -> None:
    """A link under one control keeps its terms while a stricter one is announced; then both hold, and both end."""
    day = datetime.date
    first = control("first", day(2024, 1, 1), day(2024, 1, 1), approval=0.9, share=0.1)
    second = control("second", day(2024, 3, 25), day(2024, 2, 5), approval=0.5, share=1.0)
    pause = dataclasses.replace(second, id="pause", instrument="suspension", start=day(2024, 5, 6), fields={
        "of": ("first", "second"),
    })  # fmt: skip
    model = Model(dataclasses.replace(Scenario.load("calm"), causes=(first, second, pause)), rng=1, only=["gallium"])
    link = np.nonzero(((model.world.links.exporter == "CHN") & (model.world.links.importer == "JPN")).to_numpy())[0][0]
    found = {}
    for week in range(20):
        model.step()
        told = (model.conditions["licence"][link], model.conditions["approval"][link], model.columns["closing"][link])
        found[week] = (*map(float, told), bool(model.columns["delay"].any()))
        assert week == 0 or not model.conditions["declared"][link]  # what was announced spares nothing beside the surge
    assert found[4] == (0.1, 0.9, 0.0, True)
    assert found[5] == found[11] == (0.1, 0.9, 1.0, True)
    assert found[12] == (1.0, pytest.approx(0.45), 0.0, True)
    assert found[18] == (0.0, 1.0, 0.0, False)


def test_goods_that_go_round_a_control_count_as_sales() -> None:
    one, link = np.ones(1), np.zeros(1, dtype=np.int64)
    bids, shelves = (2 * one, 3 * one, one, 5 * one, (0, 26.0)), tuple(np.zeros(1) for _ in range(3))
    links = (*(np.zeros(1) for _ in range(4)), np.zeros(1, dtype=bool))
    trade_kernels.ship((link, link + 1, link + 1), np.zeros((64, 1)), bids, links, shelves)
    asked = np.zeros(1)
    trade_kernels.ration(link, bids[:2], (one, (one, 0 * one), link + 1, False), 9 * one, (one.copy(), asked))
    assert shelves[0][0] == asked[0] == 5


def test_a_general_licence_changed_in_mid_run_covers_its_new_places_alone() -> None:
    first = control("first", datetime.date(2024, 1, 1), datetime.date(2024, 1, 1), approval=0.1, share=1.0)
    terms = {"of": ("first",), "approval": 0.9, "wait_weeks": 4}
    easings = [dataclasses.replace(first, id="ease", instrument="general_licence", fields={**terms, "to": (place,)})
               for place in ("JPN", "USA")]  # fmt: skip
    before, after = (dataclasses.replace(Scenario.load("calm"), causes=(first, easing)) for easing in easings)
    model = Model(before, rng=1, only=["gallium"])
    links, found = model.world.links, []
    out = ((links.exporter == "CHN") & (links.good == "gallium")).to_numpy()
    for setting in (before, after):
        model.follow(setting)
        model.step()
        approval = model.conditions["approval"]
        found.append([set(approval[out & (links.importer == place).to_numpy()]) for place in ("JPN", "USA")])
    assert found == [[{0.9}, {0.1}], [{0.1}, {0.9}]]
