"""Taiwan's levers as instruments; what each costs is worked out in `abm.measures.lever_costs`.

To add one: a class here with its `name`, its entry in `instruments.yaml`, and its cost.
"""

from __future__ import annotations

import numpy as np

from abm.policy.causes import Cause, FirmCause, among, of_goods
from abm.policy.conditions import Conditions
from abm.scenario.scenario import CauseSpec
from abm.world.providers import STAGES, providers
from abm.world.world import World
from kit.clock import WEEKS_PER_YEAR, Week

MILLION = 1e6


class ProviderCause(Cause):
    """A cause that acts on a country's recyclers, purifiers and makers of materials, or on those of some goods."""

    def resolve(self, world: World) -> np.ndarray:
        """The providers of the goods."""
        rows = providers(world, self.spec.by or "")
        return rows[of_goods(world.firms.good.to_numpy()[rows], self.fields.get("goods", ("all",)))]


class RecyclerCause(ProviderCause):
    """A cause that acts on a country's recyclers."""

    def resolve(self, world: World) -> np.ndarray:
        """The recyclers of the goods."""
        rows = super().resolve(world)
        return rows[(world.firms.kind == "recycler").to_numpy()[rows]]


class ResearchGrant(ProviderCause):
    """Grants for research on the processes of providers, shared out alike."""

    name = "research_grant"

    def __init__(self, spec: CauseSpec, world: World) -> None:
        super().__init__(spec, world)
        self.rate = world.parameters["exchange_rate"]

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Pay each of them its part of the week."""
        if len(self.rows):
            paid = self.yearly("amount", week.date.year, 0.0) * MILLION / self.rate / WEEKS_PER_YEAR
            conditions.write("grant", self.rows, paid / len(self.rows))


class InvestmentCredit(ProviderCause):
    """A tax credit on investment in recycling, purifying and materials."""

    name = "investment_credit"

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Add the rate."""
        conditions.write("credit", self.rows, self.fields["rate"])


class GreenProcurement(ProviderCause):
    """Public and state-owned buyers pay a premium for recycled and purified material."""

    name = "green_procurement"

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Add the premium."""
        conditions.write("premium", self.rows, self.fields["premium"])


class MaterialRetention(RecyclerCause):
    """Black mass and electronic waste that used to be exported stays for home recyclers."""

    name = "material_retention"

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Keep the share."""
        conditions.write("retention", self.rows, self.fields["share"])


class WasteImport(RecyclerCause):
    """A permit to bring in electronic waste for refining."""

    name = "waste_import"

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Let in the week's part."""
        conditions.write("imports", self.rows, self.yearly("tonnes", week.date.year, 0.0) / WEEKS_PER_YEAR)


class RecyclingService(RecyclerCause):
    """Recycling as a service: production scrap is fetched from firms and comes back as material."""

    name = "recycling_service"

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Serve the share of firms."""
        conditions.write("service", self.rows, self.fields["coverage"])


class EquityAbroad(FirmCause):
    """A stake in plants abroad: it pays its part of their expansion and its users take their part of the output."""

    name = "equity_abroad"

    def __init__(self, spec: CauseSpec, world: World) -> None:
        super().__init__(spec, world)
        links = world.links
        theirs = np.isin(links.seller_firm.to_numpy(), self.rows)
        self.links = np.nonzero(theirs & among(links.importer.to_numpy(), (spec.by,), world))[0]

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Bear a part of investment, and put the owners' part under contract."""
        conditions.write("credit", self.rows, self.fields["stake"])
        conditions.write("off_take", self.links, self.fields["stake"])


class AllianceMembership(Cause):
    """Full membership of the allied minerals partnership: allied buyers prefer its refined goods and materials."""

    name = "alliance_membership"

    def resolve(self, world: World) -> np.ndarray:
        """Links that carry refined goods and materials from the country to its allies, and within it."""
        exporter, importer = world.links.exporter.to_numpy(), world.links.importer.to_numpy()
        stage = world.links.good.map(world.goods.set_index("good").stage).isin(STAGES).to_numpy()
        return np.nonzero(stage & among(exporter, (self.spec.by,), world) & among(importer, ("allied",), world))[0]

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Add the preference."""
        conditions.write("favour", self.rows, self.fields["preference"])


class ProviderSwitch(Cause):
    """Takes away what Taiwan provides to others, at home and at partner plants; the probe of the rescue index."""

    name = "provider_switch"

    def resolve(self, world: World) -> np.ndarray:
        """Every firm: whoever sells what Taiwan's capability adds."""
        return np.arange(len(world.firms))

    def apply(self, conditions: Conditions, week: Week) -> None:
        """Leave a part."""
        conditions.write("provider", self.rows, self.fields["left"])
