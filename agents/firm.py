"""The firm: one plant line with one recipe. What every kind of firm has and does; kinds differ where they override."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents import kernels
from agents.provision import NOTHING
from agents.strategy import Strategist
from kit.clock import WEEKS_PER_YEAR
from kit.columns import Field

QUARTERS = 4
SALES = ("sales", "made_cover", "main_stock", "activity", "pace")
"""Fields by which a firm knows what buyers call for, and how fast it can cut its output."""


class Firm(Strategist):
    """Makes its goods from bought inputs, holds stocks, orders by belief, invests and substitutes.

    Amounts are per week in the unit of the good; activity is in units of the first good of the recipe.
    """

    # what it is
    base_activity = Field("units/week", "activity in the base year")
    base_capacity = Field("units/week", "capacity in the base year")
    value_added = Field("US$/unit", "value added per unit of activity")
    running_cost = Field("share of base price", "operating cost, inputs included, over the base value of what it makes")
    final = Field("0 or 1", "1 where final buyers take the product the week it is made")
    build_weeks = Field("weeks", "time from decision to first product of an expansion")
    pace = Field("1/week", "largest cut of output in a week", start=1.0)
    made_cover = Field("weeks", "stock of made goods aimed at, in weeks of sales")
    # what it knows this week (the world writes these before it decides)
    available = Field("share", "share of capacity that can run", start=1.0)
    limit = Field("units/week", "bound set by a host's activity, collected scrap or a quota", start=np.inf)
    outlook = Field("ratio", "published demand outlook over the base year", start=1.0)
    demand = Field("units/week", "demand of final buyers")
    requested = Field("units/week", "orders that could be shipped, for the main good")
    main_stock = Field("units", "stock of the main good")
    price_ratio = Field("ratio", "price of what it makes, floor and subsidy included, over its base", start=1.0)
    dearer = Field("share of base price", "what inputs cost above their base, over the base value of what it makes")
    margin = Field("share of base price", "margin on the next unit at asked prices, over its base value")
    build_ratio = Field("ratio", "building time over its usual length", start=1.0)
    tool_wait = Field("weeks", "what the backlog of chip tools adds to their lead time")
    outlay_ratio = Field("ratio", "outlay of new capacity over its usual one", start=1.0)
    alertness = Field("share", "how well it knows its chain")
    research = Field("ratio", "speed of substitution over its usual one", start=1.0)
    grant = Field("US$/week", "grant for research on its process")
    credit = Field("share", "part of an investment that the state pays")
    premium = Field("share of price", "paid on top for recycled or purified material")
    service = Field("share", "production scrap collected as a service")
    retention = Field("share", "part of exported black mass and e-waste kept at home")
    imports = Field("t/week", "electronic waste that may come in")
    # what it decides and holds
    capacity = Field("units/week", "capacity that stands")
    idle = Field("share", "capacity laid up")
    worth = Field("years", "net present value of new capacity over a year's sales at base price")
    building = Field("units/week", "capacity under construction")
    ready = Field("week", "week in which the construction is done")
    sales = Field("units/week", "expected sales")
    seen_price = Field("ratio", "price ratio as remembered over a year", start=1.0)
    seen_dearer = Field("share of base price", "what inputs cost above their base, as remembered over a year")
    plan = Field("units/week", "what buyers want of it")
    wanted = Field("units/week", "what it would make with enough inputs")
    activity = Field("units/week", "what it makes")
    cash = Field("US$", "money earned since the start over the base margin")
    # its shelves of bought inputs
    need = Field("units/unit", "input per unit of activity", level="bought")
    criticality = Field("share", "activity that stops without the input", level="bought")
    cover = Field("weeks", "base cover", level="bought")
    lead = Field("weeks", "usual time in transit", level="bought")
    delay = Field("weeks", "time that licences and holds add, mean over its suppliers", level="bought")
    hoarding = Field("ratio", "extra cover when trust is gone", level="bought")
    thrift_cap = Field("share", "use that can be saved or replaced", level="bought")
    thrift_speed = Field("1/year", "speed of substitution for each doubling of the price", level="bought")
    thrift = Field("share", "use saved or replaced so far", level="bought")
    stock = Field("units", "stock of the input", level="bought")
    desired = Field("units/week", "input it would use this week", level="bought")
    used = Field("units/week", "input used this week", level="bought")
    expected_use = Field("units/week", "use it expects", level="bought")
    trust = Field("share", "trust in its suppliers of the input", level="bought", start=1.0)
    extra = Field("weeks", "cover wanted beyond the usual", level="bought")
    on_order = Field("units", "applied for, licensed or in transit", level="bought")
    closing_part = Field("share", "part of its suppliers about to come under an announced control", level="bought")
    weeks_left = Field("weeks", "time until the first such control is in force", level="bought")
    paid_ratio = Field("ratio", "price paid over its base", level="bought", start=1.0)
    ordered = Field("units/week", "order", level="bought")
    # its supply links
    affinity = Field("ratio", "tie to the supplier per unit of the supplier's capacity", level="link")
    supplier_capacity = Field("units/week", "capacity of the supplier", level="link")
    landed = Field("ratio", "landed cost over its base", level="link", start=1.0)
    favour = Field("ratio", "friend-shoring and group preference", level="link")
    contracted = Field("units/week", "what the supplier delivers under off-take or to its owners", level="link")
    warned = Field("0 or 1", "a control on the link has just been announced or enacted", level="link")
    controlled = Field("share", "part of what goes over the link that needs a licence or is held", level="link")
    closing = Field("0 or 1", "a control on the link has been announced and is not yet in force", level="link")
    belief = Field("share", "belief that the link delivers", level="link", start=1.0)
    share = Field("share", "share of the order given to the supplier", level="link")
    claim = Field("units/week", "order placed with the supplier", level="link")
    filled = Field("share", "share of the claim that was shipped", level="link", start=1.0)

    def aim(self, seen: Any) -> None:
        """Say what it would make if nothing bound it (equation 1): orders and stock decide."""
        self.plan = self.wish(seen)

    def produce(self, seen: Any) -> None:
        """Set the activity (equation 1): what buyers want, as far as capacity, host and the scarcest input allow."""
        kernels.produce(
            self.shelves_per_firm(),
            self.own("plan", "capacity", "available", "idle", "limit"),
            self.own("need", "thrift", "criticality", "stock"),
            self.own("wanted", "activity", "desired", "used"),
        )

    def wish(self, seen: Any) -> Any:
        """Output that buyers want: final demand, or sales and what brings the made stock to its aim.

        A mine or refinery cuts its output no faster than its `pace`: what finds no buyer piles up meanwhile.
        """
        found = np.empty(len(self.own("plan")[0]))
        kernels.wish(self.own("final", "demand"), self.own(*SALES), seen.parameter("refill_weeks"), found)
        return self.per_firm(found)

    def order(self, seen: Any) -> None:
        """Order inputs (equation 2): use, plus the gap to the cover aimed at, which grows with distrust and waits."""
        kernels.order_inputs(
            self.own("desired", "stock", "on_order", "closing_part", "weeks_left"),
            self.own("cover", "lead", "delay", "hoarding", "trust"),
            self.own("expected_use", "ordered", "extra"),
            (seen.parameter("use_memory"), seen.parameter("order_adjustment")),
        )

    def choose(self, seen: Any) -> None:
        """Split orders over suppliers (equation 3): tie, capacity, landed cost, belief and favour, with inertia.

        What is under contract is taken first.
        """
        kernels.split_orders(
            self.links_per_shelf(),
            self.own("affinity", "supplier_capacity", "landed", "belief", "favour", "closing"),
            (self.ordered, self.expected_use, self.per_bought(self.alertness)),
            self.own("share", "claim"),
            (seen.parameter("cost_sensitivity"), seen.parameter("least_belief"), seen.parameter("switch_weeks")),
        )
        (ordered,) = self.own("ordered")
        (contracted,) = self.own("contracted")
        kernels.honour(self.links_per_shelf(), ordered, contracted, self.own("share", "claim"))

    def settle(self, seen: Any) -> None:
        """Learn from what came (equation 2): belief in links, trust in shelves, expected sales, money."""
        kernels.learn(
            self.links_per_shelf(),
            self.own("filled", "warned", "controlled", "share"),
            self.per_bought(self.alertness),
            self.own("belief", "trust"),
            (seen.parameter("belief_speed"), seen.parameter("warned_belief"), seen.parameter("licensed_belief")),
        )
        kernels.remember(
            self.own("requested", "price_ratio", "dearer", "activity", "base_activity", "value_added"),
            self.own("sales", "seen_price", "seen_dearer", "cash"),
            (seen.parameter("sales_memory"), WEEKS_PER_YEAR),
        )

    def adapt(self, seen: Any) -> None:
        """Save or replace dear or uncertain inputs, slowly, up to a cap, partly for good (equation 8); each quarter.

        Effort grows with each doubling of the price. An input that may not come costs more than its price: lack of
        trust counts like a higher price.
        """
        dear = np.maximum(np.log2(self.paid_ratio) + (1 - self.trust), 0)
        speed = self.per_bought(self.research * (1 + self.saving)) * self.thrift_speed / QUARTERS
        gain = np.minimum(dear * speed, 1) * (self.thrift_cap - self.thrift)
        loss = (1 - np.minimum(dear, 1)) * seen.parameter("thrift_reversal") / QUARTERS * self.thrift
        self.thrift = self.thrift + gain - loss

    def invest(self, seen: Any) -> None:
        """Lay up, restart and expand capacity by what it earns (equation 9); each quarter.

        The outlay is what the base margin and the hurdle price just repay, so at base prices nothing is built. Dear
        tools raise it and late ones put the first product off (equation 9a).
        """
        rate, life = seen.parameter("discount_rate"), seen.parameter("plant_life")
        annuity = (1 - (1 + rate) ** -life) / rate
        weeks, wait = self.own("build_weeks", "tool_wait")
        later = (1 + rate) ** -((weeks + wait) / WEEKS_PER_YEAR)
        prices = (*self.own("seen_price", "running_cost"), self.burden(), *self.own("outlay_ratio", "credit"), later)
        steps = tuple(seen.parameter(name) for name in ("idling_step", "busy", "expansion_step"))
        kernels.invest(
            prices,
            self.own("final", "activity", "tool_wait", "build_weeks", "build_ratio"),
            self.own("idle", "capacity", "building", "ready", "worth"),
            (seen.week, *steps, (annuity, seen.parameter("hurdle_price"))),
        )

    def burden(self) -> Any:
        """What dear inputs take from the margin, over the base value of what it makes (equation 9).

        Makers of materials and parts pass it on: supply contracts carry a surcharge for raw materials. Dear inputs
        then take what the market price has risen by, but leave the base margin.
        """
        dearer, price = self.own("seen_dearer", "seen_price")
        return np.minimum(dearer, np.maximum(price - 1, 0.0))

    def improve(self, seen: Any) -> None:
        """Lower the running cost by what research grants pay for (equation 13a); each quarter.

        A grant worth a year's value added cuts the cost by `research_effect`, at most by `research_pace` a quarter.
        """
        worth = np.maximum(self.value_added * self.base_capacity, NOTHING)
        cut = self.grant / worth * seen.parameter("research_effect") / QUARTERS
        self.running_cost = self.running_cost * (1 - np.minimum(cut, seen.parameter("research_pace")))
