"""One door: what no run could be made of is refused however it is made, and Mesa's own tools pass."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import multiprocessing
import pickle
from collections.abc import Iterator
from typing import Any

import mesa
import numpy as np
import pytest
from mesa.experimental.scenarios import Scenario as MesaScenario

from abm import Model, Scenario
from abm.engine.model import world_for
from abm.world.world import World
from experiments import Study
from kit.errors import BadInput

DAY = datetime.date
SOURCES = (None, np.random.default_rng(3), np.random.PCG64(3), np.random.SeedSequence(3), [1, 2])

WRONG_STUDIES: list[tuple[dict[str, Any], str]] = [
    ({"name": 3}, "name: expected a text"),
    ({"scenarios": ()}, "scenarios: expected a list"),
    ({"scenarios": ("clam",)}, "Did you mean 'calm'"),
    ({"scenarios": ("calm", 3)}, "scenarios: expected a text"),
    ({"title_en": 3}, "title_en: expected a text"),
    ({"packages": ("R9",)}, "packages: .*'R9'"),
    ({"packages": ()}, "packages: expected a list"),
    ({"cases": {"x": {3: 1}}}, "'3' is not a known key"),
    ({"cases": None}, "cases: expected keys"),
    ({"levers": [1]}, "levers: expected keys"),
    ({"levers": {"parameters.hoarding": (0.2, None)}}, "levers: .*expected a number"),
    ({"levers": {"start": [[DAY(2024, 1, 1)]]}}, "levers: .*expected a date"),
    ({"uncertain": {"hoarding": (1.5, 0.2)}}, r"uncertain.hoarding: expected \[low, high\]"),
    ({"uncertain": {"hoarding": (0.2, 1.5, 1)}}, r"uncertain.hoarding: expected \[low, high\]"),
    ({"uncertain": {"hoarding": (float("nan"), 1)}}, "uncertain.hoarding: expected a number"),
    ({"uncertain": {"hording": (0.2, 1.5)}}, "Did you mean 'hoarding'"),
    ({"uncertain": 3}, "uncertain: expected a word"),
    ({"sampling": "sobl"}, "Did you mean 'sobol'"),
    ({"points": "3"}, "points: expected a whole number"),
    ({"seeds": 0}, "seeds: expected a whole number"),
    ({"until": "2020-01-01"}, "until: .*not after the start"),
    ({"until": 3}, "until: expected a date"),
    ({"only": ("galium",)}, "Did you mean 'gallium'"),
    ({"only": 3}, "only: expected a list"),
    ({"outcomes": ("nonsense",)}, "outcomes: 'nonsense' is no metric"),
    ({"outcomes": ("output_lots.world",)}, "Did you mean 'output_lost'"),
    ({"better": "lower"}, "Did you mean 'low'"),
    ({"success": 3}, "success: expected a text"),
    ({"series": None}, "series: expected one of"),
    ({"names_zh": {"calm": 3}}, "names_zh.calm: expected a text"),
]


@pytest.mark.parametrize(("changed", "said"), WRONG_STUDIES)
def test_a_study_is_checked_as_it_is_made(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        Study(**{"name": "mine", "scenarios": ("calm",)} | changed)
    if set(changed) - {"name", "scenarios"}:
        with pytest.raises(BadInput, match=said):
            dataclasses.replace(Study("mine", ("calm",)), **changed)


def test_every_field_of_a_study_is_tried() -> None:
    assert {key for changed, _ in WRONG_STUDIES for key in changed} >= {
        field.name for field in dataclasses.fields(Study)
    } - {"title_zh", "question_en", "question_zh"}


@pytest.fixture(scope="module")
def setting() -> Scenario:
    return Scenario.load("history-2023")


WRONG_SCENARIOS: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "name: "),
    ({"title_en": None}, "title_en: is missing"),
    ({"base_year": "2024"}, "base_year: expected one of"),
    ({"start": DAY(2027, 1, 1)}, "end: .* is not after the start"),
    ({"start": DAY(2020, 1, 1)}, "start: .* before the base year"),
    ({"end": datetime.datetime(2026, 1, 1)}, "end: expected a date"),
    ({"demand": "STEP"}, "Did you mean 'STEPS'"),
    ({"projects": 1}, "projects: expected true or false"),
    ({"outages": None}, "outages: expected true or false"),
    ({"parameters": {"hording": 1.0}}, "Did you mean 'hoarding'"),
    ({"parameters": {"hoarding": float("nan")}}, "parameters.hoarding: expected a number"),
    ({"parameters": None}, "parameters: expected keys"),
    ({"free": ("FRA",)}, "free: 'FRA' is not a known government"),
    ({"sources": ()}, "sources: expected a list"),
    ({"causes": None}, "causes: expected CauseSpecs"),
    ({"causes": ({"id": "x"},)}, "causes: expected CauseSpecs"),
]


@pytest.mark.parametrize(("changed", "said"), WRONG_SCENARIOS)
def test_a_scenario_is_checked_however_it_is_made(setting: Scenario, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        dataclasses.replace(setting, **changed)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"id": 3}, "id: expected a text"),
        ({"instrument": "bann"}, "Did you mean 'ban'"),
        ({"instrument": None}, "instrument: expected a text"),
        ({"start": "2024-01-01"}, "start: expected a datetime.date"),
        ({"end": DAY(2000, 1, 1)}, "end: .* is not after the start"),
        ({"announced": DAY(2040, 1, 1)}, "announced: .* is after the start"),
        ({"by": "XXX"}, "by: 'XXX' is not a known country"),
        ({"by": 3}, "by: expected a text"),
        ({"title_en": None}, "title_en: expected a text"),
        ({"confidence": "sure"}, "confidence: expected one of"),
        ({"fields": None}, "fields: expected keys"),
        ({"fields": {}}, "needs 'goods'"),
        ({"fields": {"goods": ("galium",)}}, "Did you mean 'gallium'"),
        ({"fields": {"goods": ("gallium",), "approval": 1.5}}, "approval: 1.5 is out of range"),
        ({"fields": {"goods": ("gallium",), "aproval": 0.5}}, "Did you mean 'approval'"),
    ],
)
def test_a_cause_is_checked_by_the_scenario_that_holds_it(
    setting: Scenario, changed: dict[str, Any], said: str
) -> None:
    first = next(cause for cause in setting.causes if cause.instrument == "licence")
    with pytest.raises(BadInput, match=said):
        dataclasses.replace(setting, causes=(dataclasses.replace(first, **changed),))


def test_a_cause_made_by_hand_takes_the_defaults_of_a_file(setting: Scenario) -> None:
    first = next(cause for cause in setting.causes if cause.instrument == "licence")
    bare = dataclasses.replace(first, id="bare", fields={"goods": ("dysprosium",)})
    held = dataclasses.replace(setting, causes=(bare,)).causes[0].fields
    assert held["to"] == ("all",)
    assert {"approval", "wait_weeks", "share"} <= set(held)
    assert "dy_oxide" in held["goods"]
    assert dataclasses.replace(setting, parameters={"hoarding": 1.0}).causes is setting.causes


@pytest.fixture(scope="module")
def gallium() -> World:
    return world_for(Scenario.load("calm"), only=("gallium",))


@pytest.fixture
def start_method() -> Iterator[None]:
    """Mesa's batch_run sets how processes start, for good: set it back."""
    before = multiprocessing.get_start_method(allow_none=True)
    yield
    multiprocessing.set_start_method(before, force=True)


@pytest.mark.usefixtures("start_method")
def test_batch_run_with_its_own_defaults(gallium: World) -> None:
    given = {"scenario": ["calm"], "only": ["gallium"], "world": [gallium]}
    rest = {"max_steps": 3, "display_progress": False}
    with pytest.warns(DeprecationWarning, match="iterations"):
        fresh = mesa.batch_run(Model, given, iterations=2, data_collection_period=1, **rest)
    assert [row["Step"] for row in fresh] == [1, 2, 3] * 2
    assert fresh[0]["seed"] != fresh[3]["seed"]
    named = mesa.batch_run(Model, given, rng=[np.int64(5), np.random.SeedSequence(5)], **rest)
    assert [row["date"] for row in named] == ["2024-01-15"] * 2
    assert named[0]["seed"] == 5


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: type(source).__name__)
def test_luck_of_any_kind_can_be_had_again(gallium: World, source: Any) -> None:
    first = Model("calm", rng=copy.deepcopy(source), world=gallium)
    again = Model("calm", rng=first.seed_number, world=gallium)
    assert first.luck.seed == again.luck.seed == first.scenario.rng
    if source is None:
        assert Model("calm", rng=None, world=gallium).seed_number != first.seed_number
    else:
        assert Model("calm", rng=copy.deepcopy(source), world=gallium).seed_number == first.seed_number


@pytest.mark.parametrize("wrong", [True, "7", 7.5, -1, {}])
def test_what_is_no_luck_is_refused(wrong: Any) -> None:
    with pytest.raises(BadInput, match="rng: expected a whole number"):
        Model("calm", rng=wrong)


def test_a_model_is_reset_by_the_class_of_its_scenario(gallium: World) -> None:
    first = Model(dataclasses.replace(Scenario.load("calm"), name="mine"), rng=7, only="gallium", world=gallium)
    first.run_for(3)
    for one in (first, first.fork(), pickle.loads(pickle.dumps(first))):
        assert one.scenario.model is one
        again = type(one)(scenario=type(one.scenario)())
        assert (again.setting, again.seed_number, again.only, again.steps) == (first.setting, 7, ("gallium",), 0)
    assert Model(type(first.scenario)(), rng=8).seed_number == 8


def test_a_scenario_of_mesa_gives_luck_and_nothing_else() -> None:
    model = Model(MesaScenario(rng=5), only="gallium")
    assert (model.setting.name, model.seed_number) == ("baseline", 5)
    with pytest.raises(BadInput, match="sets 'hoarding', expected rng alone"):
        Model(MesaScenario(hoarding=1.0))
    with pytest.raises(BadInput, match="expected a name, a path or a Scenario, got 3"):
        Model(3)
