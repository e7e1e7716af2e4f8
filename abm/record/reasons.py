"""Why: the log of decisions, kept as numbers and turned into words when someone asks."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from agents.strategy import OPTIONS
from kit import yaml_loader
from kit.columns import Columns

WEIGHED = ("choice", "fear", "worth", "activity", "capacity", "building", "seen_price", "running_cost", "seen_dearer",
           "capability", "helping", "grade", "denied", "collecting",
           *(f"value_{name}" for name in OPTIONS[1:]))  # fmt: skip
LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Entry:
    """One decision: who, when, what was chosen, the reason and its numbers, and the worth of each option weighed."""

    date: datetime.date
    actor: str
    choice: str
    reason: str
    values: dict[str, Any]
    options: dict[str, float] = field(default_factory=dict)


class Why:
    """All decisions of a run in the order in which they were taken; `kept` False keeps none (batches)."""

    def __init__(self, kept: bool = True) -> None:
        self.kept = kept
        self.entries: list[Entry] = []
        self.quarters: list[tuple[datetime.date, dict[str, np.ndarray]]] = []

    def note(self, date: datetime.date, actor: str, choice: str, reason: str, values: dict[str, Any]) -> None:
        """Keep one decision."""
        if self.kept:
            self.entries.append(Entry(date, actor, choice, reason, values))

    def keep(self, date: datetime.date, columns: Columns) -> None:
        """Keep what all firms chose this quarter and what they weighed: arrays (firm,) by field."""
        if self.kept:
            self.quarters.append((date, {name: columns[name].astype(np.float32) for name in WEIGHED}))

    def words(self, entry: Entry, language: str) -> str:
        """The reason of a decision in plain words, in English (en) or Traditional Chinese (zh)."""
        return str(reasons()[entry.reason][language].format(**entry.values))


@cache
def reasons() -> dict[str, dict[str, str]]:
    """The words of every reason, by language."""
    found: dict[str, dict[str, str]] = yaml_loader.read(Path(__file__).parent / "reasons.yaml")
    return found
