"""Headline metrics: functions of the recorded history, so adding one cannot change a run. Formulas: docs/metrics.md.

A metric that says something of several places, sectors or goods returns a mapping; each entry is told by its own name.
Those of the routes of harm stand in `abm.measures.routes`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from abm.measures import routes
from abm.measures.harm import QUARTER
from abm.measures.lever_costs import lever_costs
from abm.measures.recorded import Recorded
from abm.measures.register import (
    ANYTHING,
    CHANGE_OF_SHARE,
    METRICS,
    NOT_NEGATIVE,
    SHARE,
    Metric,
    Reading,
    Told,
    metric,
)
from abm.measures.shares import PER_CENT, over, ratio
from abm.scenario.checks import having
from abm.world.labels import HOME, labels_of

__all__ = ["METRICS", "Metric", "Reading", "metric", "routes", "summary"]
ANSWER_WEEKS = 52
RECOVERED = 0.1


def summary(history: Recorded, reading: Reading | None = None) -> dict[str, dict[str, Any]]:
    """All headline metrics of a run: name, or name.entry, to value, unit and meaning; None and why where undefined."""
    reading = reading or Reading(history)
    return {name: told for each in METRICS for name, told in each.tell(reading).items()}


@metric("US$", NOT_NEGATIVE)
def output_lost(reading: Reading) -> Told:
    """Value added that makers lost over the run: demand for products not served, parts not made for want of inputs."""
    return reading.by_place(reading.outcome.output_lost)


@metric("US$", NOT_NEGATIVE)
def output_lost_to_capacity(reading: Reading) -> Told:
    """The part of output lost that final makers could not have made with all inputs in stock: laid up or too small."""
    return reading.by_place(reading.outcome.output_lost - reading.outcome.lost_to_inputs)


@metric("US$", NOT_NEGATIVE)
def output_lost_by_sector(reading: Reading) -> Told:
    """Value added lost over the run, world, by sector."""
    return reading.by_sector(reading.outcome.output_lost, reading.places["world"])


@metric("US$", NOT_NEGATIVE)
def output_lost_by_sector_taiwan(reading: Reading) -> Told:
    """Value added lost over the run by firms in Taiwan, by sector."""
    return reading.by_sector(reading.outcome.output_lost, reading.home)


@metric("US$", NOT_NEGATIVE)
def output_lost_by_input(reading: Reading) -> Told:
    """Value added lost over the run, world, by the scarce input that bound the maker."""
    total = reading.outcome.lost_by_shelf
    lost = np.bincount(reading.world.bought.g, weights=total, minlength=len(reading.world.goods))
    return {str(good): float(amount) for good, amount in zip(reading.world.goods.good, lost, strict=True) if amount > 0}


@metric("US$", NOT_NEGATIVE)
def orders_lost(reading: Reading) -> Told:
    """Value added of orders that makers of parts and materials missed as their customers stopped for other reasons."""
    return reading.by_place(reading.outcome.orders_lost)


@metric("US$", ANYTHING)
def taiwan_extra_input_cost(reading: Reading) -> Told:
    """What Taiwan paid for inputs above base prices: direct for minerals and materials, indirect for parts."""
    history, outcome, weeks = reading.history, reading.outcome, reading.history.weeks
    rows = np.nonzero(reading.home[outcome.owner])[0]
    good = reading.world.bought.g.to_numpy()[rows]
    dearer = history.average[:weeks, 1][:, good] - 1
    cost = (history.bought["used"][:weeks, rows] * dearer).sum(axis=0, dtype=float) * reading.world.base_price[good]
    raw = outcome.raw[rows]
    return {"direct": float(cost[raw].sum()), "indirect": float(cost[~raw].sum())}


@metric("share", SHARE, "Taiwan has no makers")
def gdp_at_risk_taiwan(reading: Reading) -> Told:
    """Taiwan's loss, direct and indirect, over the value added that its makers would have made: run, worst quarter."""
    outcome, home = reading.outcome, reading.home
    lost = (outcome.lost_to_inputs[:, home] + outcome.orders_lost[:, home]).sum(axis=1)
    would = (outcome.aimed * reading.world.start["value_added"] + outcome.orders_lost)[:, home].sum(axis=1)
    quarter = np.ones(min(QUARTER, len(lost)))
    worst = over(np.convolve(lost, quarter, "valid"), np.convolve(would, quarter, "valid"))
    return {"run": ratio(float(lost.sum()), float(would.sum())), "worst_quarter": float(worst.max())}


@metric("weeks", NOT_NEGATIVE, "nothing was lost, or the loss lasts to the end")
def time_to_recover(reading: Reading) -> Told:
    """Weeks from the worst week of output lost until it stays below a tenth of that; none if it lasts."""
    return {name: recovery(reading.outcome.output_lost[:, rows].sum(axis=1)) for name, rows in reading.places.items()}


def recovery(lost: np.ndarray) -> float:
    """Weeks from the peak of a loss (week,) until it stays below a tenth of it; not a number if it never does."""
    peak = int(lost.argmax())
    high = np.nonzero(lost > RECOVERED * lost[peak])[0]
    if lost[peak] <= 0 or high[-1] == len(lost) - 1:
        return math.nan
    return float(high[-1] + 1 - peak)


@metric("firms", NOT_NEGATIVE)
def firms_stopped(reading: Reading) -> Told:
    """Named firms that at least once made less than half of what was asked of them, by sector, and in Taiwan."""
    outcome = reading.outcome
    ever = outcome.named[outcome.stopped.any(axis=0)]
    count = {
        str(name): float((outcome.sector[ever] == name).sum()) for name in sorted(set(outcome.sector[outcome.named]))
    }
    return count | {"taiwan": float(reading.home[ever].sum())}


@metric("firms", NOT_NEGATIVE)
def firms_named(reading: Reading) -> Told:
    """Named firms there are, by sector, and in Taiwan; what the firms that stopped are counted among."""
    named, sector = reading.outcome.named, reading.outcome.sector
    count = {str(name): float((sector[named] == name).sum()) for name in sorted(set(sector[named]))}
    return count | {"taiwan": float(reading.home[named].sum())}


@metric("weeks", NOT_NEGATIVE)
def weeks_stopped(reading: Reading) -> Told:
    """Weeks that a named firm that stopped stood still in all, on average, by sector, and in Taiwan."""
    outcome = reading.outcome
    weeks = outcome.stopped.sum(axis=0)
    sector, home = outcome.sector[outcome.named], reading.home[outcome.named]
    groups = {str(name): sector == name for name in sorted(set(sector))} | {"taiwan": home}
    return {name: float(weeks[rows & (weeks > 0)].mean()) for name, rows in groups.items() if (weeks[rows] > 0).any()}


@metric("weeks", (0.0, float(ANSWER_WEEKS)), "no firm stopped within a year for want of it")
def first_stop_after(reading: Reading) -> Told:
    """Weeks from the start of each control to the first stop, within a year, of a firm bound by what it controls."""
    history, stops = reading.history, reading.outcome.stops
    stops = stops[(stops.kind == "stop") & (stops.shelf >= 0)]
    week, good = stops.week.to_numpy(), labels_of(reading.world).bought_good[stops.shelf]
    found = {}
    for cause in history.setting.causes:
        start, goods = (cause.start - history.start).days / 7, cause.fields.get("goods", ())
        if cause.instrument not in having("hinders") or not 0 <= start < history.weeks:
            continue
        under = np.isin(labels_of(reading.world).goods, goods) | ("all" in goods)
        later = week[under[good] & (week >= start) & (week < start + ANSWER_WEEKS)]
        found[cause.id] = float(later.min() - start) if len(later) else math.nan
    return found


@metric("ratio", NOT_NEGATIVE)
def peak_price_ratio(reading: Reading) -> Told:
    """Highest spot price outside China over that in China, base year 1, of each good under a licence, ban or quota."""
    history = reading.history
    watched = [cause for cause in history.setting.causes if cause.instrument in having("priced")]
    named = {good for cause in watched for good in cause.fields["goods"]}
    spot = history.spot[: history.weeks]
    peak = (spot[:, 1] / np.maximum(spot[:, 0], 1e-300)).max(axis=0)
    return {str(good): float(peak[row]) for row, good in enumerate(reading.world.goods.good) if good in named}


@metric("share", SHARE, "Taiwan imported nothing of it in the year")
def taiwan_exposure(reading: Reading) -> Told:
    """China's part of Taiwan's imports by value: direct in minerals and materials, embedded in parts and products."""
    return reading.structure.exposure()


@metric("share", SHARE, "Taiwan imported nothing of it in the last year")
def taiwan_imports_from_china(reading: Reading) -> Told:
    """China's part of what Taiwan imports in the last year, for each mineral, material, part and product."""
    return reading.structure.imports_from_china()


@metric("index, 0 to 10000", (0.0, PER_CENT**2), "none of it was made in the last year")
def hhi(reading: Reading) -> Told:
    """Concentration by country of each refined good's output in the last year: sum of squared shares in per cent."""
    return reading.structure.concentration()


@metric("share", SHARE, "nothing of the stage was made in the last year")
def china_share_by_stage(reading: Reading) -> Told:
    """China's part of world output at each stage in the last year, goods weighted by value at base prices."""
    return reading.structure.share_by_stage("CHN", of_world=True)


@metric("share", SHARE, "nothing of the stage was made outside China in the last year")
def taiwan_midstream_share(reading: Reading) -> Told:
    """Taiwan's part of the output outside China of refined goods and of materials in the last year, by value."""
    return {
        stage: share
        for stage, share in reading.structure.share_by_stage(HOME, of_world=False).items()
        if stage in ("refined", "material")
    }


@metric("share", SHARE, "none of it was made in the last year")
def allied_refined_share(reading: Reading) -> Told:
    """Allies' part, Taiwan included, of world output of refined and of recycled goods in the last year, by value."""
    return reading.structure.allied_share()


@metric("ratio", NOT_NEGATIVE, "nobody uses it")
def n_minus_1_cover(reading: Reading) -> Told:
    """World supply without the largest country over the world's need in the last year, for each mineral good."""
    return reading.structure.cover_without_largest()


@metric("share", SHARE, "none of it was made in the last year")
def secondary_share(reading: Reading) -> Told:
    """Recyclers' part of the output in the last year, for each good that they make."""
    return reading.structure.secondary()


@metric("share", CHANGE_OF_SHARE, "none of it was made in the first or last year")
def order_share_taiwan(reading: Reading) -> Told:
    """Change from first to last year of Taiwan's share of world output of the parts and products that it makes."""
    return reading.structure.orders_moved()


@metric("weeks", NOT_NEGATIVE, "Taiwan's makers expect to use none of their vital inputs")
def time_to_survive_taiwan(reading: Reading) -> Told:
    """Weeks of use that Taiwan's makers hold of their scarcest vital input: least and median at the end, and lowest."""
    return reading.structure.survival()


@metric("relative", NOT_NEGATIVE)
def mass_balance_error(reading: Reading) -> Told:
    """Largest gap in the balance of any good in any week, over the most of it ever held or made in a week."""
    return float(reading.history.balance_error[: reading.history.weeks].max(initial=0.0))


@metric("share", SHARE)
def months_under_control(reading: Reading) -> Told:
    """Share of the run in which at least one Chinese export control was in force."""
    return float((reading.history.controls[: reading.history.weeks] > 0).mean())


@metric("1", NOT_NEGATIVE)
def escalations(reading: Reading) -> Told:
    """Restrictive measures that free governments took up over the run: controls, duties, chip and technology rules."""
    return float(len(restrictive(reading, taken=True)))


def restrictive(reading: Reading, taken: bool) -> list[str]:
    """Instruments of the restrictive acts of free governments that were taken up, or back, in order."""
    return [
        instrument for *_, instrument, up in reading.history.acts if up == taken and instrument in having("restricts")
    ]


@metric("1", NOT_NEGATIVE)
def relaxations(reading: Reading) -> Told:
    """Restrictive measures that free governments took back over the run."""
    return float(len(restrictive(reading, taken=False)))


@metric("share", SHARE)
def tension(reading: Reading) -> Told:
    """Mean over the run of the highest tension of China, the United States and Taiwan toward another, from 0 to 1."""
    places = reading.world.governments.country.tolist()
    mean = reading.history.tension[: reading.history.weeks].mean(axis=0)
    return {key: float(mean[places.index(key)]) for key in ("CHN", "USA", HOME)}


@metric("NT$", NOT_NEGATIVE)
def lever_cost(reading: Reading) -> Told:
    """What Taiwan's scripted levers cost over the run, each and in all."""
    return lever_costs(reading.history)


@metric("US$", NOT_NEGATIVE)
def provider_fees(reading: Reading) -> Told:
    """Fees that partner refineries abroad paid to Taiwanese providers for process help over the run."""
    weeks = reading.history.weeks
    return float(reading.history.fees[weeks - 1]) if weeks else 0.0


@metric("ratio", NOT_NEGATIVE, "the European Union bought none of it in the last year, or none was made")
def eu_supply_risk(reading: Reading) -> Told:
    """Supply risk of the European Union for each refined good in the last year; critical from 1 on."""
    return reading.role.supply_risk()


@metric("share", SHARE, "Taiwan has no makers")
def n_minus_1_loss_taiwan(reading: Reading) -> Told:
    """Value added of Taiwan's makers that stops at once without the largest foreign country of each input, or China."""
    return reading.role.loss_without_largest()


@metric("share", SHARE, "nothing of the stage was made outside China in the last year")
def taiwan_midstream_owned(reading: Reading) -> Told:
    """Taiwan's part of the output outside China of refined goods and materials, stakes abroad by their share."""
    return reading.role.midstream_owned()


@metric("US$", NOT_NEGATIVE)
def provider_sales(reading: Reading) -> Told:
    """What Taiwan's recyclers, purifiers and material makers sold over the run: at home, to allies, to others."""
    return reading.role.provider_sales()


@metric("share", SHARE, "allies abroad bought nothing of it in the last year")
def taiwan_part_of_allied_supply(reading: Reading) -> Told:
    """Taiwan's part of what allies abroad buy of refined goods and of materials in the last year, by value."""
    return reading.role.allied_supply()
