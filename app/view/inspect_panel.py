"""The panel that inspects an agent: stocks, suppliers, beliefs, cash, strategy, last decisions with reasons."""

from __future__ import annotations

import math

import solara

from app.view import gestures, inspect
from app.view.evidence_text import table_of
from app.view.inspect import Shelf, Supplier
from app.view.picture import picture
from app.view.session import Session
from app.view.state import agent, good_name, language, run, slowly, t, tick
from app.view.told import firm_names
from kit.nearest import first_of

GRAINS, MOST_SUPPLIERS = 1e-3, 4


@solara.component
def Inspect() -> None:
    """The field that finds an agent, and what it is about."""
    live: Session = run.value
    items = solara.use_memo(lambda: actors(run.value), [language.value, live.main.world.year, live.scenario])
    gestures.Choice(label=t("inspect"), items=items, value=agent.value or None, kind="optional",
                    event_chosen=lambda key: agent.set(key or ""))  # fmt: skip
    if agent.value and not inspect.known(live.main, agent.value):
        solara.Text(t("not_here"), classes=["why"])
    elif agent.value:
        Agent(agent.value)


def actors(live: Session) -> list[dict[str, str]]:
    """Governments and firms by name and key, for the field that inspects one."""
    world, states = live.main.world, live.main.world.governments
    found = [{"text": row[f"name_{language.value}"], "value": row.country} for _, row in states.iterrows()]
    return found + [{"text": f"{name} ({key})", "value": key}
                    for key, name in firm_names(world, language.value).items()]  # fmt: skip


@solara.component
def Agent(key: str) -> None:
    """One agent, in the future that is played (the branch where there is one)."""
    _ = tick.value
    live: Session = run.value
    model, tongue = live.models[-1], language.value
    told = slowly(f"why {key}", lambda: inspect.why(model, key, live.date, tongue))
    with solara.Column(classes=["agent"], gap="6px"):
        solara.Text(told[0], style="font-weight:600")
        with live.lock:
            cash, choice = inspect.cash(model, key), inspect.strategy(model, key, tongue)
        if cash is not None:
            solara.Text(t("cash", cash=f"{cash:,.1f}"), classes=["why"])
        if choice:
            solara.Text(t("strategy", choice=choice), classes=["why"])
        held = slowly(f"shelves {key}", lambda: inspect.shelves(model, key))
        if held:
            solara.Text(t("holds"), style="font-weight:600")
            rows = [[t(name) for name in ("good", "stock_weeks", "trust", "suppliers")], *map(row, held)]
            picture(table_of(rows), look="overflow-x:auto")
        solara.Text(t("reasons"), style="font-weight:600")
        for line in told[1:]:
            solara.Text(line, classes=["why"])
        with solara.Details(t("state_of")):
            State(key)


def row(shelf: Shelf) -> list[str]:
    """One input of the firm."""
    weeks = "–" if math.isinf(shelf.weeks) else f"{shelf.weeks:.1f}"
    told = first_of([supplier(each) for each in shelf.suppliers], MOST_SUPPLIERS, language.value)
    return [good_name(shelf.good), weeks, f"{shelf.trust:.0%}", ", ".join(told)]


def supplier(each: Supplier) -> str:
    """One supplier with its share of the order and the belief that it delivers."""
    name = firm_names(run.value.main.world, language.value)[each.key]
    return t("believed", name=name, share=f"{each.share:.0%}", belief=f"{each.belief:.0%}")


@solara.component
def State(key: str) -> None:
    """Every declared field of the agent with its value and unit."""
    _ = tick.value
    model = run.value.models[-1]
    state = slowly(f"state {key}", lambda: inspect.state(model, key, language.value))
    rows = [[told, number(value), unit] for told, value, unit in state]
    picture(table_of([[t("what"), t("value"), t("unit")], *rows]), look="overflow-x:auto")


def number(value: float) -> str:
    """A number as it is read: infinity as a sign, small ones with their digits."""
    if math.isinf(value):
        return "∞"
    return f"{value:,.3g}" if abs(value) < 1 / GRAINS else f"{value:,.0f}"
