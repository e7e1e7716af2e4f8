"""Permits: what controls make of supply links. Applications that wait, licences held, goods that customs keep."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import numpy as np

from abm.economy import permit_kernels as kernels
from abm.policy.conditions import Cap, Conditions
from abm.world.world import World, kept_in
from kit.luck import Luck, names_to_entities

Flows = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
HORIZON = 64
WAITS = ("wait", "hold_wait")
LICENSING = frozenset(["licence", "announced", "hold", "examined"])
MET = ("licence", "wait", "examined", "threshold", "declared", "open", "leak")
TERMS = (*MET, "hold", "hold_wait", "approval", "discretion", "warned", "announced", "grace")
of_office = itemgetter("approval", "discretion")
of_control = itemgetter(*MET)
of_memory = itemgetter("licence", "hold", "open", "warned")
of_outlook = itemgetter("open", "licence", "hold", "announced", "grace")


class Permits:
    """State of the links that a control has ever touched: `rows` (n,), in ascending order. More of them as time goes.

    All other arrays are (n,) in their order. `pending` and `stopped` (week, n) are rings by the week in which an
    application is decided, or a lot that customs hold is released: the weeks of the longest wait so far, and one.
    `applied` and `detained` are what waits in them, `licensed` is what may leave. `granted`, `refused` and `leaked`
    (what went round a control) are what happened this week, in units/week. `terms` are the conditions on these links,
    by name. `controls_seen` says whether there has been a control by licence or hold, `marked` (link,) which links are
    among `rows`.
    """

    def __init__(self, world: World, flow: np.ndarray) -> None:
        self._flow, self._good = flow, world.array("links", "g")
        self._residual = world.array("firms", "residual")[world.array("links", "buyer_firm")].astype(float)
        self._applicants = kept_in(world, "applicants", lambda: applicants_of(world))
        self._looked = -1  # changes of the conditions when they were last looked at
        self.rows, self.marked = np.zeros(0, dtype=np.uint32), np.zeros(len(flow), dtype=bool)
        self.pending, self.stopped = np.zeros((2, 0)), np.zeros((2, 0))
        self.licensed, self.applied, self.detained = (np.zeros(0) for _ in range(3))
        self.terms: dict[str, np.ndarray] = {}
        self.capped: list[tuple[Cap, np.ndarray]] = []  # quotas, and the places of their links
        self.controls_seen = self._holding = False
        self._drawn, self._week = (-1, 0), -1  # last draw, last week
        self._make_room()

    def _make_room(self) -> None:
        """What each week writes anew, and what never changes on a link."""
        count = len(self.rows)
        self.lots, self.released, self.part, self.held = (np.zeros(count) for _ in range(4))
        self.granted, self.refused, self.leaked, self.draw = (np.zeros(count) for _ in range(4))
        self.kept, self.smuggled = np.ones(count), np.zeros(count)
        self.flow, self.many = self._flow[self.rows], self._residual[self.rows]

    def watch(self, conditions: Conditions) -> None:
        """Take note of the links that controls touch and of their terms, where anything has been written since."""
        if self._looked == conditions.changes:
            return
        for cap in conditions.caps:
            conditions.marked[cap.links] = True
        self.controls_seen = self.controls_seen or conditions.touched_any(LICENSING)
        self._holding = conditions.touched("hold")
        self.marked = conditions.marked
        grown = np.count_nonzero(self.marked) != len(self.rows)
        rows = np.flatnonzero(self.marked).astype(np.uint32) if grown else self.rows
        before, self._looked = -1 if grown else self._looked, conditions.changes
        at = rows.astype(np.intp)
        for name in conditions.changed_since(before, TERMS):
            self.terms[name] = conditions[name].take(at)
        self._hold(rows, max(len(self.pending), *(weeks_of(self.terms[name]) for name in WAITS)))
        self.capped = [(cap, np.searchsorted(rows, cap.links)) for cap in conditions.caps]

    def _hold(self, rows: np.ndarray, weeks: int) -> None:
        """Hold these links, and queues of so many weeks; what stands on the links held before stays."""
        if self.pending.shape == (weeks, len(rows)):
            return
        place, rings = np.searchsorted(rows, self.rows), np.zeros((2, weeks, len(rows)))
        kernels.lay_out((self.pending, self.stopped), self._week, place, rings)
        states = np.zeros((3, len(rows)))
        states[:, place] = self.licensed, self.applied, self.detained
        (self.pending, self.stopped), (self.licensed, self.applied, self.detained) = rings, states
        self.rows, self._drawn = rows, (-1, 0)
        self._make_room()

    @property
    def outlook(self) -> tuple[Any, ...]:
        """What the market knows of the links under control: see `price_kernels.expect`."""
        return self.rows, (self.licensed, self.applied, self.detained), of_outlook(self.terms)

    def decide(self, usual: np.ndarray, mercy: np.ndarray, rules: dict[str, float], luck: tuple[Luck, int]) -> None:
        """Decide the applications whose time has come (equation 4) and release what customs held until now.

        A grant holds for a month for an applicant. Firms get all or nothing; rows that stand for many firms get the
        share. Tension lowers the chance. usual: flow (link,); mercy: see `Trade` (link,).
        """
        draws, week = luck
        self._week = week
        if not len(self.rows):
            return
        due = (self.pending[week % len(self.pending)], self.stopped[week % len(self.stopped)])
        month = int(week // rules["grant_weeks"])
        if (month, len(self.rows)) != self._drawn and due[0].any():
            self._drawn = (month, len(self.rows))
            self.draw = draws.uniform("licence", month, self._applicants[self.rows])
        past = (rules["licensed_surge"], rules["licence_use_weeks"])
        terms = ((*of_office(self.terms), mercy), self.draw, self.many, usual, past)
        held, results = (self.licensed, self.applied, self.detained), (self.granted, self.refused, self.released)
        kernels.decide(self.rows, due, terms, held, results)

    def lodge(self, flows: Flows, bids: tuple[np.ndarray, np.ndarray], rules: dict[str, float], week: int) -> None:
        """Lodge applications for what needs a licence or is held at customs; what is free or licensed may go.

        Tension raises the share that customs hold. flows: claim, usual flow, Chinese content, mercy (link,); bids:
        wanted and leak (link,), in place.
        """
        if not len(self.rows):
            return
        claim, usual, content, mercy = flows
        hold = self.terms["hold"]
        if self._holding:
            kernels.tighten(self.rows, hold, (self.terms["discretion"], mercy), self.held)
            hold = self.held
        surges = (week, rules["licensed_surge"], rules["licence_use_weeks"])
        known = (claim, usual, content, self.flow, self.licensed, self.released, surges)
        results = (*bids, self.applied, self.lots, self.part)
        kernels.lodge(self.rows, self.pending, (hold, *of_control(self.terms)), known, results)

    def cap(self, bids: tuple[np.ndarray, np.ndarray], worth: np.ndarray, shift: float) -> None:
        """Hold open exports under each quota, what customs stop included; smuggled ones go besides.

        bids: wanted and leak (link,), in place; worth: see `Trade` (good,); shift: part of a quota that goes to goods
        by what a tonne earns.
        """
        for cap, place in self.capped:
            openly = (bids[0][cap.links] - self.released[place]) / (1 + cap.smuggled) + self.lots[place]
            share = kernels.share_out(cap.links, self._good, (openly, cap.amount), worth, shift)
            notes = (self.kept, self.smuggled, float(cap.smuggled))
            kernels.hold_together((cap.links, place), self._good, share, notes)
        for cap, place in self.capped:
            kernels.cut((cap.links, place), (self.kept, self.smuggled), bids, (self.lots, self.released))

    def detain(self, week: int) -> None:
        """Customs keep what they stop this week until its day."""
        if len(self.rows):
            kernels.detain(self.lots, self.terms["hold_wait"], week, (self.stopped, self.detained))

    def use(self, bids: Flows, usual: np.ndarray, way: tuple[np.ndarray, ...], times: tuple[int, int, float]) -> None:
        """Use up licences, send what leaked by a detour, and freeze the usual flow while a link is under control.

        bids: wanted, leak, ratio served, sent; way: buyer, weeks, transit, on order; see `permit_kernels.control`.
        """
        if len(self.rows):
            held = (self.part, self.licensed, self.applied, self.detained, self.leaked)
            calm = (*of_memory(self.terms), self.controls_seen)
            kernels.control(self.rows, bids, held, (usual, calm), (*way, times))


def weeks_of(wait: np.ndarray) -> int:
    """Weeks that a queue must hold for some waits in weeks (n,): the longest and one more, at most `HORIZON`."""
    return min(int(wait.max(initial=1.0)) + 1, HORIZON)


def applicants_of(world: World) -> np.ndarray:
    """Who applies on each link, a buyer for a good, as the key of its luck (link,)."""
    keys = world.firms.producer.to_numpy()[world.links.buyer_firm] + ":" + world.links.good
    return names_to_entities(keys.tolist())
