"""Recycling, purifying, partnering: their worth has the right sign, they take effect, and the log tells why."""

import datetime

import numpy as np
import pytest

from abm import Model, Scenario, world_for
from agents.provision import QUARTERS
from agents.strategy import OPTIONS
from experiments.why import Question, explain

NUMBER = {name: number for number, name in enumerate(OPTIONS)}
SOLD = ("recycle", "purify", "partner")


@pytest.fixture(scope="module")
def world():
    return world_for(Scenario.load("calm"), only=("gallium", "cobalt"))


def weigh(world, **columns):
    """The columns after firms have weighed their options once, some columns being raised before by (rows, value)."""
    model = Model(Scenario.load("calm"), rng=1, world=world)
    for name, (rows, value) in columns.items():
        model.columns[name][rows] = value
    model.firms.do("strategise", model.observer.seen)
    return model.columns


def rows(world, *producers):
    return world.firm_rows(list(producers))


def test_a_higher_remembered_price_raises_the_worth_of_purifying_and_partnering(world):
    row = rows(world, "ennostar_gallium_twn")
    one, two = (weigh(world, capability=(row, 0.6), seen_price=(row, price)) for price in (1.2, 1.6))
    for name in ("value_purify", "value_partner"):
        assert (two[name][row] > one[name][row]).all(), name
    rest = weigh(world, capability=(row, 0.6))
    for name in SOLD:
        assert (rest[f"value_{name}"][row] < 0).all(), name


def test_research_grants_and_credits_make_purifying_cheaper(world):
    row = rows(world, "ennostar_gallium_twn")
    known = {"capability": (row, 0.6), "seen_price": (row, 1.1)}
    paid = {"grant": (row, 0.001 * (world.start["value_added"] * world.start["base_activity"])[row])}
    bare, granted, credited = (
        weigh(world, **known),
        weigh(world, **known, **paid),
        weigh(world, **known, credit=(row, 0.3)),
    )
    assert granted["value_purify"][row] == pytest.approx(bare["value_purify"][row] + 0.001 / QUARTERS)
    assert (credited["value_purify"][row] > bare["value_purify"][row]).all()


def test_more_scrap_is_worth_what_want_of_it_denies(world):
    row = rows(world, "ufm_cobalt_twn")
    plan = {"plan": (row, world.start["base_capacity"][row]), "seen_price": (row, 1.5)}
    half = world.start["base_capacity"][row] / 2
    bound, free = weigh(world, limit=(row, half), **plan), weigh(world, **plan)
    assert (bound["value_recycle"][row] > 0).all()
    assert (free["value_recycle"][row] < 0).all()
    dearer = weigh(world, limit=(row, half), **plan | {"seen_price": (row, 2.0)})
    assert (dearer["value_recycle"][row] > bound["value_recycle"][row]).all()


def test_more_fear_raises_the_worth_of_taking_scrap_back(world):
    shelves = np.nonzero(weigh(world)["reworked"] > 0)[0]
    makers = np.unique(world.bought.firm.to_numpy()[shelves])
    bare = {"dependence": (shelves, 1.0), "cover": (shelves, 2.0), "distrust": (shelves, 0.5)}
    calm, afraid = (weigh(world, fear=(makers, fear), **bare) for fear in (0.1, 0.9))
    assert len(makers)
    assert (afraid["value_recycle"][makers] > calm["value_recycle"][makers]).all()


def test_scrap_that_is_gathered_or_taken_back_is_used(world):
    model, row = Model(Scenario.load("calm"), rng=1, world=world), rows(world, "ufm_cobalt_twn")
    columns = model.columns
    maker = world.bought.firm.to_numpy()[columns["reworked"] > 0][0]
    columns["collecting"][row], columns["returned"][maker] = 0.5, 1.0
    model.firms.do("strategise", model.observer.seen)
    model.step()
    assert columns["limit"][row] == pytest.approx(1.5 * world.start["base_activity"][row])
    shelves = (world.bought.firm == maker).to_numpy() & (columns["reworked"] > 0)
    saved = model.rules["take_back"]
    np.testing.assert_allclose(columns["used"][shelves], (1 - saved) * world.start["expected_use"][shelves], rtol=0.01)


@pytest.mark.parametrize("budget", [0.0, 0.02])
def test_without_a_budget_nothing_is_chosen(world, budget):
    model = Model(Scenario.load("calm"), rng=1, world=world)
    model.rules["strategy_budget"] = budget
    columns = model.columns
    columns["seen_price"][:], columns["capability"][:], columns["fear"][:], columns["luck"][:] = 3.0, 1.0, 1.0, 0.999
    columns["plan"] *= 3
    columns["limit"] *= 0.1
    columns["dependence"][:], columns["distrust"][:] = 1.0, 1.0
    model.firms.do("strategise", model.observer.seen)
    assert all((columns[f"value_{name}"] > 0).any() for name in SOLD)
    assert columns["choice"].any() == (budget > 0)
    assert (columns["capacity"] != world.start["capacity"]).any() == (budget > 0)
    assert (columns["affinity"] != world.start["affinity"]).any() == (budget > 0)


def test_purity_is_bounded_by_mastery_and_opens_yield_and_makers(world):
    model = Model(Scenario.load("calm"), rng=1, world=world)
    row, columns = rows(world, "ennostar_gallium_twn"), model.columns
    columns["capability"][row], columns["seen_price"][row] = 0.25, 2.0
    tie = columns["affinity"].copy()
    for _ in range(4):
        columns["luck"][row] = 1.0
        columns["helping"][row] = 1.0
        model.purity.open(columns, model.observer.seen)
        model.firms.do("strategise", model.observer.seen)
    assert columns["grade"][row] == pytest.approx(0.25)
    assert (columns["capacity"][row] > world.start["capacity"][row]).all()
    assert (columns["running_cost"][row] < world.start["running_cost"][row]).all()
    mine = np.isin(world.links.seller_firm.to_numpy(), row)
    makers = mine & (world.firms.kind != "industry").to_numpy()[world.links.buyer_firm]
    assert makers.any()
    assert (columns["affinity"][makers] > tie[makers]).all()
    np.testing.assert_array_equal(columns["affinity"][mine & ~makers], tie[mine & ~makers])
    np.testing.assert_array_equal(columns["running_cost"][columns["provider"] == 0],
                                  world.start["running_cost"][columns["provider"] == 0])  # fmt: skip


def test_one_that_masters_too_little_is_no_partner(world):
    row = rows(world, "ennostar_gallium_twn")
    little, enough = (weigh(world, capability=(row, share), seen_price=(row, 2.0)) for share in (0.2, 0.4))
    assert (little["value_partner"][row] < 0).all()
    assert (enough["value_partner"][row] > 0).all()


def test_each_vital_input_has_its_own_controlling_country():
    world = world_for(Scenario.load("calm"), only=("cobalt", "tin", "gallium"))
    model = Model(Scenario.load("calm"), rng=1, world=world)
    by, goods = model.strategies.controller, world.bought.good.to_numpy()
    vital = model.columns["vital"] > 0
    assert set(by[vital & (goods == "gallium")]) >= {"CHN"}
    assert "COD" in by[vital & (goods == "cobalt_ore")]
    assert "IDN" in by[vital & (goods == "tin")]
    model.strategies.show(model.columns, 13, model.diplomacy)
    links = world.links
    shelf = np.nonzero(vital & (goods == "tin") & (by == "IDN"))[0][0]
    theirs = ((links.buyer == shelf) & (links.exporter == "IDN")).to_numpy()
    assert model.columns["dependence"][shelf] == pytest.approx(world.start["share"][theirs].sum())
    assert not model.columns["elsewhere"][theirs].any()
    model.columns["belief"][theirs] = 0.4
    model.strategies.show(model.columns, 26, model.diplomacy)
    assert model.columns["distrust"][shelf] == pytest.approx(0.6)


@pytest.fixture(scope="module")
def snapped():
    """The chains of tungsten and gallium under controls that snap back."""
    setting = Scenario.load("snap-back").until(datetime.date(2028, 1, 3))
    return Model(setting, rng=1, only=("tungsten", "gallium")).run()


@pytest.mark.parametrize(("language", "words"), [
    ("en", ("recycle more", "help a partner refinery", "remembered price", "scrap")),
    ("zh", ("增加回收", "協助夥伴精煉廠", "近期參考價格", "廢料")),
])  # fmt: skip
def test_why_tells_on_one_screen_what_a_recycler_weighed(snapped, language, words):
    for producer in ("ufm_tungsten_twn", "ennostar_gallium_twn"):
        told = explain(snapped, Question(producer, datetime.date(2027, 3, 1), language))
        assert len(told) <= 16
        assert all(word in "\n".join(told) for word in words), told


def test_a_recycler_built_and_another_did_not_and_why_says_so(snapped):
    built = "\n".join(explain(snapped, Question("ufm_tungsten_twn", datetime.date(2027, 6, 1))))
    idle = "\n".join(explain(snapped, Question("ennostar_gallium_twn", datetime.date(2026, 6, 1))))
    assert "began to build" in built
    assert "did not build" in idle
    assert "began to build" not in idle


def test_providers_choose_what_they_sell_and_it_takes_effect(snapped):
    mine = snapped.columns["provider"] > 0
    chosen = {int(number) for _, kept in snapped.why.quarters for number in kept["choice"][mine]}
    assert chosen & {NUMBER[name] for name in SOLD}
    assert snapped.columns["provider_income"][mine].max() > 0
    assert (snapped.columns["grade"] <= snapped.columns["capability"] + 1e-12).all()


def test_purity_sells_more_to_makers(snapped):
    setting = snapped.setting.override({"parameters.cost_purify": 0.02, "parameters.strategy_budget": 0.01})
    dear = snapped.world.with_parameters(snapped.world.parameters.under(setting.parameters))
    barred = Model(setting, rng=1, world=dear, only=("tungsten", "gallium")).run()
    row = rows(snapped.world, "ennostar_gallium_twn")
    assert (barred.columns["grade"][row] < snapped.columns["grade"][row]).all()
    mine = np.isin(snapped.world.links.seller_firm.to_numpy(), row)
    mine &= (snapped.world.firms.kind != "industry").to_numpy()[snapped.world.links.buyer_firm]
    pure, plain = (model.history.link["sent"][-52:, mine].sum() for model in (snapped, barred))
    assert pure > 1.1 * plain
