"""The pages of the view: live, compare, evidence; one visitor's state lives in the visitor's session alone."""

from __future__ import annotations

import datetime
import time
from html import escape
from typing import Any

import reacton.ipyvuetify as v
import solara
import solara.lab

from abm import Scenario
from abm.errors import BadInput
from abm.world import shared_tables
from app.view import compare, evidence, session
from app.view.charts import lines, supply_map
from app.view.session import PACKAGES, Session
from app.view.start import FIRST
from app.view.words import LANGUAGES, say, words
from experiments.why import Question, explain

language = solara.reactive("en")
run: Any = solara.reactive(None)
tick = solara.reactive(0)  # a week was simulated: charts are drawn anew
moved = solara.reactive(0)  # something was done: controls are drawn anew
playing = solara.reactive(False)
speed = solara.reactive(1)
good = solara.reactive("dy_oxide")
mineral = solara.reactive("dysprosium")
agent = solara.reactive("")
until = solara.reactive("")
problem = solara.reactive("")
WEEKS_A_YEAR, PAUSE, SLOW = 52, 0.01, 4
STYLE = """
.v-application .solara-content-main { max-width: 1900px }
.why { font-size: 13px }
div:has(> b > a[href*="solara"]), div:has(> a[href*="solara.dev"]) { display: none }
"""
session.world_of(str(FIRST["scenario"]))  # built while the server starts, so that the first page comes at once


def t(name: str, **values: Any) -> str:
    """A word in the language of the page."""
    return say(name, language.value, **values)


def begin(scenario: str, seed: int = 0) -> None:
    """A new run."""
    playing.value = False
    problem.value = ""
    run.value = Session(scenario, seed)
    tick.value += 1


def attempt(act: Any) -> None:
    """Do something to the run; a model's error becomes a sentence, and the page lives on."""
    try:
        act()
        problem.value = ""
    except BadInput as told:
        problem.value = str(told)
    except (ArithmeticError, RuntimeError, ValueError, LookupError) as told:
        playing.value = False
        problem.value = t("failed", why=f"{type(told).__name__}: {told}")
    tick.value += 1


def guarded(act: Any) -> None:
    """Do something that the controls show too."""
    attempt(act)
    moved.value += 1


def play() -> None:
    """Simulate while play is on, a few weeks a picture."""
    while playing.value and run.value is not None and not run.value.over:
        attempt(lambda: run.value.step(speed.value))
        time.sleep(PAUSE)
    playing.value = False


def run_to() -> None:
    """Simulate to a day."""
    day = session.day_in(run.value, until.value, language.value)
    while not run.value.over and datetime.date.fromisoformat(run.value.date) < day:
        run.value.step()


def picture(text: str) -> None:
    """An SVG on the page."""
    solara.HTML(tag="div", unsafe_innerHTML=text, style="width:100%")


@solara.component
def Controls() -> None:
    """Scenario, seed, time and branches."""
    _ = moved.value
    live: Session = run.value
    with solara.Row(style="flex-wrap:wrap;align-items:center", gap="8px"):
        with solara.Column(style="min-width:220px"):
            solara.Select(t("scenario"), values=Scenario.names(), value=live.scenario,
                          on_value=lambda name: begin(name, live.seed))  # fmt: skip
        with solara.Column(style="width:110px"):
            solara.InputInt(t("seed"), value=live.seed, on_value=lambda seed: begin(live.scenario, seed))
        label = t("pause") if playing.value else t("play")
        solara.Button(label, on_click=lambda: playing.set(not playing.value), color="primary", disabled=live.over,
                      icon_name="mdi-pause" if playing.value else "mdi-play")  # fmt: skip
        solara.Button(t("step"), on_click=lambda: guarded(live.step), disabled=playing.value or live.over)
        solara.Button(
            t("year"), on_click=lambda: guarded(lambda: live.step(WEEKS_A_YEAR)), disabled=playing.value or live.over
        )
        solara.Button(t("reset"), on_click=lambda: begin(live.scenario, live.seed), icon_name="mdi-restart")
        if live.branch is None:
            solara.Button(t("branch"), on_click=lambda: guarded(live.fork), icon_name="mdi-source-branch")
        else:
            solara.Button(t("unbranch"), on_click=lambda: guarded(live.end_branch))
        with solara.Column(style="width:240px"):
            solara.SliderInt(t("speed"), value=speed, min=1, max=13)
        with solara.Column(style="width:320px"):
            solara.InputText(t("until"), value=until)
        solara.Button(t("go"), on_click=lambda: guarded(run_to), disabled=playing.value)
    if live.branch is not None:
        solara.Text(t("branched"))


@solara.component
def Levers() -> None:
    """Taiwan's levers: the budget of each package."""
    _ = moved.value
    live: Session = run.value
    if not live.levers:
        return
    solara.Text(t("levers"), style="font-weight:600")
    with solara.Row(style="flex-wrap:wrap", gap="16px"):
        for name in PACKAGES:
            with solara.Column(style="min-width:240px;flex:1"):
                solara.SliderFloat(
                    t(name), value=live.budgets[name], min=0, max=2, step=0.5,
                    on_value=lambda size, name=name: guarded(lambda: live.pull(name, size)),
                )  # fmt: skip
        solara.Text(f"{t('cost')}: {slowly('cost', lambda: session.spent(live)):.1f} NT$ bn")


def slowly(name: str, work: Any) -> Any:
    """Something that need not be worked out each week: anew every few weeks, and when play stands still."""
    live: Session = run.value
    week = live.main.history.weeks
    key = (name, language.value, mineral.value, len(live.acts))
    kept = live.__dict__.setdefault("kept", {})
    if key not in kept or not playing.value or week - kept[key][0] >= SLOW * speed.value or week < kept[key][0]:
        kept[key] = (week, work())
    return kept[key][1]


@solara.component
def Charts() -> None:
    """Numbers, prices, stocks, losses and the supply map; drawn anew at each tick."""
    _ = tick.value
    live: Session = run.value
    days = session.dates_of(live.main)
    with solara.Row(style="flex-wrap:wrap", gap="24px"):
        solara.Text(f"{t('week')} {live.date}", style="font-weight:600", classes=["week"])
        for name, text in session.dials(live, language.value):
            solara.Text(f"{name}: {text}")
    if live.over:
        solara.Text(t("over"))
    key, tongue = good.value, language.value
    drawn = (
        ("price", session.prices(live, key, tongue)),
        ("stock", session.stocks(live, key, tongue)),
        ("lost", session.lost(live, tongue)),
    )
    with solara.GridFixed(columns=3):
        for name, each in drawn:
            picture(lines(t(name) if name == "lost" else f"{t(name)}: {good_name(good.value)}", days, each))
    stages = {name: told[language.value] for name, told in words()["stages"].items()}
    picture(slowly("map", lambda: supply_map(session.flows(live, mineral.value), t("map"), stages, places())))


def places() -> dict[str, str]:
    """Names of countries in the language of the page."""
    table = shared_tables()["countries"]
    return dict(zip(table.country, table[f"name_{language.value}"], strict=True)) | {"others": t("others")}


def good_name(key: str) -> str:
    """A good's name in the language of the page."""
    table = shared_tables()["goods"].set_index("good")
    return str(table[f"name_{language.value}"][key])


@solara.component
def Choices() -> None:
    """Which good and mineral are shown."""
    live: Session = run.value
    minerals = shared_tables()["minerals"]
    names = [{"text": row[f"name_{language.value}"], "value": row.mineral} for _, row in minerals.iterrows()]
    goods = [{"text": good_name(key), "value": key} for key in session.goods_of(live.main)]
    with solara.Row(style="flex-wrap:wrap", gap="16px"):
        v.Autocomplete(label=t("good"), items=goods, v_model=good.value, on_v_model=lambda key: key and good.set(key))
        v.Autocomplete(label=t("mineral"), items=names, v_model=mineral.value,
                       on_v_model=lambda key: key and mineral.set(key))  # fmt: skip


@solara.component
def Feed() -> None:
    """What happened, and why an agent did what it did."""
    _ = tick.value
    live: Session = run.value
    with solara.Columns([1, 1]):
        with solara.Column():
            solara.Text(t("feed"), style="font-weight:600")
            items = slowly("feed", lambda: session.feed(live, language.value)) or [t("nothing")]
            told = "".join(f"<li>{escape(item)}</li>" for item in items)
            solara.HTML(tag="ul", unsafe_innerHTML=told, style="font-size:13px")
        with solara.Column():
            firms, states = live.main.world.firms, live.main.world.governments
            column = f"name_{language.value}"
            items = [{"text": row[column], "value": row.country} for _, row in states.iterrows()]
            items += [{"text": f"{name} ({key})", "value": key}
                      for name, key in zip(firms[column], firms.producer, strict=True)]  # fmt: skip
            v.Autocomplete(label=t("inspect"), items=items, v_model=agent.value or None, clearable=True,
                           on_v_model=lambda key: agent.set(key or ""))  # fmt: skip
            if agent.value:
                question = Question(agent.value, datetime.date.fromisoformat(live.date), language.value)
                for line in slowly(f"why {agent.value}", lambda: explain(live.models[-1], question)):
                    solara.Text(line, classes=["why"])


@solara.component
def TakeAway() -> None:
    """The run as files, and a saved state opened again."""
    live: Session = run.value
    with solara.Row(style="flex-wrap:wrap;align-items:center", gap="8px"):
        solara.FileDownload(live.saved, filename=f"{live.scenario}-{live.seed}.techshield.json", label=t("save"))
        solara.FileDownload(lambda: live.models[-1].history.frame().to_csv(index=False), label=t("data"),
                            filename=f"{live.scenario}-{live.seed}.csv")  # fmt: skip
        solara.FileDownload(
            lambda: lines(f"{t('price')}: {good_name(good.value)}", session.dates_of(live.main),
                          session.prices(live, good.value, language.value)),
            filename=f"{good.value}.svg", label=t("picture"),
        )  # fmt: skip
    solara.FileDrop(label=t("open"), on_file=open_file, lazy=False)


def open_file(file: Any) -> None:
    """Open a saved state."""
    try:
        text = file["data"].decode("utf-8", errors="replace")
        playing.value = False
        run.value = Session.opened(text, language.value)
        problem.value = ""
        tick.value += 1
    except BadInput as told:
        problem.value = t("wrong_file", why=str(told))


@solara.component
def Live() -> None:
    """The live page."""
    solara.lab.use_task(play, dependencies=[playing.value], prefer_threaded=True)
    Controls()
    Levers()
    Choices()
    Charts()
    Feed()
    TakeAway()


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
                solara.lab.ThemeToggle()
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
