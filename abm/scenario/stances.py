"""Stances of free governments: read from stances.yaml, checked with the words of scenarios, marks drawn by run."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from abm.scenario import checks
from abm.scenario.checks import Place, Vocabulary
from agents.stances import KEPT, SHARES, WATCHED, Stance
from kit import yaml_loader
from kit.luck import Luck, names_to_entities
from kit.nearest import quoted

FILE = Path(__file__).parent / "stances.yaml"
STANCE_KEYS = ("id", "by", "toward", "watches", "mark", "gap", "weeks", "instrument", "fields", "about",
               "title_en", "title_zh", "source", "confidence")  # fmt: skip
SIGNALS = ("tension", "price_above", "price_below", "china_share", "outside_gain", "pressure", *WATCHED)
BELOW = ("price_below", *SHARES, KEPT)
FILE_KEYS = ("relations", "budgets", "stances")
RELATION_KEYS = ("by", "toward", "tension", "source", "confidence")
BUDGET_KEYS = ("by", "value", "source", "confidence")
MARKS = 3  # low, value, high
MARK_BOUNDS = (0.0, 10.0)


@dataclass(frozen=True)
class Intent:
    """A stance as the file states it: the mark has a value and a range, since history hardly informs it."""

    stance: Stance
    low: float
    high: float
    title_en: str
    title_zh: str
    source: str
    confidence: str


@dataclass(frozen=True)
class Stances:
    """Everything the file says: intents, starting relations (from, toward): tension, and yearly budgets in US$."""

    intents: tuple[Intent, ...]
    relations: Mapping[tuple[str, str], float]
    budgets: Mapping[str, float]

    @classmethod
    def load(cls, vocabulary: Vocabulary, path: Path = FILE) -> Stances:
        """Read and check a file, once for the same words; BadInput names the stance and the key."""
        found: Stances = vocabulary.kept.get(path) or vocabulary.keep(path, cls._read(vocabulary, path))
        return found

    @classmethod
    def _read(cls, vocabulary: Vocabulary, path: Path) -> Stances:
        """The same, read anew."""
        raw, place = yaml_loader.read(path), Place(path.name)
        checks.keys(raw, FILE_KEYS, place)
        intents = tuple(_intent(entry, vocabulary, place) for entry in _rows(raw, "stances", STANCE_KEYS, place))
        relations, budgets = {}, {}
        for row in _rows(raw, "relations", RELATION_KEYS, place):
            own = place.at("relations")
            by, toward = (checks.country(row.get(end), vocabulary, own.at(end)) for end in ("by", "toward"))
            relations[by, toward] = checks.number(row.get("tension"), 0, 1, own.at("tension"))
        for row in _rows(raw, "budgets", BUDGET_KEYS, place):
            own = place.at("budgets")
            by = checks.country(row.get("by"), vocabulary, own.at("by"))
            budgets[by] = checks.number(row.get("value"), 0, math.inf, own.at("value"))
        return cls(intents, relations, budgets)

    def drawn(self, free: tuple[str, ...], luck: Luck) -> list[Stance]:
        """The stances of free governments with marks drawn from their ranges, keyed by the stance's name."""
        chosen = [intent for intent in self.intents if intent.stance.government in free]
        draws = luck.uniform("stance", 0, names_to_entities([intent.stance.id for intent in chosen]))
        return [
            dataclasses.replace(intent.stance, mark=intent.low + (intent.high - intent.low) * float(draw))
            for intent, draw in zip(chosen, draws, strict=True)
        ]


def _rows(raw: Any, key: str, known: tuple[str, ...], place: Place) -> list[Any]:
    """The entries of a list of the file, each of which has these keys alone."""
    rows, place = raw.get(key), place.at(key)
    if not isinstance(rows, list):
        raise place.refuse(f"expected a list, got {quoted(rows)}.")
    for number, row in enumerate(rows, 1):
        checks.keys(row, known, place.at(number))
    return rows


def _intent(raw: Any, vocabulary: Vocabulary, file: Place) -> Intent:
    """One checked stance."""
    place = file.at(checks.text(raw.get("id"), file.at("stances")))
    checks.keys(raw, STANCE_KEYS, place)
    watches = checks.choice(raw.get("watches"), SIGNALS, place.at("watches"))
    given = raw.get("mark")
    if not isinstance(given, list) or len(given) != MARKS:
        raise place.at("mark").refuse(f"expected [low, value, high], got {quoted(given)}.")
    marks = [checks.number(value, *MARK_BOUNDS, place.at("mark")) for value in given]
    own = raw.get("fields", {})
    checks.keys(own, own if isinstance(own, dict) else (), place.at("fields"))
    asked = {"instrument": raw.get("instrument"), "by": raw.get("by"), **own}
    fields = checks.cause_fields(asked, vocabulary, place)
    stance = Stance(
        id=raw["id"], government=fields.pop("by"),
        toward=checks.country(raw.get("toward"), vocabulary, place.at("toward")),
        watches=watches, above=watches not in BELOW, mark=marks[1],
        gap=checks.number(raw.get("gap", 0.0), *MARK_BOUNDS, place.at("gap")),
        weeks=checks.number(raw.get("weeks"), 0, 1000, place.at("weeks")), instrument=raw["instrument"], fields=fields,
        about=checks.words(raw["about"], place.at("about")) if raw.get("about") else tuple(fields.get("goods") or ()),
    )  # fmt: skip
    texts = {name: checks.text(raw.get(name), place.at(name)) for name in ("title_en", "title_zh", "source")}
    confidence = checks.choice(raw.get("confidence"), checks.CONFIDENCES, place.at("confidence"))
    return Intent(stance, marks[0], marks[2], **texts, confidence=confidence)
