"""What a scenario may say: every key, word, number and date of a file is checked here, once, at the door."""

from __future__ import annotations

import datetime
import functools
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from abm.tables.meant import country_meant, day_meant, is_day
from abm.tables.parameters import BY_FAMILY
from kit import yaml_loader
from kit.errors import BadInput
from kit.nearest import did_you_mean, quoted, shortened

INSTRUMENTS_FILE = Path(__file__).parent / "instruments.yaml"
FIRST_DATE, LAST_DATE = datetime.date(1990, 1, 1), datetime.date(2050, 12, 31)
CONFIDENCES = ("read", "derived", "memory", "assumed")
DEMANDS = ("constant", "STEPS", "APS", "NZE", "record")
BASE_YEARS = (2009, 2022, 2024)
TEXTS = ("title_en", "title_zh", "question_en", "question_zh")
SCENARIO_KEYS = (*TEXTS, "extends", "without", "packages", "base_year", "start", "end", "demand", "projects", "outages",
                 "parameters", "free", "causes", "sources")  # fmt: skip
CAUSE_KEYS = ("id", "instrument", "by", "title_en", "title_zh", "announced", "start", "end", "source", "confidence")
PLACE_WORDS = ("all", "allied")
MOST_KEPT = 512

Raw = dict[str, Any]


@functools.cache
def instruments() -> dict[str, Raw]:
    """The declared instruments: name -> {name_en, name_zh, neutral, traits, fields}."""
    return yaml_loader.read(INSTRUMENTS_FILE)["instruments"]


@functools.cache
def having(trait: str) -> frozenset[str]:
    """The instruments with a trait; what traits mean stands at the head of instruments.yaml."""
    return frozenset(name for name, declared in instruments().items() if trait in declared["traits"])


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The words a scenario may use: goods with stage, mineral and family, and keys of other tables.

    `kept` holds what has been checked by these words: causes and stances, which many scenarios share.
    """

    goods: Mapping[str, tuple[str, str, str]]
    countries: tuple[str, ...]
    producers: tuple[str, ...]
    parameters: frozenset[tuple[str, str]]
    expansions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    governments: Mapping[str, str] = field(default_factory=dict)
    kept: dict[Any, Any] = field(default_factory=dict, repr=False)

    def keep(self, key: Any, value: Any) -> Any:
        """Keep what has been checked; of very many all are forgotten, since a page may stay open for days."""
        if len(self.kept) >= MOST_KEPT:
            self.kept.clear()
        return self.kept.setdefault(key, value)

    def __deepcopy__(self, memo: dict[int, Any]) -> Vocabulary:
        return self  # words do not change: a copied run shares them

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"kept": {}}  # checked anew where it arrives

    @classmethod
    def of(cls, tables: Any) -> Vocabulary:
        """Read the words from the world's tables (data frames by name: goods, countries, ...)."""
        rows = _rows(tables["goods"], "good", "stage", "mineral", "family")
        goods = {good: (stage, mineral, family) for good, stage, mineral, family in rows}
        parameters = frozenset((name, family) for name, family in _rows(tables["parameters"], "parameter", "family"))
        expansions: dict[str, tuple[str, ...]] = {}
        for position in (2, 1):  # a mineral's key wins over a family of the same name
            for word in {entry[position] for entry in goods.values()} - {""}:
                expansions[word] = tuple(good for good, entry in goods.items() if entry[position] == word)
        keys = tuple(tables["countries"]["country"]), tuple(tables["producers"]["producer"])
        governments = dict(_rows(tables["countries"], "country", "government"))
        return cls(goods, keys[0], keys[1], parameters, expansions, governments)


def _rows(table: pd.DataFrame, *columns: str) -> list[list[str]]:
    """The named columns of a table as rows of texts, with empty cells as ""."""
    return [["" if pd.isna(cell) else str(cell) for cell in row] for row in table[list(columns)].to_numpy().tolist()]


@dataclass(frozen=True)
class Place:
    """Where in which file a value stands, for messages."""

    file: str
    path: str = ""

    def at(self, key: object) -> Place:
        """The place of a value one key further in."""
        own = shortened(str(key))
        return Place(self.file, f"{self.path}.{own}" if self.path else own)

    def refuse(self, said: str) -> BadInput:
        """The error that names the file and the key."""
        where = f"{shortened(self.file)}: {self.path}" if self.path else shortened(self.file)
        return BadInput(f"{where}: {said}")

    def unknown(self, kind: str, word: object, known: Iterable[str]) -> BadInput:
        """The error for a word that is not known, with the nearest one that is."""
        return self.refuse(f"'{shortened(str(word))}' is not a known {kind}.{did_you_mean(str(word), sorted(known))}")


def keys(raw: Any, known: Iterable[str], place: Place) -> None:
    """Refuse what is not a mapping with known keys."""
    if not isinstance(raw, dict):
        raise place.refuse(f"expected keys with values, got {'nothing' if raw is None else type(raw).__name__}.")
    for key in raw:
        if key not in known:
            raise place.unknown("key", key, known)


def text(value: Any, place: Place) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise place.refuse(
            "is missing: expected a text." if value is None else f"expected a text, got {quoted(value)}."
        )
    return value


def choice(value: Any, known: Collection[Any], place: Place) -> Any:
    """One of the known words or numbers, as it is known (2024 for 2024.0)."""
    if isinstance(value, bool) or value not in known:
        words = [str(word) for word in known]
        raise place.refuse(f"expected one of {', '.join(words)}, got {quoted(value)}.{did_you_mean(str(value), words)}")
    return next(word for word in known if word == value)


def flag(value: Any, place: Place) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise place.refuse(f"expected true or false, got {quoted(value)}.")
    return value


def date(value: Any, place: Place) -> datetime.date:
    """A date in full, from 1990 to 2050, also as a text."""
    day = datetime.date.fromisoformat(value) if is_day(value) else value
    if not isinstance(day, datetime.date) or isinstance(day, datetime.datetime):
        raise place.refuse(f"expected a date in full such as 2026-01-01, got {quoted(value)}.{day_meant(value)}")
    if not FIRST_DATE <= day <= LAST_DATE:
        raise place.refuse(f"{day} is out of range: expected {FIRST_DATE} to {LAST_DATE}.")
    return day


def number(value: Any, low: float, high: float, place: Place) -> float:
    """A finite number between two bounds."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not is_finite(value):
        raise place.refuse(f"expected a number, got {quoted(value)}.")
    if not low <= value <= high:
        raise place.refuse(f"{value:g} is out of range: expected {low:g} to {high:g}.")
    return float(value)


def is_finite(value: float) -> bool:
    """Whether a number is one that is reckoned with; a whole one of hundreds of digits is not."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def yearly(value: Any, low: float, high: float, place: Place) -> float | dict[int, float]:
    """A number, or a mapping of year to number in order of years."""
    if not isinstance(value, dict):
        return number(value, low, high, place)
    if not value:
        raise place.refuse("expected at least one year.")
    for year in value:
        if isinstance(year, bool) or not isinstance(year, int) or not FIRST_DATE.year <= year <= LAST_DATE.year:
            raise place.refuse(f"expected years from {FIRST_DATE.year} to {LAST_DATE.year}, got {quoted(year)}.")
    return {year: number(value[year], low, high, place.at(year)) for year in sorted(value)}


def words(value: Any, place: Place) -> tuple[str, ...]:
    """A list of texts, or one text, without repeats."""
    entries = [value] if isinstance(value, str) else value
    if not isinstance(entries, list | tuple) or not entries:
        raise place.refuse(f"expected a list of names, got {quoted(value)}.")
    return tuple(dict.fromkeys(text(entry, place) for entry in entries))


def country(value: Any, vocabulary: Vocabulary, place: Place) -> str:
    """A country code of the tables."""
    code = text(str(value) if is_code(value) else value, place)
    if code not in vocabulary.countries:
        raise unknown_country(code, vocabulary.countries, place)
    return code


def is_code(value: Any) -> bool:
    """Whether a whole number stands where a country's code belongs: those of customs are numbers."""
    return isinstance(value, int) and not isinstance(value, bool)


def unknown_country(code: str, known: Iterable[str], place: Place) -> BadInput:
    """The error for a country that is not known, with the code that is meant by another of its names."""
    meant = country_meant(code)
    if meant in known:
        return place.refuse(f"'{shortened(code)}' is not a known country. Did you mean '{meant}'?")
    return place.unknown("country", code, known)


def government(value: Any, vocabulary: Vocabulary, place: Place) -> str:
    """A country code of the tables whose government is its own; else the error names the government it is under."""
    code = country(value, vocabulary, place)
    ruler = vocabulary.governments.get(code, code)
    if ruler != code:
        raise place.refuse(f"'{code}' acts through the government '{ruler}' here. Did you mean '{ruler}'?")
    return code


def places(value: Any, vocabulary: Vocabulary, place: Place) -> tuple[str, ...]:
    """Country codes, `all` or `allied`, as written."""
    listed = value if isinstance(value, list | tuple) else [value]
    entries = words([str(entry) if is_code(entry) else entry for entry in listed], place)
    for entry in entries:
        if entry not in PLACE_WORDS and entry not in vocabulary.countries:
            raise unknown_country(entry, (*vocabulary.countries, *PLACE_WORDS), place)
    return entries


def producers(value: Any, vocabulary: Vocabulary, place: Place) -> tuple[str, ...]:
    """Producer keys of the tables."""
    entries = words(value, place)
    for entry in entries:
        if entry not in vocabulary.producers:
            raise place.unknown("producer", entry, vocabulary.producers)
    return entries


def goods(value: Any, declared: Raw, vocabulary: Vocabulary, place: Place) -> tuple[str, ...]:
    """Good keys; minerals and families are replaced by their goods of the field's stages."""
    found: dict[str, None] = {}
    for entry in words(value, place):
        if entry == "all" and "all" in declared.get("default", ()):
            found.update(dict.fromkeys(vocabulary.goods))
            continue
        if entry not in vocabulary.goods and entry not in vocabulary.expansions:
            raise place.unknown("good, mineral or family", entry, (*vocabulary.goods, *vocabulary.expansions))
        found.update(dict.fromkeys(_goods_of(entry, declared, vocabulary, place)))
    return tuple(found)


def _goods_of(entry: str, declared: Raw, vocabulary: Vocabulary, place: Place) -> tuple[str, ...]:
    """The goods that one word stands for: itself, or those of a mineral or family at the field's stages."""
    stages = declared["stages"]
    if entry in vocabulary.goods:
        if declared.get("strict") and vocabulary.goods[entry][0] not in stages:
            raise place.refuse(f"'{entry}' is not a {' or '.join(stages)}.")
        return (entry,)
    chosen = tuple(good for good in vocabulary.expansions[entry] if vocabulary.goods[good][0] in stages)
    if not chosen:
        raise place.refuse(f"'{entry}' has no good at the stage {' or '.join(stages)}.")
    return chosen


def field_value(value: Any, declared: Raw, vocabulary: Vocabulary, place: Place) -> Any:
    """One field of an instrument, checked by its declared type."""
    kind = declared["type"]
    readers: dict[str, Callable[[], Any]] = {
        "country": lambda: country(value, vocabulary, place),
        "government": lambda: government(value, vocabulary, place),
        "places": lambda: places(value, vocabulary, place),
        "producers": lambda: producers(value, vocabulary, place),
        "goods": lambda: goods(value, declared, vocabulary, place),
        "causes": lambda: words(value, place),
        "number": lambda: number(value, declared["min"], declared["max"], place),
        "yearly": lambda: yearly(value, declared["min"], declared["max"], place),
    }
    return readers[kind]()


def cause_fields(raw: Raw, vocabulary: Vocabulary, place: Place) -> Raw:
    """The instrument's own fields of a cause (and `by`), checked, with defaults filled in."""
    instrument = text(raw.get("instrument"), place.at("instrument"))
    if instrument not in instruments():
        raise place.at("instrument").unknown("instrument", instrument, instruments())
    declared = instruments()[instrument]["fields"]
    keys(raw, dict.fromkeys((*CAUSE_KEYS, *declared)), place)
    if raw.get("by") is not None and "by" not in declared:
        raise place.at("by").refuse(f"'{instrument}' has no acting government.")
    filled: Raw = {}
    for name, entry in declared.items():
        if name not in raw and entry.get("required"):
            raise place.refuse(f"'{instrument}' needs '{name}' ({entry['meaning']}).")
        value = raw.get(name, entry.get("default"))
        filled[name] = None if value is None and not entry.get("required") else field_value(
            value, entry, vocabulary, place.at(name)
        )  # fmt: skip
    return filled


def cause_dates(raw: Raw, place: Place) -> Raw:
    """Announced, start and end of a cause, in order."""
    dates: Raw = {"start": date(raw.get("start"), place.at("start"))}
    for name in ("announced", "end"):
        dates[name] = None if raw.get(name) is None else date(raw[name], place.at(name))
    if dates["announced"] and dates["announced"] > dates["start"]:
        raise place.at("announced").refuse(f"{dates['announced']} is after the start, {dates['start']}.")
    if dates["end"] and dates["end"] <= dates["start"]:
        raise place.at("end").refuse(f"{dates['end']} is not after the start, {dates['start']}.")
    return dates


def references(causes: Mapping[str, tuple[str, Raw]], places_of: Mapping[str, Place]) -> None:
    """Refuse an `of` that names no cause, or one that the instrument cannot act on."""
    for key, (instrument, fields) in causes.items():
        allowed = instruments()[instrument]["fields"].get("of", {}).get("instruments")
        for named in fields.get("of") or ():
            place = places_of[key].at("of")
            if named not in causes or named == key:
                raise place.unknown("cause", named, set(causes) - {key})
            if allowed and causes[named][0] not in allowed:
                raise place.refuse(f"'{named}' is a {causes[named][0]}; expected one of {', '.join(allowed)}.")


def parameters(raw: Any, vocabulary: Vocabulary, place: Place) -> dict[str, float]:
    """Changed parameters by `name` or `name.family`."""
    known = {name for name, _ in vocabulary.parameters}
    families = {family for _, _, family in vocabulary.goods.values()}
    keys(raw, raw if isinstance(raw, dict) else (), place)
    for key in raw:
        name, _, family = str(key).partition(".")
        if name not in known:
            raise place.unknown("parameter", name, known)
        if family and family not in families:
            raise place.at(name).unknown("family", family, families)
        if family and name not in BY_FAMILY:
            raise place.at(key).refuse(f"'{name}' holds for all families alike. Did you mean '{name}'?")
    return {str(key): number(value, -math.inf, math.inf, place.at(key)) for key, value in raw.items()}
