"""Scenarios: those that come with the project load; overlays lay; whatever is wrong is refused with a hint."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from abm.economy.permits import HORIZON
from abm.scenario.checks import instruments
from abm.scenario.scenario import Scenario
from abm.tables.tables import Tables
from kit import yaml_loader
from kit.errors import BadInput

SHIPPED = (
    "baseline", "calm", "embargo-taiwan", "free-governments", "history-2010", "history-2023", "lapsed", "largest-stops",
    "rare-earth-cut", "rare-earth-exports-cut", "renewed", "silicon-shield", "snap-back", "technology-shield",
)  # fmt: skip
WORDS = {
    "goods": pd.DataFrame(
        [
            ("gallium", "refined", "gallium", "gallium"),
            ("dy_oxide", "refined", "dysprosium", "heavy_rare_earths"),
            ("re_ionclay", "ore", None, "heavy_rare_earths"),
            ("ndfeb_heavy", "material", "dysprosium", "magnets"),
            ("electric_cars", "product", None, "vehicles_energy"),
        ],
        columns=["good", "stage", "mineral", "family"],
    ),
    "countries": pd.DataFrame(
        {
            "country": ["CHN", "USA", "JPN", "TWN", "EUU", "DEU"],
            "government": ["CHN", "USA", "JPN", "TWN", "EUU", "EUU"],
        }
    ),
    "producers": pd.DataFrame({"producer": ["lynas_kuantan", "mp_mountain_pass"]}),
    "parameters": pd.DataFrame({"parameter": ["hoarding", "choke", "belief_speed"], "family": [None, "gallium", None]}),
}
LICENCE: dict[str, Any] = {
    "id": "ga",
    "instrument": "licence",
    "by": "CHN",
    "title_en": "Licence",
    "title_zh": "許可",
    "announced": datetime.date(2025, 1, 1),
    "start": datetime.date(2025, 2, 1),
    "goods": ["gallium"],
    "approval": 0.5,
    "source": "A test",
    "confidence": "assumed",
}
PLAIN: dict[str, Any] = {
    "title_en": "Test",
    "title_zh": "測試",
    "question_en": "Does it load?",
    "question_zh": "能否載入？",
    "base_year": 2024,
    "start": datetime.date(2024, 1, 1),
    "end": datetime.date(2026, 1, 1),
    "demand": "STEPS",
    "projects": True,
    "outages": False,
    "sources": ["A test"],
    "causes": [LICENCE],
}


def load(folder: Path, name: str = "mine", **changes: Any) -> Scenario:
    """Write the plain scenario with some keys changed (None removes one) and load it."""
    raw = {key: value for key, value in {**PLAIN, **changes}.items() if value is not None}
    return load_raw(folder, raw, name)


def load_raw(folder: Path, raw: Any, name: str = "mine") -> Scenario:
    path = folder / f"{name}.yaml"
    path.write_text(yaml_loader.write(raw), encoding="utf-8")
    return Scenario.load(path, WORDS)


def refusal(folder: Path, **changes: Any) -> str:
    with pytest.raises(BadInput) as caught:
        load(folder, **changes)
    return str(caught.value)


def cause(**changes: Any) -> list[dict[str, Any]]:
    """One licence with some fields changed (None removes one)."""
    return [{key: value for key, value in {**LICENCE, **changes}.items() if value is not None}]


@pytest.fixture(scope="module")
def tables() -> Tables:
    return Tables.load()


def test_the_names_are_those_that_come_with_the_project() -> None:
    assert tuple(Scenario.names()) == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_scenario_loads_and_says_where_it_is_from(name: str, tables: Tables) -> None:
    scenario = Scenario.load(name, tables)
    assert scenario.name == name
    assert scenario.start < scenario.end
    assert all(spec.source and spec.title_zh for spec in scenario.causes)
    assert scenario.resolved()["causes"] == Scenario.load(name, tables).resolved()["causes"]


def test_calm_has_nothing_that_happens(tables: Tables) -> None:
    calm = Scenario.load("calm", tables)
    assert (calm.causes, calm.projects, calm.outages, calm.demand) == ((), False, False, "constant")


def test_futures_differ_by_what_they_say(tables: Tables) -> None:
    baseline, renewed, snap_back, silicon = (
        {spec.id: spec for spec in Scenario.load(name, tables).causes}
        for name in ("baseline", "renewed", "snap-back", "silicon-shield")
    )
    assert baseline["usa-ban-suspension"].end == datetime.date(2026, 11, 27)
    assert renewed["usa-ban-suspension"].end is None
    assert snap_back["snap-back-review"].fields["approval"] < 0.5
    assert {spec.by for spec in baseline.values()} - {spec.by for spec in silicon.values()} == {"TWN"}


def test_a_same_day_control_is_announced_when_it_starts(tables: Tables) -> None:
    controls = {spec.id: spec for spec in Scenario.load("history-2023", tables).causes}
    assert controls["heavy-magnet-licence"].announced == controls["heavy-magnet-licence"].start
    assert controls["graphite-licence"].announced == datetime.date(2023, 10, 20)


def test_defaults_are_filled_and_words_expanded(tmp_path: Path) -> None:
    spec = load(tmp_path, causes=cause(goods=["dysprosium"], approval=None)).causes[0]
    assert spec.fields["goods"] == ("dy_oxide", "ndfeb_heavy")
    assert (spec.fields["approval"], spec.fields["share"], spec.fields["to"]) == (1.0, 1.0, ("all",))
    assert spec.fields["wait_weeks"] == 9
    assert spec.by == "CHN"


def test_a_good_wins_over_a_mineral_or_family_of_the_same_name(tmp_path: Path) -> None:
    assert load(tmp_path).causes[0].fields["goods"] == ("gallium",)


def test_a_family_stands_for_the_stages_of_the_field(tmp_path: Path) -> None:
    quota = cause(instrument="mining_quota", goods=["heavy_rare_earths"], factor={2025: 1, 2024: 0.5}, approval=None)
    fields = load(tmp_path, causes=quota).causes[0].fields
    assert fields["goods"] == ("re_ionclay",)
    assert list(fields["factor"].items()) == [(2024, 0.5), (2025, 1.0)]


def test_an_overlay_replaces_adds_and_removes(tmp_path: Path) -> None:
    load(tmp_path, name="base", parameters={"hoarding": 0.5, "choke.gallium": 3}, causes=cause() + cause(id="old"))
    second = {**LICENCE, "id": "new"}
    top = {"extends": "base.yaml", "title_en": "Top", "without": ["old"], "parameters": {"hoarding": 1},
           "causes": [{**LICENCE, "approval": 0.1}, second]}  # fmt: skip
    scenario = load_raw(tmp_path, top)
    assert scenario.title_en == "Top"
    assert scenario.parameters == {"hoarding": 1, "choke.gallium": 3}
    assert [(spec.id, spec.fields["approval"]) for spec in scenario.causes] == [("ga", 0.1), ("new", 0.5)]


def test_a_scenario_may_extend_a_shipped_one(tmp_path: Path, tables: Tables) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("extends: snap-back\nend: 2030-01-01\n", encoding="utf-8")
    own, base = Scenario.load(path, tables), Scenario.load("snap-back", tables)
    assert own.end == datetime.date(2030, 1, 1)
    assert own.causes == base.causes


def test_override_sets_values_by_path_and_leaves_the_first_alone(tmp_path: Path) -> None:
    scenario = load(tmp_path)
    changes = {"causes.ga.approval": "0.3", "end": "2025-06-01", "parameters.choke.gallium": "2.5", "outages": "true"}
    changes["base_year"] = f"{scenario.base_year}.0"
    other = scenario.override(changes)
    assert other.causes[0].fields["approval"] == 0.3
    assert other.end == datetime.date(2025, 6, 1)
    assert other.parameters == {"choke.gallium": 2.5}
    assert other.outages
    assert repr(other.base_year) == repr(scenario.base_year)
    assert scenario.causes[0].fields["approval"] == 0.5
    assert scenario.end == datetime.date(2026, 1, 1)


def test_override_sets_one_year(tmp_path: Path) -> None:
    quota = cause(instrument="export_quota", tonnes={2025: 10, 2026: 20}, approval=None)
    other = load(tmp_path, causes=quota).override({"causes.ga.tonnes.2026": "5"})
    assert other.causes[0].fields["tonnes"] == {2025: 10, 2026: 5}


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("causes.gallium.approval", "0.3", "'gallium' is not a known cause"),
        ("causes.ga.aproval", "0.3", "Did you mean 'approval'?"),
        ("causes.ga.approval", "2", "--set causes.ga.approval: causes.ga.approval: 2 is out of range"),
        ("causes.ga", "2", "causes.<id>.<field>"),
        ("ends", "2026-01-01", "Did you mean 'end'?"),
        ("end", "2026", "expected a date in full"),
        ("parameters.hording", "1", "Did you mean 'hoarding'?"),
        ("parameters.hoarding.galium", "1", "Did you mean 'gallium'?"),
        ("parameters.belief_speed.gallium", "0.2", "Did you mean 'belief_speed'?"),
        ("causes.ga.wait_weeks", "80", "expected 0 to 63"),
        ("end", "[", "is not a value"),
        ("extends", "calm", "expected a key"),
    ],
)
def test_override_refuses_what_is_wrong(tmp_path: Path, path: str, value: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        load(tmp_path).override({path: value})
    assert said in str(caught.value)


def test_until_ends_it_earlier_and_never_later(tmp_path: Path) -> None:
    scenario = load(tmp_path)
    assert scenario.until(datetime.date(2025, 1, 1)).end == datetime.date(2025, 1, 1)
    for date in (datetime.date(2024, 1, 1), datetime.date(2027, 1, 1)):
        with pytest.raises(BadInput, match="--until"):
            scenario.until(date)


def test_resolved_is_plain(tmp_path: Path) -> None:
    resolved = load(tmp_path).resolved()
    assert resolved["start"] == "2024-01-01"
    assert resolved["causes"][0]["fields"]["goods"] == ["gallium"]
    assert yaml_loader.parse(yaml_loader.write(resolved)) == resolved


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"titel_en": "x"}, "mine.yaml: 'titel_en' is not a known key. Did you mean 'title_en'?"),
        ({"title_zh": None}, "title_zh: is missing"),
        ({"sources": None}, "sources"),
        ({"base_year": 2021}, "base_year: expected one of 2009, 2022, 2024"),
        ({"start": datetime.date(2023, 12, 31)}, "start: 2023-12-31 is before the base year begins"),
        ({"end": datetime.date(2051, 1, 1)}, "end: 2051-01-01 is out of range"),
        ({"end": datetime.date(2023, 1, 1)}, "end: 2023-01-01 is not after the start"),
        ({"start": "January"}, "start: expected a date in full"),
        ({"demand": "STEP"}, "Did you mean 'STEPS'?"),
        ({"projects": "yes"}, "projects: expected true or false"),
        ({"extends": "base-line"}, "mine.yaml: extends: 'base-line' is not a known scenario. Did you mean 'baseline'?"),
        ({"without": ["gallium-licence"]}, "without: 'gallium-licence' is not a known inherited cause"),
        ({"parameters": {"hording": 1}}, "parameters: 'hording' is not a known parameter. Did you mean 'hoarding'?"),
        ({"parameters": {"choke.galium": 1}}, "Did you mean 'gallium'?"),
        ({"parameters": {"hoarding": "high"}}, "parameters.hoarding: expected a number"),
        ({"causes": {"ga": LICENCE}}, "causes: expected a list"),
        ({"causes": cause() + cause()}, "causes.2.id: 'ga' is used twice"),
        ({"causes": cause(id=None)}, "causes.1.id: is missing"),
    ],
)
def test_a_wrong_key_is_refused_with_its_file_and_place(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    message = refusal(tmp_path, **changes)
    assert said in message
    assert message.startswith("mine.yaml")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"instrument": "license"},
            "causes.ga.instrument: 'license' is not a known instrument. Did you mean 'licence'?",
        ),
        ({"instrument": None}, "causes.ga.instrument: is missing"),
        ({"aproval": 1}, "causes.ga: 'aproval' is not a known key. Did you mean 'approval'?"),
        ({"by": "CHI"}, "causes.ga.by: 'CHI' is not a known country. Did you mean 'CHN'?"),
        ({"by": None}, "causes.ga: 'licence' needs 'by'"),
        ({"by": False}, "causes.ga.by: expected a text, got False"),
        (
            {"goods": ["galium"]},
            "causes.ga.goods: 'galium' is not a known good, mineral or family. Did you mean 'gallium'?",
        ),
        ({"goods": ["vehicles_energy"]}, "has no good at the stage refined or material"),
        ({"goods": []}, "causes.ga.goods: expected a list of names"),
        ({"to": ["JAP"]}, "causes.ga.to: 'JAP' is not a known country. Did you mean 'JPN'?"),
        ({"approval": 1.5}, "causes.ga.approval: 1.5 is out of range: expected 0 to 1"),
        ({"approval": "half"}, "causes.ga.approval: expected a number"),
        ({"wait_weeks": float("nan")}, "causes.ga.wait_weeks: expected a number"),
        ({"end": datetime.date(2025, 1, 15)}, "causes.ga.end: 2025-01-15 is not after the start"),
        ({"announced": datetime.date(2025, 3, 1)}, "causes.ga.announced: 2025-03-01 is after the start"),
        ({"start": None}, "causes.ga.start: expected a date in full"),
        ({"start": datetime.date(1949, 1, 1)}, "causes.ga.start: 1949-01-01 is out of range"),
        ({"source": None}, "causes.ga.source: is missing"),
        ({"confidence": "sure"}, "causes.ga.confidence: expected one of read, derived, memory, assumed"),
    ],
)
def test_a_wrong_cause_is_refused_with_its_file_and_place(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    message = refusal(tmp_path, causes=cause(**changes))
    assert said in message
    assert message.startswith("mine.yaml")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"instrument": "tariff", "on": ["CHN"], "rate": -0.1}, "causes.ga.rate: -0.1 is out of range"),
        ({"instrument": "mining_quota", "factor": {"2025": 1}}, "causes.ga.factor: expected years"),
        ({"instrument": "mining_quota", "factor": {}}, "causes.ga.factor: expected at least one year"),
        (
            {"instrument": "off_take", "producers": ["lynas"], "share": 1, "goods": None},
            "Did you mean 'lynas_kuantan'?",
        ),
        ({"instrument": "stockpile", "by": "DEU", "days": 90}, "causes.ga.by: 'DEU' acts through the government 'EUU'"),
        ({"instrument": "demand_shock", "by": None, "factor": 2}, "causes.ga.goods: 'gallium' is not a product"),
        ({"instrument": "suspension", "goods": None, "of": ["gb"]}, "causes.ga.of: 'gb' is not a known cause"),
        ({"instrument": "suspension", "goods": None, "of": ["ga"]}, "causes.ga.of: 'ga' is not a known cause"),
    ],
)
def test_each_instrument_checks_its_own_fields(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    assert said in refusal(tmp_path, causes=cause(**{"approval": None, **changes}))


def test_a_general_licence_holds_for_licences_alone(tmp_path: Path) -> None:
    ban = cause(id="ban", instrument="ban", to=["USA"], approval=None)
    general = cause(id="easy", instrument="general_licence", goods=None, of=["ban"], wait_weeks=2)
    assert "causes.easy.of: 'ban' is a ban; expected one of licence" in refusal(tmp_path, causes=ban + general)


def test_files_that_extend_one_another_are_refused(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("extends: two.yaml\n", encoding="utf-8")
    (tmp_path / "two.yaml").write_text("extends: one.yaml\n", encoding="utf-8")
    with pytest.raises(BadInput, match="goes round in a circle"):
        Scenario.load(tmp_path / "one.yaml", WORDS)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: [", "is not valid YAML"),
        ("- a", "expected keys with values"),
        ("demand: APS\ndemand: NZE", "written twice"),
    ],
)
def test_a_file_that_is_no_scenario_is_refused(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        Scenario.load(path, WORDS)
    assert said in str(caught.value)


def test_an_unknown_name_or_path_is_refused() -> None:
    with pytest.raises(BadInput, match="Did you mean 'snap-back'"):
        Scenario.load("snapback", WORDS)
    with pytest.raises(BadInput, match="there is no such scenario file"):
        Scenario.load("nowhere/mine.yaml", WORDS)


def test_an_inherited_cause_is_refused_under_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(yaml_loader.write({**PLAIN, "causes": cause(approval=7)}), encoding="utf-8")
    (tmp_path / "top.yaml").write_text("extends: base.yaml\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"^base\.yaml: causes\.ga\.approval"):
        Scenario.load(tmp_path / "top.yaml", WORDS)


@pytest.mark.parametrize("name", sorted(instruments()))
def test_every_instrument_is_declared_in_full(name: str) -> None:
    entry = instruments()[name]
    assert entry["name_en"]
    assert entry["name_zh"]
    for declared in entry["fields"].values():
        assert declared["meaning"]
        assert declared.get("required") or "default" in declared
        assert declared["type"] not in ("number", "yearly") or {"min", "max", "unit"} <= set(declared)
    assert entry["fields"].get("wait_weeks", {"max": 0})["max"] < HORIZON  # what waits longer would come out early


def test_what_was_replaced_in_python_stays_when_values_are_set() -> None:
    setting = Scenario.load("renewed")
    changed = dataclasses.replace(
        setting, causes=setting.causes[:2], projects=not setting.projects, parameters={"hoarding": 0.7}
    )
    for later in (changed.override({"outages": False}), changed.settled({"hoarding": 1.1}), changed.until(setting.end)):
        assert later.causes == changed.causes
        assert (later.projects, later.parameters["hoarding"]) == (changed.projects, 0.7)
