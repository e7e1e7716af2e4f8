"""Calibration: known parameters are found again, a killed table goes on without a difference, changes are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from abm import Scenario
from abm.errors import BadInput
from calibration.abc import fit, from_line, learn, to_line
from calibration.best import miss, search
from calibration.calibrate import Table, posterior_of
from calibration.draws import settled
from calibration.evaluations import Plan, check_folder, fill, missing, read
from calibration.event import Event
from calibration.free import free, prior
from calibration.posterior import Posterior
from calibration.trust import contraction, twins


def silent(done: int, total: int) -> None:
    """No progress."""


def test_the_line_and_back_is_the_same() -> None:
    names, _ = free()
    draws = prior(50)[[each.key for each in names]].to_numpy()
    back = from_line(to_line(draws, names), names)
    inside = (draws > np.array([n.low for n in names]) * 1.001) & (draws < np.array([n.high for n in names]) * 0.999)
    assert np.allclose(back[inside], draws[inside], rtol=1e-3, atol=1e-3)


def test_a_known_parameter_is_found_and_an_idle_one_is_not() -> None:
    luck = np.random.default_rng(5)
    line = luck.normal(size=(3000, 2))
    summaries = np.column_stack([line[:, 0] * 3, line[:, 0] + 5])
    found = fit(line, summaries, np.array([2.4, 5.8]))
    shrunk = contraction(line, found)
    assert np.average(found.adjusted[:, 0], weights=found.weights) == pytest.approx(0.8, abs=0.05)
    assert shrunk[0] > 0.95
    assert abs(shrunk[1]) < 0.3
    tried = twins(line, summaries, ["moving", "idle"]).set_index("parameter")
    assert tried.coverage.between(0.8, 1.0).all()
    assert tried.recovery["moving"] > 0.9


def test_a_network_learns_what_figures_say_of_parameters() -> None:
    luck = np.random.default_rng(5)
    line = luck.normal(size=(1500, 2))
    summaries = np.column_stack([np.exp(line[:, 0]), line[:, 1] ** 3, luck.normal(size=1500)])
    told, observed = learn(line, summaries, np.array([np.e, 0.0, 0.0]))
    assert told.shape == (1500, 2)
    assert np.corrcoef(told[:, 0], line[:, 0])[0, 1] > 0.9
    found = fit(line, told, observed)
    assert np.average(found.adjusted[:, 0], weights=found.weights) == pytest.approx(1.0, abs=0.3)


def test_the_best_fitting_run_is_better_than_the_middle_and_says_what_it_is(tmp_path: Path) -> None:
    events = (Event.load("graphite-2023"),)
    found = search(events, 40, 2, silent)
    assert found.manifest["label"] == "best-fitting run"
    names = free()[0]
    middle = from_line(np.zeros((1, len(names))), names)[0]
    keys = [each.key for each in names]
    assert found.manifest["misfit"] <= miss(events, dict(zip(keys, map(float, middle), strict=True)))
    found.save(tmp_path / "best.json")
    assert Posterior.load(tmp_path / "best.json").mean() == pytest.approx(found.mean(), rel=1e-5)


def test_a_run_takes_a_posterior_s_mean_and_keeps_the_scenario_s_own() -> None:
    setting = Scenario.load("renewed").override({"parameters.hoarding": 0.3})
    settled_by = setting.settled({"hoarding": 1.0, "open_surge.gallium": 1.5})
    assert settled_by.parameters == {"hoarding": 0.3, "open_surge.gallium": 1.5}
    with pytest.raises(BadInput, match="Did you mean 'posterior'"):
        settled("posterio")


def test_a_table_broken_off_goes_on_to_the_same_posterior(tmp_path: Path) -> None:
    plan = Plan((Event.load("graphite-2023"),), 60)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for folder in (whole, broken):
        folder.mkdir()
        check_folder(folder, plan, resume=False)
    fill(plan, whole, 2, silent)
    for path in sorted(whole.glob("part-*"))[:2]:
        (broken / path.name).write_bytes(path.read_bytes())
    (broken / "part-00003.tmp").write_bytes(b"half")
    with pytest.raises(BadInput, match="--resume"):
        check_folder(broken, plan, resume=False)
    check_folder(broken, plan, resume=True)
    assert len(missing(plan, broken)) == 4
    fill(plan, broken, 1, silent)
    pd.testing.assert_frame_equal(read(whole), read(broken))
    table = Table.of(plan, whole)
    posterior_of(table, table.fit(), "trial").save(tmp_path / "posterior.json")
    again = Posterior.load(tmp_path / "posterior.json")
    assert set(again.mean()) == {each.key for each in free()[0]}
    with pytest.raises(BadInput, match="other evaluations"):
        check_folder(whole, Plan(plan.events, 70), resume=True)
