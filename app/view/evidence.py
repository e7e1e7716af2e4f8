"""The page of evidence: calibration's report and the claims ledger, as they stand in the project's documents."""

from __future__ import annotations

from pathlib import Path

import solara

from app.view.evidence_text import as_html
from app.view.words import say

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = (("calibration", "calibration.md"), ("claims", "claims.md"))


@solara.component
def Evidence(language: str) -> None:
    """The documents, one under the other."""
    solara.Style(".evidence{border-collapse:collapse;font-size:12px}.evidence td,.evidence th{border:1px solid #8886;"
                 "padding:2px 6px;text-align:left}")  # fmt: skip
    shown = [(name, DOCS / file) for name, file in PAGES if (DOCS / file).is_file()]
    if not shown:
        solara.Text(say("no_docs", language))
    for name, path in shown:
        with solara.Details(say(name, language), expand=True):
            solara.HTML(tag="div", unsafe_innerHTML=as_html(path.read_text(encoding="utf-8")), style="overflow-x:auto")
