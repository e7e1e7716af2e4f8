"""Signals: what the actors are shown before they decide. The information set of a rule is its own fields and `seen`."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from abm.economy import earning_kernels, market_kernels
from abm.economy.contracts import Contracts
from abm.economy.market import CHINA, Market
from abm.policy.conditions import Conditions
from abm.world.world import World, kept_in
from agents.seen import Seen
from kit.clock import Week
from kit.columns import Columns

EXPORT = 2
of_earning = itemgetter("price_ratio", "paid_ratio", "dearer", "margin")
LEVERS = ("grant", "credit", "premium", "service", "retention", "imports")
PLAIN = ("warned", "favour", *LEVERS)
SHOWN = {"build": "build_ratio", "substitution": "research", **{name: name for name in PLAIN}}
"""Columns that show a condition as it is, by the condition."""
CONTROLS = ("licence", "wait", "hold", "hold_wait", "announced", "announced_wait", "grace")
MOST_CREDIT = 0.8


class Observer:
    """Writes the signals of the week into the columns and into `seen`."""

    def __init__(self, world: World, market: Market, rules: dict[str, float]) -> None:
        good, shelves = world.array("firms", "g"), len(world.bought)
        self.world, self.market = world, market
        self.seen = Seen(rules)
        self.firm_cell, self.bought_cell, self.price_cell = kept_in(world, "price cells", lambda: price_cells(world))
        self.main = np.maximum(good, 0)
        self.owner = world.array("bought", "firm")
        self.seller, self.buyer = world.index("links", "seller_firm"), world.array("links", "buyer")
        self.duty, self.earned = np.zeros(shelves), np.ones(len(good))
        self.taxed = np.zeros(0, dtype=np.int64)  # links with a tariff
        self.wait, self.delayed = np.zeros(len(self.seller)), np.zeros(0, dtype=np.int64)
        self._shown = -1  # changes of the conditions when they were last shown
        self.base_price = np.where(good >= 0, world.base_price[self.main], 1.0)
        self.cost_share = kept_in(world, "cost shares", lambda: cost_shares(world))
        self.basket = kept_in(world, "baskets", lambda: baskets(world))
        self.contracts = Contracts(world)
        self.reserve_rows = np.nonzero(world.array("firms", "kind") == "reserve")[0]
        self.reserve_shelf = np.nonzero(np.isin(world.array("made", "firm"), self.reserve_rows))[0]
        self.reserve_keys = world.array("firms", "producer")[self.reserve_rows].tolist()
        for number, place in enumerate(world.array("firms", "country")[self.reserve_rows].tolist()):
            self.seen.reserve_rows.setdefault(place, []).append(number)
        reserves = self.reserve_rows.tolist()
        users = kept_in(world, "national users", lambda: [self._national_users(row) for row in reserves])
        self.national = np.concatenate([np.zeros(0, dtype=np.int64), *users])
        self.reserve_of = np.repeat(np.arange(len(users)), [len(shelves) for shelves in users])
        self.seen.reserves = (self.reserve_keys, *(np.zeros(len(users)) for _ in range(3)))

    def _national_users(self, row: int) -> np.ndarray:
        """Shelves of the good at users in the reserve's country, the reserve's own left out."""
        firms, bought = self.world.firms, self.world.bought
        home = (firms.government == firms.government[row]).to_numpy()[bought.firm]
        users = (firms.kind != "reserve").to_numpy()[bought.firm]
        return np.nonzero(home & users & (bought.good == firms.good[row]).to_numpy())[0]

    def observe(self, week: Week, columns: Columns, conditions: Conditions) -> Seen:
        """Show the week to the actors."""
        self.seen.week, self.seen.date = week.number, week.date
        self._prices(columns, conditions)
        self._links(columns, conditions)
        if conditions.touched("off_take") or len(self.contracts.rows):
            self.contracts.write(columns, conditions)
        np.maximum(conditions["alertness"], columns["mapping"], out=columns["alertness"])
        if self._shown != conditions.changes:
            for condition in conditions.changed_since(self._shown, tuple(SHOWN)):
                columns[SHOWN[condition]] = conditions[condition]
        if conditions.touched("credit"):
            columns["credit"] = np.minimum(conditions["credit"], MOST_CREDIT)
        if conditions.touched("premium"):
            columns["price_ratio"] += conditions["premium"] * self.earned
        if len(self.reserve_rows):
            self._reserves(columns, conditions)
        self._shown = conditions.changes
        return self.seen

    def offered(self, conditions: Conditions) -> np.ndarray:
        """What a new plant would be paid for its main good (firm,), US$/unit: the market's price or its guaranteed one.

        What is paid on top for recycled or purified material comes besides.
        """
        found = np.empty(len(self.firm_cell))
        on_top = (conditions["floor"], conditions["premium"])
        earning_kernels.offer(self.firm_cell, self.market.average, self.base_price, on_top, found)
        return found

    def _prices(self, columns: Columns, conditions: Conditions) -> None:
        """What firms earn and pay: floors, subsidies and tariffs included."""
        if conditions.changed("tariff") > self._shown:
            self.taxed = np.flatnonzero(conditions["tariff"] != 0)
            self.duty[:] = 0.0
        if len(self.taxed):
            market_kernels.weigh_in(self.taxed, self.buyer, columns["share"], conditions["tariff"], self.duty)
        earning_kernels.show_prices(
            (self.bought_cell, self.owner, self.basket.cell, self.basket.owner),
            (self.market.average, self.market.spot),
            (conditions["floor"], self.basket.base_price, conditions["subsidy"], columns["running_cost"]),
            (self.basket.idle, self.basket.weight, self.duty, self.cost_share),
            (self.earned, *of_earning(columns)),
        )

    def _links(self, columns: Columns, conditions: Conditions) -> None:
        """What buyers see of each supplier: landed cost, capacity, preference, warnings.

        A licence is worth the outside price over the export price; it counts in the landed cost.
        """
        market_kernels.show_suppliers(
            (self.price_cell, self.seller),
            (self.market.spot, self.market.export),
            (columns["capacity"], columns["available"], columns["idle"]),
            (conditions["tariff"], conditions["licence"]),
            (columns["landed"], columns["supplier_capacity"]),
        )
        if self._shown != conditions.changes and conditions.changed(*CONTROLS) > self._shown:
            self._controls(columns, conditions)
            self._deadlines(columns, conditions["grace"])
        if len(self.delayed):
            market_kernels.weigh_in(self.delayed, self.buyer, columns["share"], self.wait, columns["delay"])

    def _controls(self, columns: Columns, conditions: Conditions) -> None:
        """The part of each link under control, what controls in force, or announced, add to its way, which are near.

        `wait` (link,) is that time in weeks; `delayed` (n,) are the links where there is any.
        """
        market_kernels.show_controls(
            tuple(conditions[name] for name in CONTROLS), (self.wait, columns["controlled"], columns["closing"])
        )
        self.delayed = np.flatnonzero(self.wait > 0)
        columns["delay"][:] = 0.0

    def _deadlines(self, columns: Columns, grace: np.ndarray) -> None:
        """What part of a shelf's suppliers is about to come under control, and the weeks left until the first is.

        grace: weeks until an announced control is in force (link,).
        """
        near = np.flatnonzero(columns["closing"] > 0)
        shelf = self.buyer[near]
        columns["closing_part"][:] = np.bincount(shelf, columns["share"][near], minlength=len(columns["closing_part"]))
        columns["weeks_left"][:] = 0.0
        columns["weeks_left"][shelf] = np.inf
        np.minimum.at(columns["weeks_left"], shelf, grace[near])

    def _reserves(self, columns: Columns, conditions: Conditions) -> None:
        """Targets of public stockpiles, what they release, and what governments see of them."""
        weeks = self.seen.rules["reserve_release_weeks"]
        earning_kernels.show_reserves(
            (self.reserve_rows, self.reserve_shelf, self.national, self.reserve_of),
            (conditions["reserve_days"], conditions["release"], conditions["release_mark"]),
            (columns["expected_use"], columns["stock"], columns["main_stock"], weeks),
            (columns["target"], columns["capacity"], columns["release"]),
            self.seen.reserves[1:],
        )


@dataclass(frozen=True)
class Baskets:
    """What firms make, a row for each shelf (made,): owner and price cell int64, weight in the base value of all.

    `base_price` is that of the main good in US$/unit, infinite for co-products, so that a guaranteed price lifts the
    main good alone. `idle` (firm,) is 1 where a firm makes nothing to sell: it counts as earning its base price.
    """

    owner: np.ndarray
    cell: np.ndarray
    weight: np.ndarray
    base_price: np.ndarray
    idle: np.ndarray


def baskets(world: World) -> Baskets:
    """The baskets of all firms."""
    made, zone = world.made, world.firms.zone.to_numpy(dtype=np.int64)
    owner, good = made.firm.to_numpy(dtype=np.int64), made.g.to_numpy(dtype=np.int64)
    value = made.amount.to_numpy(dtype=float) * world.base_price[good]
    weight = value / world.output_value[owner]
    base = np.where(made.later.to_numpy() == 0, world.base_price[good], np.inf)
    idle = (np.bincount(owner, minlength=len(zone)) == 0).astype(float)
    return Baskets(owner, zone[owner] * len(world.goods) + good, weight, base, idle)


def cost_shares(world: World) -> np.ndarray:
    """Cost of each input over the base value of all that its firm makes of it (bought,).

    In sum at most the operating cost, of which inputs are a part: where tables from several sources say more, all are
    scaled down.
    """
    bought, firms = world.bought, world.firms
    owner = bought.firm.to_numpy(dtype=np.int64)
    share = bought.need.to_numpy(dtype=float) * world.base_price[bought.g] / world.output_value[owner]
    total = np.bincount(owner, weights=share, minlength=len(firms))
    most = firms.cost_ratio.to_numpy(dtype=float)
    return np.asarray(share * np.minimum(1.0, most / np.maximum(total, 1e-300))[owner])


def price_cells(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Place, then good, of the price that firms earn (firm,) and pay (bought,), and of each link's (link,).

    Places are China, outside, and what leaves China. int64, of links uint32.
    """
    firms, links, bought, goods = world.firms, world.links, world.bought, len(world.goods)
    zone = firms.zone.to_numpy(dtype=np.int64)
    from_china, to_china = zone[links.seller_firm] == CHINA, zone[links.buyer_firm] == CHINA
    place = np.where(from_china, np.where(to_china, 0, EXPORT), 1)
    main = np.maximum(firms.g.to_numpy(), 0)
    paid = zone[bought.firm] * goods + bought.g.to_numpy(dtype=np.int64)
    return zone * goods + main, paid, (place * goods + links.g.to_numpy()).astype(np.uint32)
