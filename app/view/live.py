"""The live page: controls, levers, numbers, charts, the network, Taiwan's place, events, reasons, and files."""

from __future__ import annotations

import datetime
from html import escape

import reacton.ipyvuetify as v
import solara
import solara.lab

from abm import Scenario
from abm.errors import BadInput
from abm.world import shared_tables
from app.view import network, session
from app.view.charts import lines, plane, supply_map, timeline
from app.view.evidence_text import table_of
from app.view.files import parquet, png
from app.view.picture import Beat, Opener, picture
from app.view.session import PACKAGES, Session
from app.view.state import (
    agent,
    begin,
    drawn,
    good,
    good_name,
    guarded,
    language,
    mark,
    measuring,
    mineral,
    moved,
    place,
    places,
    play,
    playing,
    problem,
    replace,
    run,
    run_to,
    slowly,
    speed,
    stand,
    t,
    tick,
    until,
)
from app.view.words import words
from experiments.why import Question, explain

WEEKS_A_YEAR = 52
MARKS, LATEST = 60, 14


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
        solara.Text(f"{t('cost')}: {slowly('cost', lambda: session.spent(live)):.1f}")


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
    told = (
        ("price", session.prices(live, key, tongue)),
        ("stock", session.stocks(live, key, tongue)),
        ("lost", session.lost(live, tongue)),
    )
    with solara.Row(style="flex-wrap:wrap", gap="12px"):
        for name, each in told:
            title = t(name) if name == "lost" else f"{t(name)}: {good_name(good.value)}"
            picture(lines(title, days, each), look="flex:1 1 380px")
    Timeline()
    drawing = slowly("map", lambda: supply_map(network.flows(live, mineral.value), t("map"), stages(), places()))
    picture(drawing, place.set)


def stages() -> dict[str, str]:
    """Names of the stages in the language of the page."""
    return {name: told[language.value] for name, told in words()["stages"].items()}


@solara.component
def Timeline() -> None:
    """What happened, as marks on the run's span, and the one that was picked in words."""
    _ = tick.value
    live: Session = run.value
    told = slowly("events", lambda: session.events(live, language.value))
    kept = [each for each in told if each.sort != "stops"] + [each for each in told if each.sort == "stops"][-MARKS:]
    days: dict[tuple[str, str], list[str]] = {}
    for each in kept:
        days.setdefault((each.day, each.sort), []).append(each.text)
    setting = live.main.setting
    sorts = {name: t(f"sort_{name}") for name in ("controls", "stops", "projects")}
    marks = [(day, sort, " / ".join(texts)) for (day, sort), texts in days.items()]
    span = (str(setting.start), str(setting.end))
    picture(slowly("timeline", lambda: timeline(t("timeline"), span, marks, sorts)), mark.set)
    if mark.value.isdigit() and int(mark.value) < len(marks):
        for text in marks[int(mark.value)][2].split(" / "):
            solara.Text(text, classes=["why", "picked"])


@solara.component
def Detail() -> None:
    """The firms behind the country picked in the map."""
    _ = tick.value
    live: Session = run.value
    if not place.value:
        solara.Text(t("pick"), classes=["why"])
        return
    stage, _sign, country = place.value.partition("|")
    table = slowly(f"detail {place.value}", lambda: network.detail(live, mineral.value, place.value))
    solara.Text(t("detail", stage=stages()[stage], place=places().get(country, country)), style="font-weight:600")
    names = dict(zip(live.main.world.firms.producer, live.main.world.firms[f"name_{language.value}"], strict=True))
    rows = [[names[row.seller], names[row.buyer], good_name(row.good), f"{row.sent:.3g}", f"{row.waiting:.3g}",
             t(row.state)] for row in table.itertuples()]  # fmt: skip
    told = [[t(name) for name in ("seller", "buyer", "good", "sent", "waiting", "state")], *rows]
    solara.HTML(tag="div", unsafe_innerHTML=table_of(told), style="overflow-x:auto")


@solara.component
def Standing() -> None:
    """The rescue index on demand, and Taiwan's path in the plane."""
    _ = tick.value
    live: Session = run.value
    task = solara.lab.use_task(stand, dependencies=[measuring.value], prefer_threaded=True)
    busy = measuring.value > 0 and task.pending
    with solara.Row(style="align-items:center;flex-wrap:wrap", gap="12px"):
        solara.Button(t("stand"), on_click=lambda: measuring.set(measuring.value + 1), disabled=busy or playing.value)
        if busy:
            solara.Text(t("standing"))
        elif not live.stands:
            solara.Text(t("no_stand"))
        else:
            solara.Text(f"{t('rescue')}: {live.stands[-1].index:+.2f} ({live.stands[-1].day})", classes=["stand"])
    if live.stands:
        points = [(each.day, each.own / 1e9, each.avoided / 1e9, each.branch) for each in live.stands]
        picture(plane(t("plane"), (t("plane_own"), t("plane_avoided")), points), look="max-width:620px")


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


def actors(live: Session) -> list[dict[str, str]]:
    """Governments and firms by name and key, for the field that inspects one."""
    firms, states = live.main.world.firms, live.main.world.governments
    column = f"name_{language.value}"
    found = [{"text": row[column], "value": row.country} for _, row in states.iterrows()]
    return found + [{"text": f"{name} ({key})", "value": key}
                    for name, key in zip(firms[column], firms.producer, strict=True)]  # fmt: skip


@solara.component
def Feed() -> None:
    """What happened, and why an agent did what it did."""
    _ = tick.value
    live: Session = run.value
    items = solara.use_memo(lambda: actors(live), [language.value, live.scenario])
    with solara.Columns([1, 1]):
        with solara.Column():
            solara.Text(t("feed"), style="font-weight:600")
            told = slowly("events", lambda: session.events(live, language.value))
            latest = [each.text for each in told[-LATEST:][::-1]] or [t("nothing")]
            listed = "".join(f"<li>{escape(item)}</li>" for item in latest)
            solara.HTML(tag="ul", unsafe_innerHTML=listed, style="font-size:13px")
        with solara.Column():
            v.Autocomplete(label=t("inspect"), items=items, v_model=agent.value or None, clearable=True,
                           on_v_model=lambda key: agent.set(key or ""))  # fmt: skip
            if agent.value:
                question = Question(agent.value, datetime.date.fromisoformat(live.date), language.value)
                for line in slowly(f"why {agent.value}", lambda: explain(live.models[-1], question)):
                    solara.Text(line, classes=["why"])
                holds = slowly(f"holds {agent.value}", lambda: network.holds(live, agent.value))
                if len(holds):
                    rows = [[good_name(row.good), f"{row.stock_weeks:.1f}", f"{row.trust:.0%}",
                             ", ".join(places().get(each, each) for each in row.suppliers)]
                            for row in holds.itertuples()]  # fmt: skip
                    head = [t(name) for name in ("good", "stock_weeks", "trust", "suppliers")]
                    solara.Text(t("holds"), style="font-weight:600")
                    solara.HTML(tag="div", unsafe_innerHTML=table_of([head, *rows]), style="overflow-x:auto")


@solara.component
def TakeAway() -> None:
    """The run as files, and a saved state opened again."""
    live: Session = run.value
    with solara.Row(style="flex-wrap:wrap;align-items:center", gap="8px"):
        solara.FileDownload(live.saved, filename=f"{live.scenario}-{live.seed}.techshield.json", label=t("save"))
        solara.FileDownload(lambda: live.models[-1].history.frame().to_csv(index=False), label=t("data"),
                            filename=f"{live.scenario}-{live.seed}.csv")  # fmt: skip
        solara.FileDownload(lambda: parquet(live.models[-1].history.frame()), label=t("parquet"),
                            filename=f"{live.scenario}-{live.seed}.parquet")  # fmt: skip
        solara.FileDownload(
            lambda: png(f"{t('price')}: {good.value}", session.dates_of(live.main),
                        session.prices(live, good.value, "en")),
            filename=f"{good.value}.png", label=t("png"),
        )  # fmt: skip
        solara.FileDownload(
            lambda: lines(f"{t('price')}: {good_name(good.value)}", session.dates_of(live.main),
                          session.prices(live, good.value, language.value)),
            filename=f"{good.value}.svg", label=t("picture"),
        )  # fmt: skip
    Opener(label=t("open"), event_opened=open_state)


def open_state(text: str) -> None:
    """Open a saved state."""
    playing.value = False
    try:
        replace(Session.opened(text, language.value))
        problem.value = ""
    except BadInput as told:
        problem.value = t("wrong_file", why=str(told))


@solara.component
def Pulse() -> None:
    """The browser's answer to each picture."""
    Beat(tick=tick.value, event_seen=drawn.set)


@solara.component
def Live() -> None:
    """The live page."""
    solara.lab.use_task(play, dependencies=[playing.value], prefer_threaded=True)
    Pulse()
    Controls()
    Levers()
    Choices()
    Charts()
    Detail()
    Standing()
    Feed()
    TakeAway()
