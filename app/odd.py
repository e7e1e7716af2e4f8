"""The ODD description: its text stands in docs/odd.in.md, its tables come from the code and the data."""

from __future__ import annotations

import ast
import inspect
import textwrap
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from abm import Model, Scenario
from abm.engine.model import world_for
from abm.policy.conditions import CONDITIONS
from abm.scenario.checks import instruments
from abm.scenario.stances import Stances
from abm.world.world import World, shared_tables
from agents import FIRMS, Government, fields_of
from calibration.fit.informed import column

TEMPLATE, PAGE = Path("docs/odd.in.md"), Path("docs/odd.md")


def render(template: str) -> str:
    """The whole page."""
    setting = Scenario.load("calm")
    world = world_for(setting)
    page = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False).from_string(template)
    return page.render(
        counts=counts(world), kinds=kinds(world), state=state(), story=story(), instruments=declared(),
        conditions=conditions(), stances=stances(setting), parameters=parameters(),
    ) + "\n"  # fmt: skip


def counts(world: World) -> dict[str, int]:
    """How large the world is."""
    return {
        "firms": len(world.firms), "governments": len(world.governments), "links": len(world.links),
        "minerals": len(world.tables["minerals"]), "goods": len(world.goods),
    }  # fmt: skip


def kinds(world: World) -> list[dict[str, Any]]:
    """Kinds of agents, how many there are, and the first line of what they are."""
    number = world.firms.kind.value_counts()
    rows = [
        {"kind": kind.__name__, "number": int(number.get(name, 0)), "what": first_line(kind)}
        for name, kind in FIRMS.items()
    ]
    return [*rows, {"kind": "Government", "number": len(world.governments), "what": first_line(Government)}]


def first_line(thing: Any) -> str:
    """The first line of a docstring."""
    return (inspect.getdoc(thing) or "").splitlines()[0]


def state() -> list[dict[str, str]]:
    """State variables of all kinds by level and name."""
    found = {}
    for kind in (*FIRMS.values(), Government):
        for name, field in fields_of(kind).items():
            found[name] = {"name": name, "level": field.level, "unit": field.unit, "meaning": field.meaning}
    return sorted(found.values(), key=lambda row: (row["level"], row["name"]))


def story() -> str:
    """The step of the model as its code reads, line by line."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(Model.step))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    lines = "\n".join(ast.unparse(line) for line in tree.body[1:])
    return f"The step, as the code has it:\n\n```python\n{lines}\n```"


def declared() -> list[dict[str, str]]:
    """Instruments with their fields and units."""
    rows = []
    for name, entry in instruments().items():
        fields = [f"{key} ({field.get('unit', field['type'])})" for key, field in entry["fields"].items()]
        rows.append({"name": name, "name_zh": entry["name_zh"], "fields": ", ".join(fields)})
    return rows


def conditions() -> list[dict[str, Any]]:
    """The arrays of the week."""
    return [{"name": name, **vars(condition)} for name, condition in CONDITIONS.items()]


def stances(setting: Scenario) -> list[dict[str, Any]]:
    """What free governments watch and do."""
    return [
        {
            "id": each.stance.id, "government": each.stance.government, "watches": each.stance.watches,
            "mark": f"{each.low:g}, {each.stance.mark:g}, {each.high:g}",
            "instrument": each.stance.instrument, "source": each.source,
        }
        for each in Stances.load(setting.vocabulary).intents
    ]  # fmt: skip


def parameters() -> list[dict[str, Any]]:
    """The parameters with range and source."""
    table = shared_tables()["parameters"]
    table = table.assign(history=column(table.parameter, table.family))
    rows = []
    for row in table.itertuples():
        family = "" if pd.isna(row.family) else row.family
        told = {"family": family, "value": f"{row.value:g}", "range": f"{row.low:g} to {row.high:g}"}
        kept = {"unit": row.unit, "meaning": row.meaning_en, "source": row.source, "confidence": row.confidence}
        kept["history"] = row.history
        rows.append({"parameter": row.parameter, **told, **kept})
    return rows
