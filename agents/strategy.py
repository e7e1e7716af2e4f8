"""Strategy: what firms that depend on a controlled supply do about it, chosen by worth under their own beliefs.

Each quarter a firm weighs waiting, mapping its chain, holding stock, a second source, substitution, moving orders,
recycling, purifying and partnering (equation 13). The worth of an option is closed form: the expected loss it saves or
what it earns over a few years, less its cost.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agents import kernels
from agents import strategy_kernels as rules
from agents.provision import Provisioner
from kit.clock import WEEKS_PER_YEAR
from kit.columns import Field

OPTIONS = ("wait", "map", "stock", "second_source", "substitute", "move", "recycle", "purify", "partner")
SHOCKS, SHOCKS_BY = ("short", "quarter", "half", "year"), ("shock_weeks", "shock_share")
VALUES, PEERS = (tuple(f"{word}_{name}" for name in OPTIONS[1:]) for word in ("value", "peer"))
GUARDS = ("mapping", "stocking", "sourcing", "saving", "moved", "returned")
"""Fields in which each option to guard a firm's own supply is carried out, in the order of the options."""
STEPS = ("map", "stock", "source", "saving", "move", "recycle")
"""Parameters that give the step of each of them."""


class Strategist(Provisioner):
    """Fields and rules of the choice among options; firms inherit it, those with `strategic` 1 decide."""

    # who decides, and what it knows
    strategic = Field("0 or 1", "weighs the options each quarter")
    mobile = Field("0 or 1", "mid-range final maker whose orders can move abroad")
    luck = Field("0 to 1", "draw of the quarter, keyed by the firm's name", start=0.5)
    input_value = Field("years", "yearly cost of vital inputs over yearly value added")
    unrest = Field("share", "tension around its home above what is usual")
    fear = Field("share", "chance in a year that its vital supply is cut, as it believes")
    activity = Field("units/week", "what it makes")
    wanted = Field("units/week", "what it would make with enough inputs")
    value_added = Field("US$/unit", "value added per unit of activity")
    cash = Field("US$", "money earned since the start over the base margin")
    # what it has decided so far
    choice = Field("option", "number of the last choice among the options")
    mapping = Field("share", "how well it has mapped its chain by itself")
    stocking = Field("weeks", "cover added to vital inputs")
    sourcing = Field("share", "effort on second sources")
    saving = Field("ratio", "own effort on substitution, added to its usual speed")
    moved = Field("share", "final orders moved abroad")
    returned = Field("share", "part of its production scrap that it takes back")
    value_map = Field("share", "net worth of mapping, over a year's value added")
    value_stock = Field("share", "net worth of more stock, over a year's value added")
    value_second_source = Field("share", "net worth of a second source, over a year's value added")
    value_substitute = Field("share", "net worth of substitution, over a year's value added")
    value_move = Field("share", "net worth of moving orders, over a year's value added")
    value_recycle = Field("share", "net worth of recycling, over a year's value added")
    value_purify = Field("share", "net worth of purifying, over a year's value added")
    value_partner = Field("share", "net worth of helping a partner refinery, over a year's value added")
    # what its peers (makers of the same good) chose last quarter
    peer_map = Field("share", "peers that mapped")
    peer_stock = Field("share", "peers that built stock")
    peer_second_source = Field("share", "peers that qualified a second source")
    peer_substitute = Field("share", "peers that substituted")
    peer_move = Field("share", "peers that moved orders")
    peer_recycle = Field("share", "peers that recycled more")
    peer_purify = Field("share", "peers that purified")
    peer_partner = Field("share", "peers that helped a partner refinery")
    # its shelves and links
    usual_cover = Field("weeks", "base cover before it adds stock", level="bought")
    vital = Field("0 or 1", "an input worth protecting", level="bought")
    usual_need = Field("units/unit", "input per unit of activity before scrap is taken back", level="bought")
    reworked = Field("0 or 1", "a vital input whose production scrap can be taken back", level="bought")
    dependence = Field("share", "share of the input ordered from the controlling country", level="bought")
    distrust = Field("share", "lack of belief in what is ordered from the controlling country", level="bought")
    tie = Field("ratio", "tie to the supplier in the base year", level="link")
    dormant = Field("ratio", "tie to the supplier once it is fully qualified", level="link")
    elsewhere = Field("0 or 1", "the supplier is not in the controlling country", level="link")

    def strategise(self, seen: Any) -> None:
        """Weigh the options, choose one by worth and luck, and carry it out (equation 13)."""
        settings = (seen.parameter("fear_rise"), seen.parameter("fear_fade"))
        shelves, firms = self.own("vital", "dependence", "distrust"), self.own("activity", "wanted", "alertness")
        rules.learn_fear(self.shelves_per_firm(), shelves, firms, settings, *self.own("fear"))
        cost = self.costs(seen)
        value = self.worths(seen) - cost
        for column, worth in zip(self.own(*VALUES), value[1:], strict=True):
            column[:] = worth
        spent = self.per_firm(self.choose_option(seen, value, cost))
        self.cash = self.cash - spent * self.value_added * self.activity * WEEKS_PER_YEAR
        self.carry_out(seen)

    def losses(self, seen: Any, shelves: tuple[Any, ...], effects: np.ndarray) -> np.ndarray:
        """Expected loss a year over value added under each option (option, firm): chance of a shock times weeks lost.

        shelves: need (criticality), dependence, cover, part that scrap can spare of each bought input; the scarcest
        counts; effects: what each option adds to cover and takes off the others (4, option).
        """
        weeks, share = (tuple(seen.parameter(f"{name}_{shock}") for shock in SHOCKS) for name in SHOCKS_BY)
        (fear,), (vital,) = self.own("fear"), self.own("vital")
        found = np.empty((effects.shape[1], len(fear)))
        options = (weeks, share, WEEKS_PER_YEAR, tuple(effects))
        kernels.expected_losses(self.shelves_per_firm(), fear, (vital, *shelves), options, found)
        return found

    def effects(self, seen: Any) -> np.ndarray:
        """What waiting and each option to guard supply at home change (4, option): see `losses`."""
        mapped = seen.parameter("map_weeks") * seen.parameter("map_step")
        return np.array([
            [0.0, mapped, seen.parameter("stock_step"), 0.0, 0.0, 0.0],
            [0.0, 0.0, 0.0, seen.parameter("source_step"), 0.0, 0.0],
            [0.0, 0.0, 0.0, 0.0, seen.parameter("substitute_step"), 0.0],
            [0.0, 0.0, 0.0, 0.0, 0.0, seen.parameter("recycle_step")],
        ])  # fmt: skip

    def worths(self, seen: Any) -> np.ndarray:
        """Loss that each option saves over the horizon, over a year's value added, or what it earns: (option, firm).

        What is known, stocked, qualified and saved already counts in the loss without the option. An option that has
        been taken as far as it goes is worth nothing.
        """
        known = self.per_bought(self.mapping) * seen.parameter("map_weeks")
        left = (1 - seen.parameter("substitute_step")) ** (self.saving / seen.parameter("saving_step"))
        spared = self.reworked * seen.parameter("take_back")
        need = self.criticality * self.per_bought(left)
        need = need * (1 - spared * self.per_bought(self.returned))
        shelves = (need, self.dependence, self.cover + known, spared)
        lost = self.losses(seen, shelves, self.effects(seen))
        stocked, saved, moved = (seen.parameter(f"most_{name}") for name in ("stock", "saving", "moved"))
        most = (1.0, stocked, 1.0, saved, moved, 1.0)
        by_place = (seen.parameter("location_loss"), seen.parameter("move_step"))
        settings = (seen.parameter("strategy_years"), *by_place, most)
        sold, place = self.knowledge_worths(seen), self.own("unrest", "mobile")
        return rules.guard_supply(lost, sold, place, self.own(*GUARDS), settings)

    def costs(self, seen: Any) -> np.ndarray:
        """Cost of each option over a year's value added: (option, firm)."""
        holding = seen.parameter("holding_rate") * seen.parameter("strategy_years") / WEEKS_PER_YEAR
        named = tuple(seen.parameter(f"cost_{name}") for name in ("map", "second_source", "substitute", "move"))
        steps = tuple(seen.parameter(f"cost_{name}") for name in ("recycle", "purify", "partner"))
        firms = self.own("value_added", "activity", "provider", "credit", "grant")
        settings = (holding * seen.parameter("stock_step"), *steps)
        return rules.cost_options(*self.own("input_value"), firms, named, settings)

    def choose_option(self, seen: Any, value: np.ndarray, cost: np.ndarray) -> np.ndarray:
        """Choose an option that is worth its cost and within the budget: logit, imitation, inertia; what it costs."""
        names = ("choice_intensity", "switching_cost", "imitation", "strategy_budget")
        (choice,), settings = self.own("choice"), tuple(seen.parameter(name) for name in names)
        weight = np.exp(rules.lure((value, cost), choice, self.own(*PEERS), settings))
        return rules.pick(weight, self.own("luck", "strategic"), cost, choice)

    def carry_out(self, seen: Any) -> None:
        """Let the choice take effect: knowledge, cover, ties, thrift, place. Stock is run down while fear fades."""
        (choice,) = self.own("choice")
        steps = tuple(seen.parameter(f"{name}_step") for name in STEPS)
        rules.guard(choice, *self.own("gleaner"), self.own(*GUARDS), (steps, seen.parameter("stock_decay")))
        self.serve(seen)
        rules.refit(
            (self.shelves_per_firm(), self.links_per_shelf()),
            self.own("returned", "stocking", "sourcing"),
            self.own("usual_need", "usual_cover", "reworked", "vital", "need", "cover"),
            self.own("elsewhere", "tie", "dormant", "accepted", "affinity"),
            (seen.parameter("take_back"), seen.parameter("source_gain")),
        )
