"""The rescue index: its arithmetic by hand, forks that leave the run alone, and a provider that moves it."""

import csv
import datetime
import json
import math
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from abm import BadInput, Model, Scenario, Tables
from abm.world.providers import providers
from experiments.rescue import CALM, Request, carry_out, causes_of, declared, probe, probe_year, switch, years_of
from experiments.rescue_index import avoided, by_year, index, shift_year, told

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "abm" / "data"
ONLY = ("dysprosium",)
BILLION = 1e9


def table(*rows):
    keys = ("seed", "year", "shock", "provider", "allies", "taiwan")
    return pd.DataFrame([dict(zip(keys, row, strict=True)) for row in rows]).assign(scenario="s", rule="contract")


def four(seed, year, losses):
    """The four forks of a shock: allies off, allies on, Taiwan on, each beyond a calm of 1."""
    off, on, own = losses
    calm = [(seed, year, CALM, provider, 1.0, 1.0) for provider in ("off", "on")]
    shock = (seed, year, "graphite")
    return [*calm, (*shock, "off", 1.0 + off, 9.0), (*shock, "on", 1.0 + on, 1.0 + own)]


def test_avoided_and_own_loss_are_differences_of_differences():
    found = avoided(table(*four(0, 2030, (5.0, 3.0, 1.0))))
    assert (found.avoided.item(), found.own.item()) == (2.0, 1.0)


def test_sums_come_before_the_ratio():
    """A mean of ratios would say 0 here: +1 and -1; the sums say that Taiwan is a provider."""
    found = avoided(table(*four(0, 2030, (9e9, 0.0, 0.0)), *four(1, 2030, (0.0, 0.0, 1e9))))
    row = by_year(found).iloc[0]
    assert row["index"] == pytest.approx((9 - 1) / (9 + 1))
    assert (row.avoided, row.own) == pytest.approx((4.5 * BILLION, 0.5 * BILLION))
    assert row.ratio == pytest.approx(9.0)


def test_the_plain_ratio_is_told_above_a_floor_alone():
    floor = declared()["ratio_floor"]
    low, high = (by_year(avoided(table(*four(0, 2030, (1.0, 0.0, size * floor))))).ratio.item() for size in (0.9, 1.1))
    assert math.isnan(low)
    assert high > 0


@pytest.mark.parametrize(("gained", "own", "value"), [(0, 2, -1), (2, 0, 1), (2, 2, 0), (-1, 1, -1), (3, 1, 0.5)])
def test_the_index_is_between_taker_and_provider(gained, own, value):
    assert index(gained, own) == value


def test_the_index_of_nothing_is_undefined():
    assert math.isnan(index(0.0, 0.0))


def test_by_gdp_an_allied_dollar_counts_less():
    row = by_year(avoided(table(*four(0, 2030, (1e9, 0.0, 1e9))))).iloc[0]
    assert row["index"] == 0
    assert row.index_by_gdp < -0.9


def test_the_shift_is_the_first_year_that_stays():
    assert shift_year({2027: -1, 2028: 0.2, 2029: -0.1, 2030: 0.1, 2031: 0.3}) == 2030
    assert math.isnan(shift_year({2027: -1, 2028: 0.2}))
    assert math.isnan(shift_year({2027: 0.5, 2029: 0.5}))


def test_the_probability_of_a_shift_is_a_share_of_seeds():
    rows = [row for year in (2030, 2031) for row in four(0, year, (2e9, 0.0, 1e9)) + four(1, year, (0.0, 0.0, 1e9))]
    entry = told(avoided(table(*rows)))["s"]["contract"]
    assert entry["shift_probability"] == 0.5
    assert entry["shift_year_median"] == 2030
    assert json.dumps(entry, allow_nan=False)


@pytest.fixture(scope="module")
def running():
    scenario = Scenario.load("renewed").until(datetime.date(2027, 6, 7))
    model = Model(scenario, rng=1, only=ONLY)
    for _ in range(20):
        model.step()
    return model


def test_a_probe_leaves_the_run_as_it_is(running):
    before = {name: values.copy() for name, values in running.columns.items()}
    causes, weeks = list(running.plan.causes), running.history.weeks
    probe(running, "rare-earths", False, 6)
    for name, values in before.items():
        np.testing.assert_array_equal(values, running.columns[name])
    assert running.plan.causes == causes
    assert (running.history.weeks, running.clock.number) == (weeks, weeks - 1)
    assert not running.conditions.touched("provider")


def test_a_calm_probe_goes_on_as_the_run_does(running):
    """A fork with a new history is the same run: its losses are those of a full fork over the same weeks."""
    whole, part = running.fork(), running.fork(weeks=8)
    for _ in range(8):
        whole.step()
        part.step()
    for name, values in whole.columns.items():
        np.testing.assert_array_equal(values, part.columns[name])
    np.testing.assert_array_equal(whole.history.firm["activity"][20:28], part.history.firm["activity"])
    assert part.history.start == running.clock.start + datetime.timedelta(weeks=20)
    assert part.history.balance_error.max() < 1e-9


def test_switched_off_providers_buy_and_make_but_sell_nothing(running):
    fork = running.fork(weeks=8)
    world = fork.world
    start = fork.clock.start + datetime.timedelta(weeks=20)
    fork.plan.add(switch(start))
    on = running.fork(weeks=8)
    for _ in range(8):
        fork.step()
        on.step()
    rows = providers(world)
    sold = np.isin(world.links.seller_firm.to_numpy(), rows)
    assert sold.any()
    assert on.history.link["sent"][:, sold].sum() > 0
    assert fork.history.link["sent"][:, sold].sum() == 0
    assert fork.history.firm["plan"][:, rows].sum() >= 0.9 * on.history.firm["plan"][:, rows].sum()
    assert fork.history.balance_error.max() < 1e-9


def test_partner_plants_lose_what_was_added_alone(running):
    scenario = Scenario.load("renewed+R3").until(datetime.date(2027, 12, 6))
    lever = next(spec for spec in scenario.causes if spec.id == "r3-partnership")
    early = (*scenario.causes, replace(lever, id="early", start=scenario.start))
    model = Model(replace(scenario, causes=early, outages=False), rng=1, only=ONLY)
    model.step()
    plant = model.world.places["lynas_sep_mys"]
    assert model.columns["available"][plant] == pytest.approx(1.1)
    model.plan.add(switch(scenario.start))
    model.step()
    assert model.columns["available"][plant] == pytest.approx(1.0)


@pytest.mark.parametrize("name", sorted(declared()["shocks"]))
def test_every_shock_hits_links_to_allies_for_its_weeks(name):
    scenario = Scenario.load("calm")
    model = Model(scenario)
    start = datetime.date(2024, 1, 8)
    specs = causes_of(name, scenario, start)
    assert all(spec.end - spec.start == datetime.timedelta(weeks=declared()["shock_weeks"]) for spec in specs)
    for spec in specs:
        model.plan.add(spec)
    model.step()
    model.step()
    shut = model.conditions["open"] == 0
    sides = model.world.tables["countries"].set_index("country").alliance
    assert shut.any()
    assert set(model.world.links.importer[shut].map(sides)) == {"allied"}


def synthetic(folder):
    """A world in which the magnet makers of Japan stand in Taiwan."""
    path = folder / "producers.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    moved = [row for row in rows if row["recipe"].startswith("make_ndfeb") and row["country"] == "JPN"]
    assert moved
    for row in moved:
        row |= {"country": "TWN", "kind": "taiwan_firm"}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return Tables.load(folder)


def measured(tables):
    scenario = Scenario.load("calm", tables)
    model = Model(scenario, rng=1, only=("dysprosium", "ndpr"), tables=tables)
    for _ in range(8):
        model.step()
    request = Request(("calm",), shocks=("rare-earths",), weeks=39)
    rows = [{"scenario": "s", "rule": "contract", "seed": 0, "year": 2024, **row} for row in probe_year(model, request)]
    return avoided(pd.DataFrame(rows))


@pytest.mark.slow
def test_the_index_rises_with_a_provider(tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    today, other = measured(Tables.load()), measured(synthetic(folder))
    taker, provider = (by_year(found).iloc[0] for found in (today, other))
    assert taker.own > 0
    assert taker["index"] < 0
    assert provider.avoided > 10 * abs(taker.avoided)
    assert provider["index"] > taker["index"] + 0.1


@pytest.mark.slow
def test_a_seed_gives_the_same_table_again_and_rules_differ_in_rationing_alone():
    request = Request(("renewed",), years=(2026,), shocks=("rare-earths",), weeks=13, only=ONLY)
    one, two = (pd.DataFrame(carry_out(request, ("renewed", "contract", 0))) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    other = pd.DataFrame(carry_out(request, ("renewed", "alike", 0)))
    assert list(other.rule.unique()) == ["alike"]
    assert not np.array_equal(one.allies, other.allies)


def test_years_are_those_with_room_for_a_probe():
    scenario = Scenario.load("renewed")
    assert years_of(scenario, 39) == list(range(2025, 2035))
    assert years_of(scenario.until(datetime.date(2026, 6, 1)), 39) == [2025]


def test_an_unknown_shock_is_refused():
    with pytest.raises(BadInput, match="Did you mean 'graphite'"):
        Request(("renewed",), shocks=("graphit",))


def techshield(*words, cwd):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "160"}
    command = [sys.executable, "-P", "-m", "app", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environment, check=False)


@pytest.mark.slow
def test_the_command_writes_tables_and_figures(tmp_path):
    words = ("rescue", "renewed", "--seeds", "1", "--years", "2026", "--shocks", "rare-earths", "--weeks", "8")
    said = techshield(*words, "--only", "dysprosium", "--workers", "1", "--json", "--out", tmp_path / "r", cwd=tmp_path)
    assert said.returncode == 0, said.stderr
    entry = json.loads(said.stdout)["rescue"]["renewed"]["contract"]
    assert [row["year"] for row in entry["years"]] == [2026]
    names = {path.name for path in (tmp_path / "r").iterdir()}
    assert names == {"plane.png", "index.png", "rescue.json", "losses.csv", "manifest.json"}
    assert len(pd.read_csv(tmp_path / "r" / "losses.csv")) == 2 * 2 * 2


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("rescue", "renewd"), "renewed"),
        (("rescue", "renewed", "--years", "2040"), "2025 to 2034"),
        (("rescue", "renewed", "--years", "soon"), "2027-2034"),
        (("rescue", "renewed", "--rule", "fair"), "alike"),
        (("families", "renewed", "--budgets", "much"), "1,2"),
        (("run", "renewed", "--fork-at", "2027-01-04"), "--with"),
        (("run", "renewed", "--fork-at", "2051-01-04", "--with", "lapsed"), "2034-12-31"),
        (("run", "renewed", "--fork-at", "2027-01-04", "--with", "history-2010"), "base_year"),
    ],
)
def test_bad_input_gets_a_sentence(words, hint, tmp_path):
    said = techshield(*words, "--out", tmp_path / "x", cwd=tmp_path)
    assert said.returncode == 2, said.stderr
    assert hint in said.stderr
    assert "Traceback" not in said.stderr
    assert list(tmp_path.iterdir()) == []
