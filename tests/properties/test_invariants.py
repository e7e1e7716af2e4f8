"""What must always hold, whatever the scenario."""

import copy
import datetime
import inspect
import re

import numpy as np
import pytest

from abm import Model, Scenario, world_for
from abm.policy.causes import Cause
from abm.scenario.scenario import CauseSpec
from agents import FIRMS, population_of
from kit.luck import Luck, philox

SHORT = datetime.date(2024, 7, 1)


@pytest.fixture(scope="module")
def gallium():
    """The gallium world at rest, shared by tests that only read it."""
    return world_for(Scenario.load("calm"), only=("gallium",))


def calm(world, weeks=20, **kwargs):
    model = Model(Scenario.load("calm"), rng=3, world=world, **kwargs)
    for _ in range(weeks):
        model.step()
    return model


def test_nothing_moves_without_cause():
    model = Model("calm", rng=1).run()
    start = model.columns["base_activity"]
    working = start > 0
    drift = np.abs(model.history.firm["activity"][:, working] / start[working] - 1)
    assert drift.max() < 0.01
    assert np.abs(model.history.spot - 1).max() < 0.01
    sent, flow = model.history.link["sent"], model.trade.flow
    assert np.abs(sent[:, flow > 0] / flow[flow > 0] - 1).max() < 0.01


@pytest.mark.slow
@pytest.mark.sample(4)
@pytest.mark.parametrize("name", Scenario.names())
def test_every_tonne_is_accounted_for_in_every_scenario(name):
    model = Model(name, rng=5).run()
    assert model.history.balance_error.max() < 1e-9
    for array in (model.history.firm["activity"], model.history.made["made_stock"], model.history.link["sent"]):
        assert array.min() >= 0
        assert np.isfinite(array).all()
    assert model.history.bought["stock"].min() >= 0
    assert (model.history.spot > 0).all()


def test_same_seed_gives_the_same_history_to_the_bit():
    setting = Scenario.load("history-2023").until(datetime.date(2023, 12, 31))
    first, second = (Model(setting, rng=7, only=("gallium",)).run() for _ in range(2))
    for name in first.history.link:
        assert np.array_equal(first.history.link[name], second.history.link[name])
    assert np.array_equal(first.history.spot, second.history.spot)


def test_a_copy_of_a_running_model_goes_on_alike():
    setting = Scenario.load("history-2023").until(datetime.date(2023, 12, 31))
    model = Model(setting, rng=7, only=("gallium",))
    for _ in range(85):  # applications are waiting
        model.step()
    assert model.trade.permits.applied.sum() > 0
    fork = copy.deepcopy(model)
    model.run()
    fork.run()
    assert np.array_equal(model.history.link["sent"], fork.history.link["sent"])
    assert np.array_equal(model.history.spot, fork.history.spot)


RULES = ("aim", "produce", "order", "choose", "settle", "adapt", "invest", "improve", "provide", "strategise")


def test_the_rules_under_test_are_those_that_the_week_carries_out():
    called = re.findall(r'firms\.do\("(\w+)"', inspect.getsource(Model.step))
    assert set(called) == set(RULES)


def test_rules_mean_the_same_for_one_and_for_all(gallium):
    """`do` on everyone equals `each` one by one, for every vector rule of every kind of firm."""
    for rule in RULES:
        together, alone = calm(gallium), calm(gallium)
        for model in (together, alone):
            model.columns["paid_ratio"] *= 1.4
            model.columns["belief"] *= 0.7
            model.columns["stock"] *= np.linspace(0.1, 1.5, len(model.columns["stock"]))
            model.columns["seen_price"] *= 2.0
            model.columns["trust"] *= 0.5
            model.columns["dependence"] += 0.6
            model.columns["distrust"] += 0.5
            model.columns["limit"] *= 0.5
            model.columns["plan"] *= 1.5
            model.columns["capability"] += 0.2 * model.columns["provider"]
            model.columns["grant"] += 1e4
            model.columns["luck"] *= np.linspace(0.1, 1.9, len(model.columns["luck"]))
        together.firms.do(rule, together.observer.seen)
        for population in alone.firms:
            population.each(rule, alone.observer.seen)
        for name, column in together.columns.items():
            assert np.allclose(column, alone.columns[name], rtol=1e-12, atol=1e-12), (rule, name)


def test_no_rule_is_hidden_from_populations():
    for kind in FIRMS.values():
        population = population_of(kind)
        for rule in RULES:
            assert getattr(population, rule) is getattr(kind, rule)


def test_undeclared_attributes_are_refused(gallium):
    model = calm(gallium, 1)
    with pytest.raises(AttributeError, match="no field 'stok'"):
        model.agents[0].stok = 1.0


def spec(instrument, **fields):
    dates = {"start": datetime.date(2024, 2, 5), "end": datetime.date(2024, 4, 1), "announced": None}
    words = {"title_en": "t", "title_zh": "t", "source": "test", "confidence": "assumed"}
    return CauseSpec(id=instrument, instrument=instrument, by=fields.pop("by", "CHN"), fields=fields, **dates, **words)


def written(world, *specs):
    model = Model(Scenario.load("calm"), rng=1, world=world)
    causes = [Cause.known[one.instrument](one, world) for one in specs]
    week = model.clock.week(8)
    for cause in causes:
        if cause.active(week.date):
            cause.apply(model.conditions, week)
    return {name: values.copy() for name, values in model.conditions.items()}


def test_policies_commute(gallium):
    first = spec("licence", goods=("gallium",), to=("all",), wait_weeks=9, approval=0.5, share=1.0)
    second = spec("tariff", by="USA", goods=("gallium",), on=("CHN",), rate=0.25)
    third = spec("ban", goods=("gallium",), to=("USA",), leak=0.1)
    forward, backward = written(gallium, first, second, third), written(gallium, third, second, first)
    for name in forward:
        assert np.array_equal(forward[name], backward[name])


@pytest.mark.parametrize(
    "neutral",
    [
        spec("tariff", by="USA", goods=("gallium",), on=("CHN",), rate=0.0),
        spec("export_tax", goods=("gallium",), rate=0.0),
        spec("subsidy", goods=("gallium",), rate=0.0),
        spec("friend_shoring", by="JPN", preference=0.0),
    ],
    ids=lambda one: one.instrument,
)
def test_a_neutral_instrument_changes_nothing(gallium, neutral):
    model, bare = Model("calm", rng=1, world=gallium), Model("calm", rng=1, world=gallium)
    model.plan.causes.append(Cause.known[neutral.instrument](neutral, gallium))
    for _ in range(16):
        model.step()
        bare.step()
    assert np.array_equal(model.history.link["sent"], bare.history.link["sent"])
    assert np.array_equal(model.history.spot, bare.history.spot)


def test_an_instrument_leaves_no_trace_outside_its_dates(gallium):
    ban = spec("ban", goods=("gallium",), to=("all",), leak=0.0)
    model = Model("calm", rng=1, world=gallium)
    model.plan.causes.append(Cause.known["ban"](ban, gallium))
    for _ in range(16):
        model.step()
        inside = ban.start <= model.clock.week(model.clock.number).date < ban.end
        assert (model.conditions["open"].min() < 1) == inside


def test_a_ban_raises_the_outside_price_and_stops_exports(gallium):
    ban = spec("ban", goods=("gallium",), to=("all",), leak=0.0)
    model = Model("calm", rng=1, world=gallium)
    model.plan.causes.append(Cause.known["ban"](ban, gallium))
    for _ in range(12):
        model.step()
    place = gallium.goods.good.tolist().index("gallium")
    assert model.history.spot[11, 1, place] > model.history.spot[2, 1, place]
    rows = np.nonzero(
        (
            (gallium.links.exporter == "CHN") & (gallium.links.importer != "CHN") & (gallium.links.good == "gallium")
        ).to_numpy()
    )
    assert model.history.link["sent"][11, rows].sum() == 0


def test_a_tariff_never_brings_more_trade(gallium):
    duty = spec("tariff", by="USA", goods=("gallium",), on=("CHN",), rate=0.5)
    model, bare = Model("calm", rng=1, world=gallium), Model("calm", rng=1, world=gallium)
    model.plan.causes.append(Cause.known["tariff"](duty, gallium))
    for _ in range(16):
        model.step()
        bare.step()
    links = gallium.links
    rows = ((links.exporter == "CHN") & (links.importer == "USA") & (links.good == "gallium")).to_numpy()
    assert model.history.link["sent"][:16, rows].sum() < bare.history.link["sent"][:16, rows].sum()


def test_luck_is_the_published_generator_and_keyed_by_name():
    zero = np.zeros(1, dtype=np.uint64)
    words = [int(word[0]) for word in philox([zero, zero, zero, zero], (0, 0))]
    assert words == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]  # known answer of Random123
    luck = Luck(7)
    some, more = np.array([5, 9], dtype=np.uint64), np.array([9, 1, 5], dtype=np.uint64)
    assert luck.uniform("x", 3, some)[1] == luck.uniform("x", 3, more)[0]
    assert luck.uniform("x", 3, some)[0] != luck.uniform("x", 4, some)[0]


def test_one_chain_alone_has_the_same_luck(gallium):
    full = world_for(Scenario.load("calm"))
    covers = dict(zip(full.bought.producer + full.bought.good, full.start["cover"], strict=True))
    for key, cover in zip(gallium.bought.producer + gallium.bought.good, gallium.start["cover"], strict=True):
        if not key.startswith("other_") and key in covers:
            assert covers[key] == cover
