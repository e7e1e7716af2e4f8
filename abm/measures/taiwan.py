"""Measures of Taiwan's role: risks taken and what is provided to others. Formulas: docs/metrics.md."""

from __future__ import annotations

import numpy as np

from abm.measures.recorded import Recorded
from abm.measures.shares import Structure, named, over, ratio
from abm.taiwan.purity import ANY_GRADE
from abm.world.labels import HOME
from abm.world.providers import STAGES, providers
from abm.world.world import kept_in

OUTSIDE = 1
WGI_SCALE = 10.0


class Role:
    """Taiwan's and the European Union's place in the last year of a run."""

    def __init__(self, history: Recorded, structure: Structure) -> None:
        self.history, self.world, self.structure = history, history.world, structure
        self.labels, self.sent = structure.labels, structure.sent

    def supply_risk(self) -> dict[str, float]:
        """Supply risk of the European Union after the Commission's method of 2017, for each refined good."""
        labels = self.labels
        bought = self.structure.tabled(labels.sold, labels.exporter, self.sent * labels.union[labels.importer])
        reliance = over(bought[:, ~labels.union].sum(axis=1), bought.sum(axis=1))
        world, sourced = (self._weighed(table) for table in (self.structure.by_country, bought))
        risk = world * reliance / 2 + sourced * (1 - reliance / 2)
        recycled = self.structure.secondary()
        left = np.array([1 - recycled.get(good, 0.0) for good in labels.goods])
        refined = labels.stages == "refined"
        found = risk * (left * self.history.parameters["supply_risk_substitution"])
        return named(labels.goods[refined], found[refined])

    def _weighed(self, amount: np.ndarray) -> np.ndarray:
        """Sum of squared shares of countries (good, country), each weighed by how badly it is governed, 0 to 10."""
        shares = over(amount, amount.sum(axis=1, keepdims=True))
        return (shares**2 * WGI_SCALE * (1 - self.labels.governance)).sum(axis=1)

    def loss_without_largest(self) -> dict[str, float]:
        """Share of the value added of Taiwan's makers that stops at once without the largest foreign supplier."""
        world, labels = self.world, self.labels
        makers = labels.home & labels.producing & ~labels.industry
        shelf, count = world.links.buyer.to_numpy(), len(labels.countries)
        rows = np.nonzero(makers[world.links.buyer_firm] & (self.sent > 0))[0]
        shelves, place = np.unique(shelf[rows], return_inverse=True)
        sent = np.bincount(place * count + labels.exporter[rows], self.sent[rows], len(shelves) * count)
        shares = sent.reshape(-1, count) / sent.reshape(-1, count).sum(axis=1, keepdims=True)
        value = (world.start["value_added"] * world.start["base_activity"])[makers]
        return {
            name: ratio(
                float((value * self._stopped(shelves, shares[:, places].max(axis=1))[makers]).sum()), value.sum()
            )
            for name, places in (("largest", ~labels.home_place), ("china", labels.china_place))
        }

    def _stopped(self, shelves: np.ndarray, lost: np.ndarray) -> np.ndarray:
        """Share of each firm that its worst input stops (firm,): criticality x share lost (shelf,)."""
        stopped = np.zeros(len(self.world.firms))
        np.maximum.at(stopped, self.labels.owner[shelves], self.world.start["criticality"][shelves] * lost)
        return stopped

    def midstream_owned(self) -> dict[str, float]:
        """Taiwan's part of what is made outside China, stakes abroad by their share, by stage."""
        owned = self.labels.home.astype(float)
        last = self.history.days()[-1]
        for spec in self.history.setting.causes:
            running = spec.start <= last and (spec.end is None or last < spec.end)
            if spec.instrument == "equity_abroad" and spec.by == HOME and running:
                rows = self.world.firm_rows(list(spec.fields["producers"]))
                owned[rows] = np.minimum(owned[rows] + float(spec.fields["stake"]), 1.0)
        parts = self.structure.part_by_stage(owned[self.labels.maker], of_world=False)
        return {stage: part for stage, part in parts.items() if stage in STAGES}

    def provider_sales(self) -> dict[str, float]:
        """What Taiwan's recyclers, purifiers and material makers sold over the run, US$ at outside prices, by buyer.

        `makers` is the part of all this that makers of materials, parts and equipment bought: they need high purity.
        """
        labels, weeks = self.labels, self.history.weeks
        rows, maker = kept_in(self.world, "sales of providers", self._sales_of_providers)
        good, importer = labels.sold[rows], labels.importer[rows]
        price = self.history.average[:weeks, OUTSIDE][:, good] * self.world.base_price[good]
        value = (self.history.link["sent"][:weeks, rows] * price).sum(axis=0)
        home, friend = labels.home_place[importer], labels.allied_place[importer]
        return {"home": float(value[home].sum()), "allies": float(value[friend & ~home].sum()),
                "others": float(value[~friend & ~home].sum()), "makers": float(value[maker].sum())}  # fmt: skip

    def _sales_of_providers(self) -> tuple[np.ndarray, np.ndarray]:
        """Links by which providers sell materials and refined goods (n,), and whether to makers of something finer."""
        links = self.world.links
        theirs = np.isin(links.seller_firm.to_numpy(), providers(self.world)) & np.isin(self.labels.link_stage, STAGES)
        rows = np.nonzero(theirs)[0]
        return rows, ~np.isin(self.labels.kind, ANY_GRADE)[links.buyer_firm.to_numpy()[rows]]

    def allied_supply(self) -> dict[str, float]:
        """Taiwan's part of what allies abroad buy of refined goods and materials in the last year, by value."""
        labels = self.labels
        abroad = (labels.allied_place & ~labels.home_place)[labels.importer]
        value, ours = self.sent * self.world.base_price[labels.sold] * abroad, labels.home_place[labels.exporter]
        found = {}
        for stage in STAGES:
            rows = labels.link_stage == stage
            found[stage] = ratio(float(value[rows & ours].sum()), float(value[rows].sum()))
        return found
