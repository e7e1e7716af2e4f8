"""The words of the view in English (en) and Traditional Chinese (zh)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("words.yaml")
LANGUAGES = ("en", "zh")


@cache
def words() -> dict[str, Any]:
    """All words."""
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def say(name: str, language: str, **values: Any) -> str:
    """A word or sentence."""
    return str(words()[name][language]).format(**values)
