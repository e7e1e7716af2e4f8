"""Prices: a Chinese and an outside price for each good, moved by forward cover; contracts follow later."""

from __future__ import annotations

import numpy as np

from abm import kernels, price_kernels
from abm.conditions import Conditions
from abm.parameters import Parameters
from abm.trade import Trade
from abm.world import World, kept_in
from agents.base import Columns

CHINA, OUTSIDE = 0, 1
DOMINANT = 0.5
EMPTY = 1e-9


class Market:
    """Price ratios over the base price, arrays (good,): `spot[zone]`, `average[zone]`, `export` (FOB China).

    zone 0 is China, zone 1 outside.
    """

    def __init__(self, world: World, parameters: Parameters, trade: Trade, columns: Columns) -> None:
        self.goods = len(world.goods)
        self.base_price = np.array(world.base_price, dtype=float)
        self.link_good = world.links.g.to_numpy(dtype=np.int64)
        cells = kept_in(world, "market cells", lambda: market_cells(world))
        self.bought_cell, self.made_cell, self.into_cell, self.from_cell, self.crossing = cells
        self.firm_of_made = np.array(world.made.firm, dtype=np.int64)
        families = world.goods.family.tolist()
        self.response = np.stack(
            [parameters.by_family("price_response_china", families), parameters.by_family("price_response", families)]
        )
        self.lag = (parameters["price_lag_china"], parameters["price_lag"])
        self.slump = (parameters["price_slump"], parameters["arbitrage"])
        self.choke = np.log(parameters.by_family("choke", families))
        self.contract = parameters.by_family("contract_share", families)
        self.rules = parameters.shared()
        self.chain = kept_in(world, "chain", lambda: chain_of(world))
        self._start(columns, trade)

    def _start(self, columns: Columns, trade: Trade) -> None:
        """Rest: base cover, neutral prices, shares of the base year."""
        ones = np.ones((2, self.goods))
        self.spot, self.average, self.index = ones.copy(), ones.copy(), ones.copy()
        self.premium = np.zeros((2, self.goods))
        self.export, self.tax, self.rent = np.ones(self.goods), np.zeros(self.goods), np.zeros(self.goods)
        self.pushed = ones.copy()
        self.output = columns["amount"] * columns["activity"][self.firm_of_made]
        self.base_output = self.output.copy()
        made = self._cells(self.made_cell, self.output)
        self.dominant = made[CHINA] > DOMINANT * made.sum(axis=0)
        self.sold_on = (self._cells(self.bought_cell, columns["expected_use"]).sum(axis=0) > 0).astype(float)
        held, made, use, extra = (np.zeros((2, self.goods)) for _ in range(4))
        self.totals = (held, made, use, extra)
        self.base_cover = np.ones((2, self.goods))
        usual = trade.flow[self.crossing] * self.rules["price_horizon"]
        net = self._cells(self.into_cell[self.crossing], usual) - self._cells(self.from_cell[self.crossing], usual)
        self.base_cover = self._forward_cover(columns, trade, net)
        self.capacity = self._cells(self.made_cell, columns["amount"] * columns["capacity"][self.firm_of_made]).sum(
            axis=0
        )
        used = self.totals[1].sum(axis=0) / np.maximum(self.capacity, kernels.TINY)
        self.base_use = np.maximum(used, price_kernels.LEAST_BUSY)

    def _cells(self, cell: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Sums by zone and good: (2, good)."""
        return np.bincount(cell, weights=values, minlength=2 * self.goods).reshape(2, self.goods)

    def _forward_cover(self, columns: Columns, trade: Trade, net: np.ndarray) -> np.ndarray:
        """Expected stock over what buyers want (2, good): E / (c* D + X) of equation 5; 1 where nothing is held.

        net: expected arrivals less departures over the horizon (2, good).
        """
        cells = (self.bought_cell, self.made_cell, self.into_cell)
        stocks = (columns["stock"], columns["made_stock"], trade.under_way)
        makers = (self.firm_of_made, columns["amount"], columns["activity"], self.output, self.rules["use_memory"])
        price_kernels.add_up(cells, stocks, (columns["expected_use"], columns["extra"]), makers, self.totals)
        cover: np.ndarray = price_kernels.cover_of(self.totals, net, self.base_cover, self.rules["price_horizon"])
        return cover

    def price(self, columns: Columns, conditions: Conditions, trade: Trade) -> None:
        """One week of prices (equations 5 and 6)."""
        rules = self.rules
        cover = self._forward_cover(columns, trade, self.expected(columns, conditions, trade))
        self._border(conditions, trade)
        makeup = (self.response, self.choke, self.sold_on)
        price_kernels.move_premium(cover, self.premium, makeup, (self.lag, self.slump, rules["least_cover"]))
        price_kernels.pass_on(self.chain, self.average, rules["pass_through"], conditions["undercut"], self.pushed)
        use = (self.totals[1], self.capacity, self.base_use)
        price_kernels.set_prices(
            (self.spot, self.average, self.index, self.export),
            (self.pushed, self.premium, use, (self.tax, self.rent)),
            (self.contract, self.dominant),
            (rules["cost_curve"], rules["freight"], rules["index_fob"], rules["index_weeks"]),
        )

    def expected(self, columns: Columns, conditions: Conditions, trade: Trade) -> np.ndarray:
        """Arrivals less departures that the market expects over the horizon, units (2, good).

        Open links go on as usual; controlled ones ship until the control is in force, then what is licensed and,
        at the buyers' belief, what is applied for or held.
        """
        waiting = trade.applied + trade.detained
        state = (trade.usual, trade.licensed, waiting, columns["belief"], conditions.marked)
        control = tuple(conditions[name] for name in ("open", "licence", "hold", "announced", "grace"))
        settings = (self.rules["price_horizon"], self.rules["licensed_surge"], self.goods)
        net: np.ndarray = price_kernels.expect(
            self.crossing, (self.into_cell, self.from_cell), state, control, settings
        )
        return net

    def _border(self, conditions: Conditions, trade: Trade) -> None:
        """What stands between the Chinese and the export price: the largest tax on each good, the rent of a quota."""
        if conditions.touched("export_tax"):
            price_kernels.largest(self.link_good, conditions["export_tax"], self.tax)
        else:
            self.tax[:] = 0.0
        price_kernels.gap_at_border(self.spot, self.tax, self.base_price, trade.worth)
        self.rent[:] = 0.0
        for cap in conditions.caps:
            self.rent[self.link_good[cap.links]] = self.rules["quota_rent"]


def market_cells(world: World) -> tuple[np.ndarray, ...]:
    """Zone and good of bought and made shelves and of both ends of the links; links that cross the zones; int64."""
    goods, zone = len(world.goods), world.firms.zone.to_numpy(dtype=np.int64)
    bought = zone[world.bought.firm] * goods + world.bought.g.to_numpy()
    made = zone[world.made.firm] * goods + world.made.g.to_numpy()
    good = world.links.g.to_numpy(dtype=np.int64)
    seller, buyer = zone[world.links.seller_firm], zone[world.links.buyer_firm]
    return bought, made, buyer * goods + good, seller * goods + good, np.nonzero(seller != buyer)[0]


def chain_of(world: World) -> tuple[np.ndarray, ...]:
    """Where one good enters another: output good, input good (n,) int64, and its value in the output (n,)."""
    weights = input_weights(world)
    output, entering = np.nonzero(weights)
    return output, entering, weights[output, entering]


def input_weights(world: World) -> np.ndarray:
    """Value of each input good over the value of each output good at base prices (good, good)."""
    goods = len(world.goods)
    activity = world.firms.activity.to_numpy(dtype=float)
    bought, made = world.bought, world.made
    value = activity[bought.firm] * bought.need * world.base_price[bought.g]
    revenue = activity[made.firm] * made.amount * world.base_price[made.g]
    per_firm = np.bincount(made.firm, weights=revenue, minlength=len(activity))
    weights = np.zeros((goods, goods))
    rows = world.firms.g.to_numpy()[bought.firm]
    np.add.at(weights, (rows[rows >= 0], bought.g.to_numpy()[rows >= 0]), value.to_numpy()[rows >= 0])
    total = np.bincount(world.firms.g[world.firms.g >= 0], weights=per_firm[world.firms.g >= 0], minlength=goods)
    weights = weights / np.maximum(total, 1e-300)[:, None]
    return weights / np.maximum(weights.sum(axis=1, keepdims=True), 1.0)
