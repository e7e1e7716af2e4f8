"""Taiwan's levers: off they change nothing, at nothing they do nothing, twice the budget never does less."""

import datetime
from dataclasses import replace

import numpy as np
import pytest

from abm import Model, Scenario, world_for
from abm.measures.headline import Reading, summary
from abm.measures.lever_costs import COSTS, lever_costs
from abm.policy.conditions import CONDITIONS
from abm.scenario.checks import instruments

ONLY = ("dysprosium", "cobalt")
END = datetime.date(2028, 1, 3)
KNOCK_ON, SEEDS = 3e-3, (1, 2, 3)
"""A lever that moves prices a little turns other firms' choices and grants, which shifts the loss of a run by up to a
per cent either way; in the mean of the seeds a lever must not add more than this share of the loss."""
ADDED = ("taiwan_stock", "stockpile", {"goods": ("dy_oxide",), "days": 90.0, "release_weeks": 2.0})


def extra(scenario):
    """A stockpile by Taiwan, which no package holds, for the levers under test."""
    spec = scenario.causes[-1]
    name, instrument, fields = ADDED
    return replace(spec, id=name, instrument=instrument, by="TWN", fields=fields, start=datetime.date(2026, 1, 5))


@pytest.fixture(scope="module")
def bare():
    return Scenario.load("snap-back").until(END)


@pytest.fixture(scope="module")
def levers(bare):
    """Every lever of the packages, begun early, and a stockpile."""
    full = Scenario.load("snap-back+R1+R2+R3").until(END)
    known = {spec.id for spec in bare.causes}
    start = datetime.date(2026, 1, 5)
    own = [replace(spec, start=start) for spec in full.causes if spec.id not in known]
    return {spec.instrument: spec for spec in (*own, extra(full))}


def sized(spec, budget):
    """A lever at a budget, 0 being its neutral size, not its absence."""
    declared = instruments()[spec.instrument]
    field, nothing = declared["fields"][declared["size"]], declared["neutral"][declared["size"]]
    value = nothing + budget * (spec.fields[declared["size"]] - nothing)
    return replace(spec, fields=spec.fields | {declared["size"]: min(value, field["max"])})


@pytest.fixture(scope="module")
def world(bare, levers):
    return world_for(bare, only=ONLY, also=[replace(bare, causes=(*bare.causes, *levers.values()))])


def run(scenario, world, *added):
    return Model(replace(scenario, causes=(*scenario.causes, *added)), rng=1, only=ONLY, world=world).run()


@pytest.fixture(scope="module")
def base_run(bare, world):
    return run(bare, world)


def same_history(one, other):
    for name, values in one.history.firm.items():
        np.testing.assert_array_equal(values, other.history.firm[name])
    np.testing.assert_array_equal(one.history.spot, other.history.spot)
    np.testing.assert_array_equal(one.history.link["sent"], other.history.link["sent"])


LEVERS = ("mapping", "substitution_research", "collection_target", "material_retention", "waste_import",
          "recycling_service", "research_grant", "investment_credit", "green_procurement", "partnership",
          "equity_abroad", "off_take", "alliance_membership", "stockpile")  # fmt: skip


def test_all_levers_are_under_test(levers):
    assert set(levers) == set(LEVERS)


@pytest.mark.parametrize("name", LEVERS)
def test_at_no_budget_a_lever_does_nothing_and_costs_nothing(name, bare, world, levers, base_run):
    idle = run(bare, world, sized(levers[name], 0))
    same_history(base_run, idle)
    assert lever_costs(idle.history).get(name, 0.0) == pytest.approx(lever_costs(base_run.history).get(name, 0.0))


@pytest.mark.parametrize("name", LEVERS)
def test_a_lever_that_ends_before_the_run_gives_the_baseline_back(name, bare, world, levers, base_run):
    past = replace(levers[name], start=datetime.date(2020, 1, 6), end=datetime.date(2021, 1, 4))
    same_history(base_run, run(bare, world, past))


@pytest.mark.parametrize("name", LEVERS)
def test_a_lever_costs_more_at_twice_the_size(name, bare, world, levers, base_run):
    one, two = (lever_costs(run(bare, world, sized(levers[name], size)).history) for size in (1, 2))
    before = lever_costs(base_run.history).get(name, 0.0)
    assert 0 < one[name] - before < two[name] - before
    assert two["total"] == pytest.approx(sum(value for key, value in two.items() if key != "total"))


@pytest.fixture(scope="module")
def whole(bare, levers):
    """The full world: what Taiwan loses there without a lever, and the world."""
    world = world_for(bare, also=[replace(bare, causes=(*bare.causes, *levers.values()))])
    return world, mean_loss(bare, world)


@pytest.mark.slow
@pytest.mark.parametrize("name", LEVERS)
def test_twice_the_budget_never_does_less_than_nothing(name, bare, levers, whole):
    world, none = whole
    two = replace(bare, causes=(*bare.causes, sized(levers[name], 2)))
    assert none > 0
    assert mean_loss(two, world) <= none * (1 + KNOCK_ON)


def mean_loss(scenario, world):
    return np.mean([loss(Model(scenario, rng=seed, world=world).run()) for seed in SEEDS])


def loss(model):
    reading = Reading(model.history)
    return reading.by_place(reading.outcome.output_lost + reading.outcome.orders_lost)["taiwan"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["partnership", "substitution_research"])
def test_replacing_and_helping_refineries_lower_the_loss(name, bare, levers, whole):
    """Mapping is not here: firms map by themselves when they fear a cut, and what it adds cannot be told from luck."""
    world, none = whole
    helped = replace(bare, causes=(*bare.causes, levers[name]))
    assert mean_loss(helped, world) < 0.999 * none


def test_scrap_kept_and_brought_in_reaches_home_recyclers_alone(bare, world, levers):
    """Abroad the feed moves only as far as the price does."""
    names = ("material_retention", "waste_import", "recycling_service")
    model = run(bare.until(datetime.date(2026, 3, 2)), world, *(levers[name] for name in names))
    bare_model = run(bare.until(datetime.date(2026, 3, 2)), world)
    firms = world.firms
    recyclers = (firms.kind == "recycler").to_numpy() & np.isfinite(bare_model.columns["limit"])
    home = recyclers & (firms.country == "TWN").to_numpy()
    assert home.any()
    assert (model.columns["limit"][home] > bare_model.columns["limit"][home]).all()
    abroad = recyclers & ~home
    np.testing.assert_allclose(model.columns["limit"][abroad], bare_model.columns["limit"][abroad], rtol=1e-4)


def test_grants_lower_running_cost_and_credits_make_building_cheaper(bare, world, levers):
    model = run(bare, world, levers["research_grant"], levers["investment_credit"])
    home = np.nonzero((world.firms.country == "TWN") & (world.firms.kind == "recycler"))[0]
    assert (model.columns["running_cost"][home] < world.start["running_cost"][home]).all()
    assert (model.columns["credit"][home] == levers["investment_credit"].fields["rate"]).all()
    away = np.nonzero((world.firms.country != "TWN").to_numpy())[0]
    np.testing.assert_array_equal(model.columns["running_cost"][away], world.start["running_cost"][away])


def test_neutral_levers_are_neutral():
    for name in ("grant", "credit", "premium", "service", "retention", "imports"):
        assert (CONDITIONS[name].level, CONDITIONS[name].neutral, CONDITIONS[name].combine) == ("firm", 0.0, "add")


def test_costs_are_told_with_their_unit(bare, world, levers):
    told = summary(run(bare.until(datetime.date(2026, 6, 1)), world, levers["mapping"]).history)
    assert told["lever_cost.mapping"]["unit"] == "NT$"
    years = (datetime.date(2026, 6, 1) - levers["mapping"].start).days / 364
    expected = 0.5 * 1000 * 1e6 * years
    assert told["lever_cost.mapping"]["value"] == pytest.approx(expected, rel=0.06)


def test_every_cost_belongs_to_an_instrument():
    assert set(COSTS) <= set(instruments())
