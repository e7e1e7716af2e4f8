"""Why: the log of decisions, kept as numbers and turned into words when someone asks."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

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

    def note(self, date: datetime.date, actor: str, choice: str, reason: str, values: dict[str, Any]) -> None:
        """Keep one decision."""
        if self.kept:
            self.entries.append(Entry(date, actor, choice, reason, values))

    def words(self, entry: Entry, language: str) -> str:
        """The reason of a decision in plain words, in English (en) or Traditional Chinese (zh)."""
        return str(reasons()[entry.reason][language].format(**entry.values))


@cache
def reasons() -> dict[str, dict[str, str]]:
    """The words of every reason, by language."""
    found: dict[str, dict[str, str]] = yaml.safe_load((Path(__file__).parent / "reasons.yaml").read_text("utf-8"))
    return found
