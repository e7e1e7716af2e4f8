"""Diplomacy: tension between governments, with memory; what each sees before it acts; what stands (equation 11)."""

from __future__ import annotations

import datetime
import math
from typing import Any

import numpy as np

from abm.economy.market import OUTSIDE, Market
from abm.policy.causes import Cause, among, one_of
from abm.policy.licences import Suspension
from abm.policy.plan import days_of, next_day
from abm.politics.self_supply import SelfSupply
from abm.scenario.checks import having
from abm.scenario.stances import Stances
from abm.world.world import World, kept_in
from agents.stances import PRESSURE, WATCHED, Stance
from kit.clock import DAYS_PER_WEEK, MONTH
from kit.columns import Columns, Decision
from kit.compile import kernel
from kit.luck import Luck, names_to_entities

MONTHS, REVIEWS, WEEKS_PER_YEAR = 12, 13, 52
RIVAL = "CHN"


@kernel
def take_offence(hit, actor, force, feelings):  # type: ignore[no-untyped-def]
    """Tension and offence (from, toward) of those hit toward the acting government, in place.

    hit: whether each is named, whether it is hit in part (government,) bool; actor: row of the government that acts;
    force: step of tension, part of it for those hit in part, weight: below nothing where something is taken back.
    """
    named, allied = hit
    provocation, spill, weight = force
    tension, offence = feelings
    for place in range(len(named)):
        share = 1.0 if named[place] else (spill if allied[place] else 0.0)
        step = provocation * (0.0 if place == actor else share)
        tension[place, actor] = min(max(tension[place, actor] + weight * step, 0.0), 1.0)
        offence[place, actor] = max(offence[place, actor] + np.sign(weight) * step, 0.0)


@kernel
def fade(tension, rivalry, offence, settings):  # type: ignore[no-untyped-def]
    """A month of fading of tension (from, toward), in place, toward rivalry and what standing measures keep up.

    settings: part of an offence that lasts, months of memory.
    """
    lasting, memory = settings
    for one in range(len(tension)):
        for other in range(len(tension)):
            rest = min(rivalry[one, other] + lasting * offence[one, other], 1.0)
            tension[one, other] += (rest - tension[one, other]) * MONTHS / REVIEWS / memory


class Diplomacy:
    """Tension (from, toward) between 0 and 1, talks, and the measures of free governments.

    `tension[a, b]` is what a holds against b. It rises when b acts against a, falls with talks and with what b takes
    back, and fades over `tension_memory` months toward `rivalry`, the lasting one, and what b's standing measures
    keep up. `record` keeps (date, tension) at each review.
    """

    def __init__(self, world: World, stances: Stances, free: tuple[str, ...], luck: Luck) -> None:
        self.world, self.luck, self.rules = world, luck, world.parameters.shared()
        self.places = world.array("governments", "country").tolist()
        self.row = {key: number for number, key in enumerate(self.places)}
        self.allied = among(np.array(self.places), ("allied",), world)
        self.rivalry = np.zeros((len(self.places), len(self.places)))
        for (by, toward), value in stances.relations.items():
            self.rivalry[self.row[by], self.row[toward]] = value
        self.tension, self.offence = self.rivalry.copy(), np.zeros_like(self.rivalry)
        self.first, self.second = np.triu_indices(len(self.places), 1)
        names = [f"{self.places[a]}-{self.places[b]}" for a, b in zip(self.first, self.second, strict=True)]
        self.pairs = names_to_entities(names)
        self.heard, self._next, self._stood = datetime.date.min, datetime.date.min, set[str]()
        self.yearly = dict(stances.budgets)
        self.stances = stances.drawn(free, luck)
        self.standing: dict[str, datetime.date] = {}
        self.talked: set[tuple[int, int]] = set()
        self.record: list[tuple[datetime.date, np.ndarray]] = []
        self.alarmed, self.controls, self._scripted = False, 0, 0
        self._script, self._hindering = list[Cause](), set[str]()
        self.views = {key: View(self, key) for key in free}
        self.ends = kept_in(world, "governments of links", self._pairs_of_links)

    def _pairs_of_links(self) -> np.ndarray:
        """The governments of seller and buyer of each link as a cell of the tension table (link,) int64.

        The table has one more row and column than there are governments: of nobody, where a firm has none.
        """
        links, nobody = self.world.links, len(self.places)
        government = self.world.firms.government.map(self.row).fillna(nobody).to_numpy(dtype=np.int64)
        return np.asarray(government[links.seller_firm] * (nobody + 1) + government[links.buyer_firm])

    def mercy(self) -> np.ndarray:
        """Part of the usual approvals that each link keeps (link,), equation 4; tension above the usual lowers it.

        exp(-approval_tension x (T - rivalry)), with T what the seller's government holds against the buyer's.
        """
        strain = np.zeros((len(self.places) + 1, len(self.places) + 1))
        strain[:-1, :-1] = np.maximum(self.tension - self.rivalry, 0.0)
        return np.exp(-self.rules["approval_tension"] * strain).ravel()[self.ends]

    def review(self, seen: Any, columns: Columns, market: Market, causes: list[Cause]) -> None:
        """Begin a month: hear, fade, talk, renew budgets, and show free governments where they stand."""
        self.stirred(seen.date, causes)
        decided = [cause for cause in causes if cause.decided and hinders(cause)]
        self.controls = self._scripted + sum(not cause.paused and cause.in_force(seen.date) for cause in decided)
        self.alarmed = False
        if seen.week % MONTH == 0:
            settings = (self.rules["tension_lasting"], self.rules["tension_memory"])
            fade(self.tension, self.rivalry, self.offence, settings)
            self._talk(seen.week)
        columns["tension"][:] = self.tension.max(axis=1)
        self.record.append((seen.date, self.tension.copy()))
        for key, view in self.views.items():
            if seen.date.year > view.date.year:
                view.budget = self.yearly.get(key, 0.0)
            view.date, view.week, view.columns, view.market = seen.date, seen.week, columns, market
        seen.views = self.views

    def _talk(self, week: int) -> None:
        """Rivals with tension between them meet now and then; talks take part of it away on both sides."""
        first, second = self.first, self.second
        between = np.maximum(self.tension, self.tension.T)[first, second]
        tense = np.flatnonzero(between)
        chance = self.rules["talks_rate"] / REVIEWS * between[tense]
        held = tense[self.luck.uniform("talks", week, self.pairs[tense]) < chance]
        self.talked = {(int(first[pair]), int(second[pair])) for pair in held}
        for a, b in self.talked:
            self.tension[a, b] *= 1 - self.rules["talks_effect"]
            self.tension[b, a] *= 1 - self.rules["talks_effect"]

    def hear(self, decision: Decision, by: str) -> None:
        """A free government has acted: those it hits take offence, or are reconciled when it takes something back."""
        measure = str(decision.fields.get("measure", ""))
        if decision.withdraws:
            self.standing.pop(measure, None)
            self._offend(decision.instrument, decision.fields, by, -self.rules["goodwill"])
        elif measure:
            self.standing[measure] = decision.start
            self._offend(decision.instrument, decision.fields, by, 1.0)

    def follow(self, causes: list[Cause], date: datetime.date) -> None:
        """Take the scripted measures that stand on a day for known: what comes and goes after it is news."""
        here = [cause for cause in causes if not cause.decided and cause.in_force(date)]
        self.heard, self._next, self._stood = date, date, standing(here)
        self._days = list[datetime.date]()

    def stirred(self, date: datetime.date, causes: list[Cause]) -> bool:
        """Whether governments review their position out of turn: one has acted, or a script has."""
        if date >= self._next:
            self._listen(date, causes)
        return self.alarmed

    def _listen(self, date: datetime.date, causes: list[Cause]) -> None:
        """Scripted measures that came into force or ended since it last listened; a pause counts as an end."""
        if not self._days:
            self._script = [cause for cause in causes if not cause.decided]
            self._days = days_of(self._script)
            self._hindering = {cause.spec.id for cause in self._script if hinders(cause)}
        here = [cause for cause in self._script if cause.in_force(date)]
        stand = standing(here)
        news = stand ^ self._stood
        for spec in [cause.spec for cause in self._script if news and cause.spec.id in news]:
            if spec.by in self.row:
                weight = 1.0 if spec.id in stand else -self.rules["goodwill"]
                self._offend(spec.instrument, spec.fields, str(spec.by), weight)
        self.heard, self._stood = date, stand
        self._scripted = sum(not cause.paused and cause.spec.id in self._hindering for cause in here)
        self._next = next_day(date, self._days)

    def _offend(self, instrument: str, fields: dict[str, Any], by: str, weight: float) -> None:
        """Tension of those hit toward the acting government: whole for those named, in part for other allies."""
        if instrument not in having("restricts"):
            return
        named = tuple(fields.get("to") or fields.get("on") or ("all",))
        hit, others = kept_in(self.world, ("hit", by, named), lambda: self._hit(by, named))
        force = (self.rules["provocation"], self.rules["tension_spill"], weight)
        take_offence((hit, others), self.row[by], force, (self.tension, self.offence))
        self.alarmed = True

    def _hit(self, by: str, named: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
        """Governments that a measure names, and those that it hits as allies of some (government,)."""
        hit = one_of(self.places, {place for place in named if place not in ("all", "allied")})
        spills = ("all" in named or "allied" in named) and by == RIVAL
        return hit, self.allied if spills else np.zeros_like(hit)


def hinders(cause: Cause) -> bool:
    """Whether a cause is a Chinese export control, a customs hold among them."""
    return cause.spec.by == RIVAL and cause.spec.instrument in having("hinders")


def standing(in_force: list[Cause]) -> set[str]:
    """Measures in force by id; those that a suspension among them names rest."""
    paused = {name for cause in in_force if isinstance(cause, Suspension) for name in cause.fields["of"]}
    return {cause.spec.id for cause in in_force} - paused


class View:
    """What one free government sees: its stances, tension, budget, prices, shares of output, its measures in force."""

    def __init__(self, diplomacy: Diplomacy, key: str) -> None:
        self.key, self._diplomacy = key, diplomacy
        self.stances = [stance for stance in diplomacy.stances if stance.government == key]
        self._goods = {stance.id: self._goods_of(stance) for stance in self.stances}
        self.budget = 0.0
        self.date, self.week = datetime.date.min, 0
        self.columns: Columns = {}
        self.market: Market | None = None
        self._makers = {stance.id: self._makers_of(stance) for stance in self.stances}
        self._payers = {stance.id: self._payers_of(stance) for stance in self.stances}
        self._names = {stance.id: names_to_entities([stance.id]) for stance in self.stances}
        self._supply = {
            stance.id: SelfSupply(diplomacy.world, key, self._goods[stance.id])
            for stance in self.stances
            if stance.watches in WATCHED
        }
        self._first_gain = {stance.id: self._share(stance) for stance in self.stances}

    def _goods_of(self, stance: Stance) -> np.ndarray:
        """Rows of the goods that a stance is about; none where this world has none of them."""
        return np.nonzero(self._diplomacy.world.goods.good.isin(stance.about).to_numpy())[0]

    def tension(self, toward: str) -> float:
        """What this government holds against another one."""
        rows = self._diplomacy.row
        return float(self._diplomacy.tension[rows[self.key], rows[toward]])

    def talks(self, toward: str) -> bool:
        """Whether the two have met this month."""
        rows = self._diplomacy.row
        pair = sorted((rows[self.key], rows[toward]))
        return (pair[0], pair[1]) in self._diplomacy.talked

    def stood(self, stance: Stance) -> float | None:
        """Weeks for which the measure has been in force; None where it is not."""
        since = self._diplomacy.standing.get(stance.id)
        return None if since is None else (self.date - since).days / DAYS_PER_WEEK

    def signal(self, stance: Stance) -> float:
        """What the stance watches, in the unit of its mark."""
        if stance.watches == "tension":
            return self.tension(stance.toward)
        if stance.watches == PRESSURE:
            return self._pressure(stance)
        if not len(self._goods[stance.id]):
            return -math.inf if stance.above else math.inf
        if stance.watches in ("price_above", "price_below"):
            assert self.market is not None
            return float(self.market.average[OUTSIDE, self._goods[stance.id]].mean())
        if stance.id in self._supply:
            return self._supply[stance.id].signal(stance.watches, self.columns)
        share = self._share(stance)
        return share if stance.watches == "china_share" else self._first_gain[stance.id] - share

    def _pressure(self, stance: Stance) -> float:
        """Yearly rate that would just have led to an act this month: the mark is reached as often as its rate says.

        Politics at home take their course once a month: a review out of turn draws nothing.
        """
        if self.week % MONTH:
            return -math.inf
        draw = self._diplomacy.luck.uniform("pressure", self.week, self._names[stance.id])[0]
        heat = self._diplomacy.rules["pressure_at_rest"] + self.tension(stance.toward)
        return stance.mark if draw < stance.mark / REVIEWS * heat else -math.inf

    def _share(self, stance: Stance) -> float:
        """China's share of the output of the stance's goods, by value."""
        columns = self.columns or self._diplomacy.world.start
        firm, price, china = self._makers[stance.id]
        value = columns["activity"][firm] * price
        total = float(value.sum())
        return float(value[china].sum()) / total if total > 0 else 0.0

    def _makers_of(self, stance: Stance) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Makers of the stance's goods (n,): firm, value of a unit of its activity in US$, whether it is in China.

        A public stockpile makes nothing.
        """
        world = self._diplomacy.world
        makes = (world.firms.kind != "reserve").to_numpy()[world.made.firm]
        rows = makes & np.isin(world.made.g.to_numpy(), self._goods[stance.id])
        firm, good = world.made.firm.to_numpy()[rows], world.made.g.to_numpy()[rows]
        price = world.made.amount.to_numpy(dtype=float)[rows] * world.base_price[good]
        return firm, price, (world.firms.government == RIVAL).to_numpy()[firm]

    def cost(self, stance: Stance) -> float:
        """What the measure costs in its first year, US$: purchases, shares of cost, what floors and contracts add.

        A stake costs its part of a year's sales (one year's sales are taken as the worth of a plant).
        """
        rows, price = self._payers[stance.id]
        if stance.instrument == "stockpile":
            years = max(self._diplomacy.rules["reserve_fill_weeks"] / WEEKS_PER_YEAR, 1.0)
            use = float((self.columns["expected_use"][rows] * price).sum())
            return use * float(stance.fields["days"]) / DAYS_PER_WEEK / years
        sales = self.columns["activity"][rows] * price * WEEKS_PER_YEAR
        if stance.instrument == "subsidy":
            return float((sales * self.columns["running_cost"][rows]).sum()) * float(stance.fields["rate"])
        if stance.instrument == "price_floor":
            short = np.maximum(float(stance.fields["price"]) - self.columns["price_ratio"][rows] * price, 0.0)
            return float((self.columns["activity"][rows] * short).sum()) * WEEKS_PER_YEAR
        if stance.instrument == "off_take":
            return float(sales.sum()) * float(stance.fields["share"]) * self._diplomacy.rules["cost_off_take"]
        if stance.instrument == "equity_abroad":
            return float(sales.sum()) * float(stance.fields["stake"])
        return 0.0

    def _payers_of(self, stance: Stance) -> tuple[np.ndarray, np.ndarray]:
        """Rows on which the cost of a measure falls, with base prices: shelves of users, or makers at home.

        Public stockpiles are neither.
        """
        world, goods = self._diplomacy.world, self._goods[stance.id]
        home = ((world.firms.government == self.key) & (world.firms.kind != "reserve")).to_numpy()
        if stance.instrument == "stockpile":
            good = world.bought.g.to_numpy()
            rows = np.nonzero(home[world.bought.firm.to_numpy()] & np.isin(good, goods))[0]
            return rows, world.base_price[good[rows]]
        good = world.firms.g.to_numpy()
        if "producers" in stance.fields:
            rows = world.firm_rows(list(stance.fields["producers"]))
            return rows, world.base_price[good[rows]]
        rows = np.nonzero(home & np.isin(good, goods))[0]
        return rows, world.base_price[good[rows]]

    def spend(self, cost: float) -> None:
        """Take it from the year's budget."""
        self.budget -= cost
