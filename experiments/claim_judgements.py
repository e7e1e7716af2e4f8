"""Figures of the paper's judgements (J) and recommendations (R): what runs under controls give."""

from __future__ import annotations

import datetime

from abm import Model
from abm.measures.headline import Reading
from abm.measures.losses import Outcome
from experiments.claim_facts import CONTROL_OF_2025, headline, share
from experiments.claims import figure
from experiments.rescue import Request, measure
from experiments.rescue_index import avoided, index

HELD = ("dy_oxide", "tb_oxide", "gallium", "germanium", "antimony")
MID_RANGE = ("servers_phones", "electronic_components", "packaged_chips")
YEAR, PROBED, BILLION = 52, 2032, 1e9


def outside_over_china(model: Model, good: str, start: datetime.date) -> float:
    """Outside asked price over the Chinese one, highest in the year after a control."""
    place = model.world.goods.good.tolist().index(good)
    week = (start - model.history.start).days // 7
    spot = model.history.spot[week : week + YEAR, :, place]
    return float((spot[:, 1] / spot[:, 0]).max())


@figure("J01.price_power")
def price_power(model: Model) -> float:
    return outside_over_china(model, "dy_oxide", CONTROL_OF_2025)


@figure("J01.diversification")
def diversification(model: Model) -> float:
    return share(model, HELD) - share(model, HELD, last=False)


@figure("J02.indirect_part")
def indirect_part(model: Model) -> float:
    direct, indirect = headline(model, "taiwan_loss.direct"), headline(model, "taiwan_loss.indirect")
    return indirect / max(direct + indirect, 1.0)


@figure("J02.indirect_with_spares")
def indirect_with_spares(model: Model) -> float:
    """Yttrium oxide at fabs is what their spare parts are coated with: its loss counts as a part's."""
    direct, indirect = headline(model, "taiwan_loss.direct"), headline(model, "taiwan_loss.indirect")
    outcome, firms = Outcome(model.history), model.world.firms
    fabs = ((firms.country == "TWN") & (firms.good == "wafers")).to_numpy()[outcome.owner]
    coats = fabs & (model.world.bought.good == "y_oxide").to_numpy()
    spares = float(outcome.lost_by_shelf[coats].sum())
    return (indirect + spares) / max(direct + indirect, 1.0)


@figure("J02.fabs_direct")
def fabs_direct(model: Model) -> float:
    world, history = model.world, model.history
    fabs = ((world.firms.country == "TWN") & (world.firms.good == "wafers")).to_numpy()
    wanted = history.firm["plan"][: history.weeks, fabs].sum()
    return float(1 - history.firm["activity"][: history.weeks, fabs].sum() / max(wanted, 1e-300))


@figure("J03.mid_range_orders")
def mid_range_orders(model: Model) -> float:
    return share(model, MID_RANGE, "TWN") - share(model, MID_RANGE, "TWN", last=False)


def less(first: float, second: float) -> float:
    """What the second run has less than the first."""
    return first - second


def more(first: float, second: float) -> float:
    """What the second run has more than the first."""
    return second - first


def taiwan_loss(model: Model) -> float:
    """Output and orders that Taiwan loses over a run, US$ billion."""
    reading = Reading(model.history)
    lost = reading.outcome.output_lost + reading.outcome.orders_lost
    return reading.by_place(lost)["taiwan"] / BILLION


@figure("F18.less_imported", lambda without, with_levers: 1 - with_levers / without)
def less_imported(model: Model) -> float:
    """Taiwan's imports of refined goods in the last year by value at base prices, US$ million."""
    links, history = model.world.links, model.history
    refined = set(model.world.goods.good[model.world.goods.stage == "refined"])
    rows = ((links.importer == "TWN") & (links.exporter != "TWN") & links.good.isin(refined)).to_numpy()
    sent = history.link["sent"][history.weeks - YEAR : history.weeks, rows].sum(axis=0)
    return float((sent * model.world.base_price[links.g.to_numpy()[rows]]).sum()) / 1e6


@figure("J04.index")
def rescue_index(model: Model) -> float:
    """The rescue index of a year, measured by probes of the same scenario and seed."""
    request = Request((model.setting.name,), seeds=(model.seed_number,), years=(PROBED,), rules=("contract",))
    probes = avoided(measure(request, 1))
    return index(float(probes.avoided.sum()), float(probes.own.sum()))


@figure("R1.avoided", less)
def avoided_by_first(model: Model) -> float:
    """Taiwan's loss, US$ billion."""
    return taiwan_loss(model)


@figure("R2.exposure", less)
def exposure(model: Model) -> float:
    """Direct exposure to China at the end."""
    return headline(model, "taiwan_exposure.direct_end")


@figure("R3.refining", more)
def allied_refining(model: Model) -> float:
    """The allies' share of refined output."""
    return headline(model, "allied_refined_share.refined")


@figure("R3.income", more)
def fees(model: Model) -> float:
    """Fees to Taiwanese providers, US$ million."""
    return headline(model, "provider_fees") / 1e6


@figure("R4.complements", lambda none, one, two, three, every: (none - every) - (3 * none - one - two - three))
def complements(model: Model) -> float:
    """Taiwan's loss, US$ billion."""
    return taiwan_loss(model)
