"""Happenings: what happened when in a run, and why: controls, stops, restarts, projects, outages, releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abm.clock import WEEK

if TYPE_CHECKING:
    from abm.model import Model

COLUMNS = ("date", "kind", "actor", "place", "good", "size", "reason_en", "reason_zh")
STOPPED, RESTARTED = 0.5, 0.8
Row = tuple[object, ...]


def happenings(model: Model) -> pd.DataFrame:
    """All events of a run by date: one row each."""
    rows = [*controls(model), *stops(model), *projects(model), *outages(model), *releases(model)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["date"] = pd.to_datetime(table["date"])
    table["size"] = table["size"].astype(np.float64)
    return table.sort_values(["date", "kind", "actor", "good"], ignore_index=True)


def controls(model: Model) -> list[Row]:
    """Announcement, start and end of each scripted cause within the run."""
    first = model.clock.start
    last = first + model.history.weeks * WEEK
    rows: list[Row] = []
    for cause in model.setting.causes:
        dated = [("announced", cause.announced), ("in force", cause.start), ("ended", cause.end)]
        for word, date in dated:
            if date is None or not first <= date < last or (word == "announced" and date == cause.start):
                continue
            goods = ", ".join(str(good) for good in cause.fields.get("goods", ()))
            kind = f"{cause.instrument.replace('_', ' ')} {word}"
            rows.append((date, kind, cause.id, cause.by or "", goods, np.nan, cause.title_en, cause.title_zh))
    return rows


def stops(model: Model) -> list[Row]:
    """Named makers that fall below half of what they want to make, and their return above four fifths."""
    firms, firm = model.world.firms, model.history.firm
    kinds = firms.kind.isin(["manufacturer", "taiwan_firm", "equipment_maker", "material_maker"]).to_numpy()
    rows: list[Row] = []
    for number in np.nonzero(kinds)[0]:
        wanted = firm["wanted"][: model.history.weeks, number]
        ratio = np.divide(firm["activity"][: len(wanted), number], wanted, out=np.ones_like(wanted), where=wanted > 0)
        for kind, week in turns(ratio):
            input_good = scarcest_input(model, int(number), week) if kind == "stop" else ""
            reason = (f"short of {input_good}", f"缺 {input_good}") if input_good else ("supplied again", "恢復供應")
            date = model.clock.start + week * WEEK
            place, good = firms.country[number], firms.good[number]
            rows.append((date, kind, firms.producer[number], place, good, float(ratio[week]), *reason))
    return rows


def turns(ratio: np.ndarray) -> list[tuple[str, int]]:
    """Weeks in which a maker stops or restarts."""
    found, stopped = [], False
    for week in np.nonzero((ratio < STOPPED) | (ratio > RESTARTED))[0]:
        if not stopped and ratio[week] < STOPPED:
            found.append(("stop", int(week)))
            stopped = True
        elif stopped and ratio[week] > RESTARTED:
            found.append(("restart", int(week)))
            stopped = False
    return found


def scarcest_input(model: Model, firm: int, week: int) -> str:
    """The bought good that bound a firm in a week."""
    bought, history = model.world.bought, model.history.bought
    rows = np.nonzero((bought.firm == firm).to_numpy())[0]
    if not len(rows):
        return ""
    desired = np.maximum(history["desired"][week, rows].astype(float), 1e-12)
    short = bought.criticality.to_numpy()[rows] * (1 - history["stock"][week, rows].astype(float) / desired)
    return str(bought.good.to_numpy()[rows[int(np.argmax(short))]])


def projects(model: Model) -> list[Row]:
    """Projects started, opened and cancelled."""
    words = {"building": ("project started", "動工"), "open": ("project opened", "投產")}
    words["cancelled"] = ("project cancelled", "取消")
    rows: list[Row] = []
    firms, table = model.world.firms, model.projects.table
    for week, number, state in model.projects.news:
        kind, zh = words[state]
        firm = int(model.projects.firm[number])
        size = float(table.capacity[number])
        names = (str(table.name_en[number]), f"{table.name_zh[number]}{zh}")
        place, good = firms.country[firm], firms.good[firm]
        rows.append((week.date, kind, str(table.project[number]), place, good, size, *names))
    return rows


def outages(model: Model) -> list[Row]:
    """Random outages."""
    firms = model.world.firms
    rows: list[Row] = []
    for week, firm in model.outages.begun:
        if week < model.history.weeks:
            date = model.clock.start + week * WEEK
            names = ("unplanned outage", "非計畫停產")
            rows.append((date, "outage", firms.producer[firm], firms.country[firm], firms.good[firm], np.nan, *names))
    return rows


def releases(model: Model) -> list[Row]:
    """What governments decided by themselves."""
    return [
        (date, "government decision", government, government, "", np.nan, words, "政府決定釋出儲備")
        for date, government, words in model.history.governments
    ]
