"""Packages: laid over any scenario by name, at any budget; what is wrong is refused with a hint."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from abm import BadInput, Scenario, Tables
from abm.measures.lever_costs import COSTS
from abm.scenario import packages
from abm.scenario.checks import instruments
from experiments.families import combined

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tables():
    return Tables.load()


def causes(name, tables):
    return {spec.id: spec for spec in Scenario.load(name, tables).causes}


@pytest.mark.parametrize("base", ["renewed", "lapsed", "snap-back", "embargo-taiwan"])
def test_a_package_adds_its_causes_and_changes_no_other(base, tables):
    bare, laid = causes(base, tables), causes(f"{base}+R1+R3", tables)
    added = set(laid) - set(bare)
    assert {word.split("-")[0] for word in added} == {"r1", "r3"}
    assert all(laid[name] == bare[name] for name in bare)


def test_order_does_not_matter(tables):
    assert causes("renewed+R1+R2", tables) == causes("renewed+R2+R1", tables)


def test_a_budget_scales_from_where_a_lever_does_nothing(tables):
    one, two, half = (causes(f"renewed+R1{word}", tables) for word in ("", "@2", "@0.5"))
    assert [each["r1-mapping"].fields["coverage"] for each in (half, one, two)] == [0.25, 0.5, 1.0]
    assert [each["r1-substitution"].fields["factor"] for each in (half, one, two)] == [1.25, 1.5, 2.0]


def test_a_budget_stops_at_the_bound_of_the_field(tables):
    assert causes("renewed+R1@10", tables)["r1-mapping"].fields["coverage"] == 1.0


def test_no_budget_is_the_scenario_itself(tables):
    assert causes("renewed+R1@0+R2@0+R3@0", tables) == causes("renewed", tables)


def test_the_technology_shield_is_the_baseline_with_all(tables):
    assert causes("technology-shield", tables) == causes("baseline+R1+R2+R3", tables)


def test_a_scenario_file_may_name_packages(tmp_path, tables):
    path = tmp_path / "mine.yaml"
    path.write_text("extends: renewed\npackages: [R1@2]\n", encoding="utf-8")
    assert causes(path, tables) == causes("renewed+R1@2", tables)
    assert causes(f"{path}+R2", tables) == causes("renewed+R1@2+R2", tables)


def test_the_name_and_the_title_say_what_is_laid_over(tables):
    scenario = Scenario.load("renewed+R1@2+R3", tables)
    assert scenario.name == "renewed+R1@2+R3"
    assert "Recommendation 1" in scenario.title_en
    assert "x 2" in scenario.title_en
    assert "建議三" in scenario.title_zh


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("renewed+R4", "'R4' is not a known package"),
        ("renewed+r1", "Did you mean 'R1'?"),
        ("renewd+R1", "Did you mean 'renewed'?"),
        ("renewed+R1@-1", "expected a number from 0 to 10"),
        ("renewed+R1@much", "'much' is not a budget"),
        ("renewed+R1+R1", "named twice"),
        ("technology-shield+R1", "is in the scenario already"),
    ],
)
def test_a_wrong_package_is_refused(name, said, tables):
    with pytest.raises(BadInput, match=re.escape(said)):
        Scenario.load(name, tables)


def test_every_lever_of_the_packages_has_a_size_and_a_cost(tables):
    laid = causes("renewed+R1+R2+R3", tables)
    for name in set(laid) - set(causes("renewed", tables)):
        instrument = laid[name].instrument
        assert instrument in COSTS
        assert instruments()[instrument]["size"] in instruments()[instrument]["fields"]


def test_families_are_all_combinations_at_each_budget():
    assert len(combined(packages.RECOMMENDATIONS, [1])) == 8
    assert len(combined(packages.RECOMMENDATIONS, [1, 2])) == 15
    assert "+R1@2+R3@2" in combined(packages.RECOMMENDATIONS, [1, 2])


def techshield(*words, cwd):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    command = [sys.executable, "-P", "-m", "app", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environment, check=True).stdout


def test_scenarios_lists_the_packages_and_show_takes_them(tmp_path):
    listed = techshield("scenarios", cwd=tmp_path)
    assert all(name in listed for name in packages.names())
    assert json.loads(techshield("show", "renewed+R1@2", "--json", cwd=tmp_path))["name"] == "renewed+R1@2"
