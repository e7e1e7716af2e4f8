"""Scenarios: dated policies and events laid over the untouched world; one YAML file each, which may extend another."""

from __future__ import annotations

import copy
import dataclasses
import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from abm.scenario import checks, files, packages
from abm.scenario.checks import Place, Raw, Vocabulary
from abm.scenario.stances import Stances
from abm.world.world import shared_tables
from kit.errors import BadInput

PLAIN = ("base_year", "start", "end", "demand", "projects", "outages", "sources")
"""Keys of a scenario that are taken from a file as they stand."""


@dataclass(frozen=True)
class CauseSpec:
    """One dated policy or event: who does what to which goods, from when to when, and where that is known from."""

    id: str
    instrument: str
    start: datetime.date
    end: datetime.date | None
    announced: datetime.date | None
    title_en: str
    title_zh: str
    by: str | None
    source: str
    confidence: str
    fields: Raw = field(hash=False)

    def __post_init__(self) -> None:
        """Refuse what is no cause at all; whether it can be carried out in a world is for the scenario to check."""
        place = Place(f"cause '{self.id}'")
        checks.choice(self.confidence, checks.CONFIDENCES, place.at("confidence"))
        checks.keys(self.fields, self.fields if isinstance(self.fields, dict) else (), place.at("fields"))
        for name in ("id", "instrument", "title_en", "title_zh", "source", *(() if self.by is None else ("by",))):
            if not isinstance(getattr(self, name), str):
                raise place.at(name).refuse(f"expected a text, got {getattr(self, name)!r}.")
        for name in ("start", *(each for each in ("end", "announced") if getattr(self, each) is not None)):
            if type(getattr(self, name)) is not datetime.date:
                raise place.at(name).refuse(f"expected a datetime.date, got {getattr(self, name)!r}.")


@dataclass(frozen=True)
class Scenario:
    """A checked scenario, however it is made. It is never changed: `override` and `until` give another one."""

    name: str
    title_en: str
    title_zh: str
    question_en: str
    question_zh: str
    base_year: int
    start: datetime.date
    end: datetime.date
    demand: str
    projects: bool
    outages: bool
    parameters: dict[str, float] = field(hash=False)
    free: tuple[str, ...]
    causes: tuple[CauseSpec, ...]
    sources: tuple[str, ...]
    raw: Raw = field(repr=False, compare=False)
    origins: dict[str, str] = field(repr=False, compare=False)
    vocabulary: Vocabulary = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what no run could be made of; lists, numbers and fields of causes take the form that rules read."""
        draft = _Draft(self.name, self.raw, self.origins)
        checks.text(self.name, Place("scenario", "name"))
        for name in checks.TEXTS:
            checks.text(getattr(self, name), draft.place(name))
        taken = {
            "base_year": checks.choice(self.base_year, checks.BASE_YEARS, draft.place("base_year")),
            "start": checks.date(self.start, draft.place("start")),
            "end": checks.date(self.end, draft.place("end")),
            "demand": checks.choice(self.demand, checks.DEMANDS, draft.place("demand")),
            "projects": checks.flag(self.projects, draft.place("projects")),
            "outages": checks.flag(self.outages, draft.place("outages")),
            "parameters": checks.parameters(self.parameters, self.vocabulary, draft.place("parameters")),
            "free": _free(self.free, self.vocabulary, draft.place("free")),
            "sources": checks.words(self.sources, draft.place("sources")),
            "causes": _fitting(self.causes, self.vocabulary, draft),
        }
        for name, value in taken.items():
            object.__setattr__(self, name, value)
        _check_window(self, draft)

    @classmethod
    def load(cls, name: str | Path, tables: Any = None) -> Scenario:
        """A shipped scenario by name, or one of the user's by path, with packages laid over it (`renewed+R1@2+R3`).

        BadInput if anything in it is wrong.
        """
        vocabulary = Vocabulary.of(shared_tables() if tables is None else tables)
        base, chosen = packages.split(str(name))
        path = files.find(base)
        raw, origins = files.lay(*files.read(path, ()), chosen)
        full = "+".join([path.stem, *(package.word for package in chosen)])
        return _build(_Draft(full, files.titled(raw, chosen), origins), vocabulary)

    @classmethod
    def compose(cls, raw: Raw, file: Path, tables: Any = None) -> Scenario:
        """A scenario written inside another file, such as a recorded event; BadInput names that file."""
        vocabulary = Vocabulary.of(shared_tables() if tables is None else tables)
        merged, origins = files.compose(raw, file)
        return _build(_Draft(file.stem, merged, origins), vocabulary)

    @staticmethod
    def names() -> list[str]:
        """The scenarios that come with the project."""
        return files.names()

    @staticmethod
    def package(name: str) -> Raw:
        """A shipped package as it is written."""
        return files.package(name)

    def override(self, changes: Mapping[str, Any]) -> Scenario:
        """The same scenario with some values set by path, such as `causes.<id>.approval` or `parameters.<name>`."""
        raw = copy.deepcopy(_said(self))
        origins = dict(self.origins)
        for path, value in changes.items():
            given = files.parse(path, value) if isinstance(value, str) else value
            files.set_value(raw, path, given)
            origins[files.origin_key(path)] = f"--set {path}"
        return _build(_Draft(self.name, raw, origins), self.vocabulary)

    def settled(self, parameters: Mapping[str, float]) -> Scenario:
        """The same scenario with parameters by `name` or `name.family` where it does not set them itself."""
        raw = _said(self)
        own = raw.get("parameters") or {}
        return _build(_Draft(self.name, raw | {"parameters": {**parameters, **own}}, self.origins), self.vocabulary)

    def until(self, date: datetime.date) -> Scenario:
        """The same scenario, ended earlier."""
        if not self.start < date <= self.end:
            raise BadInput(f"--until {date}: expected a date after {self.start} and at most {self.end}.")
        return self.override({"end": date})

    def resolved(self) -> Raw:
        """Everything the scenario says, overlays and defaults filled in, as plain words and numbers."""
        skipped = {"raw", "origins", "vocabulary", "causes"}
        plain = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name not in skipped}
        plain["causes"] = [dataclasses.asdict(cause) for cause in self.causes]
        return _plain(plain)


@dataclass(frozen=True)
class _Draft:
    """A merged but unchecked scenario: its name, values, and the file that each key or cause came from."""

    name: str
    raw: Raw
    origins: dict[str, str]

    def place(self, key: str, cause: str | None = None) -> Place:
        """Where a top-level key or a cause stands."""
        return Place(self.origins.get(cause or key, f"{self.name}.yaml"), f"causes.{cause}" if cause else key)


def _plain(value: Any) -> Any:
    """Dates as text and tuples as lists, all the way down."""
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def _build(draft: _Draft, vocabulary: Vocabulary) -> Scenario:
    """Check a merged scenario and make it."""
    raw = draft.raw
    plain: dict[str, Any] = {name: raw.get(name) for name in (*checks.TEXTS, *PLAIN)}
    return Scenario(
        name=draft.name, **plain, parameters=raw.get("parameters") or {}, free=raw.get("free") or (),
        causes=_causes(draft, vocabulary), raw=raw, origins=draft.origins, vocabulary=vocabulary,
    )  # fmt: skip


def _said(scenario: Scenario) -> Raw:
    """What a scenario says, as it was written, with the fields that were replaced in Python since."""
    written = _build(_Draft(scenario.name, scenario.raw, scenario.origins), scenario.vocabulary)
    replaced = {
        name: getattr(scenario, name)
        for name in (*checks.TEXTS, *PLAIN, "parameters", "free")
        if getattr(scenario, name) != getattr(written, name)
    }
    if scenario.causes != written.causes:
        replaced["causes"] = [_raw_of(cause) for cause in scenario.causes]
    return scenario.raw | replaced


def _raw_of(cause: CauseSpec) -> Raw:
    """A cause as a file writes it."""
    return cause.fields | {name: getattr(cause, name) for name in checks.CAUSE_KEYS}


def _check_window(scenario: Scenario, draft: _Draft) -> None:
    """Refuse a first and a last day between which there is no run."""
    start, end = scenario.start, scenario.end
    if start < datetime.date(scenario.base_year, 1, 1):
        raise draft.place("start").refuse(f"{start} is before the base year begins, {scenario.base_year}-01-01.")
    if end <= start:
        raise draft.place("end").refuse(f"{end} is not after the start, {start}.")


def _free(given: Any, vocabulary: Vocabulary, place: Place) -> tuple[str, ...]:
    """Governments that decide by their own stances; `all` is every one that has a stance."""
    if isinstance(given, list | tuple) and not given:
        return ()
    having = {intent.stance.government for intent in Stances.load(vocabulary).intents}
    named = checks.words(given, place)
    for name in named:
        if name not in {*having, "all"}:
            raise place.unknown("government with stances", name, {*having, "all"})
    return tuple(sorted(having if "all" in named else named))


def _causes(draft: _Draft, vocabulary: Vocabulary) -> tuple[CauseSpec, ...]:
    """The checked causes, in the order they are written."""
    specs, places, known = [], {}, {}
    for cause in draft.raw.get("causes") or ():
        place = places[cause["id"]] = draft.place("causes", cause["id"])
        specs.append(_cause(cause, vocabulary, place))
        known[cause["id"]] = (specs[-1].instrument, specs[-1].fields)
    checks.references(known, places)
    causes = tuple(specs)
    return vocabulary.keep(causes, causes)


def _fitting(causes: Any, vocabulary: Vocabulary, draft: _Draft) -> tuple[CauseSpec, ...]:
    """Causes of any making, checked by the words of a world and completed by defaults; once for the same causes."""
    place = draft.place("causes")
    if not isinstance(causes, list | tuple):
        raise place.refuse(f"expected CauseSpecs, got {causes!r}.")
    for cause in causes:
        if not isinstance(cause, CauseSpec):
            raise place.refuse(f"expected CauseSpecs, got {cause!r}.")
    given = tuple(causes)
    fitting = vocabulary.kept.get(given)
    if fitting is None:
        places = {cause.id: draft.place("causes", cause.id) for cause in given}
        if len(places) < len(given):
            raise place.refuse("an id is used twice.")
        fitting = tuple(_complete(cause, vocabulary, places[cause.id]) for cause in given)
        checks.references({cause.id: (cause.instrument, cause.fields) for cause in fitting}, places)
        vocabulary.keep(given, fitting)
    return fitting


def _complete(cause: CauseSpec, vocabulary: Vocabulary, place: Place) -> CauseSpec:
    """A cause of any making, checked as if it stood in a file, with the defaults of what it does not say."""
    raw = _raw_of(cause)
    checks.cause_dates(raw, place)
    fields = checks.cause_fields(raw, vocabulary, place)
    fields.pop("by", None)
    return cause if fields == cause.fields else dataclasses.replace(cause, fields=fields)


def _cause(raw: Raw, vocabulary: Vocabulary, place: Place) -> CauseSpec:
    """One checked cause."""
    fields = checks.cause_fields(raw, vocabulary, place)
    return CauseSpec(
        id=raw["id"], instrument=raw["instrument"], by=fields.pop("by", None), fields=fields,
        title_en=checks.text(raw.get("title_en"), place.at("title_en")),
        title_zh=checks.text(raw.get("title_zh"), place.at("title_zh")),
        source=checks.text(raw.get("source"), place.at("source")),
        confidence=checks.choice(raw.get("confidence"), checks.CONFIDENCES, place.at("confidence")),
        **checks.cause_dates(raw, place),
    )  # fmt: skip
