"""The page of the view: live, compare, evidence; one visitor's state lives in the visitor's session alone."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import reacton
import solara
import solara.lab

from abm import Scenario
from app.view import compare, evidence
from app.view.live import Live, Pulse
from app.view.session import Session
from app.view.start import FIRST
from app.view.state import begin, fetch, language, play, playing, problem, run, t, titles, turn, wanted

STYLE = """
.v-application .solara-content-main { max-width: 1900px }
.v-application { font-family: Roboto,
  "Noto Sans TC", "PingFang TC", "Microsoft JhengHei", "Noto Sans CJK TC", sans-serif }
.why { font-size: 13px; line-height: 1.35 }
.charts { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 12px }
@media (max-width: 1100px) { .charts { grid-template-columns: repeat(2, minmax(0, 1fr)) } }
@media (max-width: 640px) { .charts { grid-template-columns: minmax(0, 1fr) } }
@media (max-width: 1100px) { .dials { grid-template-columns: repeat(4, minmax(0, 1fr)) !important } }
@media (max-width: 640px) { .dials { grid-template-columns: repeat(2, minmax(0, 1fr)) !important } }
.dials { display: grid; grid-template-columns: repeat(7, minmax(0, 1fr)); gap: 8px }
.pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 16px }
@media (max-width: 800px) { .pair { grid-template-columns: minmax(0, 1fr) } }
.dials .card { border: 1px solid #8885; border-radius: 4px; padding: 6px 10px; font-size: 12px }
.dials .value { font-size: 20px; font-weight: 600; line-height: 1.3 }
.dials .name { min-height: 2.6em; line-height: 1.3 }
.dials .gauge { height: 5px; background: #8883; border-radius: 3px }
.dials .gauge i { display: block; height: 5px; background: #0072b2; border-radius: 3px }
.policy { display: flex; flex-direction: column; gap: 4px }
.policy, .agent { border-left: 3px solid #0072b2; padding-left: 12px }
.evidence { border-collapse: collapse; font-size: 12px }
.evidence td, .evidence th { border-bottom: 1px solid #8886; padding: 2px 8px; text-align: left }
.feed { font-size: 12.5px; padding-left: 18px }
[data-key] { cursor: pointer }
tr[data-key]:hover, li[data-key]:hover { background: #0072b222 }
[data-key]:focus, button:focus-visible { outline: 2px solid #0072b2 }
.wide { overflow-x: auto }
.wide svg { min-width: 980px }
.theme--dark svg[role=img] { filter: brightness(1.25) }
.halo { paint-order: stroke; stroke: var(--halo, #fff); stroke-width: 3px }
.theme--dark { --halo: #121212 }
.v-input__slider .v-input__slot { flex-wrap: wrap }
.v-input__slider .v-input__slot > .v-label { flex: 1 0 100%; white-space: normal; overflow: visible;
  font-size: 13px; height: auto }
.v-input__slider .v-messages { min-height: 0 }
div:has(> b > a[href*="solara"]), div:has(> a[href*="solara.dev"]) { display: none }
"""


def first() -> Session:
    """The first run of all, with what its page will ask for."""
    made = Session(str(FIRST["scenario"]), int(FIRST["seed"]))
    _ = made.policies, [titles(key) for key in Scenario.names()]
    return made


@solara.component
def Page() -> None:
    """All pages, with the switch of language; shown at once, the run follows when its world is built."""
    solara.use_memo(lambda: run.value or begin(str(FIRST["scenario"]), int(FIRST["seed"])), [])
    solara.Title("Techshield")
    solara.Style(STYLE)
    with solara.Column(style="padding:12px 20px", gap="10px", classes=["techshield"]):
        with solara.Row(style="align-items:center;flex-wrap:wrap", justify="space-between"):
            solara.HTML(tag="h1", unsafe_innerHTML=escape(t("title")), style="font-size:20px")
            with solara.Row():
                solara.Button(t("language"), on_click=turn, text=True)
                solara.Button(t("theme"), on_click=shade, text=True)
        with solara.Div():
            Problem()
            Waiting()
            Player()
            Pulse()
            compare.Worker()
        with solara.lab.Tabs(lazy=True):
            with solara.lab.Tab(t("live")):
                Guarded(Living)
            with solara.lab.Tab(t("compare")):
                Guarded(Comparing)
            with solara.lab.Tab(t("evidence")):
                Guarded(Showing)


@solara.component
def Problem() -> None:
    """What went wrong, in a sentence."""
    with solara.Div(attributes={"role": "alert"}):
        if problem.value:
            solara.Error(problem.value)


@solara.component
def Waiting() -> None:
    """Makes the run that is wanted, and says so meanwhile; apart from the page, which need not be drawn anew."""
    solara.lab.use_task(fetch, dependencies=[wanted.value], prefer_threaded=True)
    with solara.Div():
        if wanted.value is not None:
            solara.Text(t(wanted.value[0]), classes=["waits"])
            solara.ProgressLinear(True)


@solara.component
def Player() -> None:
    """Plays while play is on."""
    solara.lab.use_task(play, dependencies=[playing.value], prefer_threaded=True)


@solara.component
def Guarded(part: Callable[[], reacton.core.Element]) -> None:
    """A part of the page whose errors become a sentence, while the rest of the page lives on."""
    failed, clear = reacton.use_exception()
    if failed is None:
        part()
        return
    solara.Error(t("broken", why=f"{type(failed).__name__}: {failed}"))
    solara.Button(t("retry"), on_click=clear)


@solara.component
def Living() -> None:
    """The live page once there is a run; where none could be made, a way to try again."""
    if run.value is not None:
        Live()
    elif problem.value:
        solara.Button(t("retry"), on_click=lambda: begin(str(FIRST["scenario"]), int(FIRST["seed"])))


@solara.component
def Comparing() -> None:
    """The page that compares."""
    first = run.value.scenario if run.value is not None else str(FIRST["scenario"])
    compare.Compare(first)


@solara.component
def Showing() -> None:
    """The page of evidence."""
    evidence.Evidence(language.value)


def shade() -> None:
    """Dark or light."""
    solara.lab.theme.dark = not solara.lab.theme.dark_effective
