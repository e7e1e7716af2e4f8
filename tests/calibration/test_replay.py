"""Replays: months are counted by days, customs count declared goods, naive rules stand still when nothing happens."""

from __future__ import annotations

import json

import numpy as np
import pytest

from abm.tables.parameters import Parameters
from calibration.fit.draws import draws_of
from calibration.fit.fingerprint import made_from
from calibration.fit.free import free, prior
from calibration.fit.posterior import Posterior
from calibration.record.baselines import RULES, reader
from calibration.record.event import Event, Quantity
from calibration.record.readings import Readings, statistic
from calibration.record.replay import judge, replay, run_event, score, world_of
from calibration.record.spans import month
from kit.errors import BadInput


@pytest.fixture(scope="module")
def gallium() -> tuple[Event, Readings]:
    event = Event.load("gallium-2023")
    return event, run_event(event, {}, 0)


def test_months_sum_to_what_was_sent(gallium: tuple[Event, Readings]) -> None:
    _, run = gallium
    quantity = Quantity("exports", ("gallium",), "CHN")
    links = run.world.links
    rows = ((links.good == "gallium") & (links.exporter == "CHN") & (links.importer != "CHN")).to_numpy()
    weeks = [number for number, day in enumerate(run.history.dates()) if day.year == 2022]
    sent = run.history.link["sent"][weeks][:, rows].sum() - run.history.link["leaked"][weeks][:, rows].sum()
    total = sum(run.value(quantity, month(2022, number)) for number in range(7, 13))
    assert total == pytest.approx(sent, rel=0.03)


def test_the_control_shows_in_exports_and_in_no_naive_rule(gallium: tuple[Event, Readings]) -> None:
    event, run = gallium
    zero = next(target for target in event.targets if target.id == "C10a")
    assert statistic(zero, run.value) >= 1
    assert [statistic(zero, reader(rule, run)) for rule in RULES] == [0, 0, 0]


def test_judging_and_scoring_count_what_is_not_plumbing() -> None:
    event = Event.load("graphite-2023")
    found = replay([event], draws_of("default", 2).table, 1, lambda done, total: None)
    table = judge(event, found[event.name])
    told = score(table)
    assert list(table.target) == ["C13a", "C13b"]
    assert told["targets"] == 2
    assert told["skill"] == pytest.approx(1 - told["misfit"] / min(told["naive"].values()))


def test_draws_of_the_prior_stay_in_their_ranges_and_change_the_run() -> None:
    names, _ = free()
    draws = prior(64, seed=3)
    for each in names:
        assert draws[each.key].between(each.low, each.high).all()
    world = world_of(Event.load("graphite-2023"))
    changed = world.with_parameters(Parameters(world.tables["parameters"], {"hoarding": 1.7}))
    assert np.all(changed.start["hoarding"] == 1.7)
    assert not np.any(world.start["hoarding"] == 1.7)
    with pytest.raises(BadInput, match="shapes the network"):
        world.with_parameters(Parameters(world.tables["parameters"], {"home_bias": 2.0}))


def test_a_posterior_that_is_none_is_refused(tmp_path: object) -> None:
    path = tmp_path / "posterior.json"  # type: ignore[operator]
    draws = prior(8)
    Posterior(draws, np.ones(7), made_from([])).save(path)
    with pytest.raises(BadInput, match="7 weights for 8 draws"):
        Posterior.load(path)
    told = json.loads(path.read_text())
    told |= {"parameters": ["price_reply"], "draws": [[1.0]] * 7}
    path.write_text(json.dumps(told))
    with pytest.raises(BadInput, match="none of its parameters"):
        Posterior.load(path)
    with pytest.raises(BadInput, match="Did you mean 'prior'"):
        draws_of("pior", 3)
