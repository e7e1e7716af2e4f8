"""The words of the view in English (en) and Traditional Chinese (zh)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from kit import yaml_loader

FILE = Path(__file__).with_name("words.yaml")
DECLARED = Path(__file__).with_name("declared_words.yaml")
LANGUAGES = ("en", "zh")
GROUPS = ("stages", "kinds", "ends", "sectors", "firm_kinds", "fields", "confidences", "families")  # words by key


@cache
def words() -> dict[str, Any]:
    """All words."""
    return yaml_loader.read(FILE)


@cache
def declared() -> dict[str, dict[str, str]]:
    """Chinese meanings and units of what the code declares in English."""
    return yaml_loader.read(DECLARED)


def say(name: str, language: str, /, **values: Any) -> str:
    """A word or sentence."""
    return str(words()[name][language]).format(**values)


def large(language: str) -> float:
    """What large sums are told in: 億, a hundred million, in Chinese, and billions in English."""
    return {"zh": 1e8, "en": 1e9}[language]


def of_group(group: str, key: str, language: str) -> str:
    """A word of a group; its key where the group does not know it."""
    found = words()[group].get(key)
    return str(found[language]) if found else key.replace("_", " ")


def meaning(text: str, language: str) -> str:
    """The meaning of a declared field in the language of the page; in English where no translation is there yet."""
    return text if language == "en" else str(declared()["meanings"].get(text, text))


def unit(text: str, language: str) -> str:
    """A declared unit in the language of the page."""
    return text if language == "en" else str(declared()["units"].get(text, text))
