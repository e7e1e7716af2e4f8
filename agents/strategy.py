"""Strategy: what firms that depend on a controlled supply do about it, chosen by worth under their own beliefs.

Each quarter a firm weighs waiting, mapping its chain, holding stock, a second source, substitution, moving orders,
recycling, purifying and partnering (equation 13). The worth of an option is closed form: the expected loss it saves or
what it earns over a few years, less its cost.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agents import kernels
from agents.base import Field
from agents.provision import Provisioner

OPTIONS = ("wait", "map", "stock", "second_source", "substitute", "move", "recycle", "purify", "partner")
SHOCKS, SHOCKS_BY = ("short", "quarter", "half", "year"), ("shock_weeks", "shock_share")
WEEKS_PER_YEAR = 52.0
NOTHING = 1e-9


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
        self.fear = self.fears(seen)
        cost = self.costs(seen)
        value = self.worths(seen) - cost
        for number, name in enumerate(OPTIONS[1:], start=1):
            setattr(self, f"value_{name}", value[number])
        chosen = self.choose_option(seen, value, cost)
        self.choice = np.where(self.strategic > 0, chosen, 0.0)
        spent = np.take_along_axis(cost, np.asarray(self.choice, dtype=np.int64)[None], axis=0)[0]
        self.cash = self.cash - spent * self.value_added * self.activity * WEEKS_PER_YEAR
        self.carry_out(seen)

    def fears(self, seen: Any) -> Any:
        """Belief in a cut: follows distrust of controlling countries and own losses, fades slowly; sooner if mapped."""
        doubt = 1 - self.least_bought(1 - self.vital * self.dependence * self.distrust)
        missed = 1 - np.minimum(self.activity / np.maximum(self.wanted, NOTHING), 1.0)
        doubt = np.where(self.wanted > NOTHING, np.maximum(doubt, missed), doubt)
        usual = np.where(doubt > self.fear, seen.parameter("fear_rise"), seen.parameter("fear_fade"))
        speed = np.minimum(usual * (1 + self.alertness), 1.0)
        return self.fear + speed * (doubt - self.fear)

    def losses(self, seen: Any, shelves: tuple[Any, ...], effects: np.ndarray) -> list[Any]:
        """Expected loss a year over value added under each option: chance of each shock times the weeks lost to it.

        shelves: need (criticality), dependence, cover, part that scrap can spare of each bought input; the scarcest
        counts; effects: what each option adds to cover and takes off the others (4, option).
        """
        weeks, share = (tuple(seen.parameter(f"{name}_{shock}") for shock in SHOCKS) for name in SHOCKS_BY)
        (fear,), (vital,) = self.own("fear"), self.own("vital")
        found = np.empty((effects.shape[1], len(fear)))
        options = (weeks, share, WEEKS_PER_YEAR, tuple(effects))
        kernels.expected_losses(self.shelves_per_firm(), fear, (vital, *shelves), options, found)
        return [self.per_firm(option) for option in found]

    def effects(self, seen: Any) -> np.ndarray:
        """What waiting and each option to guard supply at home change (4, option): see `losses`."""
        mapped = seen.parameter("map_weeks") * seen.parameter("map_step")
        return np.array([
            [0.0, mapped, seen.parameter("stock_step"), 0.0, 0.0, 0.0],
            [0.0, 0.0, 0.0, seen.parameter("source_step"), 0.0, 0.0],
            [0.0, 0.0, 0.0, 0.0, seen.parameter("substitute_step"), 0.0],
            [0.0, 0.0, 0.0, 0.0, 0.0, seen.parameter("recycle_step")],
        ])  # fmt: skip

    def worths(self, seen: Any) -> Any:
        """Loss that each option saves over the horizon, over a year's value added: (option, firm).

        What is known, stocked, qualified and saved already counts in the loss without the option.
        """
        known = self.per_bought(self.mapping) * seen.parameter("map_weeks")
        tried = self.per_bought(self.saving / seen.parameter("saving_step"))
        spared = self.reworked * seen.parameter("take_back")
        need = self.criticality * (1 - seen.parameter("substitute_step")) ** tried
        need = need * (1 - spared * self.per_bought(self.returned))
        shelves = (need, self.dependence, self.cover + known, spared)
        now, mapped, stocked, sourced, saved, again = self.losses(seen, shelves, self.effects(seen))
        horizon = seen.parameter("strategy_years")
        at_home = now + self.unrest * seen.parameter("location_loss")
        moved = now - at_home * seen.parameter("move_step")
        rest = np.stack([mapped, stocked, sourced, saved, moved, again])
        own = (now - rest) * horizon * np.stack(self.rooms(seen))
        sold = np.stack(self.provision_worths(seen)) * np.stack(self.provision_rooms(seen))
        return np.concatenate([np.zeros_like(own[:1]), own[:-1], own[-1:] + sold[:1], sold[1:]])

    def rooms(self, seen: Any) -> list[Any]:
        """Whether each option to guard its own supply (waiting apart) is still open to the firm: 1 or 0."""
        return [
            np.where(self.mapping < 1, 1.0, 0.0),
            np.where(self.stocking < seen.parameter("most_stock"), 1.0, 0.0),
            np.where(self.sourcing < 1, 1.0, 0.0),
            np.where(self.saving < seen.parameter("most_saving"), 1.0, 0.0),
            np.where((self.mobile > 0) & (self.moved < seen.parameter("most_moved")), 1.0, 0.0),
            np.where(self.returned < 1, 1.0, 0.0),
        ]

    def costs(self, seen: Any) -> Any:
        """Cost of each option over a year's value added: (option, firm)."""
        one = self.fear * 0.0 + 1
        holding = seen.parameter("holding_rate") * seen.parameter("strategy_years") / WEEKS_PER_YEAR
        stock = holding * seen.parameter("stock_step") * self.input_value
        named = [one * seen.parameter(f"cost_{name}") for name in ("map", "second_source", "substitute", "move")]
        return np.stack([one * 0, named[0], stock, *named[1:], *self.provision_costs(seen)])

    def choose_option(self, seen: Any, value: Any, cost: Any) -> Any:
        """Number of the option chosen: only what is worth its cost and within the budget; logit, imitation, inertia."""
        peers = [getattr(self, f"peer_{name}") for name in OPTIONS[1:]]
        shares = np.stack([self.peer_map * 0, *peers])
        number = np.arange(len(OPTIONS)).reshape((-1,) + (1,) * np.ndim(self.fear))
        other = (number != self.choice) * seen.parameter("switching_cost")
        lure = seen.parameter("choice_intensity") * (value - other) + seen.parameter("imitation") * shares
        open_to = (value > 0) & (cost <= seen.parameter("strategy_budget"))
        lure = np.where(open_to, lure, -np.inf)
        lure[0] = 0.0
        weight = np.exp(lure - lure.max(axis=0))
        reached = np.cumsum(weight, axis=0) / weight.sum(axis=0)
        return np.minimum((reached < self.luck).sum(axis=0), len(OPTIONS) - 1).astype(float)

    def carry_out(self, seen: Any) -> None:
        """Let the choice take effect: knowledge, cover, ties, thrift, place. Stock is run down while fear fades."""
        steps = {name: np.where(self.choice == number, 1.0, 0.0) for number, name in enumerate(OPTIONS)}
        self.mapping = np.minimum(self.mapping + steps["map"] * seen.parameter("map_step"), 1.0)
        self.sourcing = np.minimum(self.sourcing + steps["second_source"] * seen.parameter("source_step"), 1.0)
        self.saving = self.saving + steps["substitute"] * seen.parameter("saving_step")
        self.moved = self.moved + steps["move"] * seen.parameter("move_step")
        taken = steps["recycle"] * (1 - self.gleaner) * seen.parameter("recycle_step")
        self.returned = np.minimum(self.returned + taken, 1.0)
        self.serve(seen, steps)
        kept = np.where(steps["wait"] > 0, 1 - seen.parameter("stock_decay"), 1.0)
        self.stocking = self.stocking * kept + steps["stock"] * seen.parameter("stock_step")
        spared = self.reworked * seen.parameter("take_back")
        self.need = self.usual_need * (1 - spared * self.per_bought(self.returned))
        self.cover = self.usual_cover + self.vital * self.per_bought(self.stocking)
        effort = self.per_link(self.per_bought(self.sourcing)) * self.elsewhere
        qualified = self.tie * (1 + seen.parameter("source_gain") * effort) + self.dormant * effort
        self.affinity = qualified * self.accepted
