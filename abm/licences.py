"""Licences: controls that let goods go one by one, what eases them and what suspends them."""

from __future__ import annotations

import datetime

import numpy as np

from abm.causes import LinkCause, Relation, among, of_goods
from abm.clock import Week
from abm.conditions import Conditions
from abm.scenario import CauseSpec
from abm.world import DAYS_PER_WEEK, World


class Licence(LinkCause):
    """An export licence: applications wait, and some are granted. Announced controls shake belief at once."""

    name = "licence"
    announces = True

    def __init__(self, spec: CauseSpec, world: World) -> None:
        super().__init__(spec, world)
        self.eased: list[GeneralLicence] = []
        self._favoured: dict[GeneralLicence, np.ndarray] = {}
        self.declared_weeks = float(world.parameters["declared_weeks"]) if self.announced >= spec.start else 0.0

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Announced: warn, and tell what will be asked. In force: what is under control needs a licence."""
        if not len(self.rows):
            return
        self.warn(conditions, week)
        approval, wait = self.terms(week.date)
        share = self.fields.get("share", 1.0)
        if not self.in_force(week.date):
            conditions.write("announced", self.rows, share)
            conditions.write("announced_wait", self.rows, wait)
            return
        conditions.write("licence", self.rows, share)
        conditions.write("approval", self.rows, approval)
        conditions.write("wait", self.rows, wait)
        conditions.write("discretion", self.rows, self.case_by_case(week.date))
        self.let_declared_goods_go(conditions, week)

    def let_declared_goods_go(self, conditions: Conditions, week: Week) -> None:
        """A control without notice spares what had been declared: the rule of the day of declaration holds."""
        left = self.declared_weeks - (week.date - self.spec.start).days / DAYS_PER_WEEK
        if left > 0:
            conditions.write("declared", self.rows, min(left, 1.0))

    def case_by_case(self, date: datetime.date) -> np.ndarray:
        """1 on each link where the office decides case by case; 0 where a general licence binds it."""
        free = np.ones(len(self.rows))
        for easing in self.eased:
            if easing.in_force(date) and not easing.paused:
                free[self.favoured_by(easing)] = 0.0
        return free

    def favoured_by(self, easing: GeneralLicence) -> np.ndarray:
        """Whether a general licence covers each of the links, worked out once."""
        if easing not in self._favoured:
            self._favoured[easing] = np.isin(self.rows, easing.rows)
        return self._favoured[easing]

    def terms(self, date: datetime.date) -> tuple[np.ndarray, np.ndarray]:
        """Approval and wait on each link, general licences in force included; the latest to start prevails."""
        approval = np.full(len(self.rows), float(self.fields["approval"]))
        wait = np.full(len(self.rows), float(self.fields["wait_weeks"]))
        for easing in sorted(self.eased, key=lambda cause: cause.spec.start):
            if easing.in_force(date) and not easing.paused:
                favoured = self.favoured_by(easing)
                approval[favoured] = easing.fields["approval"]
                wait[favoured] = easing.fields["wait_weeks"]
        return approval, wait


class CustomsHold(Licence):
    """Customs examines uncontrolled goods under the same tariff code and holds a share of them."""

    name = "customs_hold"

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Hold a share for some weeks; a general licence on it shortens the hold and clears the rest."""
        if not self.in_force(week.date):
            return
        share, wait = self.hold_terms(week.date)
        conditions.write("hold", self.rows, share)
        conditions.write("hold_wait", self.rows, wait)
        conditions.write("discretion", self.rows, self.case_by_case(week.date))
        self.let_declared_goods_go(conditions, week)

    def hold_terms(self, date: datetime.date) -> tuple[np.ndarray, np.ndarray]:
        """Share held and time in the hold on each link; an easing's approval is the share that passes unheld."""
        share = np.full(len(self.rows), float(self.fields["share"]))
        wait = np.full(len(self.rows), float(self.fields["wait_weeks"]))
        for easing in sorted(self.eased, key=lambda cause: cause.spec.start):
            if easing.in_force(date) and not easing.paused:
                favoured = self.favoured_by(easing)
                share[favoured] = self.fields["share"] * (1 - easing.fields["approval"])
                wait[favoured] = easing.fields["wait_weeks"]
        return share, wait


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
        approval, wait = self.terms(week.date)
        conditions.write("examined", self.rows, self.fields["share"])
        conditions.write("threshold", self.rows, self.fields["threshold"])
        conditions.write("approval", self.rows, approval)
        conditions.write("wait", self.rows, wait)


class Suspension(Relation):
    """The causes it names do nothing while it is in force."""

    name = "suspension"


class GeneralLicence(Relation):
    """Replaces approval and wait of the licences it names, for some places."""

    name = "general_licence"

    def resolve(self, world: World) -> np.ndarray:
        """Links into the places favoured."""
        return np.nonzero(among(world.links.importer.to_numpy(), self.fields["to"], world))[0]
