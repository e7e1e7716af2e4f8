"""What an agent is, holds, believes and decides: read from the fields that its kind declares."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np

from abm import Model
from abm.record.reasons import reasons
from agents import FIRMS, Government, fields_of
from agents.strategy import OPTIONS
from app.view.told import kind, named
from app.view.words import meaning, of_group, unit
from experiments.why import Question, explain
from kit.columns import Field

MILLION = 1e6
HALF_YEAR = datetime.timedelta(weeks=26)


@dataclass(frozen=True)
class Supplier:
    """A supplier of an input: its key, its share of the order, and the belief that it delivers."""

    key: str
    share: float
    belief: float


@dataclass(frozen=True)
class Shelf:
    """One input of a firm: weeks of use in stock, units in stock, trust in its suppliers, the largest of them."""

    good: str
    weeks: float
    stock: float
    trust: float
    suppliers: tuple[Supplier, ...]


def known(model: Model, agent: str) -> bool:
    """Whether an agent is in the world of the run."""
    return agent in model.world.places or agent in set(model.world.governments.country)


def shelves(model: Model, agent: str) -> list[Shelf]:
    """What a firm holds of each input, the scarcest first."""
    world, columns = model.world, model.columns
    rows = world.firm_rows([agent])
    if not len(rows):
        return []
    found = []
    for shelf in np.nonzero((world.bought.firm == rows[0]).to_numpy())[0]:
        use, stock = float(columns["expected_use"][shelf]), float(columns["stock"][shelf])
        weeks = stock / use if use > 0 else float("inf")
        good, trust = str(world.bought.good.iloc[shelf]), float(columns["trust"][shelf])
        found.append(Shelf(good, weeks, stock, trust, suppliers(model, int(shelf))))
    return sorted(found, key=lambda each: each.weeks)


def suppliers(model: Model, shelf: int) -> tuple[Supplier, ...]:
    """The suppliers of an input, the largest share of the order first."""
    links, columns = model.world.links, model.columns
    mine = np.nonzero(links.buyer.to_numpy() == shelf)[0]
    order = mine[np.argsort(-columns["share"][mine], kind="stable")]
    keys = model.world.firms.producer.to_numpy()
    sellers = links.seller_firm.to_numpy()
    return tuple(Supplier(str(keys[sellers[row]]), float(columns["share"][row]), float(columns["belief"][row]))
                 for row in order if columns["share"][row] > 0)  # fmt: skip


def state(model: Model, agent: str, language: str) -> list[tuple[str, float, str]]:
    """Every declared field of the agent itself with its value this week: meaning, value, unit."""
    states = model.world.governments.country.tolist()
    if agent in states:
        fields, level, row = fields_of(Government), "government", states.index(agent)
    else:
        row = int(model.world.firm_rows([agent])[0])
        fields, level = fields_of(FIRMS[str(model.world.firms.kind.iloc[row])]), "firm"
    return [(meaning(each.meaning, language), float(model.columns[name][row]), unit(each.unit, language))
            for name, each in sorted(fields.items(), key=by_meaning) if each.level == level]  # fmt: skip


def by_meaning(entry: tuple[str, Field]) -> str:
    """The order of fields: by what they mean."""
    return entry[1].meaning


def cash(model: Model, agent: str) -> float | None:
    """Money earned since the start, US$ million; none for a government."""
    rows = model.world.firm_rows([agent])
    return float(model.columns["cash"][rows[0]]) / MILLION if len(rows) else None


def strategy(model: Model, agent: str, language: str) -> str:
    """The last choice of a firm that weighs options; empty for others."""
    rows = model.world.firm_rows([agent])
    if not len(rows) or model.columns["strategic"][rows[0]] <= 0:
        return ""
    option = f"option_{OPTIONS[int(model.columns['choice'][rows[0]])]}"
    return str(reasons()[option][language])


def why(model: Model, agent: str, day: str, language: str) -> list[str]:
    """Its last decisions with reasons, in words, names in the place of keys."""
    told = explain(model, Question(agent, datetime.date.fromisoformat(day), language))
    firm = model.world.firm_rows([agent])
    kind = of_group("firm_kinds", str(model.world.firms.kind.iloc[firm[0]]), language) if len(firm) else ""
    lines = [named(line, language) for line in told]
    if not len(firm):
        own = scripted(model, agent, datetime.date.fromisoformat(day), language)
        lines = [lines[0], *own, *(lines[1:] if len(told) > 2 or not own else [])]
    return [f"{lines[0]} · {kind}" if kind and language == "zh" else lines[0], *lines[1:]]


def scripted(model: Model, agent: str, today: datetime.date, language: str) -> list[str]:
    """What a government's script made it take up or end in the last half year, newest first."""
    found = []
    for spec in model.setting.causes:
        title = spec.title_en if language == "en" else spec.title_zh
        for word, date in (("in force", spec.start), ("ended", spec.end)):
            if spec.by == agent and date is not None and today - HALF_YEAR <= date <= today:
                found.append(
                    (date, f"{date}: {kind(f'{spec.instrument.replace("_", " ")} {word}', language)} · {title}")
                )
    return [text for _, text in sorted(found, reverse=True)]
