"""Naive rules to beat: nothing changes; prices ratchet with supply over demand; prices follow the stock held today."""

from __future__ import annotations

import numpy as np

from calibration.record.event import PRICES, Quantity
from calibration.record.readings import DAYS, FIRST_DAYS, Reader, Readings
from calibration.record.spans import Span

RULES = ("no_change", "ratchet", "cover")
WEEKS_A_MONTH = 52 / 12
LOWEST, HIGHEST = 0.1, 10.0


def reader(rule: str, run: Readings) -> Reader:
    """A naive rule's readings. Quantities stay what they were before; prices by the rule, fed with the run's own flows.

    no_change: prices stay; ratchet: P grows each month by (demand over supply)^|elasticity|; cover: P is
    (stock over usual stock)^-price_response. Elasticity and response are the tables' values, not fitted ones.
    """
    paths: dict[Quantity, np.ndarray] = {}

    def read(quantity: Quantity, span: Span | None) -> float:
        if quantity.variable == "approvals":
            return np.nan
        if quantity.variable not in PRICES or rule == "no_change" or span is None:
            return run.value(quantity, None)
        if quantity not in paths:
            paths[quantity] = np.repeat(path_of(rule, run, quantity), DAYS)
        return float(paths[quantity][(span.first - run.start).days : (span.last - run.start).days + 1].mean())

    return read


def path_of(rule: str, run: Readings, quantity: Quantity) -> np.ndarray:
    """Price by week (week,), 1 at the start, of one good in one zone."""
    history, world = run.history, run.world
    weeks, first = history.weeks, FIRST_DAYS // DAYS
    zone = 0 if quantity.place == "CHN" and quantity.variable != "price_fob" else 1
    buyers = (world.bought.good.isin(quantity.goods) & (world.bought.firm.map(world.firms.zone) == zone)).to_numpy()
    if rule == "cover":
        held = history.bought["stock"][:weeks][:, buyers].sum(axis=1, dtype=float)
        cover = np.clip(held / max(held[:first].mean(), 1e-12), LOWEST, HIGHEST)
        return cover ** -world.parameters["price_response"]
    links = buyers[world.links.buyer.to_numpy()]
    supply = history.link["sent"][:weeks][:, links].sum(axis=1)
    missing = np.clip(supply[:first].mean() / np.maximum(supply, 1e-12), LOWEST, HIGHEST)
    monthly = abs(world.parameters["demand_elasticity"]) / WEEKS_A_MONTH
    return np.exp(np.clip(np.cumsum(np.log(missing) * monthly), np.log(LOWEST), np.log(HIGHEST * HIGHEST)))
