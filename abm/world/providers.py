"""Who provides: recyclers, purifiers and makers of materials of a country."""

from __future__ import annotations

import numpy as np

from abm.world.world import World, kept_in

HOME = "TWN"
KINDS, STAGES = ("recycler", "taiwan_firm"), ("refined", "material")


def providers(world: World, country: str = HOME) -> np.ndarray:
    """Rows of a country's recyclers, purifiers and makers of targets and other materials."""
    found: np.ndarray = kept_in(world, ("providers", country), lambda: _providers(world, country))
    return found


def _providers(world: World, country: str) -> np.ndarray:
    """The same, worked out."""
    stage = world.firms.good.map(world.goods.set_index("good").stage)
    own = (world.firms.country == country) & world.firms.kind.isin(KINDS) & stage.isin(STAGES)
    return np.nonzero(own.to_numpy())[0]
