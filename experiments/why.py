"""Why an agent did what it did, in plain words: stops and their causes, options weighed, investments, measures."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np

from abm import Model
from abm.outcome import Outcome
from abm.why import reasons
from agents.strategy import OPTIONS

SPAN, MOST_ENTRIES, MOST_SUPPLIERS = 26, 8, 4
QUARTER, STOPPED = 13, 0.5
WEEKS_PER_YEAR = 52


@dataclass(frozen=True)
class Question:
    """Whose reasons are asked for, around which day, in which language (en, zh)."""

    agent: str
    around: datetime.date
    language: str = "en"

    def say(self, reason: str, **values: Any) -> str:
        """The words of a reason."""
        return str(reasons()[reason][self.language].format(**values))


def explain(model: Model, question: Question) -> list[str]:
    """Sentences that explain the agent, a firm or a government of this world."""
    if question.agent in set(model.world.governments.country):
        return explain_government(model, question)
    row = int(model.world.firm_rows([question.agent])[0])
    return [who(model, row, question), *stop(model, row, question), *choices(model, row, question)]


def who(model: Model, row: int, question: Question) -> str:
    """Who the firm is."""
    firm = model.world.firms.iloc[row]
    name = firm.name_en if question.language == "en" else firm.name_zh
    kind = str(firm.kind).replace("_", " ")
    return question.say("who_firm", name=name, key=firm.producer, kind=kind, good=firm.good, country=firm.country)


def explain_government(model: Model, question: Question) -> list[str]:
    """What a government took up and back around the day, and why."""
    names = model.world.governments.set_index("country")
    name = names[f"name_{question.language}"][question.agent]
    near = [entry for entry in model.why.entries if entry.actor == question.agent and close(entry.date, question)]
    told = [f"{entry.date}: {entry.choice}: {model.why.words(entry, question.language)}" for entry in near]
    head = question.say("who_government", name=name, key=question.agent)
    return [head, *(told[:MOST_ENTRIES] or [question.say("nothing_decided")])]


def close(date: datetime.date, question: Question) -> bool:
    """Whether a day is within half a year of the one asked about."""
    return abs((date - question.around).days) <= SPAN * 7


def stop(model: Model, row: int, question: Question) -> list[str]:
    """Why the firm stood still in the worst week around the day, or that it did not."""
    outcome = Outcome(model.history)
    middle = (question.around - model.history.start).days // 7
    weeks = np.arange(max(middle - SPAN, 0), min(middle + SPAN, model.history.weeks))
    asked = np.maximum(outcome.asked[weeks, row], 1e-12)
    share = outcome.activity[weeks, row] / asked
    week = int(weeks[share.argmin()])
    date, least = model.history.dates()[week].date(), float(min(share.min(), 1.0))
    if least >= STOPPED:
        return [question.say("no_stop", date=question.around, share=least)]
    shelf = int(outcome.binding[week, row])
    if shelf < 0:
        return [question.say("stopped_without", date=date, share=least)]
    good = model.world.bought.good[shelf]
    now, before = cover(model, shelf, week), cover(model, shelf, week - QUARTER)
    return [
        question.say("stopped_for", date=date, share=least, good=good),
        question.say("stock_of", good=good, weeks=now, before=before),
        *suppliers(model, shelf, week, question),
    ]


def cover(model: Model, shelf: int, week: int) -> float:
    """Weeks of use that the stock of an input covered."""
    bought, week = model.history.bought, max(week, 0)
    return float(bought["stock"][week, shelf] / max(bought["expected_use"][week, shelf], 1e-12))


def suppliers(model: Model, shelf: int, week: int, question: Question) -> list[str]:
    """The largest usual suppliers of an input: what still came, and what waited for a licence."""
    links, firms = model.world.links, model.world.firms
    rows = np.nonzero((links.buyer == shelf).to_numpy())[0]
    usual = links.flow.to_numpy()[rows]
    span = slice(max(week - QUARTER, 0), week + 1)
    sent = np.asarray(model.history.link["sent"][span])[:, rows].mean(axis=0)
    told = []
    for place in np.argsort(-usual)[:MOST_SUPPLIERS]:
        if usual[place] > 0:
            seller = firms.iloc[int(links.seller_firm[rows[place]])]
            name = seller.name_en if question.language == "en" else seller.name_zh
            state = licence(model, int(rows[place]), span, question, float(usual[place]))
            told.append(
                question.say("supplier", name=name, country=seller.country, share=usual[place] / usual.sum(),
                             now=sent[place] / usual[place], state=state)
            )  # fmt: skip
    return told


def licence(model: Model, link: int, span: slice, question: Question, usual: float) -> str:
    """What waits for a licence on a link, and how much of what was decided was granted; nothing where none is asked."""
    kept = model.history.link
    if "waiting" not in kept:
        return ""
    waiting = float(np.asarray(kept["waiting"][span])[-1, link])
    granted, refused = (float(np.asarray(kept[name][span])[:, link].sum()) for name in ("granted", "refused"))
    if waiting + granted + refused <= 0:
        return ""
    decided = max(granted + refused, 1e-12)
    return question.say("licence_state", waiting=waiting / usual, granted=granted / decided)


def choices(model: Model, row: int, question: Question) -> list[str]:
    """What the firm weighed and chose, quarter by quarter, around the day."""
    near = [(date, kept) for date, kept in model.why.quarters if close(date, question)]
    told = [weighed(row, date, kept, question) for date, kept in near if model.columns["strategic"][row] > 0]
    if model.columns["provider"][row] > 0:
        told += [invested(row, date, kept, question) for date, kept in near]
        values = near[-1][1] if near else model.columns
        told.append(question.say("masters", capability=values["capability"][row], helping=values["helping"][row]))
    return told or [question.say("nothing_decided")]


def weighed(row: int, date: datetime.date, kept: dict[str, np.ndarray], question: Question) -> str:
    """One quarter's choice with the worth of each option."""
    worth = [f"{question.say(f'option_{name}')} {100 * kept[f'value_{name}'][row]:+.2f} %" for name in OPTIONS[1:]]
    chosen = question.say(f"option_{OPTIONS[int(kept['choice'][row])]}")
    return question.say("weighed", date=date, fear=kept["fear"][row], choice=chosen, values=", ".join(worth))


def invested(row: int, date: datetime.date, kept: dict[str, np.ndarray], question: Question) -> str:
    """Whether a provider built that quarter, and why or why not."""
    use = kept["activity"][row] / max(kept["capacity"][row], 1e-12)
    worth, building = kept["worth"][row], kept["building"][row]
    if building > 0:
        return question.say("invested", date=date, building=building * WEEKS_PER_YEAR, worth=worth, use=use)
    cause = question.say("not_worth" if worth <= 0 else "not_busy")
    price, cost = kept["seen_price"][row], kept["running_cost"][row]
    return question.say("did_not_invest", date=date, cause=cause, worth=worth, price=price, cost=cost, use=use)
