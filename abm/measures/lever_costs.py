"""What Taiwan's levers cost, in NT$: worked out from the size of each lever and the recorded run.

To give a lever a cost: one function here under the name of its instrument. Formulas: docs/metrics.md.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable

import numpy as np

from abm.measures.recorded import Recorded
from abm.policy.causes import Cause
from abm.scenario.scenario import CauseSpec, Scenario
from kit.clock import WEEKS_PER_YEAR

HOME = "TWN"
MILLION, KILOGRAMS = 1e6, 1000.0
OUTSIDE = 1
FULL = 0.1
FIRST_WASTE, LAST_WASTE = 2024, 2034

Cost = Callable[["Spending", Cause, np.ndarray], float]
COSTS: dict[str, Cost] = {}


def cost_of(instrument: str) -> Callable[[Cost], Cost]:
    """Register the cost of an instrument: (spending, cause, weeks in force (week,)) to NT$ over the run."""

    def register(work_out: Cost) -> Cost:
        COSTS[instrument] = work_out
        return work_out

    return register


def lever_costs(history: Recorded) -> dict[str, float]:
    """NT$ over the run by lever of Taiwan's scripted measures, and their total."""
    spending, found = Spending(history), {"total": 0.0}
    for spec, when in spending.levers().items():
        amount = COSTS[spec.instrument](spending, Cause.known[spec.instrument](spec, history.world), when)
        found[spec.instrument] = found.get(spec.instrument, 0.0) + amount
        found["total"] += amount
    return found


class Spending:
    """Quantities and prices of a run from which costs are worked out; arrays (week, row)."""

    def __init__(self, history: Recorded) -> None:
        self.history, self.world, self.parameters = history, history.world, history.parameters
        self.dates = history.days()
        self.rate = self.parameters["exchange_rate"]

    def levers(self) -> dict[CauseSpec, np.ndarray]:
        """Taiwan's scripted levers and when each was in force (week,), through all scenarios that governed the run."""
        found: dict[CauseSpec, np.ndarray] = {}
        for first, last, setting in self.history.governed():
            for spec in setting.causes:
                if spec.by == HOME and spec.instrument in COSTS:
                    when = self.in_force(spec, setting, (first, last))
                    found[spec] = found[spec] | when if spec in found else when
        return found

    def in_force(self, spec: CauseSpec, setting: Scenario, span: tuple[int, int]) -> np.ndarray:
        """Whether a measure holds in each week (week,), while its scenario governs and it is not suspended."""
        pauses = [each for each in setting.causes if each.instrument == "suspension" and spec.id in each.fields["of"]]
        when = np.array([holds(spec, day) and not any(holds(each, day) for each in pauses) for day in self.dates])
        number = np.arange(len(self.dates))
        return when & (number >= span[0]) & (number < span[1])

    def years(self, when: np.ndarray) -> float:
        """Length in years of the weeks chosen."""
        return float(when.sum()) / WEEKS_PER_YEAR

    def sales(self, cause: Cause, when: np.ndarray) -> float:
        """Value of what some firms make, US$ at the average price outside China."""
        main = self.world.firms.g.to_numpy()[cause.rows]
        price = self.history.average[: self.history.weeks, OUTSIDE][:, main] * self.world.base_price[main]
        return float((self.history.firm["activity"][: self.history.weeks, cause.rows] * price)[when].sum())

    def plant_value(self, cause: Cause) -> np.ndarray:
        """Outlay for a unit a week of capacity of some firms, US$ (row,): what equation 9 takes."""
        rate, life = self.parameters["discount_rate"], self.parameters["plant_life"]
        annuity = (1 - (1 + rate) ** -life) / rate
        rows = cause.rows
        price = self.world.output_value[rows]
        margin = self.parameters["hurdle_price"] - self.world.start["running_cost"][rows]
        return np.asarray(np.maximum(margin, 0.0) * annuity * price * WEEKS_PER_YEAR)

    def investment(self, cause: Cause, when: np.ndarray) -> float:
        """What some firms invest in new capacity, US$."""
        capacity = self.history.firm["capacity"][: self.history.weeks, cause.rows]
        added = np.maximum(np.diff(capacity, axis=0, prepend=capacity[:1]), 0.0)
        return float((added * self.plant_value(cause))[when].sum())

    def batteries(self, when: np.ndarray) -> float:
        """Waste lithium batteries of the weeks chosen, tonnes: a straight line from 2024 to 2034."""
        first, last = self.parameters["battery_waste_first"], self.parameters["battery_waste_last"]
        days = [date for date, chosen in zip(self.dates, when, strict=True) if chosen]
        year = np.array([day.year + (day.timetuple().tm_yday - 1) / 365 for day in days])
        return float(np.interp(year, (FIRST_WASTE, LAST_WASTE), (first, last)).sum() / WEEKS_PER_YEAR)


def holds(spec: CauseSpec, day: datetime.date) -> bool:
    """Whether a measure holds on a day."""
    return spec.start <= day and (spec.end is None or day < spec.end)


@cost_of("mapping")
def mapping(spending: Spending, cause: Cause, when: np.ndarray) -> float:
    """Firms mapped x yearly cost of a firm."""
    yearly = spending.parameters["firms_mapped"] * spending.parameters["cost_mapping"] * MILLION
    return float(cause.fields["coverage"] * yearly * spending.years(when))


@cost_of("substitution_research")
def substitution(spending: Spending, cause: Cause, when: np.ndarray) -> float:
    """How much faster x yearly research that doubles the speed."""
    faster = cause.fields["factor"] - 1
    return float(faster * spending.parameters["cost_substitution"] * MILLION * spending.years(when))


@cost_of("research_grant")
def research_grant(spending: Spending, cause: Cause, when: np.ndarray) -> float:
    """What is granted; nothing where there is nobody to take it."""
    days = [day for day, chosen in zip(spending.dates, when, strict=True) if chosen and len(cause.rows)]
    return float(sum(cause.yearly("amount", day.year, 0.0) for day in days) * MILLION / WEEKS_PER_YEAR)


@cost_of("investment_credit")
def investment_credit(spending: Spending, cause: Cause, when: np.ndarray) -> float:
    """Credits paid on investment."""
    return float(cause.fields["rate"] * spending.investment(cause, when) * spending.rate)


@cost_of("green_procurement")
def green_procurement(spending: Spending, cause: Cause, when: np.ndarray) -> float:
    """Premium on what providers make."""
    return float(cause.fields["premium"] * spending.sales(cause, when) * spending.rate)


@cost_of("collection_target")
def collection(spending: Spending, cause: Cause, when: np.ndarray) -> float:
    """Waste collected beyond today's, electronic and batteries x NT$ a kilogram."""
    tonnes = spending.parameters["waste_generated"] * spending.years(when) + spending.batteries(when)
    return float(cause.fields["share"] * tonnes * KILOGRAMS * spending.parameters["cost_collection"])


@cost_of("material_retention")
def retention(spending: Spending, cause: Cause, when: np.ndarray) -> float:
    """Battery material and scrap kept at home x NT$ a kilogram."""
    ratio = [spending.parameters.of_family("scrap_abroad", family) for family in ("battery_metals", "")]
    batteries, scrap = (each / (1 + each) for each in ratio)
    collected = spending.parameters["waste_collected"] * spending.years(when)
    tonnes = batteries * spending.batteries(when) + scrap * collected
    return float(cause.fields["share"] * tonnes * KILOGRAMS * spending.parameters["cost_retention"])


@cost_of("waste_import")
def waste_import(spending: Spending, cause: Cause, when: np.ndarray) -> float:
    """Waste brought in x NT$ a kilogram."""
    days = [day for day, chosen in zip(spending.dates, when, strict=True) if chosen]
    tonnes = sum(cause.yearly("tonnes", day.year, 0.0) for day in days) / WEEKS_PER_YEAR
    return float(tonnes * KILOGRAMS * spending.parameters["cost_import"])


@cost_of("recycling_service")
def recycling_service(spending: Spending, cause: Cause, when: np.ndarray) -> float:
    """Production scrap fetched x NT$ a kilogram."""
    weekly = spending.parameters["swarf_ratio"] * spending.world.start["base_capacity"][cause.rows].sum()
    tonnes = cause.fields["coverage"] * weekly * when.sum()
    return float(tonnes * KILOGRAMS * spending.parameters["cost_service"])


@cost_of("subsidy")
def subsidy(spending: Spending, cause: Cause, when: np.ndarray) -> float:
    """Running cost of what is made x the share that the state pays."""
    running = (spending.world.start["running_cost"] * spending.world.output_value)[cause.rows]
    spent = (spending.history.firm["activity"][: spending.history.weeks, cause.rows] * running)[when].sum()
    return float(cause.fields["rate"] * spent * spending.rate)


@cost_of("price_floor")
def price_floor(spending: Spending, cause: Cause, when: np.ndarray) -> float:
    """What is made x what the guaranteed price is above the average one."""
    main, weeks = spending.world.firms.g.to_numpy()[cause.rows], spending.history.weeks
    price = spending.history.average[:weeks, OUTSIDE][:, main] * spending.world.base_price[main]
    short = np.maximum(cause.fields["price"] - price, 0.0) * spending.history.firm["activity"][:weeks, cause.rows]
    return float(short[when].sum() * spending.rate)


@cost_of("stockpile")
def stockpile(spending: Spending, cause: Cause, when: np.ndarray) -> float:
    """What is bought for the store at the price of the week, and the cost of holding it; releases earn nothing."""
    history, world = spending.history, spending.world
    held, bought = (np.nonzero(np.isin(table.firm.to_numpy(), cause.rows))[0] for table in (world.made, world.bought))
    value = history.average[: history.weeks, OUTSIDE] * world.base_price
    spent = history.bought["used"][: history.weeks, bought] * value[:, world.bought.g.to_numpy()[bought]]
    stock = history.made["made_stock"][: history.weeks, held] * value[:, world.made.g.to_numpy()[held]]
    storage = stock * spending.parameters["cost_storage"] / WEEKS_PER_YEAR
    return float((spent[when].sum() + storage[when].sum()) * spending.rate)


@cost_of("equity_abroad")
def equity(spending: Spending, cause: Cause, when: np.ndarray) -> float:
    """The stake in what stands when it is bought, and in what is built after."""
    if not when.any():
        return 0.0
    first = int(np.argmax(when))
    standing = spending.history.firm["capacity"][first, cause.rows] * spending.plant_value(cause)
    later = spending.investment(cause, when & (np.arange(len(when)) > first))
    return float(cause.fields["stake"] * (standing.sum() + later) * spending.rate)


@cost_of("off_take")
def off_take(spending: Spending, cause: Cause, when: np.ndarray) -> float:
    """Output under contract x what it pays above the market, whether home users take it or it is sold on."""
    plants = Cause.known["price_floor"](cause.spec, spending.world)
    over = spending.parameters["cost_off_take"] * cause.fields["share"]
    return float(over * spending.sales(plants, when) * spending.rate)


@cost_of("partnership")
def partnership(spending: Spending, cause: Cause, when: np.ndarray) -> float:
    """Yearly cost of process help over the value that it adds at base prices."""
    price = spending.world.base_price[spending.world.firms.g.to_numpy()[cause.rows]]
    standing = (spending.history.firm["capacity"][: spending.history.weeks, cause.rows] * price)[when].sum()
    return float((cause.fields["factor"] - 1) * spending.parameters["cost_partnership"] * standing * spending.rate)


@cost_of("friend_shoring")
def friend_shoring(spending: Spending, cause: Cause, when: np.ndarray) -> float:
    """Allied imports that the preference moves (its share of them) x what they cost above the cheapest offer."""
    links = spending.world.links
    rows = cause.rows[links.export.to_numpy()[cause.rows] > 0]
    goods = links.g.to_numpy()[rows]
    price = spending.history.average[: spending.history.weeks, OUTSIDE][:, goods] * spending.world.base_price[goods]
    value = (spending.history.link["sent"][: spending.history.weeks, rows] * price)[when].sum()
    over = cause.fields["preference"] * spending.parameters["cost_friendship"]
    return float(over * value * spending.rate)


@cost_of("alliance_membership")
def membership(spending: Spending, cause: Cause, when: np.ndarray) -> float:
    """Yearly cost of membership."""
    yearly = cause.fields["preference"] / FULL * spending.parameters["cost_membership"] * MILLION
    return float(yearly * spending.years(when))
