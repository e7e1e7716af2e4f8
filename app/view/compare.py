"""The page that compares two scenarios over seeds: bands, computed in a pool, that can be cancelled and scrubbed."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import pandas as pd
import solara
import solara.lab

from abm import Scenario
from app.view.charts import BLUE, ORANGE, Line, lines
from app.view.words import say

MOST_RUNS, WORKERS = 20, 2
other = solara.reactive("lapsed")
runs = solara.reactive(4)
wanted = solara.reactive(0)
stopped = solara.reactive(False)
done = solara.reactive((0, 0))
found: Any = solara.reactive(None)
month = solara.reactive(0)


def study_of(first: str, second: str, count: int) -> Any:
    """Both scenarios under the same luck."""
    from experiments.study import Study

    names = tuple(dict.fromkeys((first, second)))
    return Study("compare", names, seeds=count)


def compute(first: str) -> None:
    """Run both scenarios in a pool, one run a task; stops where cancelled."""
    from experiments.batch import run_chunk

    study = study_of(first, other.value, runs.value)
    specs = study.runs()
    kept, done.value = [], (0, len(specs))
    pool = ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn"))
    try:
        for number, chunk in enumerate(pool.map(run_chunk, [study] * len(specs), [[spec] for spec in specs]), 1):
            if stopped.value:
                return
            kept.append(chunk.series.merge(chunk.scalars[["run_id", "arm"]], on="run_id"))
            done.value = (number, len(specs))
        found.value = pd.concat(kept, ignore_index=True)
        month.value = found.value.month.nunique() - 1
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        done.value = (0, 0)


def bands(frame: pd.DataFrame, column: str) -> tuple[list[str], list[Line]]:
    """Months, and a line with its band for each scenario."""
    drawn, months = [], sorted(frame.month.unique())
    for arm, colour in zip(dict.fromkeys(frame.arm), (BLUE, ORANGE), strict=False):
        table = frame[frame.arm == arm].groupby("month")[column].quantile([0.05, 0.5, 0.95]).unstack().reindex(months)
        low, median, high = (np.asarray(table[at].ffill(), dtype=float) for at in (0.05, 0.5, 0.95))
        drawn.append(Line(arm, median, colour, low=low, high=high))
    return months, drawn


@solara.component
def Compare(language: str, scenario: str, good: str) -> None:
    """Choose, compute, look."""

    def work() -> None:
        if wanted.value:
            compute(scenario)

    solara.lab.use_task(work, dependencies=[wanted.value], prefer_threaded=True)

    def begin() -> None:
        stopped.value = False
        wanted.value += 1

    with solara.Row(style="flex-wrap:wrap;align-items:center", gap="12px"):
        solara.Text(f"{say('scenario', language)}: {scenario}")
        with solara.Column(style="min-width:220px"):
            solara.Select(say("other", language), values=Scenario.names(), value=other)
        with solara.Column(style="width:220px"):
            solara.SliderInt(say("runs", language), value=runs, min=2, max=MOST_RUNS)
        busy = done.value[1] > 0
        solara.Button(say("compute", language), on_click=begin, color="primary", disabled=busy)
        solara.Button(say("cancel", language), on_click=lambda: stopped.set(True), disabled=not busy)
    if busy:
        solara.Text(say("computing", language, done=done.value[0], total=done.value[1]))
        solara.ProgressLinear(value=100 * done.value[0] / done.value[1])
    if found.value is not None:
        Shown(language, good)


@solara.component
def Shown(language: str, good: str) -> None:
    """The bands, and their values in one month."""
    frame = found.value
    column = f"price.{good}"
    if column not in frame:
        return
    months, drawn = bands(frame, column)
    solara.HTML(
        tag="div", unsafe_innerHTML=lines(f"{say('bands', language)}: {good}", months, drawn), style="max-width:900px"
    )
    solara.SliderInt(say("scrub", language), value=month, min=0, max=len(months) - 1)
    at = min(month.value, len(months) - 1)
    for line in drawn:
        solara.Text(f"{months[at]} {line.name}: {line.values[at]:.2f} ({line.low[at]:.2f} – {line.high[at]:.2f})")
