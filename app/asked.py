"""What several words of the command line ask for alike: a day, and pages of the clone; refused before anything runs."""

from __future__ import annotations

import datetime
from pathlib import Path

from abm.errors import BadInput

DOCS = Path("docs")
TEMPLATE = DOCS / "odd.in.md"  # a file that is in a clone of the project and in no other folder


def day(text: str, option: str = "--until") -> datetime.date:
    """A date in full."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as problem:
        raise BadInput(f"{option} {text}: expected a date in full, such as 2026-06-30.") from problem


def check_docs(asked: bool, word: str) -> None:
    """BadInput where pages of the clone are asked for outside of it."""
    if asked and not TEMPLATE.is_file():
        raise BadInput(f"{word} --docs: works in a clone of the project only, started from its folder.")
