"""The world that governments and firms decide in: goods, recipes, supply links, policies, trade and prices."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from abm.errors import BadInput
    from abm.model import Model, world_for
    from abm.scenario import Scenario
    from abm.tables import Tables
    from abm.world import World

__all__ = ["BadInput", "Model", "Scenario", "Tables", "World", "world_for"]
_HOMES = {"BadInput": "errors", "Model": "model", "Scenario": "scenario", "Tables": "tables", "World": "world",
          "world_for": "model"}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: a word of the command line needs no model to say what is wrong."""
    if name not in _HOMES:
        raise AttributeError(f"module 'abm' has no attribute '{name}'")
    return getattr(import_module(f"abm.{_HOMES[name]}"), name)
