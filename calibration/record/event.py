"""Recorded events: a scenario's causes in a window and figures of the record to hold the model against."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from abm import Scenario
from abm.scenario import checks, files
from abm.scenario.checks import Place, Raw
from abm.world.roster import chosen_goods, standing_firms
from abm.world.world import shared_tables
from calibration.record.spans import Span, read_span
from kit.errors import BadInput

FOLDER = Path(__file__).parents[1] / "events"
FLOWS = ("exports", "imports", "use")
PRICES = ("price_spot", "price_average", "price_fob")
VARIABLES = (*FLOWS, *PRICES, "approvals")
RELATIVE = ("ratio", "change", "peak_ratio", "months_below", "months_until")
STATISTICS = (*RELATIVE, "level", "share", "months_to_peak")
USES, SCALES, CLOCKS = ("fit", "hold"), ("absolute", "log"), ("force", "announcement")
EVENT_KEYS = ("minerals", "targets")
TARGET_KEYS = (
    "id", "title_en", "title_zh", "variable", "good", "place", "to", "statistic", "at", "over", "over_variable",
    "over_place", "per", "base", "level", "value", "tolerance", "scale", "weight", "use", "plumbing", "clock",
    "price_point", "baseline", "record_series", "source", "confidence",
)  # fmt: skip
SMALLEST = 1e-9


@dataclass(frozen=True)
class Quantity:
    """What is read off a run: a variable of some goods at a place; trade also names the other end (`to`)."""

    variable: str
    goods: tuple[str, ...]
    place: str
    to: str = "WLD"


@dataclass(frozen=True)
class Target:
    """One figure of the record: which statistic of which quantity, its value and tolerance, and where it is from.

    `over` is the span that `at` is compared with; `base` is what a share of two prices was in the base year, since the
    model counts both from there; `scale` log counts misfit in logarithms; `plumbing` marks a figure
    that a scripted cause alone produces: it is shown apart and counts in no skill.
    """

    id: str
    title_en: str
    title_zh: str
    quantity: Quantity
    other: Quantity
    statistic: str
    at: Span
    over: Span | None
    per: float
    base: float
    level: float
    value: float
    tolerance: float
    scale: str
    weight: float
    use: str
    plumbing: bool
    clock: str
    price_point: str
    baseline: str
    record_series: str
    source: str
    confidence: str

    @property
    def last(self) -> datetime.date:
        """The last day that it looks at; months are looked at whole."""
        spans = [span for span in (self.at, self.over) if span is not None]
        return max(span.by_month()[-1].last for span in spans)


@dataclass(frozen=True)
class Event:
    """A recorded event: its scenario (whose window it runs over), the minerals it is about, and its targets.

    `file` is where a user's own event was read from; nothing for those that come with the project.
    """

    name: str
    scenario: Scenario = field(hash=False)
    minerals: tuple[str, ...]
    targets: tuple[Target, ...] = field(hash=False)
    file: str = field(default="", compare=False)

    @classmethod
    def load(cls, name: str | Path) -> Event:
        """A shipped event by name, or one of the user's by path; BadInput if anything in it is wrong."""
        path = find(str(name))
        raw = files.contents(path, (*checks.SCENARIO_KEYS, *EVENT_KEYS))
        scenario = Scenario.compose({key: raw[key] for key in raw if key not in EVENT_KEYS}, path)
        place = Place(path.name)
        minerals = _minerals(raw.get("minerals"), place.at("minerals"))
        targets = _targets(raw.get("targets"), scenario, place.at("targets"))
        _inside(targets, scenario.base_year, minerals, place.at("targets"))
        own = path.resolve().parent != FOLDER.resolve()
        return cls(path.stem, scenario, minerals, targets, str(path.resolve()) if own else "")

    @staticmethod
    def names() -> list[str]:
        """The events that come with the project."""
        return sorted(path.stem for path in FOLDER.glob("*.yaml"))

    def quantities(self) -> list[Quantity]:
        """What the targets look at, each once."""
        return list(dict.fromkeys(q for target in self.targets for q in (target.quantity, target.other)))

    @cached_property
    def last(self) -> datetime.date:
        """The last day that a target looks at."""
        return max(target.last for target in self.targets)

    def counted(self) -> list[Target]:
        """Targets that count in skill."""
        return [target for target in self.targets if not target.plumbing]


def find(name: str) -> Path:
    """The file of a shipped event or of a path."""
    return files.named_file(name, "event", FOLDER)


def _minerals(value: Any, place: Place) -> tuple[str, ...]:
    """Minerals whose chains are built."""
    known = shared_tables()["minerals"].mineral.tolist()
    found = checks.words(value, place)
    for word in found:
        if word not in known:
            raise place.unknown("mineral", word, known)
    return found


def _targets(value: Any, scenario: Scenario, place: Place) -> tuple[Target, ...]:
    """The checked targets; ids are used once."""
    if not isinstance(value, list) or not value:
        raise place.refuse("expected a list of targets, each beginning with '- id: ...'.")
    found: dict[str, Target] = {}
    for number, raw in enumerate(value, 1):
        named = raw.get("id") if isinstance(raw, dict) else None
        checks.keys(raw, TARGET_KEYS, place.at(named or number))
        key = checks.text(named, place.at(number).at("id"))
        if key in found:
            raise place.at(key).refuse("the id is used twice.")
        found[key] = _target(raw, scenario, place.at(key))
    return tuple(found.values())


def _inside(targets: Iterable[Target], year: int, minerals: tuple[str, ...], place: Place) -> None:
    """BadInput for a good outside the chains that are built: it would be read as nothing."""
    tables = shared_tables()
    built = chosen_goods(tables, standing_firms(tables, year), minerals)
    for target in targets:
        for good in target.quantity.goods:
            if good not in built:
                raise place.at(target.id).at("good").refuse(
                    f"'{good}' is not made in the chains of `minerals` ({', '.join(minerals)}) in {year}; "
                    f"there are: {', '.join(sorted(built))}.")  # fmt: skip


def _target(raw: Raw, scenario: Scenario, place: Place) -> Target:
    """One checked target."""
    quantity = _quantity(raw, scenario, place)
    variable = checks.choice(raw.get("over_variable", quantity.variable), VARIABLES, place.at("over_variable"))
    there = _place(raw.get("over_place", quantity.place), scenario, place.at("over_place"))
    statistic = checks.choice(raw.get("statistic"), STATISTICS, place.at("statistic"))
    at = _span(raw.get("at"), scenario, place.at("at"))
    over = None if raw.get("over") in (None, "base") else _span(raw["over"], scenario, place.at("over"))
    if statistic in RELATIVE and "over" not in raw:
        raise place.at("over").refuse(f"is missing: '{statistic}' compares with a span, or with `base`.")
    texts = ("title_en", "title_zh", "source", "baseline")
    return Target(
        id=raw["id"], quantity=quantity, other=dataclasses.replace(quantity, variable=variable, place=there),
        statistic=statistic, at=at, over=over,
        scale=checks.choice(raw.get("scale", "absolute"), SCALES, place.at("scale")),
        use=checks.choice(raw.get("use"), USES, place.at("use")),
        plumbing=checks.flag(raw.get("plumbing", False), place.at("plumbing")),
        clock=checks.choice(raw.get("clock", "force"), CLOCKS, place.at("clock")),
        price_point=_price_point(raw, quantity, place.at("price_point")),
        record_series=str(raw.get("record_series", "")),
        confidence=checks.choice(raw.get("confidence"), checks.CONFIDENCES, place.at("confidence")),
        **{name: checks.text(raw.get(name), place.at(name)) for name in texts},
        **_numbers(raw, place),
    )  # fmt: skip


def _numbers(raw: Raw, place: Place) -> dict[str, float]:
    """The numbers of a target, in range."""
    lowest = SMALLEST if raw.get("scale") == "log" else -1e12
    ranges = {"value": (None, lowest, 1e12), "tolerance": (None, SMALLEST, 1e12), "per": (1.0, SMALLEST, 1e12),
              "base": (1.0, SMALLEST, 1e3), "level": (1.0, 0.0, 1e3), "weight": (1.0, 0.0, 100.0)}  # fmt: skip
    return {name: checks.number(raw.get(name, default), low, high, place.at(name))
            for name, (default, low, high) in ranges.items()}  # fmt: skip


def _quantity(raw: Raw, scenario: Scenario, place: Place) -> Quantity:
    """What a target looks at."""
    variable = checks.choice(raw.get("variable"), VARIABLES, place.at("variable"))
    known = scenario.vocabulary.goods
    goods = checks.words(raw.get("good"), place.at("good"))
    for good in goods:
        if good not in known:
            raise place.at("good").unknown("good", good, known)
    if variable in PRICES and len(goods) > 1:
        raise place.at("good").refuse(f"a price is of one good, got {', '.join(goods)}.")
    where = _place(raw.get("place"), scenario, place.at("place"))
    if variable in ("price_spot", "price_average") and where not in ("CHN", "ROW"):
        raise place.at("place").refuse(f"expected the price zone CHN or ROW, got {where}.")
    return Quantity(variable, goods, where, _place(raw.get("to", "WLD"), scenario, place.at("to")))


def _place(value: Any, scenario: Scenario, place: Place) -> str:
    """A country, WLD for all others, or the price zone ROW."""
    word = checks.text(value, place)
    known = (*scenario.vocabulary.countries, "WLD", "ROW")
    if word not in known:
        raise place.unknown("place", word, known)
    return word


def _span(value: Any, scenario: Scenario, place: Place) -> Span:
    """A span inside the window of the event."""
    if value is None:
        raise place.refuse("is missing: expected a day, month, year or range.")
    span = read_span(value, place)
    if span.first < scenario.start or span.last > scenario.end:
        raise place.refuse(f"{span} is outside the event's window, {scenario.start} to {scenario.end}.")
    return span


def _price_point(raw: Raw, quantity: Quantity, place: Place) -> str:
    """Which price is meant: Chinese, FOB or delivered; nothing for quantities."""
    if quantity.variable not in PRICES:
        return ""
    return checks.choice(raw.get("price_point"), ("chinese", "fob", "delivered"), place)


def load_all(names: Iterable[str]) -> list[Event]:
    """Events by name or path, each name once."""
    found = [Event.load(name) for name in names]
    known: set[str] = set()
    for event in found:
        if event.name in known:
            raise BadInput(f"two events are named '{event.name}': rename one of the files.")
        known.add(event.name)
    return found


def load_again(told: Mapping[str, Any]) -> list[Event]:
    """The events that a manifest tells of, the user's own from their files; BadInput for one that is gone."""
    return [Event.load(entry.get("file") or name if isinstance(entry, Mapping) else name)
            for name, entry in told.items()]  # fmt: skip
