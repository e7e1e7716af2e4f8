"""What a visitor has chosen and is playing: kept in the visitor's session alone."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import solara
import solara.lab

from abm import Scenario
from abm.scenario.files import find
from abm.world.world import shared_tables
from app.view import opening, session
from app.view.session import Session
from app.view.start import FIRST
from app.view.words import LANGUAGES, say
from kit import yaml_loader
from kit.errors import BadInput

language = solara.reactive(str(FIRST["language"]))
run: Any = solara.reactive(None)
wanted: Any = solara.reactive(None)  # a run that is being made: what is done meanwhile, and what makes it
tick = solara.reactive(0)  # a week was simulated: charts are drawn anew
drawn = solara.reactive(0)  # the last tick that the browser has drawn
moved = solara.reactive(0)  # something was done: controls are drawn anew
playing = solara.reactive(False)  # play was asked for and not paused: what the button tells, and it alone
moving = solara.reactive(False)  # weeks are being simulated: false once the week under way when pause came is done
goal = solara.reactive("")  # day that play runs to, quickly; empty: to the end
speed = solara.reactive(1)
good = solara.reactive("dy_oxide")
mineral = solara.reactive("dysprosium")
policy = solara.reactive("")  # policy whose switch and numbers are shown
place = solara.reactive("")  # stage and country picked in the map
mark = solara.reactive("")  # event picked on the time line
measuring = solara.reactive(0)  # how often the rescue index was asked for, and how often it was measured
measured = solara.reactive(0)
agent = solara.reactive("")
until = solara.reactive("")
problem = solara.reactive("")
PAUSE, PATIENCE, SLOW, QUICK = 0.005, 1.0, 4, 13


def t(name: str, /, **values: Any) -> str:
    """A word in the language of the page."""
    return say(name, language.value, **values)


def turn() -> None:
    """The other language."""
    language.value = LANGUAGES[1 - LANGUAGES.index(language.value)]


def begin(scenario: str, seed: int = 0) -> None:
    """A new run; the first of all is there already."""
    there = opening.take(scenario, seed) if run.value is None else None
    if there is not None:
        replace(there)
    else:
        make("building", lambda: Session(scenario, max(int(seed), 0)))


def make(told: str, maker: Callable[[], Session]) -> None:
    """Want another run, made in a thread of its own while the page answers."""
    playing.value = False
    wanted.value = (told, maker)


def fetch() -> None:
    """Make the run that is wanted; one that is wanted no more when it is ready is given up."""
    asked = wanted.value
    if asked is None:
        return
    try:
        new = asked[1]()
    except BadInput as told:
        problem.value = t("wrong_file", why=str(told)) if asked[0] == "opening" else str(told)
    except Exception as told:  # whatever a model raises becomes a sentence
        problem.value = t("failed", why=f"{type(told).__name__}: {told}")
    else:
        if wanted.value is asked:
            replace(new)
    if wanted.value is asked:
        wanted.value = None


def replace(new: Session) -> None:
    """Another run in the place of the old one, whose memory is given back at once: a run is a web of references."""
    problem.value = place.value = mark.value = policy.value = ""
    goods, old = session_goods(new), run.value is not None
    if good.value not in goods:
        good.value = goods[0]
    run.value = new
    tick.value += 1
    moved.value += 1
    del new
    if old:
        opening.give_back()


def session_goods(live: Session) -> list[str]:
    """Goods of a run that can be watched."""
    from app.view.series import goods_of

    return goods_of(live.main)


def attempt(act: Any) -> None:
    """Do something to the run; a model's error becomes a sentence, and the page lives on."""
    try:
        act()
        problem.value = ""
    except BadInput as told:
        problem.value = str(told)
    except Exception as told:  # whatever a model raises becomes a sentence
        playing.value = False
        problem.value = t("failed", why=f"{type(told).__name__}: {told}")
    tick.value += 1


def guarded(act: Any) -> None:
    """Do something that the controls show too."""
    attempt(act)
    moved.value += 1


def play() -> None:
    """Simulate while play is on, a few weeks a picture; to the day that was named, where one was."""
    live = run.value
    if not playing.value or live is None:
        return
    with live.driven:  # play pressed again while the last week is under way waits for it
        moving.value = True
        go_on(live, goal.value)
        moving.value = playing.value = False
        goal.value = ""


def go_on(live: Session, day: str) -> None:
    """Week after week, until pause, another run, the day or the end."""
    while playing.value and run.value is live and not live.over and not (day and live.date >= day):
        weeks = QUICK if day else speed.value
        attempt(lambda weeks=weeks: stride(live, weeks, day))
        wait_for_the_browser()


def stride(live: Session, weeks: int, day: str) -> None:
    """A few weeks, no further than a day, and no further once pause is pressed."""
    for _ in range(weeks):
        if playing.value and not (day and live.date >= day):
            live.step()


def wait_for_the_browser() -> None:
    """Let the browser draw before the next week, and no longer than a moment where it does not answer."""
    until_then = time.monotonic() + PATIENCE
    time.sleep(PAUSE)
    while playing.value and drawn.value < tick.value and time.monotonic() < until_then:
        time.sleep(PAUSE)


def run_to() -> None:
    """Play to a day."""
    goal.value = str(session.day_in(run.value, until.value, language.value))
    playing.value = True


def stand() -> None:
    """Measure the rescue index where it was asked for; not again when the page is only looked at again."""
    if measuring.value > measured.value and run.value is not None:
        measured.value = measuring.value
        attempt(run.value.stand)


def slowly(name: str, work: Any) -> Any:
    """Something that need not be worked out each week: anew every few weeks, and when play stands still."""
    live: Session = run.value
    week = live.main.history.weeks
    key = (name, language.value, mineral.value)
    kept = live.__dict__.setdefault("kept", {})
    done = (week, len(live.acts), moving.value)
    old = kept.get(key)
    late = old is not None and week - old[0][0] >= SLOW * speed.value
    if old is None or late or week < old[0][0] or old[0][1] != done[1] or (not moving.value and old[0] != done):
        with live.lock:
            kept[key] = (done, work())
    return kept[key][1]


def places() -> dict[str, str]:
    """Names of countries in the language of the page."""
    table = shared_tables()["countries"]
    return dict(zip(table.country, table[f"name_{language.value}"], strict=True)) | {"others": t("others")}


def good_name(key: str) -> str:
    """A good's name in the language of the page."""
    table = shared_tables()["goods"].set_index("good")
    return str(table[f"name_{language.value}"][key])


def scenario_name(key: str) -> str:
    """A scenario's title in the language of the page."""
    return titles(key)[LANGUAGES.index(language.value)]


@lru_cache(maxsize=64)
def titles(key: str) -> tuple[str, str]:
    """Titles of a scenario in both languages: those at the head of its own file where it has them: quick to read."""
    head = yaml_loader.text_of(find(key)).partition("\ncauses:")[0] if "+" not in key else ""
    with contextlib.suppress(BadInput):
        raw = yaml_loader.value_of(head, key) or {}
        if raw.get("title_en") and raw.get("title_zh"):
            return str(raw["title_en"]), str(raw["title_zh"])
    setting = Scenario.load(key)
    return setting.title_en, setting.title_zh
