"""Measures of Taiwan's role: risks taken and what is provided to others. Formulas: docs/metrics.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abm.provider import STAGES, providers
from abm.purity import ANY_GRADE
from abm.structure import Structure, named, ratio

if TYPE_CHECKING:
    from abm.history import History

HOME, UNION, OUTSIDE = "TWN", "EUU", 1
WGI_SCALE = 10.0


class Role:
    """Taiwan's and the European Union's place in the last year of a run."""

    def __init__(self, history: History, structure: Structure) -> None:
        self.history, self.world, self.structure = history, history.world, structure
        self.places = self.world.tables["countries"].set_index("country")
        links = self.world.links
        self.exporter, self.importer = links.exporter.to_numpy(), links.importer.to_numpy()
        self.sent = history.link["sent"][structure.last].mean(axis=0)
        self.stage = links.good.map(self.world.goods.set_index("good").stage).to_numpy()

    def supply_risk(self) -> dict[str, float]:
        """Supply risk of the European Union after the Commission's method of 2017, for each refined good."""
        made = self.structure.made[self.structure.made.stage == "refined"]
        union = (self.places.government == UNION).reindex(self.importer).to_numpy(dtype=bool)
        home = (self.places.government == UNION).reindex(self.exporter).to_numpy(dtype=bool)
        recycled, found = self.structure.secondary(), {}
        code = {name: row for row, name in enumerate(self.world.goods.good)}
        sold = self.world.links.g.to_numpy()
        for good, rows in made.groupby("good"):
            bought = union & (sold == code[good])
            total = float(self.sent[bought].sum())
            if total <= 0 or rows.output.sum() <= 0:
                continue
            reliance = float(self.sent[bought & ~home].sum()) / total
            world = self._weighed(rows.country.to_numpy(), rows.output.to_numpy())
            sourced = self._weighed(self.exporter[bought], self.sent[bought])
            risk = world * reliance / 2 + sourced * (1 - reliance / 2)
            left = (1 - recycled.get(str(good), 0.0)) * self.history.parameters["supply_risk_substitution"]
            found[str(good)] = risk * left
        return found

    def _weighed(self, country: np.ndarray, amount: np.ndarray) -> float:
        """Sum of squared shares, each weighed by how badly the country is governed, 0 to 10."""
        shares = pd.Series(amount).groupby(country).sum() / amount.sum()
        return float((shares**2 * WGI_SCALE * (1 - self.places.governance.reindex(shares.index))).sum())

    def loss_without_largest(self) -> dict[str, float]:
        """Share of the value added of Taiwan's makers that stops at once without the largest foreign supplier."""
        world, firms = self.world, self.world.firms
        home = ((firms.country == HOME) & ~firms.kind.isin(["industry", "reserve"])).to_numpy()
        shelf = world.links.buyer.to_numpy()
        rows = np.nonzero(home[world.links.buyer_firm] & (self.sent > 0))[0]
        table = pd.DataFrame({"shelf": shelf[rows], "country": self.exporter[rows], "sent": self.sent[rows]})
        shares = table.groupby(["shelf", "country"]).sent.sum() / table.groupby("shelf").sent.sum()
        abroad = shares[shares.index.get_level_values("country") != HOME]
        lost = {
            "largest": abroad.groupby("shelf").max(),
            "china": abroad[abroad.index.get_level_values("country") == "CHN"].groupby("shelf").max(),
        }
        value = (world.start["value_added"] * world.start["base_activity"])[home]
        return {name: ratio(float((value * self._stopped(each)[home]).sum()), float(value.sum()))
                for name, each in lost.items()}  # fmt: skip

    def _stopped(self, lost: pd.Series) -> np.ndarray:
        """Share of each firm that its worst input stops (firm,): criticality x share lost."""
        world = self.world
        stopped = np.zeros(len(world.firms))
        shelves = lost.index.to_numpy(dtype=np.int64)
        hit = world.start["criticality"][shelves] * lost.to_numpy()
        np.maximum.at(stopped, world.bought.firm.to_numpy()[shelves], hit)
        return stopped

    def midstream_owned(self) -> dict[str, float]:
        """Taiwan's part of what is made outside China, stakes abroad by their share, by stage."""
        table = self.structure.made.assign(firm=self.structure.maker)
        stakes: dict[int, float] = {}
        last = self.history.dates()[-1].date()
        for spec in self.history.setting.causes:
            running = spec.start <= last and (spec.end is None or last < spec.end)
            if spec.instrument == "equity_abroad" and spec.by == HOME and running:
                for row in self.world.firm_rows(list(spec.fields["producers"])):
                    stakes[int(row)] = min(stakes.get(int(row), 0.0) + float(spec.fields["stake"]), 1.0)
        part = np.where(table.country == HOME, 1.0, table.firm.map(stakes).fillna(0.0))
        outside = table.assign(own=part * table.value)[(table.country != "CHN") & table.stage.isin(STAGES)]
        total = outside.groupby("stage").value.sum()
        return named(outside.groupby("stage").own.sum() / total.where(total > 0))

    def provider_sales(self) -> dict[str, float]:
        """What Taiwan's recyclers, purifiers and material makers sold over the run, US$ at outside prices, by buyer.

        `makers` is the part of all this that makers of materials, parts and equipment bought: they need high purity.
        """
        links, weeks = self.world.links, self.history.weeks
        theirs = np.isin(links.seller_firm.to_numpy(), providers(self.world)) & np.isin(self.stage, STAGES)
        allied = (self.places.alliance == "allied").reindex(self.importer).to_numpy(dtype=bool)
        rows = np.nonzero(theirs)[0]
        price = self.history.average[:weeks, OUTSIDE] * self.world.base_price
        value = (self.history.link["sent"][:weeks][:, rows] * price[:, links.g.to_numpy()[rows]]).sum(axis=0)
        home, friend = self.importer[rows] == HOME, allied[rows]
        makers = ~self.world.firms.kind.isin(ANY_GRADE).to_numpy()[links.buyer_firm.to_numpy()[rows]]
        return {"home": float(value[home].sum()), "allies": float(value[friend & ~home].sum()),
                "others": float(value[~friend & ~home].sum()), "makers": float(value[makers].sum())}  # fmt: skip

    def allied_supply(self) -> dict[str, float]:
        """Taiwan's part of what allies abroad buy of refined goods and materials in the last year, by value."""
        links = self.world.links
        allied = (self.places.alliance == "allied").reindex(self.importer).to_numpy(dtype=bool)
        value = self.sent * self.world.base_price[links.g] * (allied & (self.importer != HOME))
        found = {}
        for stage in STAGES:
            bought = value * (self.stage == stage)
            found[stage] = ratio(float(bought[self.exporter == HOME].sum()), float(bought.sum()))
        return found
