"""The page of evidence: replays with the record over the band, calibration's report and the claims ledger."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import solara

from app.view.evidence_text import as_html
from app.view.picture import picture
from app.view.replays import events_of, forest
from app.view.words import say
from calibration.record.event import FOLDER
from kit import yaml_loader

DOCS = Path(__file__).resolve().parents[2] / "docs"
REPLAYS = DOCS / "figures" / "replays" / "replay.json"
PAGES = (("calibration", "calibration.md"), ("claims", "claims.md"))


@lru_cache(maxsize=16)
def forests(language: str) -> tuple[str, ...]:
    """A picture of each replayed event in a language."""
    words = {"title": f"title_{language}", "over": say("over_record", language), "held": say("held_out", language)}
    return tuple(forest(titled(event, words["title"]), targets, words) for event, targets in events_of(REPLAYS).items())


def titled(event: str, title: str) -> str:
    """The title of a recorded event in a language; its key where the event is gone."""
    file = FOLDER / f"{event}.yaml"
    return str(yaml_loader.read(file)[title]) if file.is_file() else event


@lru_cache(maxsize=4)
def document(file: str) -> str:
    """A document of ours as HTML."""
    return as_html((DOCS / file).read_text(encoding="utf-8"))


@solara.component
def Evidence(language: str) -> None:
    """The replays, then the documents, one under the other."""
    shown = [(name, file) for name, file in PAGES if (DOCS / file).is_file()]
    if not shown:
        solara.Text(say("no_docs", language))
    if REPLAYS.is_file():
        with solara.Details(say("replays", language), expand=True), solara.Column():
            for drawing in forests(language):
                picture(drawing)
    if say("docs_english", language):
        solara.Text(say("docs_english", language), classes=["why"])
    for name, file in shown:
        with solara.Details(say(name, language), expand=True):
            if say(f"{name}_summary", language):
                solara.Text(say(f"{name}_summary", language), classes=["why"])
            solara.HTML(tag="div", unsafe_innerHTML=document(file), style="overflow-x:auto")
