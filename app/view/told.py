"""What happened in a run, told in the language of the page: names instead of keys."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from abm.engine.events import happenings
from abm.scenario.checks import instruments
from abm.world.world import World, shared_tables
from app.view.words import of_group, words

if TYPE_CHECKING:
    from app.view.session import Session

SORTS = {"stop": "stops", "restart": "stops", "outage": "stops", "project started": "projects",
         "project opened": "projects", "project cancelled": "projects"}  # fmt: skip
TOKEN = re.compile(r"\b[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*\b")
FAMILY = re.compile(r"（([a-z_]+)）")
RESERVE = re.compile(r"\breserve_(\w+)_([a-z]{3})\b")


@dataclass(frozen=True)
class Event:
    """Something that happened: its day, the sort of thing it is, who acted (a key or empty), and a sentence."""

    day: str
    sort: str
    text: str
    actor: str = ""


def events(session: Session, language: str) -> list[Event]:
    """What has happened up to now in the future that is played, oldest first."""
    told = happenings(session.models[-1])
    told = told[told.date.astype(str) <= session.date]
    known = names(language)
    found = []
    for row in told.to_dict("records"):
        day, actor = str(row["date"])[:10], str(row["actor"])
        who = f"{known[actor]} · " if actor in known and row["kind"] == "government decision" else ""
        said = named(str(row[f"reason_{language}"]), language)
        text = f"{day}: {kind(row['kind'], language)} · {who}{said}"
        found.append(Event(day, SORTS.get(row["kind"], "controls"), text, actor if actor in known else ""))
    return found


@lru_cache(maxsize=512)
def kind(word: str, language: str) -> str:
    """A kind of event in the language of the page: an instrument and what became of it, or a word of its own."""
    if language == "en":
        return word
    own, ends = words()["kinds"], words()["ends"]
    for end, told in ends.items():
        if word.endswith(f" {end}"):
            name = word[: -len(end) - 1]
            return f"{own.get(name) or instruments()[name.replace(' ', '_')]['name_zh']}{told}"
    return str(own.get(word, word))


@lru_cache(maxsize=4)
def names(language: str) -> dict[str, str]:
    """Names of producers, goods, minerals, countries and instruments by their keys."""
    tables = shared_tables()
    found = {name: str(entry[f"name_{language}"]) for name, entry in instruments().items() if "_" in name}
    for table, key in (("goods", "good"), ("producers", "producer"), ("countries", "country")):
        frame = tables[table]
        found |= dict(zip(frame[key], frame[f"name_{language}"], strict=True))
    return found


def firm_names(world: World, language: str) -> dict[str, str]:
    """Names of the firms of a world by key, families of goods by their names."""
    key = ("shown names", language)
    if key not in world.kept:
        found = {}
        for producer, name in zip(world.firms.producer, world.firms[f"name_{language}"], strict=True):
            family = FAMILY.search(name)
            found[producer] = FAMILY.sub(f"（{of_group('families', family[1], language)}）", name) if family else name
        world.kept[key] = found
    kept: dict[str, str] = world.kept[key]
    return kept


@lru_cache(maxsize=8192)
def named(text: str, language: str) -> str:
    """A sentence with names in the place of keys, each key once in brackets being left out."""
    known = names(language)

    def name(match: re.Match[str]) -> str:
        word = match.group()
        return known[word] if word in known and ("_" in word or word.isupper() or language == "zh") else word

    def reserve(match: re.Match[str]) -> str:
        good, place = match.group(1), match.group(2).upper()
        return str(words()["reserve"][language]).format(good=known.get(good, good), place=known.get(place, place))

    text = RESERVE.sub(reserve, text)
    text = re.sub(r"\s?[(（](?:[a-z0-9]+(?:_[a-z0-9]+)+|[A-Z]{3})[)）]", "", text)
    return TOKEN.sub(name, text)
