"""What the world's tables must say together: sums, balances and words that meet across tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kit.errors import BadInput
from kit.nearest import did_you_mean

SUM_TOLERANCE = 0.02  # share by which a good's outputs may differ from the one world figure that is kept
SHARE_TOLERANCE = 1e-6  # by which shares may miss 1
MASS_TOLERANCE = 1e-9  # t of a mineral per unit of activity
MADE = ("out", "sink")
SECONDARY_KINDS = ("recycler", "reserve")

RARE_EARTHS_ALONE = 2009


@dataclass(frozen=True)
class Checked:
    """The tables under check, and the line of its file on which each row begins."""

    tables: Mapping[str, pd.DataFrame]
    lines: Mapping[str, NDArray[np.int64]]

    def refuse(self, table: str, row: int | np.integer[Any], column: str, problem: str) -> None:
        """Raise for one cell; `row` counts from 0 in the table's frame."""
        raise BadInput.at(f"{table}.csv", int(self.lines[table][row]), column, problem)


def check_together(tables: Mapping[str, pd.DataFrame], lines: Mapping[str, NDArray[np.int64]]) -> None:
    """Refuse tables that contradict one another, with the first problem found."""
    checked = Checked(tables, lines)
    for check in CHECKS:
        check(checked)


def check_governments(checked: Checked) -> None:
    """A country's government is itself a code among the countries."""
    countries = checked.tables["countries"]
    _check_words(checked, ("countries", "government"), countries["country"])


def check_families(checked: Checked) -> None:
    """Parameters and covers are given for families that some mineral or good belongs to."""
    known = {*checked.tables["minerals"]["family"], *checked.tables["goods"]["family"]}
    _check_words(checked, ("parameters", "family"), {*known, ""})
    _check_words(checked, ("covers", "family"), {*known, *checked.tables["goods"]["good"], "all"})


def check_places(checked: Checked) -> None:
    """The record's places are countries, a zone, or the whole world."""
    _check_words(checked, ("record", "place"), {*checked.tables["countries"]["country"], "ROW", "WLD"})


def _check_words(checked: Checked, where: tuple[str, str], known: Iterable[str]) -> None:
    """Refuse the first word of a (table, column) that is not known."""
    table, column = where
    known = set(known)
    for row, word in enumerate(checked.tables[table][column]):
        if word not in known:
            checked.refuse(table, row, column, f"'{word}' is not known.{did_you_mean(word, known)}")


def check_ranges(checked: Checked) -> None:
    """A figure lies between its own low and high end, where these are given."""
    for table, column in (("recipes", "quantity"), ("parameters", "value")):
        frame = checked.tables[table]
        for end, beyond in (("low", frame["low"] > frame[column]), ("high", frame["high"] < frame[column])):
            for row in np.flatnonzero(beyond):
                value, bound = frame[column].iloc[row], frame[end].iloc[row]
                checked.refuse(table, row, column, f"{value:g} lies beyond its own {end} end {bound:g}.")


def check_capacities(checked: Checked) -> None:
    """A producer's capacity is at least its output."""
    outputs = checked.tables["outputs"]
    for row in np.flatnonzero(outputs["capacity"] < outputs["output"]):
        capacity, output = outputs["capacity"].iloc[row], outputs["output"].iloc[row]
        checked.refuse("outputs", row, "capacity", f"the capacity {capacity:g} is below the output {output:g}.")


def check_first_outputs(checked: Checked) -> None:
    """Every recipe has an output, and its first one has quantity 1: the unit of activity."""
    recipes = checked.tables["recipes"]
    outs = recipes[recipes["role"] == "out"]
    without = ~recipes["recipe"].isin(outs["recipe"])
    for row in np.flatnonzero(without):
        name = recipes["recipe"].iloc[row]
        checked.refuse("recipes", row, "role", f"the recipe '{name}' has no row with the role out.")
    first = outs.index[~outs["recipe"].duplicated()].to_numpy()
    for row in first[recipes["quantity"].to_numpy()[first] != 1]:
        name, quantity = recipes["recipe"].iloc[row], recipes["quantity"].iloc[row]
        problem = f"the first output of '{name}' must have quantity 1, found {quantity:g}."
        checked.refuse("recipes", row, "quantity", problem)


def check_contained_mass(checked: Checked) -> None:
    """No recipe puts out more of a mineral than it takes in; recipes without inputs are sources and free of this."""
    recipes, content = checked.tables["recipes"], checked.tables["content"]
    fed = recipes[recipes["recipe"].isin(recipes.loc[recipes["role"] == "in", "recipe"])]
    parts = fed.merge(content[["good", "mineral", "fraction"]], on="good")
    parts["side"] = np.where(parts["role"] == "in", "in", "out")
    parts["tonnes"] = parts["quantity"] * parts["fraction"]
    sums = parts.groupby(["recipe", "mineral", "side"])["tonnes"].sum().unstack("side")
    sums = sums.reindex(columns=["in", "out"]).fillna(0.0)
    for recipe, mineral in sums.index[sums["out"] > sums["in"] + MASS_TOLERANCE]:
        taken, given = sums.loc[(recipe, mineral)]
        row = int(np.flatnonzero(recipes["recipe"] == recipe)[0])
        problem = (
            f"the recipe '{recipe}' puts out {given:.6g} t of {mineral} per unit of activity "
            f"but takes in {taken:.6g} t; see content.csv for what its goods contain."
        )
        checked.refuse("recipes", row, "quantity", problem)


def check_other_uses(checked: Checked) -> None:
    """The shares of a good's other uses sum to 1."""
    uses = checked.tables["other_uses"]
    sums = uses.groupby("good", sort=False)["share"].sum()
    for good in sums.index[(sums - 1).abs() > SHARE_TOLERANCE]:
        row = int(np.flatnonzero(uses["good"] == good)[-1])
        checked.refuse("other_uses", row, "share", f"the shares of '{good}' sum to {sums[good]:.6g}, not to 1.")


def check_world_sums(checked: Checked) -> None:
    """The producers' outputs of a good, co-products with them, meet the world figure that is kept for the year."""
    flows = _flows(checked.tables)
    primary = flows["role"].isin(MADE) & ~flows["kind"].isin(SECONDARY_KINDS) & ~flows["passes_on"]
    sums = flows[primary].groupby(["good", "year"])["amount"].sum()
    world = checked.tables["world_output"]
    made = sums.reindex(pd.MultiIndex.from_frame(world[["good", "year"]]), fill_value=0.0).to_numpy()
    for row in np.flatnonzero(np.abs(made - world["output"]) > SUM_TOLERANCE * world["output"]):
        good, year, output = (world[name].iloc[row] for name in ("good", "year", "output"))
        problem = (
            f"the producers of '{good}' make {made[row]:.6g} in {year} but the world figure is {output:.6g}; "
            f"the two must agree within {SUM_TOLERANCE:.0%}."
        )
        checked.refuse("world_output", row, "output", problem)


def check_inputs_are_made(checked: Checked) -> None:
    """Every good that a producer at work takes in is made by another in the same year.

    The world of 2009 is rare earths alone: other inputs of its producers are left out on purpose.
    """
    flows = _flows(checked.tables)
    flows = flows[flows["amount"] > 0]
    fresh = flows[flows["role"].isin(MADE) & ~flows["passes_on"]]
    made = set(zip(fresh["good"], fresh["year"], strict=True))
    used = flows[(flows["role"] == "in") & (flows["year"] != RARE_EARTHS_ALONE)]
    for row, good, year, producer in zip(used["row"], used["good"], used["year"], used["producer"], strict=True):
        if (good, year) not in made:
            problem = f"'{producer}' works in {year} and takes in '{good}', which no producer makes in that year."
            checked.refuse("outputs", row, "producer", problem)


def _flows(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return a row per producer, base year and good of its recipe: `amount` in units of the good a year.

    `row` is the row of outputs; `passes_on` is true where the recipe puts out a good that it takes in.
    """
    recipes = tables["recipes"][["recipe", "role", "good", "quantity"]]
    taken = recipes.loc[recipes["role"] == "in", ["recipe", "good"]]
    same = recipes[recipes["role"].isin(MADE)].merge(taken, on=["recipe", "good"])["recipe"]
    outputs = tables["outputs"][["producer", "year", "output"]].assign(row=np.arange(len(tables["outputs"])))
    producers = tables["producers"][["producer", "kind", "recipe"]]
    flows = outputs.merge(producers, on="producer").merge(recipes, on="recipe")
    return flows.assign(amount=flows["output"] * flows["quantity"], passes_on=flows["recipe"].isin(same))


CHECKS: tuple[Callable[[Checked], None], ...] = (
    check_governments,
    check_families,
    check_places,
    check_ranges,
    check_capacities,
    check_first_outputs,
    check_contained_mass,
    check_other_uses,
    check_world_sums,
    check_inputs_are_made,
)
