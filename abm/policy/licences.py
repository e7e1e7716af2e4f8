"""Licences: controls that let goods go one by one, what eases them and what suspends them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np

from abm.policy.causes import LinkCause, Relation, among, of_goods
from abm.policy.conditions import Conditions
from abm.scenario.scenario import CauseSpec
from abm.world.world import World
from kit.clock import DAYS_PER_WEEK, Week


@dataclass(frozen=True)
class Terms:
    """What an office decides on each link of a control (link,): the part granted or held, and weeks until then.

    `discretion` is 1 where it decides case by case, 0 where a general licence binds it.
    """

    part: np.ndarray
    wait: np.ndarray
    discretion: np.ndarray


class Licence(LinkCause):
    """An export licence: applications wait, and some are granted. Announced controls shake belief at once."""

    name = "licence"
    announces = True

    def __init__(self, spec: CauseSpec, world: World) -> None:
        super().__init__(spec, world)
        self.eased: list[GeneralLicence] = []
        self._terms: dict[tuple[GeneralLicence, ...], Terms] = {}
        self._eased_last: tuple[GeneralLicence, ...] = ()
        self.declared_weeks = float(world.parameters["declared_weeks"]) if self.announced >= spec.start else 0.0

    def steady(self, date: datetime.date) -> bool:
        """General licences come and go."""
        return self._easings(date) == self._eased_last

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Announced: warn, and tell what will be asked. In force: what is under control needs a licence."""
        if not len(self.rows):
            return
        self.warn(conditions, week)
        terms = self.terms(week.date)
        share = self.fields.get("share", 1.0)
        if not self.in_force(week.date):
            conditions.write("announced", self.rows, share)
            conditions.write("announced_wait", self.rows, terms.wait)
            return
        conditions.write("licence", self.rows, share)
        conditions.write("approval", self.rows, terms.part)
        conditions.write("wait", self.rows, terms.wait)
        conditions.write("discretion", self.rows, terms.discretion)
        self.let_declared_goods_go(conditions, week)

    def let_declared_goods_go(self, conditions: Conditions, week: Week) -> None:
        """A control without notice spares what had been declared: the rule of the day of declaration holds."""
        left = self.declared_weeks - (week.date - self.spec.start).days / DAYS_PER_WEEK
        if left > 0:
            conditions.write("declared", self.rows, min(left, 1.0))

    def terms(self, date: datetime.date) -> Terms:
        """What holds on each link, general licences in force included; worked out once for each set of them."""
        easings = self._eased_last = self._easings(date)
        if easings not in self._terms:
            self._terms[easings] = self._eased_by(easings)
        return self._terms[easings]

    def _easings(self, date: datetime.date) -> tuple[GeneralLicence, ...]:
        """The general licences on it that are in force."""
        return tuple(easing for easing in self.eased if easing.in_force(date) and not easing.paused)

    def _eased_by(self, easings: tuple[GeneralLicence, ...]) -> Terms:
        """The terms under some general licences; the latest to start prevails, and binds the office."""
        count = len(self.rows)
        part, wait = np.full(count, self.usual_part()), np.full(count, float(self.fields["wait_weeks"]))
        discretion = np.ones(count)
        for easing in sorted(easings, key=lambda cause: cause.spec.start):
            favoured = np.isin(self.rows, easing.rows)
            part[favoured] = self.eased_part(easing)
            wait[favoured] = easing.fields["wait_weeks"]
            discretion[favoured] = 0.0
        return Terms(part, wait, discretion)

    def usual_part(self) -> float:
        """The part of applications that is granted."""
        return float(self.fields["approval"])

    def eased_part(self, easing: GeneralLicence) -> float:
        """The same where a general licence covers a link."""
        return float(easing.fields["approval"])


class CustomsHold(Licence):
    """Customs examines uncontrolled goods under the same tariff code and holds a share of them."""

    name = "customs_hold"

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Hold a share for some weeks; a general licence on it shortens the hold and clears the rest."""
        if not self.in_force(week.date):
            return
        terms = self.terms(week.date)
        conditions.write("hold", self.rows, terms.part)
        conditions.write("hold_wait", self.rows, terms.wait)
        conditions.write("discretion", self.rows, terms.discretion)
        self.let_declared_goods_go(conditions, week)

    def usual_part(self) -> float:
        """The part that is held."""
        return float(self.fields["share"])

    def eased_part(self, easing: GeneralLicence) -> float:
        """The same where a general licence covers a link: its approval is the share that passes unheld."""
        return float(self.fields["share"] * (1 - easing.fields["approval"]))


class ContentRule(Licence):
    """Re-exports that hold the acting country's material above a threshold need its licence."""

    name = "content_rule"

    def resolve(self, world: World) -> np.ndarray:
        """Links between other countries that carry the goods."""
        links = world.links
        foreign = ~among(links.exporter.to_numpy(), (self.spec.by,), world) & (links.export.to_numpy() > 0)
        concerned = of_goods(links.good.to_numpy(), self.fields["goods"])
        return np.nonzero(foreign & concerned & among(links.importer.to_numpy(), self.fields["to"], world))[0]

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Examine a share of re-exports; what is found waits for a licence."""
        if not self.in_force(week.date):
            return
        terms = self.terms(week.date)
        conditions.write("examined", self.rows, self.fields["share"])
        conditions.write("threshold", self.rows, self.fields["threshold"])
        conditions.write("approval", self.rows, terms.part)
        conditions.write("wait", self.rows, terms.wait)


class Suspension(Relation):
    """The causes it names do nothing while it is in force."""

    name = "suspension"


class GeneralLicence(Relation):
    """Replaces approval and wait of the licences it names, for some places."""

    name = "general_licence"

    def resolve(self, world: World) -> np.ndarray:
        """Links into the places favoured."""
        return np.nonzero(among(world.links.importer.to_numpy(), self.fields["to"], world))[0]
