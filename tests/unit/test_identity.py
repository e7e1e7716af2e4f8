"""What worlds are known by: figures that their runs read, and no word."""

import dataclasses
import datetime

import pytest

from abm import Model, Scenario
from abm.scenario.identity import world_digest
from abm.tables.tables import schema
from abm.world.world import shared_tables
from calibration.record.event import Event

GALLIUM = Event.load("gallium-2023").minerals


def changed(table, column, where, value):
    """The tables with one cell changed."""
    tables = shared_tables()
    frame = tables[table].copy()
    row = frame.index[frame.eval(where)][0]
    assert frame.loc[row, column] != value
    frame.loc[row, column] = value
    return dataclasses.replace(tables, frames={**tables.frames, table: frame})


@pytest.mark.parametrize(
    "cell",
    [
        ("prices", "source", "good == 'gallium'", "seen elsewhere"),
        ("prices", "confidence", "good == 'gallium' and year == 2022", "memory"),
        ("producers", "name_zh", "kind == 'refiner'", "另一名稱"),
        ("gdp", "gdp", "country == 'USA'", 1.0),
        ("taiwan_imports", "share", "share > 0", 0.123),
        ("prices", "price", "good == 'lithium_chemical'", 1.0),  # not in the chains of these minerals
        ("prices", "price", "good == 'gallium' and year == 2024", 1.0),  # another base year
        ("outputs", "output", "year == 2009", 1.0),
    ],
)
def test_what_a_world_does_not_read_leaves_it_what_it_is(cell):
    assert world_digest(changed(*cell), 2022, GALLIUM) == world_digest(shared_tables(), 2022, GALLIUM)


@pytest.mark.parametrize(
    "cell",
    [
        ("prices", "price", "good == 'gallium' and year == 2022", 1.0),
        ("outputs", "capacity", "year == 2022 and producer.str.contains('gallium')", 1e9),
        ("recipes", "quantity", "good == 'gallium' and role == 'in'", 9.0),
        ("covers", "weeks", "weeks > 0", 1.5),
        ("trade_shares", "share", "good == 'gallium'", 0.011),
        ("parameters", "value", "parameter == 'hoarding'", 0.011),
        ("countries", "alliance", "country == 'USA'", "neutral"),
    ],
)
def test_a_figure_that_a_world_reads_makes_it_another(cell):
    assert world_digest(changed(*cell), 2022, GALLIUM) != world_digest(shared_tables(), 2022, GALLIUM)


class Watched(dict):
    """Frames that remember which of them have been read."""

    def __getitem__(self, name):
        self.__dict__.setdefault("read", set()).add(name)
        return super().__getitem__(name)


def test_the_tables_that_runs_read_are_those_that_count():
    frames = Watched(shared_tables().frames)
    tables = dataclasses.replace(shared_tables(), frames=frames)
    setting = Scenario.load("free-governments").until(datetime.date(2024, 5, 1))
    Model(setting, rng=1, tables=tables).run()
    Model(setting, rng=1, tables=tables, only=("gallium",))
    counted = {name for name, each in schema().items() if each.counted()}
    assert frames.read <= counted, "a run reads a table that is declared to be told alone"
    assert counted <= frames.read, "a table is declared to change runs, and none reads it"
