"""The page of the view: live, compare, evidence; one visitor's state lives in the visitor's session alone."""

from __future__ import annotations

from html import escape

import solara
import solara.lab

from app.view import compare, evidence, session
from app.view.live import Live
from app.view.start import FIRST
from app.view.state import begin, good, language, problem, run, t
from app.view.words import LANGUAGES

STYLE = """
.v-application .solara-content-main { max-width: 1900px }
.why { font-size: 13px }
.evidence { border-collapse: collapse; font-size: 12px }
.evidence td, .evidence th { border-bottom: 1px solid #8886; padding: 2px 8px; text-align: left }
[data-key]:focus { outline: 2px solid #0072b2 }
div:has(> b > a[href*="solara"]), div:has(> a[href*="solara.dev"]) { display: none }
"""
session.world_of(str(FIRST["scenario"]))  # built while the server starts, so that the first page comes at once


@solara.component
def Page() -> None:
    """All pages, with the switch of language."""
    solara.use_memo(lambda: run.value or begin(FIRST["scenario"], int(FIRST["seed"])), [])
    solara.Title("Techshield")
    solara.Style(STYLE)
    with solara.Column(style="padding:12px 20px", gap="10px"):
        with solara.Row(style="align-items:center;flex-wrap:wrap", justify="space-between"):
            solara.HTML(tag="h1", unsafe_innerHTML=escape(t("title")), style="font-size:20px")
            with solara.Row():
                solara.Button(t("language"), on_click=turn, text=True)
                solara.Button(t("theme"), on_click=shade, text=True)
        if problem.value:
            solara.Error(problem.value)
        with solara.lab.Tabs():
            with solara.lab.Tab(t("live")):
                Live()
            with solara.lab.Tab(t("compare")):
                compare.Compare(language.value, run.value.scenario, good.value)
            with solara.lab.Tab(t("evidence")):
                evidence.Evidence(language.value)


def turn() -> None:
    """The other language."""
    language.value = LANGUAGES[1 - LANGUAGES.index(language.value)]


def shade() -> None:
    """Dark or light."""
    solara.lab.theme.dark = not solara.lab.theme.dark_effective
