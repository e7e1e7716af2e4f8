"""Prices answer what is on the market: stockpiles, capacity that grows, zones that a ban parts, guaranteed prices."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import numpy as np
import pytest

from abm import Model, Scenario
from abm.economy.market import CHINA, OUTSIDE
from abm.engine.events import happenings
from abm.engine.model import world_for
from abm.scenario.scenario import CauseSpec
from abm.world.world import World
from kit.errors import BadInput

START = datetime.date(2024, 2, 5)


def cause(instrument: str, by: str = "CHN", start: datetime.date = START, **fields: Any) -> CauseSpec:
    """A measure that stands from its start on."""
    words = {"title_en": "t", "title_zh": "t", "source": "test", "confidence": "assumed"}
    return CauseSpec(
        id=instrument, instrument=instrument, by=by, fields=fields, start=start, end=None, announced=None, **words
    )


STOCKPILE = cause("stockpile", by="USA", goods=("gallium",), days=365.0, release_weeks=0.0)


def calm(*causes: CauseSpec, weeks: int = 60, **changes: Any) -> Scenario:
    """The calm world for some weeks, with some measures."""
    setting = Scenario.load("calm")
    end = setting.start + datetime.timedelta(weeks=weeks)
    return dataclasses.replace(setting.until(end), causes=causes, **changes)


@pytest.fixture(scope="module")
def gallium() -> World:
    """The gallium world at rest with room for a stockpile of the United States, shared by the runs."""
    return world_for(calm(STOCKPILE), only=["gallium"])


def place(model: Model, good: str) -> int:
    """Row of a good."""
    return int(model.world.goods.good.tolist().index(good))


def test_a_public_stockpile_makes_its_good_dearer_while_it_is_filled_and_makes_nothing(gallium: World) -> None:
    model = Model(calm(STOCKPILE), world=gallium).run()
    spot = model.history.spot[:, OUTSIDE, place(model, "gallium")]
    assert spot.min() >= 1 - 1e-3
    assert spot.max() > 1.02
    table = model.history.frame()
    made = table[(table.variable == "production") & (table.place == "USA") & (table.good == "gallium")]
    bare = Model(calm(weeks=8), world=gallium).run().history.frame()
    usual = bare[(bare.variable == "production") & (bare.place == "USA") & (bare.good == "gallium")]
    assert made.value.max() < 1.1 * usual.value.max()


def test_a_stockpile_that_releases_buys_nothing_and_lowers_the_price(gallium: World) -> None:
    """Opened at once by hand: goods come to the market and none are bought back."""
    held, released = (Model(calm(STOCKPILE, weeks=80), world=gallium) for _ in range(2))
    for model in (held, released):
        for _ in range(52):
            model.step()
    reserve = np.flatnonzero(released.world.firms.kind == "reserve")
    shelf = np.flatnonzero(np.isin(released.world.bought.firm, reserve))
    weekly = float(released.columns["main_stock"][reserve[0]]) / 12
    key = str(released.world.firms.producer[reserve[0]])
    day = released.clock.next_date
    released.plan.add(cause("release", by="USA", start=day, reserve=key, amount=weekly))
    for _ in range(8):
        held.step()
        released.step()
    assert held.columns["ordered"][shelf].sum() > 0
    assert released.columns["ordered"][shelf].sum() == 0
    good = place(held, "gallium")
    assert released.market.spot[OUTSIDE, good] < held.market.spot[OUTSIDE, good]


def test_a_run_that_starts_after_its_base_year_starts_between_the_years() -> None:
    setting = dataclasses.replace(Scenario.load("history-2010"), causes=())
    model = Model(setting)
    cars = (model.world.firms.good == "other_cars").to_numpy()
    early, later, next_year = (model.demand.at(model.demand.index, year)[cars][0] for year in (2009.5, 2010.0, 2010.5))
    assert early == pytest.approx(1.0)
    assert later == pytest.approx((early + next_year) / 2)


def test_marginal_cost_follows_the_capacity_that_stands() -> None:
    """Output and capacity that grow alike leave the use of capacity, and so the marginal cost, as it was."""
    model = Model(calm(weeks=4), only=["lithium"])
    good = place(model, "lithium_ore")
    makers = (model.world.firms.good == "lithium_ore").to_numpy()
    model.step()
    model.columns["capacity"][makers] *= 2
    model.market.output[model.market.good_of_made == good] *= 2
    activity = model.columns["activity"]
    model.columns["activity"] = np.where(makers, 2 * activity, activity)
    before = model.market.premium[OUTSIDE, good]
    model.market.price(model.columns, model.conditions, model.trade)
    cost = np.log(model.market.spot[OUTSIDE, good]) - model.market.premium[OUTSIDE, good]
    assert before == pytest.approx(0, abs=1e-6)
    assert cost == pytest.approx(0, abs=1e-3)


def test_a_ban_parts_the_zones_of_a_good_that_china_does_not_lead(gallium: World) -> None:
    ban = cause("ban", goods=("gaas_crystal",), to=("all",), leak=0.0)
    model = Model(calm(ban, weeks=26), world=gallium).run()
    good = place(model, "gaas_crystal")
    assert not model.market.dominant[good]
    chinese, outside = model.history.spot[-1, :, good]
    assert outside > 1.2
    assert chinese < 0.8 * outside


def test_one_price_rules_a_good_that_china_does_not_lead_where_trade_is_open(gallium: World) -> None:
    """A shock outside is felt in China up to what it pays to carry goods from one zone to the other."""
    firms = gallium.firms
    makers = (firms.good == "gaas_crystal") & (firms.zone == OUTSIDE)
    shock = cause("outage", by="JPN", producers=tuple(firms.producer[makers]), factor=0.3)
    model = Model(calm(shock, weeks=30), world=gallium).run()
    good = place(model, "gaas_crystal")
    apart = np.log(model.history.spot[:, CHINA, good] / model.history.spot[:, OUTSIDE, good])
    assert model.history.spot[:, OUTSIDE, good].max() > 1.2
    assert np.abs(apart).max() <= model.rules["arbitrage"] + 1e-9


def test_a_price_answer_presses_the_price_outside_by_chinas_part(gallium: World) -> None:
    answer = cause("price_answer", goods=("gaas_crystal",), cut=0.3)
    model = Model(calm(answer, weeks=16), world=gallium).run()
    chinese, outside = model.history.spot[-1, :, place(model, "gaas_crystal")]
    assert chinese < outside < 0.97


@pytest.mark.parametrize("guaranteed", [False, True])
def test_a_guaranteed_price_starts_a_project_that_waits_for_its_floor(guaranteed: bool) -> None:
    bare = Model(calm(weeks=8, projects=True), only=["cobalt", "titanium"])
    waiting = bare.projects.decided > bare.clock.start.toordinal()
    number = int(np.flatnonzero(waiting & (bare.projects.floor > 0))[0])
    key = str(bare.world.firms.producer[bare.projects.firm[number]])
    floor = 2 * float(bare.observer.base_price[bare.projects.firm[number]])
    measures = (cause("price_floor", by="USA", producers=(key,), price=floor),) if guaranteed else ()
    model = Model(calm(*measures, weeks=16, projects=True), only=["cobalt", "titanium"])
    chosen, today = np.arange(len(waiting)) == number, model.clock.start.toordinal()
    model.projects.floor = np.where(chosen, 0.9 * floor, model.projects.floor)
    model.projects.decided = np.where(chosen, today, model.projects.decided)
    model.run()
    assert model.projects.state[number] == ("building" if guaranteed else "waiting")


def test_projects_known_to_be_building_are_as_likely_to_be_given_up_in_the_first_week_as_in_any() -> None:
    setting = dataclasses.replace(calm(weeks=2), projects=True)
    world = world_for(setting, only=["lithium", "nickel", "dysprosium"])
    given_up = building = 0
    for seed in range(8):
        model = Model(setting, rng=seed, world=world)
        building += int((model.projects.state == "building").sum())
        model.step()
        given_up += sum(state == "cancelled" for _, _, state in model.projects.news)
    assert building > 50
    assert given_up < 0.02 * building


def test_a_run_that_is_over_says_so(gallium: World) -> None:
    model = Model(calm(weeks=2), world=gallium).run()
    before = model.clock.number
    with pytest.raises(BadInput, match="the run is over"):
        model.step()
    assert model.clock.number == before


def test_free_governments_leave_a_record_of_licences_and_controls_count_once_in_force(gallium: World) -> None:
    setting = Scenario.load("free-governments").until(datetime.date(2024, 3, 1))
    assert "granted" in Model(setting, only=["gallium"]).run().history.link
    licence = {"goods": ("gallium",), "to": ("all",), "share": 1.0, "wait_weeks": 9.0, "approval": 1.0}
    late = cause("licence", start=datetime.date(2024, 4, 1), **licence)
    late = dataclasses.replace(late, announced=START)
    hold = cause("customs_hold", goods=("gallium",), to=("all",), share=0.5, wait_weeks=2.0)
    counted = {}
    for name, one in (("licence", late), ("hold", hold)):
        counted[name] = Model(calm(one, weeks=20), world=gallium).run().history.controls
    assert counted["licence"][:12].max() == 0
    assert counted["licence"][-1] == 1
    assert counted["hold"][-1] == 1


def test_what_a_fork_tells_is_dated_in_its_own_weeks(gallium: World) -> None:
    ban = cause("ban", goods=("gallium",), to=("all",), start=datetime.date(2024, 6, 3), leak=0.0)
    model = Model(calm(ban, weeks=40), world=gallium)
    for _ in range(12):
        model.step()
    fork = model.fork(weeks=20)
    for _ in range(20):
        fork.step()
    told = happenings(fork)
    assert "ban in force" in set(told.kind)
    assert (told.date >= np.datetime64(fork.history.start)).all()


def test_what_is_made_to_order_keeps_its_price_while_its_buyers_wait() -> None:
    """In 2024 fabs queue for tools for months: scarcity of goods with list prices shows as waiting, not as a price."""
    model = Model(Scenario.load("history-2023").until(datetime.date(2024, 10, 1))).run()
    stage = model.world.goods.stage
    stages = ("component", "equipment", "product"), ("ore", "refined")
    listed, raw = (stage.isin(names).to_numpy() for names in stages)
    spot = model.history.spot[: model.history.weeks][:, :, listed]
    assert model.routes.tools.wait.max() > 13
    assert np.abs(spot - 1).max() < 0.3
    assert model.market.response[:, listed].max() < model.market.response[:, raw].min()
