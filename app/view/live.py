"""The live page: dials, charts, the time line, the supply network, Taiwan's place, and what happened."""

from __future__ import annotations

from html import escape

import solara
import solara.lab

from app.view import figures, inspect, network, series
from app.view.controls import Choices, Controls, TakeAway
from app.view.evidence_text import table_of
from app.view.inspect_panel import Inspect
from app.view.lever_panel import Levers
from app.view.marks import marked, plane, timeline
from app.view.picture import Beat, picture
from app.view.session import Session
from app.view.state import (
    agent,
    drawn,
    good_name,
    language,
    mark,
    measuring,
    mineral,
    moving,
    place,
    places,
    run,
    slowly,
    stand,
    t,
    tick,
)
from app.view.told import Event, events, firm_names, names
from app.view.words import large
from kit.nearest import and_more

MARKS, LATEST, MOST_LINKS = 60, 12, 12


@solara.component
def Dials() -> None:
    """Numbers of the moment as cards, the branch's difference beside."""
    _ = tick.value
    live: Session = run.value
    with live.lock:
        shown = series.dials(live, language.value)
    stood = live.stands[-1] if live.stands else None
    part = (stood.index + 1) / 2 if stood else 0.0
    told = f"{stood.index:+.2f}" if stood else "–"
    shown.insert(2, series.Shown(t("rescue_dial"), told, stood.day if stood else t("no_stand"), part))
    cards = "".join(
        f"<div class='card'><div class='name'>{escape(each.name)}</div><div class='value'>{escape(each.text)}</div>"
        f"<div class='gauge'><i style='width:{100 * each.part:.0f}%'></i></div><div>{escape(each.gap)}</div></div>"
        for each in shown
    )
    solara.Text(f"{t('week')} {live.date}", style="font-weight:600", classes=["week"])
    if live.over:
        solara.Text(t("over"))
    solara.HTML(tag="div", unsafe_innerHTML=cards, classes=["dials"])


@solara.component
def Charts() -> None:
    """Prices, stocks, losses by country and sector, Taiwan's place, and what happened; drawn anew at each tick."""
    _ = tick.value
    with solara.Div(classes=["charts"]):
        for name in figures.CHARTS:
            picture(figures.figure(name), name=name)
        Standing()
        Feed()


@solara.component
def SupplyMap() -> None:
    """The supply network of the chosen mineral, of the branch too, and the firms behind the country picked."""
    _ = tick.value
    for drawing in slowly("map", figures.maps):
        picture(drawing, place.set, name="map_figure", kind="wide")
    Detail()


@solara.component
def Timeline() -> None:
    """What happened, as marks on the run's span, and the one that was picked in words."""
    _ = tick.value
    live: Session = run.value
    told = slowly("events", lambda: events(live, language.value))
    days, left = marked([(each.day, each.sort, each.text) for each in told], MARKS)
    setting = live.main.setting
    sorts = {name: t(f"sort_{name}") for name in ("controls", "stops", "projects")}
    marks = [(day, sort, " / ".join(texts)) for (day, sort), texts in days.items()]
    span = (str(setting.start), str(setting.end))
    picture(slowly("timeline", lambda: timeline(t("timeline"), span, marks, sorts)), pick_mark, kind="wide")
    left_out(left, "stops_left")
    for text in days.get(picked(mark.value), ()):
        solara.Text(text, classes=["why", "picked"])


def left_out(number: int, word: str = "rows_left") -> None:
    """Say how many a list leaves out, and which."""
    if number > 0:
        solara.Text(t(word, more=and_more(number, language.value)), classes=["why"])


def pick_mark(key: str) -> None:
    """Keep the mark that was picked."""
    mark.value = key


def picked(key: str) -> tuple[str, str]:
    """Day and sort of a mark."""
    day, _, sort = key.partition("|")
    return day, sort


@solara.component
def Detail() -> None:
    """The firms behind the country picked in the map; picking a row inspects the firm."""
    _ = tick.value
    live: Session = run.value
    if not place.value:
        solara.Text(t("pick"), classes=["why"])
        return
    stage, _sign, country = place.value.partition("|")
    table = slowly(f"detail {place.value}", lambda: network.detail(live.models[-1], mineral.value, place.value))
    title = t("detail", stage=figures.told().stages.get(stage, stage), place=places().get(country, country))
    solara.Text(title, style="font-weight:600")
    firms, goods = firm_names(live.main.world, language.value), live.main.world.goods.set_index("good").unit
    shown = table.head(MOST_LINKS)
    rows = [[firms[row.seller], firms[row.buyer], good_name(row.good), f"{row.sent:,.3g} {goods[row.good]}",
             f"{row.waiting:,.3g} {goods[row.good]}", t(row.state)] for row in shown.itertuples()]  # fmt: skip
    told = [[t(name) for name in ("seller", "buyer", "good", "sent", "waiting", "state")], *rows]
    keys = (shown.buyer if stage == "users" else shown.seller).tolist() if len(shown) else []
    picture(table_of(told, keys), agent.set, look="overflow-x:auto")
    left_out(len(table) - MOST_LINKS)


@solara.component
def Standing() -> None:
    """The rescue index on demand, and Taiwan's path in the plane."""
    _ = tick.value
    live: Session = run.value
    task = solara.lab.use_task(stand, dependencies=[measuring.value], prefer_threaded=True)
    busy = measuring.value > 0 and task.pending
    with solara.Div():
        scale = large(language.value)
        points = [(each.day, each.own / scale, each.avoided / scale, each.branch) for each in live.stands]
        picture(plane(t("plane"), (t("plane_own"), t("plane_avoided"), t("no_stand")), points))
        solara.Button(t("stand"), on_click=lambda: measuring.set(measuring.value + 1), disabled=busy or moving.value)
        if busy:
            solara.Text(t("standing"), classes=["why"], style="display:block")
        elif live.stands:
            told = f"{t('rescue')}: {live.stands[-1].index:+.2f} ({live.stands[-1].day})"
            solara.Text(told, classes=["why", "stand"], style="display:block;margin-top:10px")


@solara.component
def Feed() -> None:
    """What happened last, and why; picking a line inspects who acted."""
    _ = tick.value
    live: Session = run.value
    told = slowly("events", lambda: events(live, language.value))
    latest: list[Event] = told[-LATEST:][::-1]
    listed = "".join(line(each) for each in latest) or f"<li>{escape(t('nothing'))}</li>"
    if len(told) > LATEST:
        listed += f"<li>{escape(t('earlier_left', more=and_more(len(told) - LATEST, language.value)))}</li>"
    title = f"<b>{escape(t('feed'))}</b>"
    picture(f"{title}<ul class='feed'>{listed}</ul>", look_at, look="max-height:330px;overflow-y:auto")


def line(each: Event) -> str:
    """One event of the feed."""
    if not each.actor:
        return f"<li>{escape(each.text)}</li>"
    return f"<li data-key='{escape(each.actor)}' role='button' tabindex='0'>{escape(each.text)}</li>"


def look_at(key: str) -> None:
    """Inspect who acted, where it is an agent."""
    if inspect.known(run.value.main, key) or key in names(language.value):
        agent.value = key


@solara.component
def Pulse() -> None:
    """The browser's answer to each picture."""
    Beat(tick=tick.value, event_seen=drawn.set)


@solara.component
def Live() -> None:
    """The live page."""
    Controls()
    with solara.Details(t("levers"), expand=True):
        Levers()
    Choices()
    Dials()
    Charts()
    Timeline()
    SupplyMap()
    Inspect()
    TakeAway()
