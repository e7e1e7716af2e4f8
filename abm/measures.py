"""Headline metrics: functions of the recorded history; adding one cannot change a run. Formulas: docs/metrics.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from abm.content import Content
from abm.outcome import Outcome

if TYPE_CHECKING:
    from abm.model import Model

Metric = dict[str, Any]
RAW = ("ore", "refined", "material")


def summary(model: Model) -> dict[str, Metric]:
    """All headline metrics of a run: name -> {value, unit, meaning}."""
    found: dict[str, Metric] = {}
    for metric in METRICS:
        found |= metric(model)
    return found


def entry(value: Any, unit: str, meaning: str) -> Metric:
    """One metric."""
    return {"value": float(value), "unit": unit, "meaning": meaning}


def output_lost(model: Model) -> dict[str, Metric]:
    """Value added lost for want of inputs: world, allies, Taiwan, and by sector."""
    firms = model.world.firms
    lost = Outcome(model.history).output_lost[: model.history.weeks].sum(axis=0)
    sector = firms.good.map(model.world.tables["products"].set_index("good").sector)
    makers = sector.notna().to_numpy()
    places = {
        "world": makers,
        "allies": makers & (firms.alliance == "allied").to_numpy() & (firms.country != "TWN").to_numpy(),
        "taiwan": makers & (firms.country == "TWN").to_numpy(),
    }
    told = {
        f"output_lost_{name}": entry(
            lost[rows].sum(), "US$", f"value added lost by makers of parts and products: {name}"
        )
        for name, rows in places.items()
    }
    for name in sorted(sector.dropna().unique()):
        rows = (sector == name).to_numpy()
        told[f"output_lost_sector_{name}"] = entry(lost[rows].sum(), "US$", f"value added lost in the sector {name}")
    return told


def taiwan_losses(model: Model) -> dict[str, Metric]:
    """Taiwan's loss: direct (a mineral or material binds), through parts and tools, and through lost orders."""
    world, weeks = model.world, model.history.weeks
    firms, bought = world.firms, world.bought
    rows = np.nonzero((firms.country == "TWN").to_numpy() & (firms.kind != "industry").to_numpy())[0]
    raw = bought.good.isin(world.goods[world.goods.stage.isin(RAW)].good).to_numpy()
    lost = Outcome(model.history).output_lost[:weeks]
    direct = parts = orders = 0.0
    for firm in rows:
        shelves = np.nonzero((bought.firm == firm).to_numpy())[0]
        if len(shelves):
            binding = binding_input(model, shelves)
            direct += float(lost[raw[shelves][binding], firm].sum())
            parts += float(lost[~raw[shelves][binding], firm].sum())
        orders += float(np.maximum(missing_orders(model, int(firm)), 0).sum())
    words = "value added lost by Taiwanese firms because"
    return {
        "taiwan_loss_direct": entry(direct, "US$", f"{words} a mineral or material they buy ran short"),
        "taiwan_loss_parts": entry(parts, "US$", f"{words} parts or tools ran short (indirect)"),
        "taiwan_loss_orders": entry(orders, "US$", f"{words} customers short of inputs ordered less (indirect)"),
        "taiwan_loss_indirect": entry(parts + orders, "US$", f"{words} of parts, tools and lost orders"),
    }


def binding_input(model: Model, shelves: np.ndarray) -> np.ndarray:
    """Which of a firm's shelves held it back most in each week (week,)."""
    history, weeks = model.history.bought, model.history.weeks
    desired = np.maximum(history["desired"][:weeks, shelves].astype(float), 1e-12)
    short = np.maximum(1 - history["stock"][:weeks, shelves].astype(float) / desired, 0)
    return np.argmax(short * model.world.bought.criticality.to_numpy()[shelves], axis=1)


def missing_orders(model: Model, firm: int) -> np.ndarray:
    """Value added of orders below nine tenths of their own mean of the year before (week,): US$ a week."""
    plan = pd.Series(model.history.firm["plan"][: model.history.weeks, firm])
    usual = plan.rolling(52, min_periods=26).mean().shift(1)
    missing = (0.9 * usual - plan).fillna(0.0).to_numpy()
    return np.maximum(missing, 0.0) * float(model.columns["value_added"][firm])


def makers_stopped(model: Model) -> dict[str, Metric]:
    """Car makers that ran below half of what they wanted for at least a week."""
    firms, firm = model.world.firms, model.history.firm
    cars = firms.good.isin(["electric_cars", "other_cars"]).to_numpy()
    wanted = np.maximum(firm["wanted"][: model.history.weeks][:, cars], 1e-12)
    stopped = (firm["activity"][: model.history.weeks][:, cars] < 0.5 * wanted) & (wanted > 1e-9)
    return {
        "car_makers": entry(cars.sum(), "makers", "car makers in the model"),
        "car_makers_stopped": entry(stopped.any(axis=0).sum(), "makers", "that stopped for at least a week"),
        "car_weeks_stopped": entry(stopped.sum(), "maker-weeks", "weeks stopped, all car makers"),
    }


def price_gaps(model: Model) -> dict[str, Metric]:
    """Largest outside price over the Chinese one, for goods under control."""
    kinds = ("licence", "ban", "embargo", "export_quota")
    causes = [cause for cause in model.setting.causes if cause.instrument in kinds]
    controlled = {good for cause in causes for good in cause.fields["goods"]}
    told = {}
    for number, good in enumerate(model.world.goods.good):
        if good in controlled:
            spot = model.history.spot[: model.history.weeks, :, number]
            peak = (spot[:, 1] / np.maximum(spot[:, 0], 1e-9)).max()
            told[f"price_gap_{good}"] = entry(
                peak, "ratio", "largest outside price over the Chinese price, base year = 1"
            )
    return told


def taiwan_exposure(model: Model) -> dict[str, Metric]:
    """China's share of what Taiwan buys, by value: at the border, and traced through parts and tools."""
    world, links = model.world, model.world.links
    price = world.base_price[links.g]
    inward = (links.importer == "TWN").to_numpy() & (links.exporter != "TWN").to_numpy()
    value = model.history.link["sent"][: model.history.weeks].mean(axis=0) * price * inward
    raw = links.good.isin(world.goods[world.goods.stage.isin(RAW)].good).to_numpy()
    chinese = (links.exporter == "CHN").to_numpy()
    content = Content(world).trace(model.columns["share"])
    total, parts = value[raw].sum(), value.sum()
    return {
        "taiwan_exposure_direct": entry(
            value[raw & chinese].sum() / max(total, 1e-12), "share", "minerals and materials"
        ),
        "taiwan_exposure_embedded": entry(
            (value * content).sum() / max(parts, 1e-12), "share", "Chinese content, all imports"
        ),
    }


def time_to_survive(model: Model) -> dict[str, Metric]:
    """Weeks that Taiwan's makers could go on from stock, at the end of the run."""
    bought, firms = model.world.bought, model.world.firms
    home = (firms.country == "TWN").to_numpy() & firms.kind.isin(["taiwan_firm", "manufacturer"]).to_numpy()
    rows = home[bought.firm] & (bought.criticality.to_numpy() >= 0.5) & (model.columns["expected_use"] > 0)
    weeks = model.columns["stock"][rows] / np.maximum(model.columns["expected_use"][rows], 1e-12)
    least = pd.Series(weeks).groupby(bought.firm.to_numpy()[rows]).min()
    if least.empty:
        return {}
    return {
        "taiwan_survive_least": entry(least.min(), "weeks", "stock of the scarcest vital input, weakest firm"),
        "taiwan_survive_median": entry(least.median(), "weeks", "stock of the scarcest vital input, middle firm"),
    }


def structure(model: Model) -> dict[str, Metric]:
    """Concentration at the end of the run: China's share by stage, and secondary supply."""
    world, made = model.world, model.world.made
    value = model.history.firm["activity"][model.history.weeks - 1][made.firm] * made.amount * world.base_price[made.g]
    stage = made.good.map(world.goods.set_index("good").stage).to_numpy()
    chinese = (world.firms.zone == 0).to_numpy()[made.firm]
    told = {}
    for name in ("ore", "refined", "material", "component"):
        share = value[(stage == name) & chinese].sum() / max(value[stage == name].sum(), 1e-12)
        told[f"china_share_{name}"] = entry(share, "share", f"China's part of world output by value, {name}")
    second = (world.firms.kind == "recycler").to_numpy()[made.firm]
    refined = stage == "refined"
    share = value[refined & second].sum() / max(value[refined].sum(), 1e-12)
    outside = refined & ~chinese
    taiwan = (world.firms.country == "TWN").to_numpy()[made.firm]
    told["secondary_share"] = entry(share, "share", "recyclers' part of refined output by value")
    told["taiwan_midstream_share"] = entry(
        value[outside & taiwan].sum() / max(value[outside].sum(), 1e-12),
        "share",
        "Taiwan's part of refined output outside China",
    )
    return told


def balance(model: Model) -> dict[str, Metric]:
    """Largest gap in the mass balance."""
    return {
        "mass_balance_error": entry(
            model.history.balance_error.max(initial=0.0), "share", "largest relative gap, any good"
        )
    }


METRICS: tuple[Callable[[Model], dict[str, Metric]], ...] = (
    output_lost, taiwan_losses, makers_stopped, price_gaps, taiwan_exposure, time_to_survive, structure, balance,
)  # fmt: skip
