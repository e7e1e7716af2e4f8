"""Conditions: what policies and shocks make of the week. Every week starts neutral."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

Write = tuple[str, np.ndarray, float | np.ndarray]
"""Condition, rows and the value that is put on them."""
Combine = Literal["add", "multiply", "maximum", "minimum"]
COMBINE = {"add": np.add, "multiply": np.multiply, "maximum": np.maximum, "minimum": np.minimum}


@dataclass(frozen=True)
class Condition:
    """One array of conditions: what a row is, the value when nothing happens, and how two policies combine."""

    level: str
    neutral: float
    combine: Combine
    unit: str
    meaning: str


CONDITIONS = {
    "tariff": Condition("link", 0.0, "add", "share of price", "import duty"),
    "export_tax": Condition("link", 0.0, "add", "share of price", "export tax"),
    "licence": Condition("link", 0.0, "maximum", "share", "share of the flow that needs an export licence"),
    "announced": Condition("link", 0.0, "maximum", "share", "share of the flow that will need one, as announced"),
    "announced_wait": Condition("link", 0.0, "maximum", "weeks", "time from application to decision, as announced"),
    "wait": Condition("link", 0.0, "maximum", "weeks", "time from application to decision"),
    "approval": Condition("link", 1.0, "multiply", "share", "chance that an application is granted"),
    "declared": Condition("link", 0.0, "maximum", "share", "part of the usual flow declared before the control"),
    "discretion": Condition("link", 0.0, "maximum", "0 or 1", "decided case by case, so that tension counts"),
    "hold": Condition("link", 0.0, "maximum", "share", "share of uncontrolled flow held at customs"),
    "hold_wait": Condition("link", 0.0, "maximum", "weeks", "time in the customs hold"),
    "open": Condition("link", 1.0, "multiply", "share", "share of the flow that is not refused"),
    "leak": Condition("link", 0.0, "maximum", "share", "share of the refused flow that goes through third countries"),
    "warned": Condition("link", 0.0, "maximum", "0 or 1", "a control was just announced or enacted"),
    "grace": Condition("link", np.inf, "minimum", "weeks", "weeks until an announced control is in force"),
    "favour": Condition("link", 0.0, "add", "ratio", "preference for allied suppliers"),
    "examined": Condition("link", 0.0, "maximum", "share", "share of re-exports examined for Chinese content"),
    "threshold": Condition("link", 1.0, "minimum", "share", "content above which a re-export needs a licence"),
    "capacity": Condition("firm", 1.0, "multiply", "share", "share of capacity that can run"),
    "ceiling": Condition("firm", np.inf, "minimum", "share of base capacity", "mining quota"),
    "subsidy": Condition("firm", 0.0, "add", "share of running cost", "subsidy or tax credit"),
    "floor": Condition("firm", 0.0, "maximum", "US$/unit", "guaranteed price of the main good"),
    "demand": Condition("firm", 1.0, "multiply", "ratio", "demand over its path"),
    "build": Condition("firm", 1.0, "multiply", "ratio", "building time over its usual length"),
    "collection": Condition("firm", 0.0, "add", "share", "collection of scrap above its base"),
    "substitution": Condition("firm", 1.0, "multiply", "ratio", "speed of substitution"),
    "alertness": Condition("firm", 0.0, "maximum", "share", "how well the firm knows its chain"),
    "partner": Condition("firm", 1.0, "multiply", "ratio", "capacity gained by process partnership"),
    "reserve_days": Condition("firm", 0.0, "maximum", "days", "public stockpile aimed at, in days of national use"),
    "release_mark": Condition("firm", 0.0, "maximum", "weeks", "users' cover below which the stockpile is released"),
    "release": Condition("firm", 0.0, "maximum", "units/week", "public stockpile released"),
    "undercut": Condition("good", 0.0, "maximum", "share of price", "cut of the Chinese price, paid by the state"),
    "off_take": Condition("link", 0.0, "add", "share", "part of the output under contract to the country"),
    "grant": Condition("firm", 0.0, "add", "US$/week", "grant for research on a firm's process"),
    "credit": Condition("firm", 0.0, "add", "share", "part of an investment that the state pays"),
    "premium": Condition("firm", 0.0, "add", "share of price", "paid on top for recycled or purified material"),
    "service": Condition("firm", 0.0, "add", "share", "production scrap collected as a service"),
    "retention": Condition("firm", 0.0, "add", "share", "part of exported black mass and e-waste kept at home"),
    "imports": Condition("firm", 0.0, "add", "t/week", "electronic waste that may come in"),
    "provider": Condition("firm", 1.0, "multiply", "share", "part of what Taiwan provides to others that is sold"),
}

MARKING = frozenset(["licence", "hold", "open", "examined", "warned", "grace"])
"""Conditions that put a link under control."""


@dataclass(frozen=True)
class Cap:
    """An export quota: what a set of links may carry openly together in a week, and what is smuggled over that."""

    links: np.ndarray
    amount: float
    smuggled: float


@dataclass(frozen=True)
class Strokes:
    """What one cause writes: (name, rows, value) in its order, and its quotas."""

    writes: tuple[Write, ...] = ()
    caps: tuple[Cap, ...] = ()

    @cached_property
    def names(self) -> frozenset[str]:
        """The conditions that it writes on."""
        return frozenset(name for name, _, _ in self.writes)

    def differ(self, other: Strokes) -> set[str]:
        """Names of the conditions on which the two write differently."""
        mine, theirs = ({write[0]: write for write in strokes.writes} for strokes in (self, other))
        names = mine.keys() | theirs.keys()
        if len(mine) < len(self.writes) or len(theirs) < len(other.writes):  # one of them writes twice on a condition
            return names
        both = mine.keys() & theirs.keys()
        return names - {name for name in both if same(mine[name], theirs[name])}


def same(one: Write, two: Write) -> bool:
    """Whether two strokes on a condition put the same value on the same rows."""
    if not (one[1] is two[1] or np.array_equal(one[1], two[1])):
        return False
    if isinstance(one[2], np.ndarray) or isinstance(two[2], np.ndarray):
        return one[2] is two[2] or bool(np.array_equal(one[2], two[2]))
    return one[2] == two[2]


class Conditions(dict[str, np.ndarray]):
    """The arrays of `CONDITIONS` by name, neutral where nobody writes on them through `write`.

    `sizes` gives the number of rows of each level (link, firm). `caps` lists the quotas of the week; `marked` (link,)
    says which links a control has ever touched; `changes` counts up whenever something is written, see `changed`.
    """

    def __init__(self, sizes: dict[str, int]) -> None:
        super().__init__({name: np.full(sizes[c.level], c.neutral) for name, c in CONDITIONS.items()})
        self._written: set[str] = set()
        self.changes = 0
        self._changed: dict[str, int] = dict.fromkeys(CONDITIONS, 0)
        self._noted: list[Write] | None = None
        self.caps: list[Cap] = []
        self.marked = np.zeros(sizes["link"], dtype=bool)

    def note(self, apply: Callable[[], None]) -> Strokes:
        """What `apply` would write, without writing it."""
        caps, self.caps, self._noted = self.caps, [], []
        apply()
        strokes = Strokes(tuple(self._noted), tuple(self.caps))
        self.caps, self._noted = caps, None
        return strokes

    def renew(self, names: set[str], strokes: Iterable[Strokes]) -> None:
        """Write some conditions anew from what all active causes write; the others stand as they are."""
        for name in names & self._written:
            self[name].fill(CONDITIONS[name].neutral)
        self._written -= names
        self.caps = []
        self.changes += 1
        self._changed |= dict.fromkeys(names, self.changes)
        for one in strokes:
            self.caps += one.caps
            if not names.isdisjoint(one.names):
                for name, rows, value in (write for write in one.writes if write[0] in names):
                    self.write(name, rows, value)

    def changed(self, *names: str) -> int:
        """The count of changes when any of them was last written; 0 where none ever was."""
        return max(self._changed[name] for name in names)

    def changed_since(self, count: int, names: Sequence[str]) -> list[str]:
        """Those conditions that have been written since a count of changes."""
        return [name for name in names if self._changed[name] > count]

    def touched(self, name: str) -> bool:
        """Whether any policy has written on it this week."""
        return name in self._written

    def touched_any(self, names: frozenset[str]) -> bool:
        """Whether any policy has written on one of them this week."""
        return not self._written.isdisjoint(names)

    def write(self, name: str, rows: np.ndarray, value: float | np.ndarray) -> None:
        """Combine a value into some rows in the declared way, so that the order of policies does not matter."""
        if self._noted is not None:
            self._noted.append((name, rows, value))
            return
        array = self[name]
        array[rows] = COMBINE[CONDITIONS[name].combine](array[rows], value)
        self._written.add(name)
        self.changes += 1
        self._changed[name] = self.changes
        if name in MARKING:
            self.marked[rows] = True
