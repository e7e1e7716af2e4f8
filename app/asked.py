"""What several words of the command line ask for alike: a day, and pages of the clone; refused before anything runs."""

from __future__ import annotations

import datetime
from pathlib import Path

from abm.tables.meant import day_meant, is_day
from kit.errors import BadInput
from kit.nearest import shortened

DOCS = Path("docs")
TEMPLATE = DOCS / "odd.in.md"  # a file that is in a clone of the project and in no other folder


def day(text: str, option: str = "--until") -> datetime.date:
    """A date in full."""
    if not is_day(text):
        raise BadInput(f"{option} {shortened(text)}: expected a date in full, such as 2026-06-30.{day_meant(text)}")
    return datetime.date.fromisoformat(text)


def check_docs(asked: bool, word: str) -> None:
    """BadInput where pages of the clone are asked for outside of it."""
    if asked and not TEMPLATE.is_file():
        raise BadInput(f"{word} --docs: works in a clone of the project only, started from its folder.")
