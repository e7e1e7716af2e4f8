"""Free governments: stances that begin and end, tension that rises and falls, budgets, and what the door refuses."""

import dataclasses
import datetime

import numpy as np
import pytest

from abm import Model, Scenario
from abm.engine.model import world_for
from abm.scenario.checks import having
from abm.scenario.scenario import CauseSpec
from abm.scenario.stances import Stances
from agents.stances import Stance, weigh
from kit.errors import BadInput


class Sight:
    """A view with one signal."""

    date = datetime.date(2027, 1, 4)

    def __init__(self, signal, stood=None, budget=100.0, cost=0.0, met=False):
        self.budget, self.spent, self.values = budget, 0.0, (signal, stood, cost, met)

    def stood(self, stance):
        return self.values[1]

    def signal(self, stance):
        return self.values[0]

    def cost(self, stance):
        return self.values[2]

    def talks(self, toward):
        return self.values[3]

    def tension(self, toward):
        return 0.5

    def spend(self, cost):
        self.spent += cost


STANCE = Stance("x", "CHN", "USA", "tension", True, 0.5, 0.2, 26, "licence", {"goods": ("gallium",)})


@pytest.mark.parametrize(
    ("sight", "outcome"),
    [
        (Sight(0.49), None),
        (Sight(0.50), "begins"),
        (Sight(0.9, budget=1.0, cost=2.0), None),
        (Sight(0.1, stood=25), None),
        (Sight(0.31, stood=30), None),
        (Sight(0.29, stood=30), "ends"),
    ],
)
def test_stance_begins_at_its_mark_and_ends_below_the_gap(sight, outcome) -> None:
    decision = weigh(STANCE, sight)
    found = None if decision is None else ("ends" if decision.withdraws else "begins")
    assert found == outcome


def test_price_stance_acts_below_its_mark_and_pressure_ends_with_talks() -> None:
    low = dataclasses.replace(STANCE, watches="price_below", above=False, mark=0.8)
    assert weigh(low, Sight(0.79)) is not None
    assert weigh(low, Sight(0.95, stood=30)) is None
    assert weigh(low, Sight(1.01, stood=30)).withdraws == "x"
    pressure = dataclasses.replace(STANCE, watches="pressure", mark=0.4)
    assert weigh(pressure, Sight(0.0, stood=30)) is None
    assert weigh(pressure, Sight(0.0, stood=30, met=True)).withdraws == "x"


@pytest.fixture(scope="module")
def free():
    """A gallium world whose governments are free, and the runs of five seeds over twelve years."""
    scenario = Scenario.load("free-governments")
    world = world_for(scenario, only=["gallium"])
    return [Model(scenario, rng=seed, only=["gallium"], world=world).run() for seed in range(5)]


def test_tension_rises_and_falls_and_stays_in_bounds(free) -> None:
    for model in free:
        tension = model.history.tension
        assert tension.min() >= 0
        assert tension.max() <= 1
        step = np.diff(tension[:, model.diplomacy.row["USA"]])
        assert (step > 0).any()
        assert (step < 0).any()
    tallest = [model.history.tension.max(axis=0)[model.diplomacy.row["CHN"]] for model in free]
    assert max(tallest) > 0.5


def test_controls_answer_and_relax_and_no_run_freezes(free) -> None:
    taken = [sum(on and kind in having("restricts") for _, _, kind, on in model.history.acts) for model in free]
    back = [sum(not on and kind in having("restricts") for _, _, kind, on in model.history.acts) for model in free]
    assert min(taken) > 0
    assert min(back) > 0
    assert all(low <= high for low, high in zip(back, taken, strict=True))
    late = [model.history.tension[312:].std(axis=0).max() for model in free]
    assert min(late) > 0.01


def test_every_withdrawn_measure_leaves_the_plan(free) -> None:
    for model in free:
        standing = set(model.diplomacy.standing)
        running = {c.fields["measure"] for c in model.plan.causes if "measure" in c.fields and c.spec.end is None}
        assert running == standing


def test_budget_is_never_overspent(free) -> None:
    for model in free:
        assert all(view.budget >= 0 for view in model.diplomacy.views.values())


def test_scripted_governments_take_no_stance() -> None:
    model = Model("calm", only=["gallium"])
    for _ in range(60):
        model.step()
    assert not model.history.acts
    assert not model.why.entries


def test_marks_are_drawn_by_seed_within_their_range() -> None:
    scenario = Scenario.load("free-governments")
    stances = Stances.load(scenario.vocabulary)
    one, two = (Model(scenario, rng=seed, only=["gallium"]).diplomacy.stances for seed in (1, 2))
    ranges = {intent.stance.id: (intent.low, intent.high) for intent in stances.intents}
    assert all(ranges[stance.id][0] <= stance.mark <= ranges[stance.id][1] for stance in one)
    assert [stance.mark for stance in one] != [stance.mark for stance in two]


def test_unknown_government_is_refused_with_the_nearest() -> None:
    with pytest.raises(BadInput, match="CHN"):
        Scenario.load("calm").override({"free": ["CHM"]})


def test_script_and_stances_go_together() -> None:
    scenario = Scenario.load("history-2023").override({"free": ["JPN"]})
    model = Model(scenario, only=["gallium"]).run()
    assert {government for _, government, _, _ in model.history.acts} == {"JPN"}
    assert model.history.controls.max() > 0


def scripted(key, instrument, start, end=None, **fields):
    dates = {"start": start, "end": end, "announced": None}
    words = {"title_en": "t", "title_zh": "t", "source": "test", "confidence": "assumed"}
    return CauseSpec(id=key, instrument=instrument, by="CHN", fields=fields, **dates, **words)


def test_scripted_acts_are_heard_in_the_week_and_a_truce_calms_until_it_ends() -> None:
    """A control that stood before the run is no news; one that begins is; its pause is an end, then a start."""
    day, terms = datetime.date, {"goods": ("gallium",), "to": ("USA",), "wait_weeks": 9, "approval": 1.0, "share": 1.0}
    causes = (
        scripted("old", "licence", day(2023, 7, 1), **terms),
        scripted("new", "licence", day(2024, 2, 8), **terms),
        scripted("truce", "suspension", day(2024, 5, 7), day(2024, 7, 17), of=("new",)),
    )
    model = Model(dataclasses.replace(Scenario.load("calm"), causes=causes), rng=1, only=["gallium"])
    american, steps, before = model.diplomacy.row["USA"], {}, None
    while model.clock.next_date < day(2024, 9, 1):
        model.step()
        date, tension = model.diplomacy.record[-1]
        felt = tension[american, model.diplomacy.row["CHN"]]
        if before is not None and abs(felt - before) > 0.05:
            steps[date] = felt > before
        before = felt
    assert steps == {day(2024, 2, 12): True, day(2024, 5, 13): False, day(2024, 7, 22): True}


def test_politics_at_home_are_drawn_once_a_month() -> None:
    model = Model(Scenario.load("free-governments"), only=["gallium"])
    model.step()
    view = model.diplomacy.views["USA"]
    stance = dataclasses.replace(STANCE, watches="pressure", mark=1e9)
    view._names[stance.id] = np.arange(1, dtype=np.uint64)
    view.week = 4
    assert view.signal(stance) == stance.mark
    view.week = 5
    assert view.signal(stance) == -np.inf
