"""Firms' strategies: nobody moves at rest, choices follow worth, effects are real, and the log tells why."""

import datetime

import numpy as np
import pytest

from abm import Model, Scenario
from abm.measures.losses import Outcome
from agents.strategy import OPTIONS
from experiments.why import Question, explain


@pytest.fixture(scope="module")
def controlled():
    """The chains of dysprosium under the history of 2025."""
    setting = Scenario.load("history-2023").until(datetime.date(2026, 6, 1))
    return Model(setting, rng=1, only=("dysprosium",)).run()


def test_at_rest_everyone_waits():
    model = Model(Scenario.load("calm").until(datetime.date(2026, 1, 5)), only=("dysprosium",)).run()
    columns = model.columns
    assert columns["strategic"].sum() > 0
    still = ("choice", "fear", "stocking", "sourcing", "mapping", "saving", "moved", "helping", "provider_income",
             "collecting", "returned", "denied")  # fmt: skip
    for name in still:
        assert np.abs(columns[name]).max() < 1e-9, name
    assert (columns["accepted"] == 1).all()
    assert (columns["need"] == columns["usual_need"]).all()


def test_fear_makes_firms_act_and_acts_take_effect(controlled):
    columns = controlled.columns
    deciding = columns["strategic"] > 0
    assert columns["fear"][deciding].max() > 0.1
    chosen = np.array([kept["choice"][deciding] for _, kept in controlled.why.quarters])
    assert {OPTIONS[int(number)] for number in np.unique(chosen)} >= {"wait", "second_source"}
    vital = columns["vital"] > 0
    stocked = columns["stocking"][controlled.world.bought.firm] > 0
    if (vital & stocked).any():
        assert (columns["cover"] > columns["usual_cover"])[vital & stocked].all()
    eager = columns["sourcing"][controlled.world.bought.firm][controlled.world.links.buyer] > 0
    away = columns["elsewhere"] > 0
    assert (columns["affinity"] >= columns["tie"]).all()
    assert (columns["affinity"] > columns["tie"])[eager & away].any()


def test_only_what_is_worth_its_cost_is_chosen(controlled):
    for _, kept in controlled.why.quarters:
        for number, name in enumerate(OPTIONS[1:], start=1):
            chose = kept["choice"] == number
            assert (kept[f"value_{name}"][chose] > 0).all(), name


@pytest.mark.slow
def test_strategies_lower_the_loss_of_the_world():
    """With one chain alone they may not: stock that some build is missing elsewhere while nothing else can be had."""
    setting = Scenario.load("snap-back").until(datetime.date(2030, 1, 7))
    dear = {"cost_map": 0.002, "cost_second_source": 0.01, "cost_substitute": 0.02, "strategy_budget": 0.005}
    bound = setting.override({f"parameters.{name}": value for name, value in dear.items()})
    lost = []
    for chosen in (setting, bound):
        model = Model(chosen, rng=1).run()
        lost.append(Outcome(model.history).output_lost.sum())
    assert not model.columns["sourcing"].any()
    assert lost[0] < 0.8 * lost[1]


def test_providers_learn_and_help_only_while_prices_pay():
    setting = Scenario.load("snap-back").until(datetime.date(2029, 1, 1))
    model = Model(setting, rng=1, only=("tungsten",)).run()
    rows = np.nonzero(model.columns["provider"] > 0)[0]
    assert len(rows)
    assert (model.columns["capability"][rows] <= 1).all()
    assert model.columns["provider_income"][rows].max() > 0
    assert model.history.fees[model.history.weeks - 1] == pytest.approx(model.columns["provider_income"].sum())


def test_why_tells_a_stop_in_both_languages(controlled):
    key = "stellantis_renault_ev_eu"
    english = "\n".join(explain(controlled, Question(key, datetime.date(2025, 7, 1))))
    chinese = "\n".join(explain(controlled, Question(key, datetime.date(2025, 7, 1), "zh")))
    assert "ndfeb_heavy" in english
    assert "chose to" in english
    assert "選擇" in chinese
    assert len(english.splitlines()) < 30
