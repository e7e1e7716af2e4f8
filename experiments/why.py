"""Why an agent did what it did, in plain words: stops and their causes, options weighed, investments, measures."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np

from abm import Model
from abm.measures.losses import Outcome
from abm.record.reasons import reasons
from agents.strategy import OPTIONS
from kit.nearest import and_more, first_of

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
    return [head, *(first_of(told, MOST_ENTRIES, question.language) or [question.say("nothing_decided")])]


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
    order = [place for place in np.argsort(-usual) if usual[place] > 0]
    for place in order[:MOST_SUPPLIERS]:
        seller = firms.iloc[int(links.seller_firm[rows[place]])]
        name = seller.name_en if question.language == "en" else seller.name_zh
        state = licence(model, int(rows[place]), span, question, float(usual[place]))
        told.append(
            question.say("supplier", name=name, country=seller.country, share=usual[place] / usual.sum(),
                         now=sent[place] / usual[place], state=state)
        )  # fmt: skip
    left = and_more(len(order) - MOST_SUPPLIERS, question.language)
    return [*told, left] if left else told


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
    told = depends(model, row, question) if near else []
    if model.columns["strategic"][row] > 0:
        names = can_choose(model, row)
        told += [weighed(row, date, kept, (names, question)) for date, kept in near]
    if model.columns["provider"][row] > 0:
        told += [invested(row, date, kept, question) for date, kept in near]
        told += [offers(model, row, near[-1], question)] if near else []
        values = near[-1][1] if near else model.columns
        shown = ("capability", "grade", "collecting", "helping")
        told.append(question.say("masters", **{name: values[name][row] for name in shown}))
    return told or [question.say("nothing_decided")]


def can_choose(model: Model, row: int) -> list[str]:
    """Options that are of any use to the firm: those that guard its inputs, and what providers sell."""
    columns, shelves = model.columns, (model.world.bought.firm == row).to_numpy()
    buys, sells = (columns["vital"][shelves] > 0).any(), columns["provider"][row] > 0
    open_to = dict.fromkeys(("map", "stock", "second_source", "substitute"), buys)
    open_to["move"] = columns["mobile"][row] > 0
    open_to["recycle"] = columns["gleaner"][row] > 0 or (columns["reworked"][shelves] > 0).any()
    open_to |= {"purify": sells, "partner": sells and columns["plants"][row] > 0}
    return [name for name in OPTIONS[1:] if open_to[name]]


def depends(model: Model, row: int, question: Question) -> list[str]:
    """Vital inputs that one country could restrict, the largest first: the country and its share in the base year."""
    shelves = np.nonzero((model.world.bought.firm == row).to_numpy() & (model.columns["vital"] > 0))[0]
    held = model.world.start["share"][model.strategies.held]
    share = np.bincount(model.strategies.held_by, weights=held, minlength=len(model.world.bought))[shelves]
    goods, by = model.world.bought.good.to_numpy()[shelves], model.strategies.controller[shelves]
    told = [f"{goods[k]} ({by[k]} {share[k]:.0%})" for k in np.argsort(-share, kind="stable") if share[k] > 0]
    if not told:
        return []
    return [question.say("controlled_by", inputs=", ".join(first_of(told, MOST_SUPPLIERS, question.language)))]


def weighed(row: int, date: datetime.date, kept: dict[str, np.ndarray], asked: tuple[list[str], Question]) -> str:
    """One quarter's choice with the worth of each option that the firm has. asked: names of options, the question."""
    names, question = asked
    worth = [f"{question.say(f'option_{name}')} {100 * kept[f'value_{name}'][row]:+.2f} %" for name in names]
    chosen = question.say(f"option_{OPTIONS[int(kept['choice'][row])]}")
    guards = "map" in names
    belief = kept["fear"][row] if guards else kept["seen_price"][row]
    reason = "weighed" if guards else "weighed_to_sell"
    return question.say(reason, date=date, belief=belief, choice=chosen, values=", ".join(worth))


def offers(model: Model, row: int, quarter: tuple[datetime.date, dict[str, np.ndarray]], question: Question) -> str:
    """Why a provider could, or could not, gain by recycling, purifying or helping a refinery abroad."""
    date, kept = quarter
    values = {name: kept[name][row] for name in ("denied", "capability")} | {"price": kept["seen_price"][row]}
    scrap = "scrap_binds" if kept["denied"][row] > 0 else "scrap_is_enough"
    if not model.columns["gleaner"][row] > 0:
        scrap = "scrap_is_not_its_input"
    left = "purity_does_not_pay" if kept["capability"][row] > kept["grade"][row] else "purity_is_done"
    purity = "purity_pays" if kept["value_purify"][row] > 0 else left
    partner, mark = helping(model, row, kept)
    words = {name: question.say(reason, mark=mark, **values)
             for name, reason in (("recycle", scrap), ("purify", purity), ("partner", partner))}  # fmt: skip
    return question.say("offers", date=date, **words)


def helping(model: Model, row: int, kept: dict[str, np.ndarray]) -> tuple[str, float]:
    """Why a provider may or may not gain by helping refineries abroad, and the mark that decides it."""
    least, price = model.rules["help_capability"], model.rules["help_price"]
    if not model.columns["plants"][row] > 0:
        return "no_partner", 0.0
    if kept["capability"][row] < least:
        return "masters_too_little", least
    if kept["value_partner"][row] > 0:
        return "help_pays", price
    full = kept["helping"][row] >= 1 and kept["seen_price"][row] >= price
    return ("help_is_full" if full else "help_does_not_pay"), price


def invested(row: int, date: datetime.date, kept: dict[str, np.ndarray], question: Question) -> str:
    """Whether a provider built that quarter, and why or why not."""
    use = kept["activity"][row] / max(kept["capacity"][row], 1e-12)
    worth, building = kept["worth"][row], kept["building"][row]
    if building > 0:
        return question.say("invested", date=date, building=building * WEEKS_PER_YEAR, worth=worth, use=use)
    fed = "not_fed" if kept["denied"][row] > 0 else "not_busy"
    cause = question.say("not_worth" if worth <= 0 else fed)
    price, cost = kept["seen_price"][row], kept["running_cost"][row] + kept["seen_dearer"][row]
    return question.say("did_not_invest", date=date, cause=cause, worth=worth, price=price, cost=cost, use=use)
