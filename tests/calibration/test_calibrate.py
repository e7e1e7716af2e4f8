"""Calibration: known parameters are found again, a killed table goes on without a difference, changes are refused."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from abm import Scenario
from calibration.fit.abc import Fit, fit, from_line, learn, regressed, to_line
from calibration.fit.best import miss, search
from calibration.fit.draws import settled
from calibration.fit.evaluations import Plan, check_folder, columns_of, fill, missing, plan_in, read
from calibration.fit.fingerprint import made_from
from calibration.fit.free import free, prior
from calibration.fit.informed import INFORMED, MOVED, NOT_ASKED, PRIOR, UNKNOWN, column, in_a_line, labels
from calibration.fit.posterior import SHIPPED, Posterior
from calibration.judge.calibrate import (
    SPREAD,
    WAYS,
    Table,
    foretold,
    informed,
    lacks,
    moved,
    posterior_of,
    study,
    thinned,
    within_reach,
)
from calibration.judge.report import as_html, as_markdown, blocks, verdicts
from calibration.judge.trust import best_trial, contraction, shift, trial, twins
from calibration.record.event import FOLDER, Event
from calibration.record.replay import bands
from kit.errors import BadInput


def silent(done: int, total: int) -> None:
    """No progress."""


@pytest.fixture
def graphite(tmp_path: Path) -> Event:
    """The event of graphite in a world of graphite alone, which is quick."""
    told = (FOLDER / "graphite-2023.yaml").read_text(encoding="utf-8")
    path = tmp_path / "graphite-2023.yaml"
    path.write_text(re.sub(r"^minerals: \[[^]]*\]", "minerals: [graphite]", told, flags=re.MULTILINE), encoding="utf-8")
    return Event.load(path)


def test_the_line_and_back_is_the_same() -> None:
    names, _ = free()
    draws = prior(50)[[each.key for each in names]].to_numpy()
    back = from_line(to_line(draws, names), names)
    inside = (draws > np.array([n.low for n in names]) * 1.001) & (draws < np.array([n.high for n in names]) * 0.999)
    assert np.allclose(back[inside], draws[inside], rtol=1e-3, atol=1e-3)


def test_a_figure_that_hardly_any_run_brings_within_its_tolerance_is_out_of_reach() -> None:
    """Of a hundred runs one comes near to the second figure and to the third from the other side, all to the first."""
    near, far = np.linspace(-3, 3, 100), np.append(np.linspace(4, 9, 99), 0.0)
    assert within_reach(np.column_stack([near, far, -far])).tolist() == [True, False, False]


def test_a_known_parameter_is_found_and_an_idle_one_is_not() -> None:
    luck = np.random.default_rng(5)
    line = luck.normal(size=(3000, 2))
    summaries = np.column_stack([line[:, 0] * 3, line[:, 0] + 5])
    found = fit(line, summaries, np.array([2.4, 5.8]))
    shrunk = contraction(line, found)
    assert np.average(found.adjusted[:, 0], weights=found.weights) == pytest.approx(0.8, abs=0.05)
    assert shrunk[0] > 0.95
    assert abs(shrunk[1]) < 0.3
    noisy = summaries + luck.normal(0, 0.5, summaries.shape)
    tried = twins(line, noisy, ["moving", "idle"]).set_index("parameter")
    assert tried.coverage.between(0.8, 1.0).all()
    assert tried.recovery["moving"] > 0.9


def test_bands_hold_what_they_say_where_few_draws_meet_many_summaries() -> None:
    luck = np.random.default_rng(5)
    line = luck.normal(size=(500, 6))
    summaries = line @ luck.normal(size=(6, 24)) * 0.3 + luck.normal(0, 1.0, (500, 24))
    names = [str(number) for number in range(6)]
    for way in (summaries, regressed(line, summaries, summaries[0])[0]):
        told = twins(line, way, names, share=0.1)
        assert told.coverage.mean() == pytest.approx(0.9, abs=0.025)
    trials = pd.DataFrame([trial(line, summaries, names, share) for share in (0.1, 0.9)])
    assert trials.accepted.tolist() == [192, 449]
    assert best_trial(trials.assign(coverage=[0.9, 0.7], failing=0, crps=[0.3, 0.2])) == 0
    assert best_trial(trials.assign(coverage=[0.9, 0.88], failing=[1, 0], crps=[0.2, 0.3])) == 1


def test_a_network_learns_what_figures_say_of_parameters() -> None:
    luck = np.random.default_rng(5)
    line = luck.normal(size=(1500, 2))
    summaries = np.column_stack([np.exp(line[:, 0]), line[:, 1] ** 3, luck.normal(size=1500)])
    told, observed = learn(line, summaries, np.array([np.e, 0.0, 0.0]))
    assert told.shape == (1500, 2)
    assert np.corrcoef(told[:, 0], line[:, 0])[0, 1] > 0.9
    found = fit(line, told, observed)
    assert np.average(found.adjusted[:, 0], weights=found.weights) == pytest.approx(1.0, abs=0.3)


def test_the_best_fitting_run_is_better_than_the_middle_and_says_what_it_is(tmp_path: Path, graphite: Event) -> None:
    events = (graphite,)
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


KILLED = """
import os, signal, sys
from pathlib import Path
from calibration.fit.evaluations import Plan, check_folder, columns_of, fill
from calibration.record.event import FOLDER, Event
plan, folder = Plan((Event.load(sys.argv[2]),), 60), Path(sys.argv[1])
check_folder(folder, plan, resume=False)
fill(plan, folder, 1, lambda done, total: os.killpg(os.getpgid(0), signal.SIGKILL) if done >= 20 else None)
"""


def test_a_killed_table_goes_on_to_the_same_posterior_and_report(tmp_path: Path, graphite: Event) -> None:
    plan = Plan((graphite,), 60)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for folder in (whole, broken):
        folder.mkdir()
    check_folder(whole, plan, resume=False)
    fill(plan, whole, 2, silent)
    line = [sys.executable, "-c", KILLED, str(broken), graphite.file]
    assert subprocess.run(line, start_new_session=True, check=False).returncode == -signal.SIGKILL
    (broken / "part-00003.tmp").write_bytes(b"half")
    with pytest.raises(BadInput, match="--resume"):
        check_folder(broken, plan, resume=False)
    check_folder(broken, plan, resume=True)
    assert 0 < len(missing(plan, broken)) < 6
    fill(plan, broken, 1, silent)
    pd.testing.assert_frame_equal(read(whole), read(broken), check_exact=True)
    with pytest.raises(BadInput, match=r"evaluations .60, now 70"):
        check_folder(whole, Plan(plan.events, 70), resume=True)
    table, trials = Table.of(plan, whole).tried(WAYS)
    found = table.fit()
    posterior_of(table, found, foretold(table, found, 2, silent), "trial").save(tmp_path / "posterior.json")
    again = Posterior.load(tmp_path / "posterior.json")
    assert set(again.mean()) == {each.key for each in free()[0]}
    assert again.informed() <= set(again.mean())
    assert again.lack("an event of one's own") == again.lack("graphite-2023") > 0
    told = study(table, 2, silent) | {"trials": trials}
    assert "Rank test" in verdicts(told)[0]
    assert again.informed().isdisjoint(again.moved())
    assert set(told["targets"].covered_runs) <= {True, False}
    for page in (as_markdown(blocks(table, told, "trial")), as_html(blocks(table, told, "trial"))):
        assert all(
            word in page
            for word in ("C13a", "open_surge.graphite", "Ways of fitting", "runs alone", "half-width", "shift")
        )


def test_a_prediction_allows_for_what_the_model_misses_elsewhere() -> None:
    event = Event.load("graphite-2023")
    target = next(each for each in event.targets if each.id == "C13b")
    values = np.linspace(0.05, 0.09, 41)
    plain, wide = bands(target, values, None, 0.0), bands(target, values, None, 2.0)
    assert (plain["p05"], plain["p95"]) == (plain["runs_p05"], plain["runs_p95"])
    assert wide["median"] == plain["median"]
    assert wide["p05"] == 0
    assert wide["p95"] == pytest.approx(0.07 + 1.645 * 2.0 * target.tolerance, rel=0.05)
    assert (plain["covered"], wide["covered"], wide["covered_runs"]) == (False, True, False)
    assert wide["half_width"] == pytest.approx(1.645 * 2.0, rel=0.05)
    assert (plain["cut"], wide["cut"]) == (False, True)


def test_a_peak_out_of_reach_does_not_widen_the_bands_of_other_events() -> None:
    events = [Event.load(name) for name in ("graphite-2023", "rare-earths-october-2025", "gallium-2023")]
    columns = columns_of(events)
    gaps = dict(zip([name for name, _ in columns], np.linspace(-1.2, 1.2, len(columns)), strict=True))
    table = Table(Plan(tuple(events), 60), pd.DataFrame(), (), columns, np.zeros((50, 1)), np.zeros((50, len(columns))),
                  np.ones(len(columns), dtype=bool))  # fmt: skip

    def runs(away: dict[str, float]) -> pd.DataFrame:
        """Three like runs, so many tolerances from the record."""
        steps = {name: away[name] * target.tolerance for name, target in columns}
        return pd.DataFrame({name: [target.value * np.exp(steps[name]) if target.scale == "log" else
                                    target.value + steps[name]] * 3 for name, target in columns})  # fmt: skip

    before, after = lacks(table, runs(gaps)), lacks(table, runs(gaps | {"gallium-2023/C11b": -12.0}))
    assert after["gallium-2023"] == before["gallium-2023"]
    assert after["graphite-2023"] == pytest.approx(before["graphite-2023"], rel=0.35)
    normal = np.random.default_rng(1).normal(0, 2.0, (1, 4001))
    assert np.median(np.abs(normal)) * SPREAD == pytest.approx(2.0, rel=0.05)


def test_a_parameter_pushed_to_an_edge_is_told_as_moved() -> None:
    luck = np.random.default_rng(5)
    line = luck.normal(size=(2000, 3))
    pushed = np.column_stack([line[:400, 0] * 1.1 - 1.0, line[:400, 1] * 0.3, line[:400, 2]])
    found = Fit(np.arange(400), np.ones(400), pushed)
    assert informed(contraction(line, found), found).tolist() == [False, True, False]
    assert moved(line, found).tolist() == [True, True, False]
    assert shift(line, found)[0] == pytest.approx(0.37, abs=0.05)


def test_a_posterior_of_many_draws_is_thinned_by_weight() -> None:
    weights = np.linspace(1, 3, 5000)
    rows, kept = thinned(weights)
    assert len(rows) == len(kept) == 1000
    assert rows.mean() == pytest.approx(np.average(np.arange(5000), weights=weights), rel=1e-3)
    assert thinned(weights[:50])[0].tolist() == list(range(50))


def test_free_parameters_are_few() -> None:
    names, _ = free()
    families = [each.key.partition(".")[2] for each in names]
    assert families.count("") <= 8
    assert all(families.count(family) <= 3 for family in set(families) - {""})


def test_tables_say_what_history_informs(tmp_path: Path) -> None:
    first, second, third = (each.key for each in free()[0][:3])
    draws = prior(4)
    made = Posterior(draws, np.ones(4), {**made_from([]), "informed": [first], "moved": [second]})
    made.save(tmp_path / "posterior.json")
    told = labels(tmp_path / "posterior.json")
    assert (told[first], told[second], told[third]) == (INFORMED, MOVED, PRIOR)
    assert f"moved, not narrowed: {second}; prior only: {third}," in in_a_line(made)
    Posterior(draws, np.ones(4), {"tables": "of another day"}).save(tmp_path / "old.json")
    assert set(labels(tmp_path / "old.json").values()) == {UNKNOWN}
    assert column(["transit_far"], [""]) == [NOT_ASKED]
    assert f"1 of {len(draws.columns)}" in in_a_line(made)


OWN = """
title_en: Trial
title_zh: 試驗
extends: history-2023
end: 2023-12-31
minerals: [graphite]
targets:
- {id: T1, title_en: exports, title_zh: 出口, variable: exports, good: graphite_flake, place: CHN, statistic: ratio,
   at: 2023-11, over: 2023-05, value: 1.5, tolerance: 0.1, use: fit, baseline: May 2023, source: a trial,
   confidence: assumed}
"""


def test_a_table_of_changed_events_is_refused_and_says_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "graphite-2023.yaml"
    path.write_text(OWN, encoding="utf-8")
    plan = Plan((Event.load(path),), 60)
    check_folder(tmp_path, plan, resume=False)
    assert plan_in(tmp_path).events[0].targets[0].value == 1.5
    with pytest.raises(BadInput, match=r"event graphite-2023: from .*graphite-2023.yaml, now the project"):
        check_folder(tmp_path, Plan((Event.load("graphite-2023"),), 60), resume=True)
    path.write_text(OWN.replace("title_en: exports", "title_en: sent abroad"), encoding="utf-8")
    check_folder(tmp_path, Plan((Event.load(path),), 60), resume=True)
    for old, new, said in (
        ("value: 1.5", "value: 1.6", "target T1 has changed"),
        ("end: 2023-12-31", "end: 2024-01-31", "scenario's end has changed"),
        ("minerals:", "parameters: {hoarding: 1}\nminerals:", "scenario's parameters.hoarding is new"),
        ("minerals:", "without: [usa-301-graphite-magnets]\nminerals:", "cause usa-301-graphite-magnets is gone"),
    ):
        path.write_text(OWN.replace(old, new), encoding="utf-8")
        with pytest.raises(BadInput, match=said):
            plan_in(tmp_path)


def test_a_posterior_whose_worlds_events_or_golden_runs_have_moved_runs_and_is_stale(tmp_path: Path) -> None:
    own, path = tmp_path / "mine.yaml", tmp_path / "posterior.json"
    own.write_text(OWN, encoding="utf-8")
    made = made_from([Event.load(own), Event.load("graphite-2023")])
    Posterior(prior(4), np.ones(4), made | {"code": {"model": "older"}}).save(path)
    assert not Posterior.load(path).stale
    own.write_text(OWN.replace("value: 1.5", "value: 1.6"), encoding="utf-8")
    assert Posterior.load(path).moved_since == ("event mine: target T1 has changed",)
    own.unlink()
    assert "is not there any more" in Posterior.load(path).moved_since[0]
    made = made_from([Event.load("graphite-2023")])
    for other, said in (
        ({"events": {"graphite-2023": made["events"]["graphite-2023"] | {"world": "0"}}}, "figures of its world"),
        ({"golden": made["golden"] | {"calm": "0"}}, "the golden run calm has moved"),
        ({"likeness": 0.1}, "likeness of families (0.1, now"),
    ):
        Posterior(prior(4), np.ones(4), made | other).save(path)
        (told,) = Posterior.load(path).moved_since
        assert said in told
    added = {name: value for name, value in made["golden"].items() if name != "calm"}
    Posterior(prior(4), np.ones(4), made | {"golden": added}).save(path)
    assert not Posterior.load(path).stale


def test_a_parameter_that_went_is_left_out_and_a_new_one_stands_at_the_tables_value(tmp_path: Path) -> None:
    path, first = tmp_path / "posterior.json", free()[0][0].key
    Posterior(prior(4).rename(columns={first: "price_reply"}), np.ones(4), made_from([])).save(path)
    found = Posterior.load(path)
    assert found.stale
    assert not {"price_reply", first} & set(found.mean())
    assert [said.partition(" is ")[0] for said in found.moved_since] == ["price_reply", first]


def test_the_posterior_that_ships_is_not_stale() -> None:
    assert Posterior.load(SHIPPED).moved_since == ()
