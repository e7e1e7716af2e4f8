"""Controls of the live page: scenario, seed, time, branches; which good and mineral; what can be taken away."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import solara

from abm import Scenario
from abm.world.world import shared_tables
from app.view import gestures, series
from app.view.figures import FIGURES, figure, table
from app.view.files import parquet
from app.view.picture import Opener, Painter
from app.view.session import Session
from app.view.state import (
    begin,
    goal,
    good,
    good_name,
    guarded,
    language,
    make,
    mineral,
    moved,
    moving,
    playing,
    problem,
    run,
    run_to,
    scenario_name,
    speed,
    t,
    until,
    wanted,
)
from kit.nearest import shortened

WEEKS_A_YEAR, MOST_SPEED = 52, 13
SEED = "[0-9]{1,9}"
BAR = "flex-wrap:wrap;align-items:center;row-gap:6px"
asked: Any = solara.reactive(None)  # scenario and seed of the run that was last asked for
waiting: Any = solara.reactive(())  # what was asked of a run while it is being made, with the run before it


@solara.component
def Controls() -> None:
    """Scenario, seed, time and branches. What a button will do names the run of then: it must not keep this one."""
    _ = moved.value
    live: Session = run.value
    solara.use_effect(do_what_waits, [wanted.value])
    still = moving.value or live.over
    names = [{"text": scenario_name(key), "value": key} for key in dict.fromkeys((*Scenario.names(), live.scenario))]
    with solara.Row(style=BAR, gap="8px"):
        with solara.Column(style="flex:1 1 300px;min-width:0;max-width:560px"):
            gestures.Choice(label=t("scenario"), items=names, value=live.scenario,
                            event_chosen=lambda name: anew(scenario=name))  # fmt: skip
        with solara.Column(style="width:110px"):
            gestures.Entry(label=t("seed"), text=str(live.seed), event_entered=sow)
        Play(live.over)
        solara.Button(t("step"), on_click=lambda: soon(Session.step), disabled=still)
        solara.Button(t("year"), on_click=lambda: soon(lambda live: live.step(WEEKS_A_YEAR)), disabled=still)
        solara.Button(t("reset"), on_click=anew, icon_name="mdi-restart")
        if live.branch is None:
            solara.Button(t("branch"), on_click=lambda: soon(Session.fork), icon_name="mdi-source-branch")
        else:
            solara.Button(t("unbranch"), on_click=lambda: soon(Session.end_branch))
    Pace(still)
    if live.branch is not None:
        solara.Text(t("branched"), classes=["branched"])


def anew(**chosen: Any) -> None:
    """A run from its start, with another scenario or seed; one that is being made keeps what was chosen for it."""
    live = run.value
    usual = {"scenario": live.scenario, "seed": live.seed}
    asked.value = (usual if wanted.value is None else asked.value or usual) | chosen
    begin(**asked.value)


def sow(text: str) -> None:
    """A run with another seed; what is none becomes a sentence."""
    if re.fullmatch(SEED, text.strip()):
        anew(seed=int(text))
    else:
        problem.value = t("no_seed", text=shortened(text))


def soon(act: Callable[[Session], Any]) -> None:
    """Do something to the run; where another is being made, to that one once it is there."""
    if wanted.value is None:
        guarded(lambda: act(run.value))
    else:
        waiting.value = (*waiting.value, (run.value, act))


def do_what_waits() -> None:
    """Do what was asked of the run that was being made; where it could not be made, nothing."""
    if wanted.value is None and waiting.value:
        due, waiting.value = waiting.value, ()
        for before, act in due:
            if run.value is not before:
                guarded(lambda act=act: act(run.value))


@solara.component
def Play(over: bool) -> None:
    """Play and pause: a part of its own, so that pause is told at once, before anything else is drawn anew."""
    label = t("pause") if playing.value else t("play")
    solara.Button(label, on_click=lambda: soon(turn_play), color="primary", disabled=over,
                  icon_name="mdi-pause" if playing.value else "mdi-play")  # fmt: skip


def turn_play(_live: Session) -> None:
    """Play, or pause."""
    playing.set(not playing.value)


@solara.component
def Pace(still: bool) -> None:
    """How many weeks a picture, and the day to run to."""
    with solara.Row(style=BAR, gap="12px"):
        with solara.Column(style="flex:1 1 260px;max-width:360px"):
            gestures.Slider(t("speed", weeks=speed.value), speed.value, range(1, MOST_SPEED + 1), speed.set)
        with solara.Column(style="flex:1 1 240px;max-width:340px"):
            gestures.Entry(label=t("until"), text=until.value, event_entered=until.set)
        solara.Button(t("go"), on_click=lambda: soon(lambda _live: run_to()), disabled=still)
        if goal.value:
            solara.Text(t("running_to", day=goal.value))


@solara.component
def Choices() -> None:
    """Which good and mineral are shown."""
    _ = moved.value
    live: Session = run.value
    minerals = shared_tables()["minerals"]
    names = [{"text": row[f"name_{language.value}"], "value": row.mineral} for _, row in minerals.iterrows()]
    goods = [{"text": good_name(key), "value": key} for key in series.goods_of(live.main)]
    with solara.Row(style="flex-wrap:wrap", gap="16px"):
        gestures.Choice(label=t("good"), items=goods, value=good.value, kind="search",
                        event_chosen=lambda key: key and good.set(key))  # fmt: skip
        gestures.Choice(label=t("mineral"), items=names, value=mineral.value, kind="search",
                        event_chosen=lambda key: key and mineral.set(key))  # fmt: skip


@solara.component
def TakeAway() -> None:
    """The run as files, and a saved state opened again."""
    _ = moved.value
    live: Session = run.value
    chosen, choose = solara.use_state("price")
    name = f"{live.scenario.rsplit('/', 1)[-1]}-{live.seed}"
    figures = [{"text": t(key), "value": key} for key in FIGURES]
    solara.Text(t("take"), style="font-weight:600")
    with solara.Row(style=BAR, gap="8px"):
        solara.FileDownload(saved, filename=f"{name}.techshield.json", label=t("save"))
        solara.FileDownload(lambda: table(run.value).to_csv(index=False), filename=f"{name}.csv", label=t("data"))
        solara.FileDownload(lambda: parquet(table(run.value)), filename=f"{name}.parquet", label=t("parquet"))
        with solara.Column(style="flex:1 1 260px;min-width:0;max-width:420px"):
            gestures.Choice(label=t("figure"), items=figures, value=chosen, event_chosen=choose)
        Painter(label=t("png"), figure=chosen, file=f"{name}-{chosen}.png")
        solara.FileDownload(lambda: figure(chosen), filename=f"{name}-{chosen}.svg", label=t("picture"))
        Opener(label=t("open"), event_opened=open_state)


def saved() -> str:
    """The run of now as a file."""
    return str(run.value.saved())


def open_state(text: str) -> None:
    """Open a saved state."""
    tongue = language.value
    make("opening", lambda: Session.opened(text, tongue))
