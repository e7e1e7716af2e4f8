"""Figures of the paper's judgements (J) and recommendations (R): what runs under controls give."""

from __future__ import annotations

import datetime

from abm import Model
from experiments.claim_facts import CONTROL_OF_2025, headline, share
from experiments.claims import figure

HELD = ("dy_oxide", "tb_oxide", "gallium", "germanium", "antimony")
MID_RANGE = ("servers_phones", "electronic_components", "packaged_chips")
YEAR = 52


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


@figure("J02.fabs_direct")
def fabs_direct(model: Model) -> float:
    world, history = model.world, model.history
    fabs = ((world.firms.country == "TWN") & (world.firms.good == "wafers")).to_numpy()
    wanted = history.firm["plan"][: history.weeks, fabs].sum()
    return float(1 - history.firm["activity"][: history.weeks, fabs].sum() / max(wanted, 1e-300))


@figure("J03.mid_range_orders")
def mid_range_orders(model: Model) -> float:
    return share(model, MID_RANGE, "TWN") - share(model, MID_RANGE, "TWN", last=False)
