"""Policies and events: each instrument is one class that writes on the week's conditions.

To add an instrument: one class here with its `name`, and its entry in `instruments.yaml`.
"""

from __future__ import annotations

import numpy as np

from abm.policy.causes import Cause, CountryCause, FirmCause, LinkCause, among, export_links, makers, of_goods
from abm.policy.conditions import Cap, Conditions
from abm.scenario.scenario import CauseSpec
from abm.world.world import World
from kit.clock import WEEKS_PER_YEAR, Week


class ExportQuota(LinkCause):
    """A cap on open exports in a year, spread evenly; smugglers carry a ratio of what goes openly besides."""

    name = "export_quota"

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Hold the links together under a week's part of the quota."""
        amount = self.yearly("tonnes", week.date.year, np.inf) / WEEKS_PER_YEAR
        conditions.caps.append(Cap(self.rows, amount, self.yearly("smuggled", week.date.year, 0.0)))


class ExportTax(LinkCause):
    """A duty on what leaves."""

    name = "export_tax"

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Add the rate."""
        conditions.write("export_tax", self.rows, self.fields["rate"])


class Ban(LinkCause):
    """A ban on exports to some places; a share may go on through third countries."""

    name = "ban"

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Close the links."""
        self.warn(conditions, week)
        conditions.write("open", self.rows, 0.0)
        conditions.write("leak", self.rows, self.fields.get("leak", 0.0))


class Embargo(Ban):
    """A ban on everything, or on the goods named, to some places."""

    name = "embargo"


class EntityList(Ban):
    """Named buyers are refused."""

    name = "entity_list"

    def resolve(self, world: World) -> np.ndarray:
        """Links out of the acting country to the buyers listed."""
        rows = export_links(world, self.spec.by or "", self.fields["goods"])
        buyers = world.firms.producer.to_numpy()[world.links.buyer_firm.to_numpy()[rows]]
        return rows[np.isin(buyers, sorted(self.fields["producers"]))]


class TechnologyBan(Cause):
    """Without the technology, plants elsewhere take longer to build."""

    name = "technology_ban"

    def resolve(self, world: World) -> np.ndarray:
        """Makers of the goods outside the acting country."""
        rows = makers(world, None, self.fields["goods"])
        home = among(world.firms.country.to_numpy()[rows], (self.spec.by,), world)
        return rows[~home]

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Lengthen building."""
        conditions.write("build", self.rows, self.fields["delay"])


class Tariff(Cause):
    """An import duty on goods from some places."""

    name = "tariff"

    def resolve(self, world: World) -> np.ndarray:
        """Links into the importer from the exporters named."""
        links = world.links
        inward = among(links.importer.to_numpy(), (self.spec.by,), world) & (links.export.to_numpy() > 0)
        source = among(links.exporter.to_numpy(), self.fields["on"], world)
        return np.nonzero(inward & source & of_goods(links.good.to_numpy(), self.fields["goods"]))[0]

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Add the rate."""
        conditions.write("tariff", self.rows, self.fields["rate"])


class ChipRule(LinkCause):
    """Tools and chips are refused in part to some places."""

    name = "chip_rule"

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Close part of the links."""
        conditions.write("open", self.rows, 1 - self.fields["share"])


class PriceAnswer(Cause):
    """A state has its producers sell below the market, which presses the price everywhere."""

    name = "price_answer"

    def __init__(self, spec: CauseSpec, world: World) -> None:
        super().__init__(spec, world)
        self.paid = makers(world, spec.by, self.fields["goods"])

    def resolve(self, world: World) -> np.ndarray:
        """The goods, as row numbers."""
        return np.nonzero(of_goods(world.goods.good.to_numpy(), self.fields["goods"]))[0]

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Cut the domestic price and pay the producers."""
        conditions.write("undercut", self.rows, self.fields["cut"])
        conditions.write("subsidy", self.paid, self.fields["cut"])


class MiningQuota(FirmCause):
    """A ceiling on mining, over base-year capacity."""

    name = "mining_quota"

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Lower the ceiling."""
        conditions.write("ceiling", self.rows, self.yearly("factor", week.date.year, np.inf))


class Subsidy(FirmCause):
    """A share of running cost paid to producers."""

    name = "subsidy"

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Add the rate."""
        conditions.write("subsidy", self.rows, self.fields["rate"])


class PriceFloor(FirmCause):
    """A guaranteed price for named producers."""

    name = "price_floor"

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Raise the floor."""
        conditions.write("floor", self.rows, self.fields["price"])


class Outage(FirmCause):
    """Named plants lose capacity."""

    name = "outage"

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Cut capacity."""
        conditions.write("capacity", self.rows, self.fields["factor"])


class DemandShock(Cause):
    """Demand for some products changes in some countries."""

    name = "demand_shock"

    def resolve(self, world: World) -> np.ndarray:
        """Final makers of the products there."""
        wanted = of_goods(world.firms.good.to_numpy(), self.fields["goods"])
        return np.nonzero(wanted & among(world.firms.country.to_numpy(), self.fields["countries"], world))[0]

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Scale demand."""
        conditions.write("demand", self.rows, self.fields["factor"])


class OffTake(Cause):
    """Users of the buyer's country take a share of a producer's output under contract, as far as they can use it.

    What they cannot use is sold on at the market's price; the contract is paid all the same.
    """

    name = "off_take"

    def resolve(self, world: World) -> np.ndarray:
        """Links from the producers to the country's users."""
        links = world.links
        sellers = np.isin(links.seller_firm.to_numpy(), world.firm_rows(list(self.fields["producers"])))
        return np.nonzero(sellers & among(links.importer.to_numpy(), (self.spec.by,), world))[0]

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Put the share under contract."""
        conditions.write("off_take", self.rows, self.fields["share"])


class FriendShoring(Cause):
    """Buyers of a country prefer allied sellers."""

    name = "friend_shoring"

    def resolve(self, world: World) -> np.ndarray:
        """Links into the country from allied sellers."""
        links = world.links
        inward = among(links.importer.to_numpy(), (self.spec.by,), world)
        return np.nonzero(inward & among(links.exporter.to_numpy(), ("allied",), world))[0]

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Add the preference."""
        conditions.write("favour", self.rows, self.fields["preference"])


class Stockpile(Cause):
    """A public stockpile, filled to a number of days of national use and released below a mark."""

    name = "stockpile"

    def resolve(self, world: World) -> np.ndarray:
        """The country's reserves of the goods."""
        firms = world.firms
        mine = (firms.kind == "reserve").to_numpy() & (firms.country == self.spec.by).to_numpy()
        return np.nonzero(mine & of_goods(firms.good.to_numpy(), self.fields["goods"]))[0]

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Set the target and the release mark."""
        conditions.write("reserve_days", self.rows, self.fields["days"])
        conditions.write("release_mark", self.rows, self.fields["release_weeks"])


class FasterPermits(CountryCause):
    """Projects get through sooner: all of a country, or those of some goods."""

    name, condition, field = "faster_permits", "build", "factor"

    def resolve(self, world: World) -> np.ndarray:
        """The country's makers of the goods."""
        return makers(world, self.spec.by, self.fields.get("goods", ("all",)))


class CollectionTarget(CountryCause):
    """More of what is discarded is collected."""

    name, condition, field = "collection_target", "collection", "share"


class Mapping(CountryCause):
    """Firms know their chain, so they react sooner and judge suppliers better."""

    name, condition, field = "mapping", "alertness", "coverage"


class SubstitutionResearch(CountryCause):
    """Thrift and substitution come faster."""

    name, condition, field = "substitution_research", "substitution", "factor"


class Partnership(FirmCause):
    """Process help lifts the capacity of partner refineries."""

    name = "partnership"

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Lift what the plants can run."""
        conditions.write("partner", self.rows, self.fields["factor"])


class Release(Cause):
    """A government's decision to release a public stockpile."""

    name = "release"

    def resolve(self, world: World) -> np.ndarray:
        """The reserve named."""
        return world.firm_rows([self.fields["reserve"]])

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Let stock out."""
        conditions.write("release", self.rows, self.fields["amount"])
