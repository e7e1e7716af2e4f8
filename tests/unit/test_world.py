"""A world under other parameters is the world that would have been built under them."""

from __future__ import annotations

import numpy as np
import pytest

from abm import Model, Scenario
from abm.engine.model import world_for
from abm.tables.parameters import Parameters
from abm.world.world import SHAPING, World
from kit.errors import BadInput


def test_a_world_under_other_parameters_is_as_if_built_under_them() -> None:
    setting = Scenario.load("calm")
    world = world_for(setting, only=("graphite",))
    table = world.tables["parameters"]
    free = table[~table.parameter.isin(SHAPING)]
    names = [f"{name}.{family}" if family else name for name, family in zip(free.parameter, free.family, strict=True)]
    for bound in ("low", "high"):
        changed = Parameters(table, dict(zip(names, free[bound].tolist(), strict=True)))
        built = World.build(world.tables, setting.base_year, changed, ("graphite",))
        again = world.with_parameters(changed)
        assert set(again.start) == set(built.start)
        for name, values in built.start.items():
            assert np.array_equal(again.start[name], values), name
        assert world.parameters.under(changed.changes).as_dict() == changed.as_dict()
        assert world.parameters.under({}).as_dict() == Parameters(table).as_dict()


def test_a_run_refuses_a_world_of_another_year_or_under_other_parameters() -> None:
    calm = Scenario.load("calm")
    world = world_for(calm, only=("gallium",))
    eager = calm.override({"parameters.hoarding": 1.5})
    with pytest.raises(BadInput, match=r"under other parameters: hoarding\."):
        Model(eager, only=("gallium",), world=world)
    Model(eager, only=("gallium",), world=world.with_parameters(world.parameters.under(eager.parameters)))
    with pytest.raises(BadInput, match="base_year 2022, but the world given is that of 2024"):
        Model("history-2023", only=("gallium",), world=world)


def test_a_parameter_that_nothing_reads_is_refused_with_the_nearest_word() -> None:
    world = world_for(Scenario.load("calm"), only=("gallium",))
    with pytest.raises(BadInput, match="Did you mean 'belief_speed'"):
        world.parameters.under({"belief_speed.gallium": 0.2})
    with pytest.raises(BadInput, match="Did you mean 'gallium'"):
        world.parameters.under({"choke.galium": 3.0})
    assert world.parameters.under({"hoarding.electronics": 1.0})
