"""The table of DESIGN: what a newcomer touches to add a mineral, an instrument, a parameter or a scenario."""

import csv
import datetime
import shutil
from pathlib import Path

import mesa
import numpy as np
import pytest

from abm import Model, Scenario, Tables
from abm.measures.headline import METRICS, Metric, summary
from abm.policy.causes import Cause, LinkCause
from abm.scenario.scenario import CauseSpec
from abm.tables.tables import schema
from agents import FIRMS, Firm

DATA = Path(__file__).resolve().parents[2] / "abm" / "data"


@pytest.fixture
def folder(tmp_path):
    copy = tmp_path / "data"
    shutil.copytree(DATA, copy)
    return copy


def add(folder, table, **cells):
    path = folder / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    cells = {"source": "test", "confidence": "assumed"} | cells
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow([cells.get(name, "") for name in header])


def test_a_mineral_is_rows(folder):
    names = {"name_en": "Rhenium", "name_zh": "錸"}
    add(folder, "minerals", mineral="rhenium", symbol="Re", family="specialty", table1="0", **names)
    add(folder, "goods", good="rhenium", stage="refined", mineral="rhenium", family="specialty", unit="t", **names)
    add(folder, "content", good="rhenium", mineral="rhenium", fraction="1")
    add(folder, "recipes", recipe="extract_rhenium", role="out", good="rhenium", quantity="1")
    for key, country, tonnes in (("rhenium_chl", "CHL", "29"), ("rhenium_chn", "CHN", "5")):
        place = {"producer": key, "country": country, "recipe": "extract_rhenium", "kind": "refiner"}
        add(folder, "producers", status="operating", residual="0", cost_ratio="0.7", **place, **names)
        add(folder, "outputs", producer=key, year="2024", output=tonnes, capacity="40", basis="statistic")
    add(folder, "world_output", good="rhenium", year="2024", output="34", basis="tonnage")
    add(folder, "prices", good="rhenium", year="2024", price="1600000")
    for country, share in (("USA", "0.6"), ("CHN", "0.4")):
        add(folder, "other_uses", good="rhenium", country=country, share=share)
    tables = Tables.load(folder)
    model = Model(Scenario.load("calm", tables), tables=tables, only=("rhenium",))
    for _ in range(10):
        model.step()
    assert set(model.world.goods.good) == {"rhenium"}
    assert np.abs(model.history.spot[:10] - 1).max() < 1e-6


def test_an_instrument_is_a_class():
    class Inspection(LinkCause):
        name = "inspection"

        def apply(self, conditions, week):
            conditions.write("open", self.rows, 0.5)

    try:
        spec = CauseSpec(
            id="x", instrument="inspection", start=datetime.date(2024, 1, 1), end=None, announced=None, title_en="x",
            title_zh="x", by="CHN", source="test", confidence="assumed", fields={"goods": ("gallium",), "to": ("all",)},
        )  # fmt: skip
        model = Model("calm", only=("gallium",))
        model.plan.causes.append(Cause.known["inspection"](spec, model.world))
        model.step()
        assert model.conditions["open"].min() == 0.5
    finally:
        del Cause.known["inspection"]


def test_a_metric_is_a_function(monkeypatch):
    def length(reading):
        """Length of the run."""
        return float(reading.history.weeks)

    monkeypatch.setattr("abm.measures.headline.METRICS", [*METRICS, Metric("length", length, "weeks")])
    model = Model("calm", only=("gallium",))
    model.step()
    assert summary(model.history)["length"]["value"] == 1


def test_a_parameter_is_an_entry(folder):
    cells = {"meaning_en": "x", "meaning_zh": "x", "value": "2", "low": "1", "high": "3", "unit": "weeks"}
    add(folder, "parameters", parameter="patience", uncertain="0", **cells)
    tables = Tables.load(folder)
    setting = Scenario.load("calm", tables).override({"parameters.patience": 2.5})
    assert Model(setting, tables=tables, only=("gallium",)).rules["patience"] == 2.5


def test_a_scenario_is_a_file(tmp_path):
    file = tmp_path / "gallium-stops.yaml"
    file.write_text(
        """
extends: calm
title_en: Gallium stops
title_zh: 鎵停止出口
causes:
  - {id: stop, instrument: ban, by: CHN, goods: [gallium], to: [all], start: 2024-03-01, title_en: Ban,
     title_zh: 禁令, source: test, confidence: assumed}
""",
        encoding="utf-8",
    )
    model = Model(Scenario.load(file), only=("gallium",))
    for _ in range(20):
        model.step()
    place = model.world.goods.good.tolist().index("gallium")
    assert model.history.spot[19, 1, place] > 1.1


def test_a_kind_of_actor_is_a_class_and_a_line(folder, monkeypatch):
    class Cooperative(Firm):
        """A refiner that makes half of what is asked."""

        def wish(self, seen):
            return Firm.wish(self, seen) / 2

    monkeypatch.setitem(FIRMS, "cooperative", Cooperative)
    schema.cache_clear()
    try:
        text = (folder / "producers.csv").read_text(encoding="utf-8")
        line = next(row for row in text.splitlines() if row.startswith("gallium_jpn,"))
        (folder / "producers.csv").write_text(text.replace(line, line.replace(",refiner,", ",cooperative,")))
        tables = Tables.load(folder)
        model = Model(Scenario.load("calm", tables), tables=tables, only=("gallium",))
    finally:
        schema.cache_clear()
    (agent,) = model.agents_by_type[Cooperative]
    asked = agent.base_activity
    model.step()
    assert agent.activity == pytest.approx(asked / 2)
    assert isinstance(agent, mesa.Agent)
