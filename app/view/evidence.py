"""The page of evidence: calibration's report and the claims ledger, as they stand in the project's documents."""

from __future__ import annotations

from pathlib import Path

import solara

from app.view.evidence_text import as_html
from app.view.words import say

DOCS = Path(__file__).resolve().parents[2] / "docs"
REPLAYS = DOCS / "figures" / "replays"
PAGES = (("calibration", "calibration.md"), ("claims", "claims.md"))


@solara.component
def Evidence(language: str) -> None:
    """The documents, one under the other."""
    shown = [(name, DOCS / file) for name, file in PAGES if (DOCS / file).is_file()]
    if not shown:
        solara.Text(say("no_docs", language))
    pictures = sorted(REPLAYS.glob("*.png"))
    if pictures:
        with solara.Details(say("replays", language), expand=True), solara.Column():
            for path in pictures:
                solara.Image(path, width="100%")
    for name, path in shown:
        with solara.Details(say(name, language), expand=True):
            solara.HTML(tag="div", unsafe_innerHTML=as_html(path.read_text(encoding="utf-8")), style="overflow-x:auto")
