"""What a history reads of the model that it records."""

from __future__ import annotations

from typing import Protocol

from abm.economy.demand import Demand
from abm.economy.market import Market
from abm.economy.mass_balance import Ledger
from abm.economy.production import Production
from abm.economy.routes import Routes
from abm.economy.trade import Trade
from abm.politics.diplomacy import Diplomacy
from abm.scenario.scenario import Scenario
from abm.tables.parameters import Parameters
from abm.world.world import World
from kit.clock import Clock
from kit.columns import Columns


class Running(Protocol):
    """A model between two weeks."""

    world: World
    setting: Scenario
    parameters: Parameters
    clock: Clock
    columns: Columns
    demand: Demand
    market: Market
    trade: Trade
    production: Production
    routes: Routes
    ledger: Ledger
    diplomacy: Diplomacy
    controlled: bool  # whether a control is expected in the run
