"""Names of what a report tells by its key: parameters and their families, goods, budgets of packages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from abm.world.world import shared_tables


@cache
def named_in(table: str, key: str, column: str = "name_zh") -> dict[str, str]:
    """Key to name, in Chinese unless told otherwise, of a table; of several rows with one key the first."""
    rows = shared_tables()[table].drop_duplicates(key)
    return dict(zip(rows[key].astype(str), rows[column].astype(str), strict=True))


def parameter(key: str, words: Mapping[str, Mapping[str, str]]) -> str:
    """A parameter, `name` or `name.family`: its short name where `words` have one, else its meaning."""
    name, _, family = key.partition(".")
    told = words["parameters"].get(name) or named_in("parameters", "parameter", "meaning_zh").get(name, name)
    return f"{told}（{words['families'].get(family, family)}）" if family else told


def good(key: str, language: str = "zh") -> str:
    """A good, in Chinese or in English."""
    return named_in("goods", "good", f"name_{language}").get(key, key)


def part(word: str, known: Mapping[str, str]) -> str:
    """A part of an arm's name; a budget such as @2 is twice the size."""
    return f"（{word[1:]} 倍）" if word.startswith("@") else str(known.get(word, word))
