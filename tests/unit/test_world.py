"""A world under other parameters is the world that would have been built under them."""

from __future__ import annotations

import numpy as np

from abm import Scenario
from abm.model import world_for
from abm.parameters import Parameters
from abm.world import SHAPING, World


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
