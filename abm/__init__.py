"""The world that governments and firms decide in: goods, recipes, supply links, policies, trade and prices."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from abm.engine.model import Model, world_for
    from abm.scenario.scenario import Scenario
    from abm.tables.tables import Tables
    from abm.world.world import World
    from kit.errors import BadInput

__all__ = ["BadInput", "Model", "Scenario", "Tables", "World", "world_for"]
_HOMES = {"BadInput": "kit.errors", "Model": "abm.engine.model", "Scenario": "abm.scenario.scenario",
          "Tables": "abm.tables.tables", "World": "abm.world.world", "world_for": "abm.engine.model"}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: a word of the command line needs no model to say what is wrong."""
    if name not in _HOMES:
        raise AttributeError(f"module 'abm' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)
