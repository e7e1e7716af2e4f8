"""The golden runs: no number of a run moves unseen."""

import dataclasses

import pytest

from abm.scenario.checks import BASE_YEARS, instruments
from agents import FIRMS
from app import golden_commands
from app.golden_commands import AFTER
from app.golden_commands import golden as command
from calibration.record import golden


@pytest.fixture(scope="module")
def models():
    return {name: golden.simulate(name) for name in golden.names()}


def test_the_golden_runs_touch_everything_that_can_move(models):
    settings = [model.setting for model in models.values()]
    assert {cause.instrument for setting in settings for cause in setting.causes} == set(instruments())
    assert {setting.base_year for setting in settings} == set(BASE_YEARS)
    assert {kind for model in models.values() for kind in model.world.firms.kind} == set(FIRMS)
    assert any(setting.free for setting in settings)


@pytest.mark.parametrize("name", golden.names())
def test_no_number_of_a_golden_run_has_moved(models, name):
    before = golden.kept(name)
    assert before is not None, f"{name}: ./techshield golden --update --because TEXT writes it"
    moved = golden.moved(before, golden.measure(models[name]))
    assert not moved, "\n".join(f"{what}: was {was}, is {now}" for what, was, now in moved)
    assert len(before.numbers) >= 25


def test_the_digests_that_go_with_the_package_are_those_of_the_files():
    assert golden.shipped() == golden.digests()
    assert not golden.orphans(golden.names())


def test_a_number_that_moves_is_told_and_last_bits_are_not():
    before = golden.kept("calm")
    name, value = next(iter(before.numbers.items()))
    assert not golden.moved(before, dataclasses.replace(before, numbers=before.numbers | {name: value * (1 + 1e-12)}))
    told = golden.moved(before, dataclasses.replace(before, numbers=before.numbers | {name: value * 1.000001}))
    assert [row[0] for row in told] == [name]
    other = before.hashes | {"prices": "0"}
    assert [row[0] for row in golden.moved(before, dataclasses.replace(before, hashes=other))] == ["bits of prices"]
    elsewhere = dataclasses.replace(before, hashes=other, machine=before.machine | {"processor": "another"})
    assert not golden.moved(before, elsewhere)


def test_an_update_writes_files_digests_and_the_line_of_the_changelog_together(tmp_path, monkeypatch):
    for path in golden.FOLDER.glob("*.y*ml"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    before = golden.kept("quota-of-2010")
    name, value = next(iter(before.numbers.items()))
    dataclasses.replace(before, numbers=before.numbers | {name: 2 * value}).save(tmp_path / "quota-of-2010.json")
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text(f"- An entry.\n{AFTER}\n- x\n", encoding="utf-8")
    monkeypatch.setattr(golden, "FOLDER", tmp_path)
    monkeypatch.setattr(golden, "DIGESTS", tmp_path / "digests")
    monkeypatch.setattr(golden, "names", lambda: ["quota-of-2010"])
    monkeypatch.setattr(golden_commands, "CHANGELOG", changelog)
    command(update=True, because="Ports are slower.")
    assert golden.kept("quota-of-2010").numbers[name] == value
    assert golden.shipped() == golden.digests()
    assert changelog.read_text(encoding="utf-8") == f"- An entry.\n- RESULTS: Ports are slower.\n{AFTER}\n- x\n"
