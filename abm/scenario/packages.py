"""Packages: causes with a budget, laid over any scenario by name: `renewed+R1+R3`, or `renewed+R1@2` at twice the size.

A budget scales the size of every lever in the package (its `size` field in instruments.yaml) from where it does
nothing: 0 leaves the scenario as it is, 2 doubles it, up to the field's own bound.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from abm.scenario import checks
from abm.scenario.checks import Place, Raw
from kit import yaml_loader
from kit.nearest import shortened

FOLDER = Path(__file__).parents[1] / "packages"
KEYS = ("title_en", "title_zh", "sources", "causes")
RECOMMENDATIONS = ("R1", "R2", "R3")  # the paper's own
MOST_BUDGET = 10.0


@dataclass(frozen=True)
class Package:
    """One package asked for, and its budget over the one it is written for."""

    name: str
    budget: float = 1.0

    @property
    def file(self) -> Path:
        """Where it is written."""
        return FOLDER / f"{self.name}.yaml"

    @property
    def word(self) -> str:
        """As it is asked for."""
        return self.name if self.budget == 1 else f"{self.name}@{self.budget:g}"


def names() -> list[str]:
    """The packages that come with the project."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def split(name: str) -> tuple[str, tuple[Package, ...]]:
    """A scenario's name and the packages laid over it: `renewed+R1@2` is renewed and R1 at budget 2."""
    if yaml_loader.is_file(Path(name)):
        return name, ()
    base, *words = name.split("+")
    return base, parse(words, Place(name))


def parse(words: Any, place: Place) -> tuple[Package, ...]:
    """Packages by their words, each once."""
    found: dict[str, Package] = {}
    for word in words:
        name, sign, size = checks.text(word, place).strip().partition("@")
        if name not in names():
            raise place.unknown("package", name, names())
        if name in found:
            raise place.refuse(f"'{name}' is named twice; give it a budget such as {name}@2.")
        found[name] = Package(name, budget_of(size, place.at(name)) if sign else 1.0)
    return tuple(found.values())


def budget_of(text: str, place: Place) -> float:
    """A budget after the sign @."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= MOST_BUDGET:
        raise place.refuse(
            f"'{shortened(text)}' is not a budget: expected a number from 0 to {MOST_BUDGET:g}, such as 0.5 or 2."
        )
    return value


def scaled(causes: list[Raw], package: Package) -> list[Raw]:
    """The causes of a package at its budget; none of them at budget 0."""
    if package.budget == 0:
        return []
    return [_sized(dict(cause), package.budget, Place(package.file.name, f"causes.{cause['id']}")) for cause in causes]


def _sized(cause: Raw, budget: float, place: Place) -> Raw:
    """A cause with its size times the budget, within the bounds of its field."""
    declared = checks.instruments().get(str(cause.get("instrument")), {})
    if "size" not in declared:
        known = [name for name, entry in checks.instruments().items() if "size" in entry]
        raise place.at("instrument").unknown("instrument with a size", cause.get("instrument"), known)
    field = declared["fields"][declared["size"]]
    given = cause.get(declared["size"])
    years = given if isinstance(given, dict) else {None: given}
    sizes = {}
    for year, value in years.items():
        number = checks.number(value, field["min"], field["max"], place.at(declared["size"]))
        nothing = declared["neutral"][declared["size"]]
        sizes[year] = min(nothing + budget * (number - nothing), field["max"])
    cause[declared["size"]] = sizes if isinstance(given, dict) else sizes[None]
    return cause


def check(raw: Raw, package: Package) -> None:
    """Refuse a package file with unknown keys or without titles."""
    place = Place(package.file.name)
    checks.keys(raw, KEYS, place)
    for key in ("title_en", "title_zh"):
        checks.text(raw.get(key), place.at(key))
    if not raw.get("causes"):
        raise place.at("causes").refuse("expected a list of causes.")


def title(package: Package, raw: Raw, language: str) -> str:
    """The package's title with its budget where that is not one."""
    told = str(raw[f"title_{language}"])
    return told if package.budget == 1 else f"{told} x {package.budget:g}"
