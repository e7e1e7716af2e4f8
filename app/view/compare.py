"""The page that compares two scenarios over seeds: bands, computed in a pool, that can be cancelled and scrubbed."""

from __future__ import annotations

import math
from contextlib import closing
from typing import Any

import pandas as pd
import solara
import solara.lab
from solara.server.kernel_context import get_current_context

from abm import Scenario
from app.view import gestures
from app.view.bands import all_runs, bands
from app.view.charts import lines
from app.view.picture import picture
from app.view.start import PARAMETERS
from app.view.state import good, good_name, language, problem, scenario_name, t
from app.view.words import large

LEAST_RUNS, MOST_RUNS, WORKERS = 2, 20, 2
LOST = "output_lost"  # US$ a month in the world
first = solara.reactive("")
other = solara.reactive("lapsed")
runs = solara.reactive(4)
wanted: Any = solara.reactive(None)  # scenarios and how many runs of each, while they are computed
stopped = solara.reactive(False)
done = solara.reactive((0, 0))
found: Any = solara.reactive(None)
month = solara.reactive(0)
measure = solara.reactive("")


def compute() -> None:
    """Run both scenarios in a pool; stops where cancelled, or where the tab is closed."""
    if wanted.value is None:
        return
    names, count = wanted.value
    kept: list[pd.DataFrame] = []
    done.value = (0, len(names) * count)
    try:
        with closing(all_runs(names, count, PARAMETERS, WORKERS)) as runs_done:
            for frame in runs_done:
                if stopped.value or get_current_context().closed_event.is_set():
                    break
                kept.append(frame)
                done.value = (len(kept), len(names) * count)
            else:
                found.value = pd.concat(kept, ignore_index=True)
                month.value = found.value.month.nunique() - 1
    except Exception as told:  # whatever a model raises becomes a sentence
        problem.value = t("failed", why=f"{type(told).__name__}: {told}")
    wanted.value = None


@solara.component
def Worker() -> None:
    """Computes what is wanted, also while another page is looked at."""
    solara.lab.use_task(compute, dependencies=[wanted.value], prefer_threaded=True)


def begin(one: str) -> None:
    """Want both scenarios computed."""
    stopped.value, done.value = False, (0, 0)
    wanted.value = (tuple(dict.fromkeys((one, other.value))), runs.value)


@solara.component
def Compare(scenario: str) -> None:
    """Choose, compute, look."""
    one, busy = first.value or scenario, wanted.value is not None
    names = [{"text": scenario_name(key), "value": key} for key in dict.fromkeys((*Scenario.names(), one))]
    with solara.Row(style="flex-wrap:wrap;align-items:center", gap="12px"):
        for label, value, choose in (("first_one", one, first.set), ("other", other.value, other.set)):
            with solara.Column(style="flex:1 1 560px;min-width:0"):
                gestures.Choice(label=t(label), items=names, value=value, event_chosen=choose)
        with solara.Column(style="flex:1 1 220px;max-width:300px"):
            gestures.Slider(f"{t('runs')}: {runs.value}", runs.value, range(LEAST_RUNS, MOST_RUNS + 1), runs.set)
        solara.Button(t("compute"), on_click=lambda: begin(one), color="primary", disabled=busy)
        solara.Button(t("cancel"), on_click=lambda: stopped.set(True), disabled=not busy or stopped.value)
    if busy:
        Progress()
    elif stopped.value:
        solara.Text(t("cancelled"), classes=["why"])
    if found.value is not None:
        Shown().key("shown")  # what stands above it comes and goes; its slider stays the same
    elif not busy:
        solara.Text(t("compare_hint"), classes=["why"])


@solara.component
def Progress() -> None:
    """How many runs are done."""
    ready, total = done.value
    solara.Text(t("computing", done=ready, total=total or 2 * runs.value))
    solara.ProgressLinear(100 * ready / total if ready else True)


def measures(frame: pd.DataFrame) -> list[dict[str, str]]:
    """What can be shown: prices of goods outside China, output lost."""
    found = []
    for column in frame.columns:
        if column.startswith("price."):
            name = t("of_good", title=t("price_outside_told"), good=good_name(column.removeprefix("price.")))
            found.append({"text": name, "value": column})
        elif column == LOST:
            found.insert(0, {"text": t("lost_month"), "value": column})
    return found


@solara.component
def Shown() -> None:
    """The bands of the measure chosen, another's beside them, and both in one month."""
    frame, items = found.value, measures(found.value)
    usual = f"price.{good.value}"
    column = measure.value if measure.value in frame else usual if usual in frame else items[0]["value"]
    beside = next(name for name in (LOST, usual, *(each["value"] for each in items)) if name != column)
    gestures.Choice(label=t("measure"), items=items, value=column, kind="search",
                    event_chosen=lambda key: key and measure.set(key))  # fmt: skip
    months = sorted(frame.month.unique())
    at = min(month.value, len(months) - 1)
    with solara.Div(classes=["pair"]):
        for name, place in ((column, "bands"), (beside, "bands_beside")):
            Bands(next(each["text"] for each in items if each["value"] == name), name, place)
    gestures.Slider(f"{t('scrub')}: {months[at]}", at, range(len(months)), month.set, lambda place: str(months[place]))


@solara.component
def Bands(title: str, column: str, place: str) -> None:
    """The bands of one measure, and their values in the month shown."""
    frame = found.value
    scaled = frame.assign(**{column: frame[column] / (large(language.value) if column == LOST else 1)})
    months, drawn = bands(scaled, column, {arm: short(scenario_name(arm)) for arm in frame.arm.unique()})
    at = min(month.value, len(months) - 1)
    with solara.Column(gap="2px"):
        picture(lines(t("bands", measure=title), months, drawn), name=place)
        for line in drawn:
            if (
                at < len(line.values)
                and math.isfinite(line.values[at])
                and line.low is not None
                and line.high is not None
            ):
                solara.Text(t("month_told", month=months[at], name=line.name, median=f"{line.values[at]:.2f}",
                              low=f"{line.low[at]:.2f}", high=f"{line.high[at]:.2f}"), classes=["why"])  # fmt: skip
    _ = language.value


def short(title: str) -> str:
    """What stands before the colon of a title."""
    return title.replace("：", ":").partition(":")[0]
