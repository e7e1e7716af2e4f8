"""Rows of the world: which firms exist in a base year, what they buy and make, and who uses the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from abm.tables.tables import Tables
from agents import FIRMS
from kit.clock import WEEKS_PER_YEAR

SLIVER = 0.02
UNRECORDED_COST, UNRECORDED_USE = 0.7, 0.9
"""Operating cost over price, and use of capacity, of sources that no statistics record: about the middle of the mines
that are recorded, since nothing is known of them."""


@dataclass
class Rows:
    """Firms, shelves of bought inputs and shelves of made goods as data frames, in the order of the columns.

    firms: producer, kind, country, recipe, group, host, name_en, name_zh, activity, capacity (per week), cost_ratio
    bought: producer, good, need, criticality;  made: producer, good, amount (per activity), sink
    """

    firms: pd.DataFrame
    bought: pd.DataFrame
    made: pd.DataFrame
    goods: pd.DataFrame


def build_rows(tables: Tables, year: int, only: tuple[str, ...], reserves: tuple[tuple[str, str], ...]) -> Rows:
    """All rows of the world of a base year, or of the chains of the minerals in `only`.

    `reserves` are (country, good) pairs for which a public stockpile can exist.
    """
    firms = standing_firms(tables, year)
    recipes = tables["recipes"]
    goods = chosen_goods(tables, firms, only)
    recipes = recipes[recipes.good.isin(goods)]
    makers = set(recipes[recipes.role != "in"].recipe)
    firms = firms[firms.recipe.isin(makers)]
    bought, made = shelves(firms, recipes)
    rows = Rows(firms, bought, made, tables["goods"][tables["goods"].good.isin(goods)])
    add_rest(rows, tables)
    add_reserves(rows, reserves)
    return in_order(rows)


def standing_firms(tables: Tables, year: int) -> pd.DataFrame:
    """Producers with a figure for the base year, with activity and capacity per week.

    A plant that made nothing in the base year is laid up: its capacity counts once a project opens it.
    """
    outputs = tables["outputs"]
    outputs = outputs[outputs.year == year]
    firms = tables["producers"].merge(outputs[["producer", "output", "capacity"]], on="producer")
    firms["activity"] = firms.output / WEEKS_PER_YEAR
    firms["capacity"] = np.where(firms.output > 0, firms.capacity, 0.0) / WEEKS_PER_YEAR
    return firms.drop(columns="output")


def chosen_goods(tables: Tables, firms: pd.DataFrame, only: tuple[str, ...]) -> set[str]:
    """Goods that someone makes; with `only`, the goods of those minerals and what is made directly from them."""
    recipes = tables["recipes"][tables["recipes"].recipe.isin(set(firms.recipe))]
    made = set(recipes[recipes.role != "in"].good)
    if not only:
        return made
    content = tables["content"]
    own = set(tables["goods"][tables["goods"].mineral.isin(only)].good)
    raw = set(tables["goods"][tables["goods"].stage.isin(["ore", "refined", "material"])].good)
    own |= set(content[content.mineral.isin(only) & (content.fraction > 0)].good) & raw
    users = set(recipes[(recipes.role == "in") & recipes.good.isin(own)].recipe)
    mains = recipes[recipes.recipe.isin(users) & (recipes.role == "out") & (recipes.quantity == 1)]
    return (own | set(mains.good)) & made


def is_made(tables: Tables, year: int, mineral: str) -> bool:
    """Whether someone makes a good of the mineral in a base year."""
    recipes, goods = tables["recipes"], tables["goods"]
    standing = recipes.recipe.isin(set(standing_firms(tables, year).recipe))
    own = recipes.good.isin(set(goods[goods.mineral == mineral].good))
    return bool((standing & own & (recipes.role != "in")).any())


def shelves(firms: pd.DataFrame, recipes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Shelves of bought inputs and of made goods of each firm; inputs that nobody makes are left out."""
    available = set(recipes[recipes.role != "in"].good)
    lines = firms[["producer", "recipe"]].merge(recipes, on="recipe")
    bought = lines[(lines.role == "in") & lines.good.isin(available)]
    bought = bought.rename(columns={"quantity": "need"})[["producer", "good", "need", "criticality"]]
    made = lines[lines.role != "in"].rename(columns={"quantity": "amount"})
    made["sink"] = (made.role == "sink").astype(float)
    return bought.fillna({"criticality": 1.0}), made[["producer", "good", "amount", "sink"]]


def sums(rows: Rows) -> tuple[pd.Series, pd.Series]:
    """Supply and use of each good per week."""
    activity = rows.firms.set_index("producer").activity
    supply = (rows.made.amount * rows.made.producer.map(activity)).groupby(rows.made.good).sum()
    taken = rows.bought.need.astype(float) * rows.bought.producer.map(activity).astype(float)
    use = taken.groupby(rows.bought.good).sum()
    return supply, use.reindex(supply.index, fill_value=0.0)


def final_goods(rows: Rows) -> set[str]:
    """Parts and products that nobody in this world buys as an input: final buyers take them."""
    sold = rows.goods[rows.goods.stage.isin(["component", "equipment", "product"])]
    return set(sold.good) - set(rows.bought.good)


def add_rest(rows: Rows, tables: Tables) -> None:
    """Other users for what the recipes do not use, by family and country; unrecorded sources for what is missing."""
    supply, use = sums(rows)
    rest = (supply - use)[~supply.index.isin(final_goods(rows))]
    scale = supply[rest.index]
    short = rest[rest < -1e-9 * scale]
    for good, amount in short.items():
        add_source(rows, str(good), -float(amount))
    add_industries(rows, rest[rest > 1e-9 * scale], tables)


def add_source(rows: Rows, good: str, amount: float) -> None:
    """A firm that supplies what the statistics do not record."""
    key = f"unrecorded_{good}"
    firm: dict[str, Any] = {"producer": key, "kind": "mine", "country": "XRW", "recipe": key, "group": "", "host": ""}
    firm |= {
        "name_en": f"Unrecorded sources of {good}",
        "name_zh": f"未記錄來源（{good}）",
        "cost_ratio": UNRECORDED_COST,
    }
    firm |= {"activity": amount, "capacity": amount / UNRECORDED_USE, "residual": True}
    rows.firms = pd.concat([rows.firms, pd.DataFrame([firm])], ignore_index=True)
    made = {"producer": key, "good": good, "amount": 1.0, "sink": 0.0}
    rows.made = pd.concat([rows.made, pd.DataFrame([made])], ignore_index=True)


def add_industries(rows: Rows, rest: pd.Series, tables: Tables) -> None:
    """One firm per family and country that uses the rest of the family's goods there."""
    uses = tables["other_uses"].merge(rest.rename("rest").rename_axis("good").reset_index(), on="good")
    uses = uses.merge(rows.goods[["good", "family"]], on="good")
    uses["country"] = np.where(uses.share < SLIVER, "XRW", uses.country)
    uses["amount"] = uses.rest * uses.share
    missing = set(rest.index) - set(uses.good)
    lost = pd.DataFrame({"good": sorted(missing), "country": "XRW"})
    lost["amount"], lost["family"] = lost.good.map(rest), lost.good.map(rows.goods.set_index("good").family)
    uses = pd.concat([uses, lost], ignore_index=True)
    uses = uses.groupby(["family", "country", "good"], as_index=False)[["amount"]].sum()
    uses["producer"] = "other_" + uses.family + "_" + uses.country.str.lower()
    names = tables["countries"].set_index("country")
    firms = uses.drop_duplicates("producer")[["producer", "country", "family"]].assign(
        kind="industry", group="", host=""
    )
    firms["recipe"] = firms.producer
    firms["name_en"] = "Other users of " + firms.family.str.replace("_", " ") + ", " + firms.country.map(names.name_en)
    firms["name_zh"] = firms.country.map(names.name_zh) + "其他用戶（" + firms.family + "）"
    firms = firms.drop(columns="family").assign(activity=1.0, capacity=1.0, cost_ratio=0.0, residual=True)
    rows.firms = pd.concat([rows.firms, firms], ignore_index=True)
    bought = uses[["producer", "good"]].assign(need=uses.amount, criticality=1.0)
    rows.bought = pd.concat([rows.bought, bought], ignore_index=True)


def add_reserves(rows: Rows, reserves: tuple[tuple[str, str], ...]) -> None:
    """Empty public stockpiles, one per country and good."""
    for country, good in reserves:
        if good not in set(rows.made.good):
            continue
        key = f"reserve_{good}_{country.lower()}"
        firm: dict[str, Any] = {
            "producer": key,
            "kind": "reserve",
            "country": country,
            "recipe": key,
            "group": "",
            "host": "",
        }
        firm |= {"name_en": f"Public stockpile of {good}, {country}", "name_zh": f"{country} 公共儲備（{good}）"}
        firm |= {"activity": 0.0, "capacity": 0.0, "cost_ratio": 0.0, "residual": False}
        rows.firms = pd.concat([rows.firms, pd.DataFrame([firm])], ignore_index=True)
        shelf = pd.DataFrame([{"producer": key, "good": good}])
        rows.bought = pd.concat([rows.bought, shelf.assign(need=1.0, criticality=1.0)], ignore_index=True)
        rows.made = pd.concat([rows.made, shelf.assign(amount=1.0, sink=0.0)], ignore_index=True)


def in_order(rows: Rows) -> Rows:
    """Sort firms by kind and key, and their shelves after them, so that neighbours share code."""
    firms = rows.firms.assign(rank=rows.firms.kind.map(list(FIRMS).index)).sort_values(
        ["rank", "producer"], ignore_index=True
    )
    place = pd.Series(firms.index, index=firms.producer)
    bought = rows.bought.assign(firm=rows.bought.producer.map(place)).sort_values(["firm", "good"], ignore_index=True)
    main = (rows.made.groupby("producer").cumcount() > 0).astype(int)
    made = rows.made.assign(firm=rows.made.producer.map(place), later=main)
    made = made.sort_values(["firm", "later", "good"], ignore_index=True)
    goods = rows.goods.sort_values("good", ignore_index=True)
    return Rows(firms, bought, made, goods)
