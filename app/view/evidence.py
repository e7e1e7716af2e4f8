"""The page of evidence: calibration's report and the claims ledger, as they stand in the project's documents."""

from __future__ import annotations

from html import escape
from pathlib import Path

import solara

from app.view.words import say

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = (("calibration", "calibration.md"), ("claims", "claims.md"))


def as_html(text: str) -> str:
    """Headings, paragraphs and tables of a page of ours as HTML; everything is escaped."""
    parts, rows = [], []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            rows.append([escape(cell.strip()) for cell in line.strip("|").split("|")])
            continue
        if rows:
            parts.append(table(rows))
            rows = []
        level = len(line) - len(line.lstrip("#"))
        body = escape(line[level:].strip())
        if body:
            parts.append(f"<h{level + 1}>{body}</h{level + 1}>" if level else f"<p>{body}</p>")
    return "".join(parts)


def table(rows: list[list[str]]) -> str:
    """A table; the line of dashes is left out."""
    head, *rest = [row for row in rows if not set("".join(row)) <= {"-"}]
    told = "".join(f"<th>{cell}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rest)
    return f"<table class='evidence'><tr>{told}</tr>{body}</table>"


@solara.component
def Evidence(language: str) -> None:
    """The documents, one under the other."""
    solara.Style(".evidence{border-collapse:collapse;font-size:12px}.evidence td,.evidence th{border:1px solid #8886;"
                 "padding:2px 6px;text-align:left}")  # fmt: skip
    shown = [(name, DOCS / file) for name, file in PAGES if (DOCS / file).is_file()]
    if not shown:
        solara.Text(say("no_docs", language))
    for name, path in shown:
        with solara.Details(say(name, language), expand=name == "calibration"):
            solara.HTML(tag="div", unsafe_innerHTML=as_html(path.read_text(encoding="utf-8")), style="overflow-x:auto")
