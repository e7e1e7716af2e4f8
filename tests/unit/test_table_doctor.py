"""The table doctor: nothing is missing in what ships, and each kind of gap is found."""

import copy
import csv
import datetime
import random
import shutil

import pytest

from abm import Model, Scenario
from abm.engine.table_doctor import examine
from abm.scenario.checks import instruments
from abm.tables.tables import FOLDER, Tables, schema
from abm.world.world import shared_tables
from kit.errors import BadInput


def test_what_ships_lacks_nothing_but_what_is_known():
    assert [each for each in examine(shared_tables()) if not each.known] == []


@pytest.mark.parametrize(
    ("table", "rows", "said"),
    [
        ("prices", "good == 'gallium'", "has no price"),
        ("content", "good == 'gallium'", "has no content"),
        ("recipes", "good == 'gallium' and role != 'in'", "is made by no producer"),
        ("other_uses", "good == 'scandium'", "is used by nobody"),
    ],
)
def test_a_good_that_lacks_something_is_named(table, rows, said):
    tables = dict(shared_tables())
    tables[table] = tables[table].drop(tables[table].query(rows).index)
    found = {each.key: each.problem for each in examine(tables) if not each.known}
    assert any(said in problem for problem in found.values())
    assert set(found) <= {"gallium", "scandium"}


def test_a_table_that_nothing_reads_is_named():
    tables = {**shared_tables(), "weather": shared_tables()["gdp"]}
    assert [each.file for each in examine(tables) if not each.known] == ["weather.csv"]


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("tariff", lambda entry: entry.pop("name_zh"), "has no name_zh"),
        ("tariff", lambda entry: entry["fields"]["rate"].pop("meaning"), "'rate' has no meaning"),
        ("tariff", lambda entry: entry.pop("traits"), "has no traits"),
        ("tariff", lambda entry: entry.update(traits=["restrict"]), "unknown trait 'restrict'"),
        ("tariff", lambda entry: entry.update(traits=["costs"]), "has no cost in lever_costs.py"),
        ("mapping", lambda entry: entry.update(traits=[]), "lacks the trait 'costs'"),
        ("tariff", lambda entry: entry.pop("neutral"), "has no neutral size"),
        ("tariff", lambda entry: entry.update(neutral={"rat": 0}), "names no field of it: 'rat'"),
        ("tariff", lambda entry: entry.update(neutral={"rate": -1}), "outside of 0 to 5"),
        ("mapping", lambda entry: entry.update(neutral={}), "'coverage' has no neutral value"),
    ],
)
def test_an_instrument_that_lacks_something_is_named(name, change, said):
    declared = copy.deepcopy(instruments())
    change(declared[name])
    (found,) = [each for each in examine(shared_tables(), declared) if not each.known]
    assert (found.file, found.key) == ("instruments.yaml", name)
    assert said in found.problem


def test_an_instrument_without_a_class_is_named():
    declared = {**instruments(), "sanction": instruments()["tariff"]}
    assert [each.key for each in examine(shared_tables(), declared) if not each.known] == ["sanction"]


@pytest.mark.slow
@pytest.mark.sample(2)
@pytest.mark.parametrize("name", schema())
def test_a_table_without_some_rows_or_with_another_word_runs_or_says_what_is_wrong(name, tmp_path):
    """No bare KeyError or TypeError: whatever a table lacks, the world is built or a sentence names the file."""
    luck = random.Random(name)
    for damage in (no_row, fewer_rows, another_word):
        folder = tmp_path / damage.__name__
        shutil.copytree(FOLDER, folder)
        damage(folder / f"{name}.csv", luck)
        try:
            tables = Tables.load(folder)
            setting = Scenario.load("snap-back", tables).until(datetime.date(2024, 2, 1))
            Model(setting, rng=1, tables=tables).step()
        except BadInput as problem:
            said = str(problem)
        else:
            continue
        assert ".csv" in said or ".yaml" in said, said


def no_row(path, luck):
    """The header alone."""
    path.write_text(path.read_text(encoding="utf-8").partition("\n")[0] + "\n", encoding="utf-8")


def fewer_rows(path, luck):
    """Without the rows of one key."""
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    key = luck.choice(rows).partition(",")[0]
    kept = [row for row in rows if row.partition(",")[0] != key]
    path.write_text("\n".join([head, *kept]) + "\n", encoding="utf-8")


def another_word(path, luck):
    """One cell with a word that is read elsewhere."""
    with path.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    luck.choice(rows)[luck.randrange(len(head))] = luck.choice(["", "0", "-1", "1e300", "TWN", "gallium", "2024"])
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
