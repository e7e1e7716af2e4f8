"""Headline metrics of the routes of harm that the paper names, and of Taiwan's loss by way and sector."""

from __future__ import annotations

import numpy as np

from abm.measures.harm import worst_quarter
from abm.measures.register import NOT_NEGATIVE, SHARE, Reading, Told, metric

COSTED = ("chip_tools", "packaged_chips", "graphite_anode", "battery_packs", "wind_turbines", "offshore_wind")


@metric("US$", NOT_NEGATIVE)
def taiwan_loss(reading: Reading) -> Told:
    """Taiwan's loss: direct where minerals or materials bound it; indirect by parts, stopped buyers, late tools."""
    found = {name: float(lost[reading.home].sum()) for name, lost in reading.harm.by_way.items()}
    indirect = found["indirect_parts"] + found["indirect_orders"] + found["indirect_tools"]
    return {"direct": found["direct"], "indirect": indirect, **found}


@metric("US$", NOT_NEGATIVE)
def taiwan_loss_by_sector(reading: Reading) -> Told:
    """Taiwan's direct and indirect loss by sector, as in `taiwan_loss`; the sectors of each add up to it."""
    ways = reading.harm.by_way
    direct = ways["direct"]
    indirect = ways["indirect_parts"] + ways["indirect_orders"] + ways["indirect_tools"]
    sectors = {name: (reading.outcome.sector == name) & reading.home for name in set(reading.outcome.sector)}
    return {
        f"{way}.{name}": float(lost[rows].sum())
        for way, lost in (("direct", direct), ("indirect", indirect))
        for name, rows in sorted(sectors.items())
        if rows.any()
    }


@metric("share", SHARE, "none of it was made in the year")
def mid_range_orders(reading: Reading) -> Told:
    """Share of mid-range output by year: of Taiwan, and of South-East Asia, India and Mexico (movers)."""
    return reading.harm.mid_range_by_year()


@metric("weeks", NOT_NEGATIVE)
def tool_lead_time(reading: Reading) -> Told:
    """Lead time of chip tools, usual one and backlog: mean over the run and worst quarter, of fabs by capacity."""
    usual = reading.history.parameters["tool_lead_weeks"]
    added = reading.harm.route("tool_wait")
    return {
        f"{place}_{word}": usual + value
        for place, rows in reading.fab_places().items()
        for word, value in told_of(added, rows).items()
    }


def told_of(values: np.ndarray, weight: np.ndarray) -> dict[str, float]:
    """Mean and worst quarter of a weighted mean. values: (week, fab); weight: (fab,)."""
    if not len(weight) or weight.sum() <= 0:
        return {}
    mean = values @ weight / weight.sum()
    return {"mean": float(mean.mean()), "worst_quarter": worst_quarter(mean)}


@metric("ratio", NOT_NEGATIVE)
def tool_price(reading: Reading) -> Told:
    """Price of chip tools outside China and outlay of Taiwan's fabs, over their usual ones: mean and worst quarter."""
    history, goods = reading.history, reading.world.goods.good.to_numpy()
    price = history.average[: history.weeks, 1][:, goods == "chip_tools"]
    outlay = told_of(reading.harm.route("outlay_ratio"), reading.fab_places()["taiwan"])
    return {
        **{f"price_{word}": value for word, value in told_of(price, np.ones(price.shape[1])).items()},
        **{f"outlay_taiwan_{word}": value for word, value in outlay.items()},
    }


@metric("share", SHARE)
def fab_capacity_delayed(reading: Reading) -> Told:
    """Capacity of fabs that waits for chip tools over what would stand with it: mean over the run and worst quarter."""
    found: dict[str, float] = {}
    delayed, history = reading.harm.route("delayed"), reading.history
    would = history.firm["capacity"][: history.weeks, history.fabs] + delayed
    for place, weight in reading.fab_places().items():
        if weight.sum() > 0:
            share = delayed[:, weight > 0].sum(axis=1) / would[:, weight > 0].sum(axis=1)
            found |= {f"{place}_mean": float(share.mean()), f"{place}_worst_quarter": worst_quarter(share)}
    return found


@metric("US$", NOT_NEGATIVE)
def lost_to_tools(reading: Reading) -> Told:
    """What late chip tools cost fabs: value added of growth that waited; bill: paid above base prices when dearer."""
    lost, bill = (reading.by_place(values) for values in (reading.harm.lost_to_tools, reading.harm.tool_bill()))
    return lost | {f"bill_{place}": value for place, value in bill.items()}


@metric("share", SHARE)
def packaging_yield(reading: Reading) -> Told:
    """Share of good chips in packaging, 1 as in the base year: mean over the run and worst quarter."""
    found: dict[str, float] = {}
    for place in ("world", "taiwan"):
        share = reading.harm.yield_of(reading.places[place])
        found |= {f"{place}_mean": float(share.mean()), f"{place}_worst_quarter": -worst_quarter(-share)}
    return found


@metric("US$", NOT_NEGATIVE)
def packaging_scrap(reading: Reading) -> Told:
    """Inputs that went into chips spoilt for want of the usual joining materials, over the run."""
    return reading.by_place(reading.harm.scrapped())


@metric("ratio", NOT_NEGATIVE)
def route_cost(reading: Reading) -> Told:
    """Unit cost outside China over its base, by what inputs cost more: tools, packaging, anodes, packs, wind; worst."""
    return {good: worst_quarter(reading.harm.cost_of(good)) for good in COSTED if good in reading.harm.labels.main_good}


@metric("weeks, GW-weeks", NOT_NEGATIVE, "nobody wanted offshore wind in the last year")
def wind_connection(reading: Reading) -> Told:
    """Offshore wind connected later than wanted: weeks by which the last farms are late, and GW-weeks over the run."""
    return {
        f"{place}_{word}": value
        for place in ("world", "taiwan")
        for word, value in reading.harm.farms_late(reading.places[place]).items()
    }


@metric("US$", NOT_NEGATIVE)
def transit(reading: Reading) -> Told:
    """Chinese material by way of third countries: leaked round a control, sold by traders, refused for its content."""
    return reading.harm.transit()
