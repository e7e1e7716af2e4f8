"""Prices: a Chinese and an outside price for each good, moved by forward cover; contracts follow later."""

from __future__ import annotations

from operator import itemgetter

import numpy as np

from abm.economy import market_kernels, trade_kernels
from abm.economy.trade import Trade
from abm.policy.conditions import Conditions
from abm.tables.parameters import Parameters
from abm.world.world import World, kept_in
from kit.columns import Columns

CHINA, OUTSIDE = 0, 1
DOMINANT = 0.5
EMPTY = 1e-9
of_shelves = itemgetter("stock", "made_stock", "expected_use", "ordered")


class Market:
    """Price ratios over the base price, arrays (good,): `spot[zone]`, `average[zone]`, `export` (FOB China).

    zone 0 is China, zone 1 outside. `apart` (2, good) is the part of the usual trade between the zones that is closed
    or under control on its way out of China, and on its way in: see `Market._part`.
    """

    def __init__(self, world: World, parameters: Parameters, trade: Trade, columns: Columns) -> None:
        self.goods = len(world.goods)
        self.base_price = np.array(world.base_price, dtype=float)
        self.link_good = world.array("links", "g")
        self.good_of_made = world.array("made", "g")
        cells = kept_in(world, "market cells", lambda: market_cells(world))
        self.bought_cell, self.made_cell, self.into_cell, self.from_cell, self.crossing = cells
        self.firm_of_made = world.array("made", "firm")
        self.store_in, self.store, self.amount = kept_in(world, "public stores", lambda: public_stores(world))
        families = world.array("goods", "family").tolist()
        self.response = np.stack(
            [parameters.by_family("price_response_china", families), parameters.by_family("price_response", families)]
        )
        self.lag = (parameters["price_lag_china"], parameters["price_lag"])
        self.slump = (parameters["price_slump"], parameters["arbitrage"])
        self.choke = np.log(parameters.by_family("choke", families))
        self.contract = parameters.by_family("contract_share", families)
        self.curve = parameters.by_family("cost_curve", families)
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
        self.output = self.amount * columns["activity"][self.firm_of_made]
        self.base_output = self.output.copy()
        made = self._cells(self.made_cell, self.output)
        self.dominant = made[CHINA] > DOMINANT * made.sum(axis=0)
        self.abroad = np.where(self.dominant, 0.0, made[CHINA] / np.maximum(made.sum(axis=0), trade_kernels.TINY))
        self.sold_on = (self._cells(self.bought_cell, columns["expected_use"]).sum(axis=0) > 0).astype(float)
        self._aside = tuple(columns[name].copy() for name in ("stock", "made_stock", "expected_use"))
        held, made, use, extra = (np.zeros((2, self.goods)) for _ in range(4))
        self.totals = (held, made, use, extra)
        self.base_cover = np.ones((2, self.goods))
        self.apart, self._shown, self._taxed = np.zeros((2, self.goods)), 0, 0
        self.traded = self._parts_of_trade(trade)
        usual = trade.flow[self.crossing] * self.rules["price_horizon"]
        net = self._cells(self.into_cell[self.crossing], usual) - self._cells(self.from_cell[self.crossing], usual)
        self.base_cover = self._forward_cover(columns, trade, net)
        used = self.totals[1].sum(axis=0) / np.maximum(self._capacity(columns), trade_kernels.TINY)
        self.base_use = np.maximum(used, market_kernels.LEAST_BUSY)

    def _parts_of_trade(self, trade: Trade) -> np.ndarray:
        """Part of each link that crosses the zones (n,) in what crosses them of its good in the base year."""
        good, flow = self.link_good[self.crossing], trade.flow[self.crossing]
        total = np.bincount(good, weights=flow, minlength=self.goods)
        return np.divide(flow, total[good], out=np.zeros_like(flow), where=total[good] > 0)

    def _capacity(self, columns: Columns) -> np.ndarray:
        """What the plants that stand can make of each good, in both zones (good,), units a week."""
        able = self.amount * columns["capacity"][self.firm_of_made]
        return np.bincount(self.good_of_made, weights=able, minlength=self.goods)

    def _cells(self, cell: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Sums by zone and good: (2, good)."""
        return np.bincount(cell, weights=values, minlength=2 * self.goods).reshape(2, self.goods)

    def _forward_cover(self, columns: Columns, trade: Trade, net: np.ndarray) -> np.ndarray:
        """Expected stock over what buyers want (2, good): E / (c* D + X) of equation 5; 1 where nothing is held.

        net: expected arrivals less departures over the horizon (2, good).
        """
        cells = (self.bought_cell, self.made_cell, self.into_cell)
        stock, made_stock, use = columns["stock"], columns["made_stock"], columns["expected_use"]
        if len(self.store):
            net = net + self._set_stores_aside(columns)
            stock, made_stock, use = self._aside
        stocks = (stock, made_stock, trade.under_way)
        makers = (self.firm_of_made, self.amount, columns["activity"], self.output, self.rules["use_memory"])
        market_kernels.add_up(cells, stocks, (use, columns["extra"]), makers, self.totals)
        cover: np.ndarray = market_kernels.cover_of(self.totals, net, self.base_cover, self.rules["price_horizon"])
        return cover

    def _set_stores_aside(self, columns: Columns) -> np.ndarray:
        """Write stocks and use as the market sees them; what public stockpiles will bring to it over the horizon.

        (2, good), units: no more than they hold.
        """
        stores = (self.store_in, self.store, self.firm_of_made, self.made_cell)
        coming = (columns["capacity"], self.rules["price_horizon"], 2 * self.goods)
        found: np.ndarray = market_kernels.set_aside(stores, of_shelves(columns), coming, self._aside)
        return found.reshape(2, self.goods)

    def price(self, columns: Columns, conditions: Conditions, trade: Trade) -> None:
        """One week of prices (equations 5 and 6)."""
        rules = self.rules
        cover = self._forward_cover(columns, trade, self.expected(columns, trade))
        self._part(columns, conditions)
        market_kernels.share_cover(cover, self.totals, self.base_cover, (self.dominant, self.apart))
        self._border(conditions, trade)
        makeup = (self.response, self.choke, self.sold_on)
        market_kernels.move_premium(cover, self.premium, makeup, (self.lag, self.slump, rules["least_cover"]))
        cuts = (conditions["undercut"], self.abroad)
        market_kernels.pass_on(self.chain, self.average, rules["pass_through"], cuts, self.pushed)
        use = (self.totals[1], self._capacity(columns), self.base_use)
        market_kernels.set_prices(
            (self.spot, self.average, self.index, self.export),
            (self.pushed, self.premium, use, (self.tax, self.rent)),
            (self.contract, self.dominant, self.apart),
            (self.curve, rules["freight"], rules["index_fob"], rules["index_weeks"], rules["arbitrage"]),
        )

    def _part(self, columns: Columns, conditions: Conditions) -> None:
        """Part of the usual trade between the zones that nobody can use to even out prices: out of China, and into it.

        What is refused, needs a licence or is held does not follow the price. Trade counts both ways: who imports a
        good pays the world's price for it even where its own exports are closed.
        """
        shown, self._shown = self._shown, conditions.changes
        if shown == conditions.changes or conditions.changed("open", "licence", "hold") <= shown:
            return
        rows = self.crossing
        free = np.minimum(conditions["open"][rows], 1.0) * (1 - columns["controlled"][rows])
        self.apart[:] = self._cells(self.from_cell[rows], self.traded * (1 - free))

    def expected(self, columns: Columns, trade: Trade) -> np.ndarray:
        """Arrivals less departures that the market expects over the horizon, units (2, good).

        Open links go on as usual; controlled ones ship until the control is in force, then what is licensed and,
        at the buyers' belief, what is applied for or held.
        """
        permits, cells = trade.permits, (self.into_cell, self.from_cell)
        state = (trade.usual, columns["belief"], permits.marked)
        settings = (self.rules["price_horizon"], self.rules["licensed_surge"], self.goods)
        net: np.ndarray = market_kernels.expect(self.crossing, cells, state, permits.outlook, settings)
        return net

    def _border(self, conditions: Conditions, trade: Trade) -> None:
        """What stands between the Chinese and the export price: the largest tax on each good, the rent of a quota."""
        if self._taxed != conditions.changes:
            if conditions.changed("export_tax") > self._taxed:
                market_kernels.largest(self.link_good, conditions["export_tax"], self.tax)
            self.rent[:] = 0.0
            for cap in conditions.caps:
                self.rent[self.link_good[cap.links]] = self.rules["quota_rent"]
            self._taxed = conditions.changes
        market_kernels.gap_at_border(self.spot, self.tax, self.base_price, trade.worth)


def market_cells(world: World) -> tuple[np.ndarray, ...]:
    """Zone and good of bought and made shelves, int64, of both ends of the links, and links across zones, uint32."""
    goods, zone = len(world.goods), world.firms.zone.to_numpy(dtype=np.int64)
    bought = zone[world.bought.firm] * goods + world.bought.g.to_numpy()
    made = zone[world.made.firm] * goods + world.made.g.to_numpy()
    good = world.links.g.to_numpy(dtype=np.int64)
    seller, buyer = zone[world.links.seller_firm], zone[world.links.buyer_firm]
    of_links = (buyer * goods + good, seller * goods + good, np.flatnonzero(seller != buyer))
    return bought, made, *(rows.astype(np.uint32) for rows in of_links)


def public_stores(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shelves that public stockpiles fill and store on, int64, and what makers make at full activity (made,), units.

    A stockpile makes nothing.
    """
    public = (world.firms.kind == "reserve").to_numpy()
    bought, made = public[world.bought.firm], public[world.made.firm]
    amount = np.where(made, 0.0, world.made.amount.to_numpy(dtype=float))
    return np.flatnonzero(bought), np.flatnonzero(made), amount


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
