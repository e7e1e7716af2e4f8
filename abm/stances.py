"""Stances of free governments: read from stances.yaml, checked with the words of scenarios, marks drawn by run."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from abm import scenario_checks as checks
from abm.luck import Luck, names_to_entities
from abm.scenario_checks import Place, Vocabulary
from abm.self_supply import KEPT, SHARES, WATCHED
from abm.yaml_loader import LOADER
from agents.stances import Stance

FILE = Path(__file__).parent / "stances.yaml"
STANCE_KEYS = ("id", "by", "toward", "watches", "mark", "gap", "weeks", "instrument", "fields", "about",
               "title_en", "title_zh", "source", "confidence")  # fmt: skip
SIGNALS = ("tension", "price_above", "price_below", "china_share", "outside_gain", "pressure", *WATCHED)
BELOW = ("price_below", *SHARES, KEPT)
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
        if path not in vocabulary.kept:
            vocabulary.kept[path] = cls._read(vocabulary, path)
        found: Stances = vocabulary.kept[path]
        return found

    @classmethod
    def _read(cls, vocabulary: Vocabulary, path: Path) -> Stances:
        raw = _contents(path)
        place = Place(path.name)
        intents = tuple(_intent(entry, vocabulary, place) for entry in raw["stances"])
        relations = {(row["by"], row["toward"]): float(row["tension"]) for row in raw["relations"]}
        return cls(intents, relations, {row["by"]: float(row["value"]) for row in raw["budgets"]})

    def drawn(self, free: tuple[str, ...], luck: Luck) -> list[Stance]:
        """The stances of free governments with marks drawn from their ranges, keyed by the stance's name."""
        chosen = [intent for intent in self.intents if intent.stance.government in free]
        draws = luck.uniform("stance", 0, names_to_entities([intent.stance.id for intent in chosen]))
        return [
            dataclasses.replace(intent.stance, mark=intent.low + (intent.high - intent.low) * float(draw))
            for intent, draw in zip(chosen, draws, strict=True)
        ]


@functools.cache
def _contents(path: Path) -> Any:
    """The file as it stands."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)


def _intent(raw: Any, vocabulary: Vocabulary, file: Place) -> Intent:
    """One checked stance."""
    place = file.at(checks.text(raw.get("id"), file.at("stances")))
    checks.keys(raw, STANCE_KEYS, place)
    watches = checks.choice(raw.get("watches"), SIGNALS, place.at("watches"))
    marks = [checks.number(value, *MARK_BOUNDS, place.at("mark")) for value in raw["mark"]]
    asked = {"instrument": raw.get("instrument"), "by": raw.get("by"), **raw.get("fields", {})}
    fields = checks.cause_fields(asked, vocabulary, place)
    stance = Stance(
        id=raw["id"], government=fields.pop("by"), toward=checks.country(raw["toward"], vocabulary, place.at("toward")),
        watches=watches, above=watches not in BELOW, mark=marks[1],
        gap=checks.number(raw.get("gap", 0.0), *MARK_BOUNDS, place.at("gap")),
        weeks=checks.number(raw["weeks"], 0, 1000, place.at("weeks")), instrument=raw["instrument"], fields=fields,
        about=tuple(raw.get("about", fields.get("goods", ()))),
    )  # fmt: skip
    texts = {name: checks.text(raw.get(name), place.at(name)) for name in ("title_en", "title_zh", "source")}
    confidence = checks.choice(raw.get("confidence"), checks.CONFIDENCES, place.at("confidence"))
    return Intent(stance, marks[0], marks[2], **texts, confidence=confidence)
