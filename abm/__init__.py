"""The world that governments and firms decide in: goods, recipes, supply links, policies, trade and prices."""

from abm.errors import BadInput
from abm.model import Model, world_for
from abm.scenario import Scenario
from abm.tables import Tables
from abm.world import World

__all__ = ["BadInput", "Model", "Scenario", "Tables", "World", "world_for"]
