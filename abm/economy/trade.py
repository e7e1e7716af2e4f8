"""Trade: from orders to goods on the way. Licences, customs holds, bans, quotas, rationing, transit and leakage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abm.economy import trade_kernels
from abm.economy.permits import Permits
from abm.policy.conditions import Conditions
from abm.world.world import World, by_family, families_of, kept_in
from kit.columns import Columns
from kit.luck import Luck


@dataclass
class Shipped:
    """What happened this week, in units/week; overwritten by the next week.

    sent (link,): what left the seller (customs exit); asked (made,): what could have been shipped from each shelf.
    """

    sent: np.ndarray
    asked: np.ndarray


class Trade:
    """State of all links: the usual flow, goods in transit, and `permits` for those that a control has ever touched.

    `transit` (weeks of the longest way and one, link) is a ring by the week in which a lot arrives.
    `booked` (booking weeks, link) is a ring of what was ordered in the last weeks.
    `mercy` (link,) is the part of the usual approvals that tension between the two governments leaves; `worth` (good,)
    is what the market last paid outside above the home price with its tax, US$/t.
    """

    def __init__(self, world: World) -> None:
        links = world.links
        count = len(links)
        self.seller, self.buyer, self.weeks = (world.index("links", name) for name in ("seller", "buyer", "transit"))
        buyer = world.array("links", "buyer")
        self.links_of = kept_in(world, "links of shelves", lambda: np.bincount(buyer, minlength=len(world.bought)))
        self.worth = np.zeros(len(world.goods))
        self.sellers, self.buyers = len(world.made), len(world.bought)
        self.flow = world.array("links", "flow")
        self.usual = self.flow.copy()
        families = kept_in(world, "families of links", lambda: families_of(world, links))
        self.surge = by_family(world.parameters, "open_surge", families)
        longest = int(self.weeks.max(initial=1))
        self.booked = np.tile(self.flow, (int(world.parameters["booking_weeks"]), 1))
        self.transit = np.zeros((longest + int(world.parameters["detour_weeks"]) + 1, count))
        self.under_way = self.flow * self.weeks
        for week in range(longest):
            self.transit[week] = np.where(week < self.weeks, self.flow, 0.0)
        self.rank = ranks_of(world)
        self.permits = Permits(world, self.flow)
        self.content, self.mercy = np.zeros(count), np.ones(count)
        self._make_room(count)

    def _make_room(self, count: int) -> None:
        """Arrays that each week writes anew."""
        self.wanted, self.leak, self.due, self.ratio = np.zeros(count), np.zeros(count), np.zeros(count), np.ones(count)
        self.gone, self.asked = np.zeros(self.sellers), np.zeros(self.sellers)
        self.came = np.zeros(self.buyers)
        self.shipped = Shipped(np.zeros(count), self.asked)

    @property
    def waiting(self) -> np.ndarray:
        """What is applied for, held at customs, or may leave and has not (link,), units."""
        permits, found = self.permits, np.zeros(len(self.flow))
        found[permits.rows] = permits.applied + permits.detained + permits.licensed
        return found

    @property
    def marked(self) -> np.ndarray:
        """Whether a control has ever touched a link (link,)."""
        return self.permits.marked

    def clear(
        self, columns: Columns, conditions: Conditions, rules: dict[str, float], luck: tuple[Luck, int]
    ) -> Shipped:
        """One week of trade (equations 4 and 7). Updates stocks in `columns`; returns what moved."""
        week, permits, claim = luck[1], self.permits, columns["claim"]
        bids = (self.wanted, self.leak)
        permits.watch(conditions)
        booked = self.booked[week % len(self.booked)]
        trade_kernels.want(claim, booked, (self.usual, self.flow), self.surge, (self.due, self.wanted))
        permits.decide(self.usual, self.mercy, rules, luck)
        permits.lodge((claim, self.usual, self.content, self.mercy), bids, rules, week)
        permits.cap(bids, self.worth, rules["quota_shift"])
        permits.detain(week)
        self._ration(columns, rules)
        self._ship(columns, rules, week)
        way = (self.buyer, self.weeks, self.transit, columns["on_order"])
        times = (week, int(rules["detour_weeks"]), rules["usual_memory"])
        permits.use((*bids, self.ratio, self.shipped.sent), self.usual, way, times)
        return self.shipped

    def _ration(self, columns: Columns, rules: dict[str, float]) -> None:
        """Share of each link's demand that its seller can serve (equation 7)."""
        stock = np.minimum(columns["made_stock"], columns["release"])
        contract = (columns["link_contract"], columns["contracted"])
        ties = (self.usual, contract, self.rank, rules["ration_by_contract"] >= 0.5)
        trade_kernels.ration(self.seller, (self.wanted, self.leak), ties, stock, (self.ratio, self.asked))

    def _ship(self, columns: Columns, rules: dict[str, float], week: int) -> None:
        """Put goods on the way, take them from the sellers' shelves and put what arrives on the buyers'."""
        ends = (self.seller, self.weeks, self.links_of)
        bids = (self.wanted, self.leak, self.ratio, self.due, (week, rules["usual_memory"]))
        links = (self.shipped.sent, columns["filled"], self.under_way, self.usual, self.marked)
        shelves = (self.gone, self.came, columns["on_order"])
        trade_kernels.ship(ends, self.transit, bids, links, shelves)
        np.maximum(columns["made_stock"] - self.gone, 0.0, out=columns["made_stock"])
        columns["stock"] += self.came


def ranks_of(world: World) -> np.ndarray:
    """Who is served first where a seller is short (link,), from 1 to 4: friends before others.

    Friends are of one company group, one country, or allies. Among friends, and among others, those come first who
    lose more by going without the good than it costs at its choke price: they outbid the rest.
    """
    strangers, makers = kept_in(world, "strangers", lambda: strangers_of(world))
    good, families = world.array("bought", "g"), world.array("goods", "family").tolist()
    choke = world.parameters.by_family("choke", families)
    worth = world.start["criticality"] * world.start["value_added"][world.array("bought", "firm")]
    price = world.start["need"] * world.base_price[good] * choke[good]
    bids = (worth > price) & makers
    ranks = 1 + 2 * strangers + (~bids[world.array("links", "buyer")]).astype(np.int64)
    return ranks.astype(np.uint32)


def strangers_of(world: World) -> tuple[np.ndarray, np.ndarray]:
    """1 on links between strangers, 0 between friends (link,); whether each shelf's firm makes something (bought,)."""
    firms, links = world.firms, world.links
    group, side = firms.group.to_numpy(), firms.alliance.to_numpy()
    seller, buyer = links.seller_firm.to_numpy(), links.buyer_firm.to_numpy()
    same = (group[seller] == group[buyer]) & (group[seller] != "")
    allied = (side[seller] == side[buyer]) & (side[seller] == "allied")
    friend = same | allied | (links.export.to_numpy() == 0)
    return (~friend).astype(np.int64), (firms.kind != "industry").to_numpy()[world.bought.firm]
