"""The table doctor: what tables and declarations lack, all of it at once, before a run trips over it or hides it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from abm.measures.lever_costs import COSTS
from abm.policy.causes import Cause
from abm.scenario.checks import instruments

TRAITS = ("control", "hinders", "restricts", "priced", "costs")
PACKAGES = ("abm", "agents", "app", "calibration", "experiments", "kit")
KNOWN = {"taiwan_imports.csv": "is read by nothing"}  # found before, and not yet mended


@dataclass(frozen=True)
class Finding:
    """Something that is missing or unknown: where, of which key, what; `known` if it was found before."""

    file: str
    key: str
    problem: str

    @property
    def known(self) -> bool:
        """Whether it is listed as not yet mended."""
        return KNOWN.get(self.file) == self.problem


def examine(tables: Mapping[str, pd.DataFrame], declared: Mapping[str, Any] | None = None) -> list[Finding]:
    """All findings, those of tables first; `declared` are instruments by name, by default those of instruments.yaml."""
    declared = instruments() if declared is None else declared
    return [*goods_lack(tables), *read_by_nothing(tables), *instruments_lack(declared)]


def goods_lack(tables: Mapping[str, pd.DataFrame]) -> Iterator[Finding]:
    """Goods without a price, a content, a maker or a user; final products need no user."""
    goods, recipes = tables["goods"], tables["recipes"]
    done = recipes[recipes.recipe.isin(tables["producers"].recipe)]
    final = goods[goods.stage == "product"].good
    wanted = {
        "prices.csv": ("has no price", set(tables["prices"].good)),
        "content.csv": ("has no content: what it contains of which mineral", set(tables["content"].good)),
        "producers.csv": ("is made by no producer", set(done[done.role != "in"].good)),
        "recipes.csv": ("is used by nobody: no recipe takes it in and other_uses.csv has no row of it",
                        {*done[done.role == "in"].good, *tables["other_uses"].good, *final}),
    }  # fmt: skip
    for file, (problem, there) in wanted.items():
        yield from (Finding(file, good, problem) for good in goods.good if good not in there)


def read_by_nothing(tables: Mapping[str, pd.DataFrame]) -> Iterator[Finding]:
    """Tables that no code of ours reads."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in sources())
    for name in tables:
        if not re.search(rf'\[\(?"{name}"|tables\.{name}\b', source):
            yield Finding(f"{name}.csv", "", "is read by nothing")


def sources() -> list[Path]:
    """Our code, this file left out."""
    root = Path(__file__).resolve().parents[2]
    found = [path for package in PACKAGES for path in sorted((root / package).rglob("*.py"))]
    return [path for path in found if path != Path(__file__).resolve()]


def instruments_lack(declared: Mapping[str, Any]) -> Iterator[Finding]:
    """Instruments without a class, words in two languages, traits, a neutral size, or a cost where they cost money."""
    for name, entry in declared.items():
        for problem in (*words_lack(entry), *traits_lack(name, entry), *neutral_lacks(entry)):
            yield Finding("instruments.yaml", name, problem)
        if name not in Cause.known:
            yield Finding("instruments.yaml", name, "has no class of a cause that carries it out")


def words_lack(entry: Mapping[str, Any]) -> Iterator[str]:
    """Names and meanings that are missing."""
    yield from (f"has no {key}" for key in ("name_en", "name_zh") if not entry.get(key))
    for field, told in entry["fields"].items():
        if not told.get("meaning"):
            yield f"its field '{field}' has no meaning"


def traits_lack(name: str, entry: Mapping[str, Any]) -> Iterator[str]:
    """Traits that are not declared or not known, and costs that are declared and not worked out, or the reverse."""
    if "traits" not in entry:
        yield "has no traits: a list, which may be empty"
    traits = entry.get("traits", ())
    yield from (
        f"has the unknown trait '{trait}'; known are {', '.join(TRAITS)}" for trait in traits if trait not in TRAITS
    )
    if ("costs" in traits) != (name in COSTS):
        yield "costs public money and has no cost in lever_costs.py" if "costs" in traits else "lacks the trait 'costs'"


def neutral_lacks(entry: Mapping[str, Any]) -> Iterator[str]:
    """A neutral size that is not declared, names no field, or lies outside of the field's range."""
    if "neutral" not in entry:
        yield "has no neutral size: the value of a field at which it does nothing, or {} where there is none"
    for field, value in entry.get("neutral", {}).items():
        told = entry["fields"].get(field)
        if told is None:
            yield f"its neutral size names no field of it: '{field}'"
        elif not told["min"] <= value <= told["max"]:
            yield f"its neutral {field} {value:g} is outside of {told['min']:g} to {told['max']:g}"
    if entry.get("size") not in (None, *entry.get("neutral", {})):
        yield f"its size '{entry['size']}' has no neutral value"
