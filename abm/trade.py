"""Trade: from orders to goods on the way. Licences, customs holds, bans, quotas, rationing, transit and leakage."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from abm import kernels
from abm.conditions import Conditions
from abm.luck import Luck, names_to_entities
from abm.world import World, by_family, families_of, kept_in
from agents.base import Columns

HORIZON = 64
LICENSING = frozenset(["licence", "announced", "hold", "examined"])
of_control = itemgetter("licence", "wait", "examined", "threshold", "declared", "open", "leak")
of_memory = itemgetter("licence", "hold", "open", "warned")


@dataclass
class Shipped:
    """What happened this week, in units/week; overwritten by the next week.

    Arrays (link,): sent left the seller (customs exit); leaked is the part of it that went round a control; granted
    and refused are licence decisions. asked (made,): what could have been shipped from each shelf.
    """

    sent: np.ndarray
    leaked: np.ndarray
    granted: np.ndarray
    refused: np.ndarray
    asked: np.ndarray


class Trade:
    """State of all links: applications that wait, licences held, goods in transit.

    `pending`, `stopped` (HORIZON, link) and `transit` (weeks of the longest way and one, link) are rings by the week in
    which an application is decided, a lot that customs hold is released, or a lot arrives; `applied` and `detained`
    (link,) are what waits in the first two, `licensed` what may leave. `rows` are the links that a control has ever
    touched: all these are zero on the others.
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
        self.good, self.worth = world.array("links", "g"), np.zeros(len(world.goods))
        self.sellers, self.buyers = len(world.made), len(world.bought)
        self.flow = world.array("links", "flow")
        self.usual = self.flow.copy()
        families = kept_in(world, "families of links", lambda: families_of(world, links))
        self.surge = by_family(world.parameters, "open_surge", families)
        self.pending, self.stopped = np.zeros((HORIZON, count)), np.zeros((HORIZON, count))
        longest = int(self.weeks.max(initial=1))
        self.booked = np.tile(self.flow, (int(world.parameters["booking_weeks"]), 1))
        self.transit = np.zeros((longest + int(world.parameters["detour_weeks"]) + 1, count))
        self.licensed, self.applied, self.detained = np.zeros(count), np.zeros(count), np.zeros(count)
        self.under_way = self.flow * self.weeks
        for week in range(longest):
            self.transit[week] = np.where(week < self.weeks, self.flow, 0.0)
        self.many = world.array("firms", "residual")[world.array("links", "buyer_firm")].astype(float)
        self.applicants = kept_in(world, "applicants", lambda: applicants_of(world))
        self.rank = ranks_of(world)
        self.content = np.zeros(count)
        self.controls_seen, self._seen = False, -1  # changes of the conditions when they were last looked at
        self.rows, self.marked = np.zeros(0, dtype=np.uint32), np.zeros(count, dtype=bool)
        self.drawn, self.draw = (-1, 0), np.zeros(count)
        self.mercy = np.ones(count)
        self._make_room(count)

    def _make_room(self, count: int) -> None:
        """Arrays that each week writes anew."""
        self.wanted, self.leak, self.part, self.released, self.held = (np.zeros(count) for _ in range(5))
        self.lots, self.due = np.zeros(count), np.zeros(count)
        self.ratio, self.kept, self.smuggled = np.ones(count), np.ones(count), np.zeros(count)
        self.gone, self.asked = np.zeros(self.sellers), np.zeros(self.sellers)
        self.came = np.zeros(self.buyers)
        sent, leaked, granted, refused = (np.zeros(count) for _ in range(4))
        self.shipped = Shipped(sent, leaked, granted, refused, self.asked)

    @property
    def waiting(self) -> np.ndarray:
        """What is applied for, held at customs, or may leave and has not (link,), units."""
        return self.applied + self.detained + self.licensed

    def clear(
        self, columns: Columns, conditions: Conditions, rules: dict[str, float], luck: tuple[Luck, int]
    ) -> Shipped:
        """One week of trade (equations 4 and 7). Updates stocks in `columns`; returns what moved."""
        week = luck[1]
        self._watch(conditions)
        booked = self.booked[week % len(self.booked)]
        kernels.want(columns["claim"], booked, (self.usual, self.flow), self.surge, (self.due, self.wanted))
        self._decide(conditions, rules, luck)
        self._apply(columns["claim"], conditions, rules, week)
        self._cap(conditions, rules)
        kernels.detain(self.rows, self.lots, conditions["hold_wait"], week, (self.stopped, self.detained))
        self._ration(columns, rules)
        self._ship(columns, rules, week)
        self._control(columns, conditions, rules, week)
        return self.shipped

    def _watch(self, conditions: Conditions) -> None:
        """Take note of the links that controls touch, when anything has been written since the last look."""
        if self._seen == conditions.changes:
            return
        self._seen = conditions.changes
        for cap in conditions.caps:
            conditions.marked[cap.links] = True
        if conditions.touched_any(LICENSING):
            self.controls_seen = True
        if np.count_nonzero(conditions.marked) != len(self.rows):
            self.rows = np.flatnonzero(conditions.marked).astype(np.uint32)
        self.marked = conditions.marked

    def _decide(self, conditions: Conditions, rules: dict[str, float], luck: tuple[Luck, int]) -> None:
        """Decide the applications whose time has come (equation 4) and release what customs held until now.

        A grant holds for a month for an applicant. Firms get all or nothing; rows that stand for many firms get the
        share. Tension lowers the chance.
        """
        draws, week = luck
        rows, due, lots = self.rows, self.pending[week % HORIZON], self.stopped[week % HORIZON]
        if not len(rows):
            return
        month = int(week // rules["grant_weeks"])
        if (month, len(rows)) != self.drawn and due[rows].any():
            self.drawn = (month, len(rows))
            self.draw[rows] = draws.uniform("licence", month, self.applicants[rows])
        past = (rules["licensed_surge"], rules["licence_use_weeks"])
        approval = (conditions["approval"], conditions["discretion"], self.mercy)
        terms = (approval, self.draw, self.many, self.usual, past)
        held = (self.licensed, self.applied, self.detained)
        results = (self.shipped.granted, self.shipped.refused, self.released)
        kernels.decide(rows, (due, lots), terms, held, results)

    def _control_of(self, conditions: Conditions) -> tuple[np.ndarray, ...]:
        """The control on each link as goods meet it: tension raises the share held."""
        hold = conditions["hold"]
        if conditions.touched("hold"):
            kernels.tighten(self.rows, hold, (conditions["discretion"], self.mercy), self.held)
            hold = self.held
        return (hold, *of_control(conditions))

    def _apply(self, claim: np.ndarray, conditions: Conditions, rules: dict[str, float], week: int) -> None:
        """Lodge applications for what needs a licence or is held at customs; what is free or licensed may go."""
        if len(self.rows):
            control = self._control_of(conditions)
            surges = (week, rules["licensed_surge"], rules["licence_use_weeks"])
            flows = (claim, self.usual, self.flow, self.licensed, self.released, self.content, surges)
            results = (self.applied, self.lots, self.wanted, self.leak, self.part)
            kernels.lodge(self.rows, self.pending, control, flows, results)

    def _cap(self, conditions: Conditions, rules: dict[str, float]) -> None:
        """Hold open exports under each quota, what customs stop included; smuggled ones go besides."""
        for cap in conditions.caps:
            bids = ((self.wanted - self.released) / (1 + cap.smuggled) + self.lots, cap.amount)
            share = kernels.share_out(cap.links, self.good, bids, self.worth, rules["quota_shift"])
            kernels.hold_together(cap.links, self.good, self.kept, share, (self.smuggled, float(cap.smuggled)))
        for cap in conditions.caps:
            notes, carried = (self.kept, self.smuggled), (self.wanted, self.leak)
            kernels.cut(cap.links, notes, carried, (self.lots, self.released))

    def _ration(self, columns: Columns, rules: dict[str, float]) -> None:
        """Share of each link's demand that its seller can serve (equation 7)."""
        stock = np.minimum(columns["made_stock"], columns["release"])
        contract = (columns["link_contract"], columns["contracted"])
        ties = (self.usual, contract, self.rank, rules["ration_by_contract"] >= 0.5)
        kernels.ration(self.seller, (self.wanted, self.leak), ties, stock, (self.ratio, self.asked))

    def _ship(self, columns: Columns, rules: dict[str, float], week: int) -> None:
        """Put goods on the way, take them from the sellers' shelves and put what arrives on the buyers'."""
        ends = (self.seller, self.weeks, self.links_of)
        bids = (self.wanted, self.leak, self.ratio, self.due, (week, rules["usual_memory"]))
        links = (self.shipped.sent, columns["filled"], self.under_way, self.usual, self.marked)
        shelves = (self.gone, self.came, columns["on_order"])
        kernels.ship(ends, self.transit, bids, links, shelves)
        np.maximum(columns["made_stock"] - self.gone, 0.0, out=columns["made_stock"])
        columns["stock"] += self.came

    def _control(self, columns: Columns, conditions: Conditions, rules: dict[str, float], week: int) -> None:
        """Use up licences, send what leaked by a detour, and freeze the usual flow while a link is under control."""
        if len(self.rows):
            bids = (self.wanted, self.leak, self.ratio, self.part, self.shipped.sent)
            held = (self.licensed, self.applied, self.detained, self.usual, self.shipped.leaked)
            calm = (*of_memory(conditions), self.controls_seen)
            times = (week, int(rules["detour_weeks"]), rules["usual_memory"])
            way = (self.buyer, self.weeks, self.transit, columns["on_order"], times)
            kernels.control(self.rows, bids, held, calm, way)


def applicants_of(world: World) -> np.ndarray:
    """Who applies on each link, a buyer for a good, as the key of its luck (link,)."""
    keys = world.firms.producer.to_numpy()[world.links.buyer_firm] + ":" + world.links.good
    return names_to_entities(keys.tolist())


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
