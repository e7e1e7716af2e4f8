"""What a visitor has chosen and is playing: kept in the visitor's session alone."""

from __future__ import annotations

import datetime
import gc
import time
from typing import Any

import solara
import solara.lab

from abm.errors import BadInput
from abm.world import shared_tables
from app.view import session
from app.view.session import Session
from app.view.words import say

language = solara.reactive("en")
run: Any = solara.reactive(None)
tick = solara.reactive(0)  # a week was simulated: charts are drawn anew
drawn = solara.reactive(0)  # the last tick that the browser has drawn
moved = solara.reactive(0)  # something was done: controls are drawn anew
playing = solara.reactive(False)
speed = solara.reactive(1)
good = solara.reactive("dy_oxide")
mineral = solara.reactive("dysprosium")
place = solara.reactive("")  # stage and country picked in the map
mark = solara.reactive("")  # event picked on the time line
measuring = solara.reactive(0)  # how often the rescue index was asked for
agent = solara.reactive("")
until = solara.reactive("")
problem = solara.reactive("")
PAUSE, PATIENCE, SLOW = 0.01, 1.0, 4


def t(name: str, **values: Any) -> str:
    """A word in the language of the page."""
    return say(name, language.value, **values)


def begin(scenario: str, seed: int = 0) -> None:
    """A new run."""
    playing.value = False
    problem.value = place.value = mark.value = ""
    replace(Session(scenario, seed))


def replace(new: Session) -> None:
    """Another run in the place of the old one, whose memory is given back at once: a run is a web of references."""
    run.value = new
    tick.value += 1
    moved.value += 1
    gc.collect()


def forget() -> Any:
    """Give a visitor's memory back when the tab is closed."""
    return gc.collect


solara.lab.on_kernel_start(forget)


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
        wait_for_the_browser()
    playing.value = False


def wait_for_the_browser() -> None:
    """Let the browser draw before the next week, and no longer than a moment where it does not answer."""
    until_then = time.monotonic() + PATIENCE
    time.sleep(PAUSE)
    while playing.value and drawn.value < tick.value and time.monotonic() < until_then:
        time.sleep(PAUSE / 5)


def run_to() -> None:
    """Simulate to a day."""
    day = session.day_in(run.value, until.value, language.value)
    while not run.value.over and datetime.date.fromisoformat(run.value.date) < day:
        run.value.step()


def stand() -> None:
    """Measure the rescue index, since it was asked for."""
    if measuring.value and run.value is not None:
        attempt(run.value.stand)


def slowly(name: str, work: Any) -> Any:
    """Something that need not be worked out each week: anew every few weeks, and when play stands still."""
    live: Session = run.value
    week = live.main.history.weeks
    key = (name, language.value, mineral.value, len(live.acts))
    kept = live.__dict__.setdefault("kept", {})
    if key not in kept or not playing.value or week - kept[key][0] >= SLOW * speed.value or week < kept[key][0]:
        kept[key] = (week, work())
    return kept[key][1]


def places() -> dict[str, str]:
    """Names of countries in the language of the page."""
    table = shared_tables()["countries"]
    return dict(zip(table.country, table[f"name_{language.value}"], strict=True)) | {"others": t("others")}


def good_name(key: str) -> str:
    """A good's name in the language of the page."""
    table = shared_tables()["goods"].set_index("good")
    return str(table[f"name_{language.value}"][key])
