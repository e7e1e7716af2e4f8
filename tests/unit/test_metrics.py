"""Headline metrics and the outcome they rest on, against what can be worked out by hand."""

import copy
import datetime
import json
import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from abm import Model, Scenario
from abm.measures.headline import METRICS, Reading, recovery, summary
from abm.measures.losses import TIERS, Outcome, sums
from abm.measures.shares import Structure, ratio
from abm.record.history import History
from abm.scenario.scenario import CauseSpec

WEEKS = 8


@pytest.fixture(scope="module")
def calm() -> Model:
    scenario = Scenario.load("calm").until(pd.Timestamp("2024-03-01").date())
    return Model(scenario, rng=1, only=("gallium",)).run()


@pytest.fixture
def history(calm: Model) -> Iterator[History]:
    """A calm history whose numbers a test may change."""
    history = calm.history
    kept = {name: {key: array.copy() for key, array in getattr(history, name).items()} for name in ("firm", "bought")}
    yield history
    for name, arrays in kept.items():
        for key, array in arrays.items():
            getattr(history, name)[key][:] = array


def firm_row(history: History, key: str) -> int:
    return int(np.nonzero((history.world.firms.producer == key).to_numpy())[0][0])


def shelf_of(history: History, firm: int, stages: tuple[str, ...]) -> int:
    bought = history.world.bought
    stage = bought.good.map(history.world.goods.set_index("good").stage)
    return int(np.nonzero(((bought.firm == firm) & stage.isin(stages) & (bought.criticality > 0)).to_numpy())[0][0])


def starve(history: History, firm: int, shelf: int, week: int, share: float) -> None:
    """As if in one week a firm had found only a share of an input in stock."""
    bought, firms = history.bought, history.firm
    bought["stock"][week - 1, shelf] = share * bought["desired"][week, shelf]
    critical = history.world.start["criticality"][shelf]
    firms["activity"][week, firm] = firms["wanted"][week, firm] * (1 - critical * (1 - share))


def wafer_maker(history: History) -> int:
    firms, named = history.world.firms, Outcome(history).named
    return int(named[((firms.country == "TWN") & (firms.good == "wafers")).to_numpy()[named]][0])


def test_calm_loses_nothing(calm: Model) -> None:
    told = summary(calm.history)
    for name in ("output_lost.world", "taiwan_loss.direct", "taiwan_loss.indirect", "orders_lost.world"):
        assert told[name]["value"] == 0.0
    assert told["firms_stopped.taiwan"]["value"] == 0.0
    assert told["time_to_recover.world"]["value"] is None
    assert told["mass_balance_error"]["value"] < 1e-9


def test_every_metric_has_a_value_a_unit_and_a_meaning(calm: Model) -> None:
    told = summary(calm.history)
    for entry in told.values():
        assert set(entry) - {"undefined"} == {"value", "unit", "meaning"}
        assert (entry["value"] is None) == bool(entry.get("undefined"))
        assert entry["unit"]
        assert entry["meaning"]
    json.dumps(told, allow_nan=False)
    assert {name.split(".")[0] for name in told} <= {metric.name for metric in METRICS}


def test_metrics_do_not_change_the_run(calm: Model) -> None:
    before = copy.deepcopy(calm.columns), {name: array.copy() for name, array in calm.history.firm.items()}
    summary(calm.history)
    for name, values in before[0].items():
        np.testing.assert_array_equal(calm.columns[name], values)
    for name, values in before[1].items():
        np.testing.assert_array_equal(calm.history.firm[name], values)


def test_a_mineral_that_binds_a_taiwanese_maker_is_a_direct_loss(history: History) -> None:
    firm = wafer_maker(history)
    shelf = shelf_of(history, firm, ("refined", "material"))
    starve(history, firm, shelf, 3, 0.25)
    lost = history.firm["wanted"][3, firm] - history.firm["activity"][3, firm]
    loss = lost * history.world.start["value_added"][firm]
    outcome = Outcome(history)
    assert outcome.binding[3, firm] == shelf
    assert outcome.output_lost.sum() == pytest.approx(loss)
    told = summary(history)
    assert told["taiwan_loss.direct"]["value"] == pytest.approx(loss, rel=1e-6)
    assert told["taiwan_loss.indirect_parts"]["value"] == 0.0
    good = history.world.bought.good[shelf]
    assert told[f"output_lost_by_input.{good}"]["value"] == pytest.approx(loss, rel=1e-6)


def test_a_part_that_binds_is_an_indirect_loss(history: History) -> None:
    bought, firms = history.world.bought, history.world.firms
    stage = bought.good.map(history.world.goods.set_index("good").stage)
    able = stage.isin(["component", "equipment"]) & (bought.criticality > 0)
    home = ((firms.country == "TWN") & (firms.kind != "industry")).to_numpy()[bought.firm]
    shelf = int(np.nonzero(able.to_numpy() & home)[0][0])
    starve(history, int(bought.firm[shelf]), shelf, 2, 0.5)
    told = summary(history)
    assert told["taiwan_loss.direct"]["value"] == 0.0
    assert told["taiwan_loss.indirect_parts"]["value"] == pytest.approx(told["output_lost.taiwan"]["value"], rel=1e-6)
    assert told["output_lost.taiwan"]["value"] > 0


def test_orders_are_lost_where_a_customer_stops_for_another_reason(history: History) -> None:
    """A buyer of Taiwanese parts that lacks a mineral orders less of them; one that lacks them does not count."""
    world, outcome = history.world, Outcome(history)
    links = world.links
    home = (world.firms.country == "TWN").to_numpy() & ~outcome.final
    link = links[home[links.seller_firm] & (links.flow > 0) & (links.good == "wafers")].iloc[0]
    buyer, shelf = int(link.buyer_firm), int(link.buyer)
    starve(history, buyer, shelf, 4, 0.5)
    own = Outcome(history).orders_lost[:, int(link.seller_firm)].sum()
    history.bought["stock"][3, shelf] = history.bought["desired"][4, shelf] * 10
    history.bought["stock"][3, shelf_of(history, buyer, ("refined", "material"))] = 0.0
    lost = Outcome(history).orders_lost
    seller = int(link.seller_firm)
    assert lost[4, seller] > own
    assert lost[[0, 1, 2, 3, 5, 6, 7], seller].sum() == 0.0
    share = 1 - history.firm["activity"][4, buyer] / history.firm["wanted"][4, buyer]
    weight = Outcome(history).order_weights[seller, shelf]
    base = world.start["value_added"][seller] * world.start["base_activity"][seller]
    assert lost[4, seller] >= 0.99 * share * weight * base


def test_missing_orders_are_those_of_the_formula_taken_over_all_shelves(history: History) -> None:
    """The tiers leave out what cannot change; the plain formula takes every shelf in every tier."""
    firm = wafer_maker(history)
    for week, stages in ((3, ("ore", "refined", "material")), (5, ("component", "equipment"))):
        starve(history, firm, shelf_of(history, firm, stages), week, 0.25)
    outcome = Outcome(history)
    own = np.clip(1 - outcome.activity / np.maximum(outcome.aimed, 1e-300), 0.0, 1.0) * (outcome.output_lost > 0)
    kept, found = 1 - own[:, outcome.owner] * (1 - outcome.blame), np.zeros_like(own)
    for _ in range(TIERS):
        found = (outcome.order_weights @ (1 - kept * (1 - found[:, outcome.owner])).T).T
    assert found.max() > 0
    np.testing.assert_allclose(outcome._missing_orders(), np.clip(found, 0.0, 1.0), rtol=1e-9, atol=1e-15)


def test_final_makers_lose_what_buyers_wanted(history: History) -> None:
    final = int(np.nonzero(Outcome(history).final & (history.world.firms.kind == "manufacturer").to_numpy())[0][0])
    history.firm["wanted"][5, final] *= 0.6
    history.firm["activity"][5, final] *= 0.6
    outcome = Outcome(history)
    expected = 0.4 * history.firm["plan"][5, final] * history.world.start["value_added"][final]
    assert outcome.output_lost[5, final] == pytest.approx(expected)
    assert outcome.lost_to_inputs.sum() == 0.0
    told = summary(history)
    assert told["output_lost_to_capacity.world"]["value"] == pytest.approx(expected)


def test_blame_falls_to_the_input_that_allows_least(history: History) -> None:
    bought = history.world.bought
    named = Outcome(history).named
    counts = bought[(bought.criticality > 0.2) & bought.firm.isin(named)].groupby("firm").size()
    firm = int(counts.index[counts >= 2][0])
    shelves = np.nonzero(((bought.firm == firm) & (bought.criticality > 0.2)).to_numpy())[0][:2]
    critical = history.world.start["criticality"][shelves]
    for shelf, allowed in zip(shelves, (0.9, 0.85), strict=True):
        share = 1 - (1 - allowed) / critical[list(shelves).index(shelf)]
        history.bought["stock"][1, shelf] = share * history.bought["desired"][2, shelf]
    history.firm["activity"][2, firm] = 0.85 * history.firm["wanted"][2, firm]
    outcome = Outcome(history)
    assert outcome.binding[2, firm] == shelves[1]
    assert outcome.blame[2, shelves].tolist() == [0.0, 1.0]


def test_blame_of_lost_output_is_whole(history: History) -> None:
    firm = wafer_maker(history)
    starve(history, firm, shelf_of(history, firm, ("refined", "material")), 3, 0.25)
    outcome = Outcome(history)
    np.testing.assert_allclose(outcome.lost_by_shelf.sum(), outcome.lost_to_inputs.sum(), rtol=1e-6)


def test_stops_are_counted_by_sector_and_dated_from_the_control(history: History) -> None:
    firm = wafer_maker(history)
    shelf = shelf_of(history, firm, ("refined", "material"))
    for week in (3, 4):
        starve(history, firm, shelf, week, 0.0)
        history.firm["activity"][week, firm] = 0.0
    setting = history.setting
    history.setting = with_ban(setting, str(history.world.bought.good[shelf]))
    try:
        told = summary(history)
    finally:
        history.setting = setting
    assert told["firms_stopped.chips"]["value"] == told["firms_stopped.taiwan"]["value"] == 1.0
    assert told["weeks_stopped.chips"]["value"] == 2.0
    assert told["first_stop_after.test-ban"]["value"] == pytest.approx(2.0)


def with_ban(setting: Scenario, good: str) -> Scenario:
    """The scenario with a ban on a good from its second week."""
    start = setting.start + datetime.timedelta(weeks=1)
    texts = {"title_en": "A ban", "title_zh": "禁令", "source": "Made up", "confidence": "assumed"}
    dates = {"start": start, "end": None, "announced": None}
    fields = {"goods": (good,), "to": ("all",), "leak": 0.0}
    return replace(setting, causes=(CauseSpec("test-ban", "ban", by="CHN", fields=fields, **dates, **texts),))


def test_recovery_counts_from_the_peak_until_below_a_tenth() -> None:
    assert recovery(np.array([0.0, 5.0, 10.0, 4.0, 1.1, 0.9, 0.0])) == 3.0
    assert math.isnan(recovery(np.array([0.0, 5.0, 10.0, 4.0])))
    assert math.isnan(recovery(np.zeros(4)))


def test_sums_of_groups() -> None:
    values = np.array([[1.0, 2.0, 4.0], [0.0, 1.0, 1.0]])
    assert sums(values, np.array([1, 0, 1]), 3).tolist() == [[2.0, 5.0, 0.0], [1.0, 1.0, 0.0]]


def test_ratio_of_nothing_is_undefined() -> None:
    assert math.isnan(ratio(0.0, 0.0))
    assert ratio(1.0, 4.0) == 0.25


def test_concentration_is_the_sum_of_squared_shares(calm: Model) -> None:
    structure = Structure(calm.history)
    made = structure.by_country[(calm.world.goods.good == "gallium").to_numpy()][0]
    assert structure.concentration()["gallium"] == pytest.approx(float(((100 * made / made.sum()) ** 2).sum()))


def test_cover_without_the_largest_country(calm: Model) -> None:
    structure = Structure(calm.history)
    made = structure.by_country[(calm.world.goods.good == "gallium").to_numpy()][0]
    bought = calm.world.bought
    use = calm.history.bought["desired"][:, (bought.good == "gallium").to_numpy()].sum(axis=1).mean()
    expected = (made.sum() - made.max()) / use
    assert structure.cover_without_largest()["gallium"] == pytest.approx(float(expected), rel=1e-6)


def test_shares_lie_between_nought_and_one(calm: Model) -> None:
    told = summary(calm.history)
    shares = ("taiwan_exposure", "china_share_by_stage", "secondary_share", "taiwan_midstream_share", "allied_refined")
    for name, entry in told.items():
        if name.startswith(shares) and entry["value"] is not None:
            assert -1e-12 <= entry["value"] <= 1 + 1e-12, name


def test_calm_moves_no_orders(calm: Model) -> None:
    moved = Structure(calm.history).orders_moved()
    assert moved
    assert max(abs(value) for value in moved.values()) < 1e-6


@pytest.fixture(scope="module")
def controlled() -> Model:
    scenario = Scenario.load("history-2023").until(pd.Timestamp("2023-12-01").date())
    return Model(scenario, rng=1, only=("gallium",)).run()


def test_permits_of_the_run_are_those_of_the_whole_array(controlled: Model) -> None:
    link = controlled.history.link
    assert link["waiting"].any()
    for name in ("leaked", "waiting", "granted", "refused"):
        np.testing.assert_allclose(link.total(name), link[name].sum(axis=0, dtype=float), rtol=1e-12)


def test_peak_price_ratio_is_of_controlled_goods_alone(controlled: Model) -> None:
    model = controlled
    told = {name: entry["value"] for name, entry in summary(model.history).items() if name.startswith("peak_price")}
    assert "peak_price_ratio.gallium" in told
    row = int(model.world.goods.index[model.world.goods.good == "gallium"][0])
    spot = model.history.spot[:, :, row]
    assert told["peak_price_ratio.gallium"] == pytest.approx((spot[:, 1] / spot[:, 0]).max())
    assert "peak_price_ratio.wafers" not in told


def test_places_do_not_count_taiwan_among_its_allies(calm: Model) -> None:
    reading = Reading(calm.history)
    assert not (reading.places["allies"] & reading.places["taiwan"]).any()
    assert reading.places["world"].all()


def test_taiwans_loss_by_sector_adds_up_to_the_total(history: History) -> None:
    firm = wafer_maker(history)
    for week, stages in ((3, ("ore", "refined", "material")), (4, ("component", "equipment"))):
        starve(history, firm, shelf_of(history, firm, stages), week, 0.2)
    told = summary(history)
    assert told["taiwan_loss_by_sector.direct.chips"]["value"] > 0
    assert told["taiwan_loss.indirect_parts"]["value"] > 0
    for way in ("direct", "indirect"):
        parts = [v["value"] for name, v in told.items() if name.startswith(f"taiwan_loss_by_sector.{way}.")]
        assert sum(parts) == pytest.approx(told[f"taiwan_loss.{way}"]["value"])
    ways = ("indirect_parts", "indirect_orders", "indirect_tools")
    assert sum(told[f"taiwan_loss.{way}"]["value"] for way in ways) == pytest.approx(
        told["taiwan_loss.indirect"]["value"]
    )


def test_mid_range_orders_by_year_are_shares_of_the_year(calm: Model) -> None:
    told = summary(calm.history)
    years = {name.rsplit(".", 1)[1] for name in told if name.startswith("mid_range_orders.")}
    assert years == {str(year) for year in calm.history.dates().year}
    for year in years:
        taiwan, movers = (told[f"mid_range_orders.{place}.{year}"]["value"] for place in ("taiwan", "movers"))
        assert 0 < taiwan < 1
        assert 0 < movers < 1 - taiwan
