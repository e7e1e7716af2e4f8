"""Europe's marks (10, 40, 25, 65 %) and what others hold: what is watched, which instrument answers, what it does."""

import dataclasses
import datetime

import numpy as np
import pytest

from abm import Model, Scenario
from abm.engine.model import world_for
from abm.policy.causes import Cause
from abm.politics.self_supply import SelfSupply
from abm.scenario.scenario import CauseSpec
from abm.scenario.stances import Stances

CHAINS = ("tungsten", "cobalt", "ndpr")
MARKS = {"home_mined": 0.10, "home_refined": 0.40, "home_recycled": 0.25, "largest_source": 0.65}
HELD = {
    "JPN": {"stockpile", "off_take", "equity_abroad"},
    "KOR": {"stockpile"},
    "AUS": {"subsidy", "stockpile"},
    "IDN": {"mining_quota", "export_tax"},
    "COD": {"mining_quota", "ban"},
    "USA": {"tariff", "chip_rule", "subsidy", "price_floor", "off_take", "stockpile", "faster_permits"},
    "EUU": {"faster_permits", "subsidy", "collection_target", "recycled_content", "single_country_cap", "stockpile"},
    "CHN": {"licence", "ban", "technology_ban", "content_rule", "price_answer"},
    "TWN": {"mapping", "stockpile"},
}


@pytest.fixture(scope="module")
def calm():
    return Scenario.load("calm").until(datetime.date(2028, 1, 3))


@pytest.fixture(scope="module")
def world(calm):
    return world_for(calm, only=CHAINS)


@pytest.fixture(scope="module")
def free(calm, world):
    """Europe alone is free, in a world where nothing else happens."""
    return Model(dataclasses.replace(calm, free=("EUU",)), rng=1, only=CHAINS, world=world).run()


@pytest.fixture(scope="module")
def rest(calm, world):
    return Model(calm, rng=1, only=CHAINS, world=world).run()


def supply(model, watches, *goods):
    rows = np.nonzero(model.world.goods.good.isin(goods).to_numpy())[0]
    return SelfSupply(model.world, "EUU", rows).signal(watches, model.columns)


def measure(world, instrument, **fields):
    words = {"title_en": "t", "title_zh": "t", "source": "test", "confidence": "assumed"}
    dates = {"start": datetime.date(2024, 1, 1), "end": None, "announced": None}
    return Cause.known[instrument](
        CauseSpec(id=instrument, instrument=instrument, by="EUU", fields=fields, **dates, **words), world
    )


@pytest.fixture(scope="module")
def intents():
    return [each.stance for each in Stances.load(Scenario.load("calm").vocabulary).intents]


def test_every_government_has_its_instruments(intents) -> None:
    for government, instruments in HELD.items():
        found = {stance.instrument for stance in intents if stance.government == government}
        assert found >= instruments, (government, instruments - found)


def test_each_mark_of_europe_is_its_own_and_has_an_instrument(intents) -> None:
    for watches, mark in MARKS.items():
        own = [stance for stance in intents if stance.government == "EUU" and stance.watches == watches]
        assert own, watches
        assert {stance.mark for stance in own} == {mark}
        assert all(stance.above == (watches == "largest_source") for stance in own)


def test_self_supply_is_output_over_use(rest) -> None:
    """Refined tungsten of the European Union over its use, worked out from the rows; recyclers are a part of it."""
    world, columns = rest.world, rest.columns
    union = (world.firms.government == "EUU").to_numpy()
    made, bought = (world.made.good == "tungsten_apt").to_numpy(), (world.bought.good == "tungsten_apt").to_numpy()
    firm = world.made.firm.to_numpy()[made]
    output = (world.start["amount"][made] * columns["activity"][firm])[union[firm]].sum()
    use = columns["expected_use"][bought & union[world.bought.firm.to_numpy()]].sum()
    assert supply(rest, "home_refined", "tungsten_apt") == pytest.approx(min(output / use, 1.0))
    assert 0 < supply(rest, "home_recycled", "tungsten_apt") <= supply(rest, "home_refined", "tungsten_apt")
    assert 0 < supply(rest, "home_mined", "tungsten_apt") < 1


def test_a_mark_that_is_met_calls_for_nothing(calm, world) -> None:
    """What stands below its mark is answered in the first review, what is met is left alone."""
    model = Model(dataclasses.replace(calm, free=("EUU",)), rng=1, only=CHAINS, world=world)
    view = model.diplomacy.views["EUU"]
    model.step()
    for stance in view.stances:
        if stance.watches in MARKS:
            signal = view.signal(stance)
            short = signal >= stance.mark if stance.above else signal <= stance.mark
            assert (view.stood(stance) is not None) == short, stance.id


def test_recycled_content_and_collection_raise_what_is_recycled(free, rest) -> None:
    goods = ("cobalt", "ndpr_oxide", "tungsten_apt")
    assert supply(free, "home_recycled", *goods) > 1.01 * supply(rest, "home_recycled", *goods)


def test_the_cap_turns_buyers_from_the_largest_source(calm, world, rest) -> None:
    """Alone in force, the cap brings a share above it down, and favours nobody where the share is below."""
    goods = ("ndpr_oxide", "ndfeb_heavy", "ndfeb_standard")
    model = Model(calm, rng=1, only=CHAINS, world=world)
    cap = measure(world, "single_country_cap", goods=goods, source_country="CHN", share=0.65)
    model.plan.causes.append(cap)
    for _ in range(104):
        model.step()
    assert (cap.favour >= 0).all()
    assert (cap.favour > 0).any()
    before, after = (bought_from_china(each, goods) for each in (rest, model))
    assert after < 0.98 * before
    loose = measure(world, "single_country_cap", goods=goods, source_country="CHN", share=1.0)
    assert loose.favour.max() == 0


def bought_from_china(model, goods):
    """China's share of what Europe orders of some goods, by value."""
    links = model.world.links
    union = (model.world.firms.government == "EUU").to_numpy()[links.buyer_firm.to_numpy()]
    rows = union & links.good.isin(goods).to_numpy()
    value = model.columns["claim"] * model.world.base_price[links.g.to_numpy()] * rows
    return value[(links.exporter == "CHN").to_numpy()].sum() / value.sum()


def test_permits_by_mark_reach_their_own_plants(world) -> None:
    """Permits for mining leave refineries alone; without goods they reach every plant of the country."""
    firms = world.firms
    mines = measure(world, "faster_permits", factor=0.75, goods=("tungsten_ore",)).rows
    every = measure(world, "faster_permits", factor=0.75, goods=("all",)).rows
    assert len(mines) > 0
    assert set(firms.kind.iloc[mines]) == {"mine"}
    assert set(every) == set(np.nonzero((firms.government == "EUU").to_numpy())[0])


def test_finance_of_processing_makes_refineries_earn_more(calm, world, rest) -> None:
    firms = world.firms
    plants = (firms.government == "EUU").to_numpy() & (firms.good == "cobalt").to_numpy()
    model = Model(calm, rng=1, only=CHAINS, world=world)
    model.plan.causes.append(measure(world, "subsidy", goods=("cobalt",), rate=0.1))
    for _ in range(13):
        model.step()
    assert (model.columns["price_ratio"][plants] > rest.history.firm["price_ratio"][12, plants] + 0.05).all()
