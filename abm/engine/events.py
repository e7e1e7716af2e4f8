"""Happenings: what happened when, to whom and why: controls, stops, restarts, projects, outages, decisions."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abm.measures.losses import STOPS_BELOW, Outcome
from abm.world.world import kept_in
from kit.clock import WEEK

if TYPE_CHECKING:
    from abm.engine.model import Model
    from abm.policy.causes import Cause

COLUMNS = ("date", "kind", "actor", "place", "good", "size", "unit", "reason_en", "reason_zh")
TEXTS = tuple(name for name in COLUMNS if name not in ("date", "size"))
PROJECT_WORDS = {
    "building": ("project started", "started", "動工"),
    "open": ("project opened", "opened", "投產"),
    "cancelled": ("project cancelled", "cancelled", "取消"),
}
Row = tuple[object, ...]


def happenings(model: Model) -> pd.DataFrame:
    """All events of a run in the order of their dates; `actor` is a key of the tables, a cause or a country.

    size, in `unit`: for stops what is still made over what was asked, for projects capacity a year, else missing.
    """
    rows = [row for tell in TOLD for row in tell(model)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["date"] = pd.to_datetime(table["date"]).astype("datetime64[ms]")
    table["size"] = table["size"].astype(np.float64)
    for name in TEXTS:
        table[name] = table[name].astype(str)
    return table.sort_values(["date", "kind", "actor", "good", "reason_en"], ignore_index=True)


def controls(model: Model) -> Iterator[Row]:
    """Announcement, start and end of each scripted cause that touches this world."""
    for cause in model.plan.causes:
        if cause.spec in model.setting.causes and touches(cause, model):
            spec = cause.spec
            dated: list[tuple[str, datetime.date | None]] = [("in force", spec.start), ("ended", spec.end)]
            if spec.announced is not None and spec.announced < spec.start:
                dated.insert(0, ("announced", spec.announced))
            for word, date in dated:
                if within(model, date):
                    yield cause_row(cause, word, date)


def suspensions(model: Model) -> Iterator[Row]:
    """Controls put to sleep by a suspension, and awake again when it ends before them."""
    causes = {cause.spec.id: cause for cause in model.plan.causes}
    for pause in model.setting.causes:
        if pause.instrument != "suspension":
            continue
        for cause in (causes[name] for name in pause.fields["of"]):
            for word, date in (("suspended", pause.start), ("resumed", pause.end)):
                if date is not None and within(model, date) and touches(cause, model) and lasts(cause, date):
                    yield cause_row(cause, word, date)


def lasts(cause: Cause, date: datetime.date) -> bool:
    """Whether a cause has not ended by that day."""
    return cause.spec.end is None or date < cause.spec.end


def touches(cause: Cause, model: Model) -> bool:
    """Whether a cause has rows in this world, itself or through the causes it names."""
    if "of" not in cause.fields:
        return len(cause.rows) > 0
    return any(touches(other, model) for other in model.plan.causes if other.spec.id in cause.fields["of"])


def within(model: Model, date: datetime.date | None) -> bool:
    """Whether a day lies in the weeks recorded."""
    first = model.history.start
    return date is not None and first <= date < first + model.history.weeks * WEEK


def cause_row(cause: Cause, word: str, date: datetime.date | None) -> Row:
    """One event of a cause; its place is where it is aimed at, else who acts."""
    spec = cause.spec
    goods = ", ".join(str(good) for good in cause.fields.get("goods") or ())
    place = ", ".join(str(place) for place in cause.fields.get("to") or ()) or (spec.by or "")
    kind = f"{spec.instrument.replace('_', ' ')} {word}"
    return date, kind, spec.id, place, goods, np.nan, "", spec.title_en, spec.title_zh


def stops(model: Model) -> Iterator[Row]:
    """Stops of named firms, with the input that bound them, and restarts."""
    outcome, start = Outcome(model.history), model.history.start
    for kind, week, firm, shelf in outcome.stops[["kind", "week", "firm", "shelf"]].to_numpy().tolist():
        share = outcome.activity[week, firm] / max(outcome.asked[week, firm], np.finfo(float).tiny)
        words = why(model, week, firm, shelf) if kind == "stop" else restarted(model, firm)
        key, place, good = (told[firm] for told in words_of_firms(model)[:3])
        yield start + week * WEEK, kind, key, place, good, share, "share of what is asked", *words


def words_of_firms(model: Model) -> tuple[list[str], ...]:
    """Key, country, good, and both names of each firm, as lists: a frame is slow to ask for one of them."""
    firms = model.world.firms
    names = ("producer", "country", "good", "name_en", "name_zh")
    return kept_in(model.world, "words of firms", lambda: tuple(firms[name].tolist() for name in names))


def words_of_goods(model: Model) -> tuple[list[str], ...]:
    """Both names of each good, as lists."""
    goods = model.world.goods
    return kept_in(
        model.world, "words of goods", lambda: tuple(goods[name].tolist() for name in ("name_en", "name_zh"))
    )


def why(model: Model, week: int, firm: int, shelf: int) -> tuple[str, str]:
    """Why a firm stands still: the input it lacks, a price below its cost, or what else bounds its plant."""
    name_en, name_zh = (told[firm] for told in words_of_firms(model)[3:])
    if shelf >= 0:
        good_en, good_zh = (told[model.world.bought.g.to_numpy()[shelf]] for told in words_of_goods(model))
        return f"{name_en}: short of {good_en}", f"{name_zh}：缺{good_zh}"
    if model.history.firm["idle"][week, firm] > STOPS_BELOW:
        return f"{name_en}: laid up, the price is below its cost", f"{name_zh}：價格低於成本而停產"
    return f"{name_en}: held by outage, host plant, scrap or quota", f"{name_zh}：受停機、主產品、廢料或配額所限"


def restarted(model: Model, firm: int) -> tuple[str, str]:
    """Words for a restart."""
    name_en, name_zh = (told[firm] for told in words_of_firms(model)[3:])
    return f"{name_en}: runs again", f"{name_zh}：復工"


def projects(model: Model) -> Iterator[Row]:
    """Projects started, opened and cancelled."""
    firms, table = model.world.firms, model.projects.table
    for week, number, state in model.projects.news:
        kind, word_en, word_zh = PROJECT_WORDS[state]
        if not within(model, week.date):
            continue
        project, firm = table.iloc[number], int(model.projects.firm[number])
        words = f"{project.name_en}: {word_en}", f"{project.name_zh}：{word_zh}"
        unit = f"{model.world.goods.unit.iloc[max(int(firms.g[firm]), 0)]}/year"
        key, place, good = project.project, firms.country[firm], firms.good[firm]
        yield week.date, kind, key, place, good, float(project.capacity), unit, *words


def outages(model: Model) -> Iterator[Row]:
    """Random outages of mines and refineries."""
    for week, firm in model.outages.begun:
        date = model.clock.start + week * WEEK
        if within(model, date):
            key, place, good, name_en, name_zh = (told[firm] for told in words_of_firms(model))
            words = f"{name_en}: unplanned outage", f"{name_zh}：非計畫停產"
            yield date, "outage", key, place, good, np.nan, "", *words


def decisions(model: Model) -> Iterator[Row]:
    """What governments decided by themselves."""
    for entry in (entry for entry in model.why.entries if within(model, entry.date)):
        words = model.why.words(entry, "en"), model.why.words(entry, "zh")
        yield entry.date, "government decision", entry.actor, entry.actor, "", np.nan, "", *words


TOLD: tuple[Callable[[Model], Iterator[Row]], ...] = (controls, suspensions, stops, projects, outages, decisions)
"""Every kind of event; to add one, write a function and name it here."""
