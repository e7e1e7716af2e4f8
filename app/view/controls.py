"""Controls of the live page: scenario, seed, time, branches; which good and mineral; what can be taken away."""

from __future__ import annotations

import reacton.ipyvuetify as v
import solara

from abm import Scenario
from abm.world import shared_tables
from app.view import series
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
    run,
    run_to,
    scenario_name,
    speed,
    t,
    until,
)

WEEKS_A_YEAR, MOST_SPEED = 52, 13
BAR = "flex-wrap:wrap;align-items:center;row-gap:6px"


@solara.component
def Controls() -> None:
    """Scenario, seed, time and branches. What a button will do names the run of then: it must not keep this one."""
    _ = moved.value
    live: Session = run.value
    still = moving.value or live.over
    names = [{"text": scenario_name(key), "value": key} for key in dict.fromkeys((*Scenario.names(), live.scenario))]
    with solara.Row(style=BAR, gap="8px"):
        with solara.Column(style="flex:1 1 300px;max-width:560px"):
            v.Select(label=t("scenario"), items=names, v_model=live.scenario, hide_details=True,
                     on_v_model=lambda name: begin(name, run.value.seed))  # fmt: skip
        with solara.Column(style="width:110px"):
            solara.InputInt(t("seed"), value=live.seed, on_value=lambda seed: begin(run.value.scenario, seed or 0))
        Play(live.over)
        solara.Button(t("step"), on_click=lambda: guarded(run.value.step), disabled=still)
        solara.Button(t("year"), on_click=lambda: guarded(lambda: run.value.step(WEEKS_A_YEAR)), disabled=still)
        solara.Button(t("reset"), on_click=lambda: begin(run.value.scenario, run.value.seed), icon_name="mdi-restart")
        if live.branch is None:
            solara.Button(t("branch"), on_click=lambda: guarded(run.value.fork), icon_name="mdi-source-branch")
        else:
            solara.Button(t("unbranch"), on_click=lambda: guarded(run.value.end_branch))
    Pace(still)
    if live.branch is not None:
        solara.Text(t("branched"), classes=["branched"])


@solara.component
def Play(over: bool) -> None:
    """Play and pause: a part of its own, so that pause is told at once, before anything else is drawn anew."""
    label = t("pause") if playing.value else t("play")
    solara.Button(label, on_click=lambda: playing.set(not playing.value), color="primary", disabled=over,
                  icon_name="mdi-pause" if playing.value else "mdi-play")  # fmt: skip


@solara.component
def Pace(still: bool) -> None:
    """How many weeks a picture, and the day to run to."""
    with solara.Row(style=BAR, gap="12px"):
        with solara.Column(style="flex:1 1 260px;max-width:360px"):
            solara.SliderInt(t("speed", weeks=speed.value), value=speed, min=1, max=MOST_SPEED)
        with solara.Column(style="flex:1 1 240px;max-width:340px"):
            solara.InputText(t("until"), value=until)
        solara.Button(t("go"), on_click=lambda: guarded(run_to), disabled=still)
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
        v.Autocomplete(label=t("good"), items=goods, v_model=good.value, hide_details=True,
                       on_v_model=lambda key: key and good.set(key))  # fmt: skip
        v.Autocomplete(label=t("mineral"), items=names, v_model=mineral.value, hide_details=True,
                       on_v_model=lambda key: key and mineral.set(key))  # fmt: skip


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
        with solara.Column(style="flex:1 1 260px;max-width:420px"):
            v.Select(label=t("figure"), items=figures, v_model=chosen, on_v_model=choose, hide_details=True)
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
