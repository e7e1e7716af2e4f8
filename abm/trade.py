"""Trade: from orders to goods on the way. Licences, customs holds, bans, quotas, rationing, transit and leakage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abm.conditions import Conditions
from abm.luck import Luck, names_to_entities
from abm.world import World
from agents.base import Columns

HORIZON = 64
TINY = 1e-300


@dataclass
class Shipped:
    """What happened on the links this week; arrays (link,) in units/week.

    sent: left the seller (customs exit); arrived: reached the buyer; leaked: part of sent that went round a control;
    wanted: could have been shipped; granted, refused: licence decisions.
    """

    sent: np.ndarray
    arrived: np.ndarray
    leaked: np.ndarray
    wanted: np.ndarray
    granted: np.ndarray
    refused: np.ndarray


class Trade:
    """State of all links: applications that wait, licences held, goods in transit.

    `pending` and `transit` are rings (HORIZON, link) by the week in which a lot is decided or arrives.
    """

    def __init__(self, world: World) -> None:
        links = world.links
        count = len(links)
        self.seller, self.buyer = links.seller.to_numpy(), links.buyer.to_numpy()
        self.sellers, self.buyers = len(world.made), len(world.bought)
        self.weeks = links.transit.to_numpy()
        self.number = np.arange(count)
        self.flow = links.flow.to_numpy(dtype=float)
        self.usual = self.flow.copy()
        self.pending = np.zeros((HORIZON, count))
        self.transit = np.zeros((HORIZON, count))
        self.licensed = np.zeros(count)
        self.under_way = self.flow * self.weeks
        self.applied = np.zeros(count)
        for week in range(int(self.weeks.max(initial=1))):
            self.transit[week] = np.where(week < self.weeks, self.flow, 0.0)
        self.many = world.firms.residual.to_numpy(dtype=bool)[links.buyer_firm]
        keys = world.firms.producer.to_numpy()[links.buyer_firm] + ":" + links.good
        self.applicants = names_to_entities(keys.tolist())
        self.group_first = self._friends(world)
        self.content = np.zeros(count)
        self.controls_seen = False
        self.draw_month, self.draw = -1, np.zeros(count)

    @staticmethod
    def _friends(world: World) -> np.ndarray:
        """1 for links within a company group, within a country or between allies: served before other bids."""
        firms, links = world.firms, world.links
        group, side = firms.group.to_numpy(), firms.alliance.to_numpy()
        same = (group[links.seller_firm] == group[links.buyer_firm]) & (group[links.seller_firm] != "")
        allied = (side[links.seller_firm] == side[links.buyer_firm]) & (side[links.seller_firm] == "allied")
        return (same | allied | (links.export.to_numpy() == 0)).astype(float)

    def clear(
        self, columns: Columns, conditions: Conditions, rules: dict[str, float], luck: tuple[Luck, int]
    ) -> Shipped:
        """One week of trade (equations 4 and 7). Updates stocks in `columns`; returns what moved."""
        week = luck[1]
        slot = week % HORIZON
        arrived = self.transit[slot].copy()
        self.transit[slot] = 0.0
        granted, refused = self._decide(conditions, rules, luck)
        claim = columns["claim"]
        free = self._apply(claim, conditions, week)
        turned_away = free * (1 - conditions["open"])
        free = np.minimum(free - turned_away, rules["open_surge"] * self.usual + self._newcomers(claim))
        self.licensed *= conditions["open"]
        pace = np.maximum(rules["licensed_surge"] * self.usual, self.licensed / rules["licence_use_weeks"])
        licensed = np.minimum(self.licensed, pace)
        wanted = free + licensed
        wanted, over, smuggled = self._cap(wanted, conditions)
        leak = turned_away * conditions["leak"] + over * smuggled
        ratio = self._ration(wanted + leak, columns, rules)
        sent, leaked = wanted * ratio, leak * ratio
        self.licensed -= sent * np.divide(licensed, free + licensed, out=np.zeros_like(sent), where=free + licensed > 0)
        np.maximum(self.licensed, 0, out=self.licensed)
        self._ship(sent, leaked, rules, week)
        self._settle_shelves(sent + leaked, arrived, columns)
        self._remember(sent + leaked, conditions, rules)
        return Shipped(sent + leaked, arrived, leaked, wanted, granted, refused)

    def _newcomers(self, claim: np.ndarray) -> np.ndarray:
        """Links that had no flow may start with what is claimed."""
        return np.where(self.flow > 0, 0.0, claim)

    def _decide(
        self, conditions: Conditions, rules: dict[str, float], luck: tuple[Luck, int]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Decide the applications whose time has come (equation 4): a grant holds for a month for an applicant.

        Firms get all or nothing; rows that stand for many firms get the share.
        """
        draws, week = luck
        lots = self.pending[week % HORIZON]
        if not self.controls_seen or not lots.any():
            zero = np.zeros_like(lots)
            return zero, zero
        due = lots.copy()
        lots[:] = 0.0
        month = int(week // rules["grant_weeks"])
        if month != self.draw_month:
            self.draw_month, self.draw = month, draws.uniform("licence", month, self.applicants)
        granted = due * np.where(self.many, conditions["approval"], self.draw < conditions["approval"])
        self.licensed += granted
        self.applied -= due
        return granted, due - granted

    def _apply(self, claim: np.ndarray, conditions: Conditions, week: int) -> np.ndarray:
        """Lodge applications for what needs a licence or is held at customs; returns what may go at once."""
        if not any(conditions.touched(name) for name in ("licence", "hold", "examined")):
            return claim
        self.controls_seen = True
        examined = np.where(self.content > conditions["threshold"], conditions["examined"], 0.0)
        licence = np.where(conditions["grace"] <= 0, np.maximum(conditions["licence"], examined), 0.0)
        lodged = claim * licence
        held = (claim - lodged) * conditions["hold"]
        self._wait(lodged, conditions["wait"], week)
        self._wait(held, conditions["hold_wait"], week)
        return claim - lodged - held

    def _wait(self, lots: np.ndarray, weeks: np.ndarray, week: int) -> None:
        """Put lots into the queue until their decision is due."""
        due = (week + np.clip(weeks, 1, HORIZON - 1).astype(np.int64)) % HORIZON
        self.pending[due, self.number] += lots
        self.applied += lots

    def _cap(self, wanted: np.ndarray, conditions: Conditions) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Hold exports under each quota; returns what is left, what was cut, and the share smuggled of it."""
        zero = np.zeros_like(wanted)
        if not conditions.caps:
            return wanted, zero, zero
        ratio, smuggled = np.ones_like(wanted), zero.copy()
        for cap in conditions.caps:
            total = wanted[cap.links].sum()
            ratio[cap.links] = np.minimum(ratio[cap.links], min(1.0, cap.amount / max(total, TINY)))
            smuggled[cap.links] = np.maximum(smuggled[cap.links], cap.smuggled)
        return wanted * ratio, wanted * (1 - ratio), smuggled

    def _ration(self, wanted: np.ndarray, columns: Columns, rules: dict[str, float]) -> np.ndarray:
        """Share of each link's demand that its seller can serve (equation 7): contracts, friends, then the rest."""
        stock = np.minimum(columns["made_stock"], columns["release"])
        asked = np.bincount(self.seller, weights=wanted, minlength=self.sellers)
        if not (asked > stock * (1 + 1e-12)).any():
            return np.ones_like(wanted)
        if rules["ration_by_contract"] < 0.5:
            return np.minimum(1.0, stock / np.maximum(asked, TINY))[self.seller]
        contract = np.minimum(wanted, self.usual * columns["link_contract"])
        served, left = np.zeros_like(wanted), stock
        for tier in (contract, (wanted - contract) * self.group_first, (wanted - contract) * (1 - self.group_first)):
            asked = np.bincount(self.seller, weights=tier, minlength=self.sellers)
            share = np.minimum(1.0, left / np.maximum(asked, TINY))
            served += tier * share[self.seller]
            left = np.maximum(left - asked * share, 0.0)
        return np.divide(served, wanted, out=np.ones_like(wanted), where=wanted > 0)

    def _ship(self, sent: np.ndarray, leaked: np.ndarray, rules: dict[str, float], week: int) -> None:
        """Put goods on the way; leaked goods take a detour."""
        self.transit[(week + self.weeks) % HORIZON, self.number] += sent
        if leaked.any():
            detour = self.weeks + int(rules["detour_weeks"])
            self.transit[(week + detour) % HORIZON, self.number] += leaked

    def _settle_shelves(self, gone: np.ndarray, arrived: np.ndarray, columns: Columns) -> None:
        """Take what left from the sellers' shelves and put what arrived on the buyers'."""
        columns["made_stock"] -= np.bincount(self.seller, weights=gone, minlength=self.sellers)
        np.maximum(columns["made_stock"], 0, out=columns["made_stock"])
        columns["stock"] += np.bincount(self.buyer, weights=arrived, minlength=self.buyers)
        self.under_way += gone - arrived
        coming = self.under_way + self.applied + self.licensed if self.controls_seen else self.under_way
        columns["on_order"] = np.bincount(self.buyer, weights=coming, minlength=self.buyers)

    def _remember(self, gone: np.ndarray, conditions: Conditions, rules: dict[str, float]) -> None:
        """The usual flow of a link, frozen while it is under control."""
        step = (gone - self.usual) / rules["usual_memory"]
        if self.controls_seen:
            calm = (conditions["licence"] == 0) & (conditions["hold"] == 0) & (conditions["open"] == 1)
            step = step * (calm & (self.applied + self.licensed <= 0) & (conditions["warned"] == 0))
        self.usual = self.usual + step
