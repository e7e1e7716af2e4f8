"""The view without a browser: runs, policies, branches and saved states; words in both languages; charts escape."""

from __future__ import annotations

import gc
import json
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from abm.measures.shares import Structure
from abm.scenario.checks import instruments
from agents import FIRMS, Government, fields_of
from app.view import charts, files, inspect, marks, network, policies, replays, series, standing, supply, told, worlds
from app.view.evidence_text import as_html
from app.view.session import Session
from app.view.words import GROUPS, LANGUAGES, declared, say, words
from kit.errors import BadInput

LICENCE, BAN = "antimony-licence", "usa-ban"
MAP_WORDS = {name: name for name in ("china", "taiwan", "others", "under", "refused", "waiting", "a_year", "tonnes")}
SHOWN = supply.Told(dict.fromkeys(supply.STAGES, "stage"), {"CHN": "<China>"}, MAP_WORDS)


@pytest.fixture(scope="module")
def played() -> Session:
    live = Session("renewed", 3)
    live.step(60)
    live.pull("R1", 1.0)
    live.step(20)
    live.fork()
    live.pull("R3", 1.5)
    live.change(LICENCE, {"field": "approval", "value": 0.1})
    live.change(BAN, {"on": False})
    live.step(10)
    return live


def causes(live: Session, number: int) -> dict[str, Any]:
    return {cause.id: cause for cause in live.models[number].setting.causes}


def test_a_saved_state_opens_to_the_same_run(played: Session) -> None:
    again = Session.opened(played.saved(), "en")
    for one, other in zip(played.models, again.models, strict=True):
        assert np.array_equal(one.history.spot, other.history.spot)
        assert np.array_equal(one.history.firm["activity"], other.history.firm["activity"])
    assert again.budgets == played.budgets
    assert again.changes == played.changes


def test_a_change_acts_from_next_week_and_in_the_branch_alone(played: Session) -> None:
    main, branch = causes(played, 0), causes(played, 1)
    assert main["r1-mapping"].start == played.changes["r1-mapping"].since  # pulled before its written start
    assert "r3-equity" not in main
    assert branch["r3-equity"].fields["stake"] == pytest.approx(0.15)
    assert branch[LICENCE].fields["approval"] == 0.1
    assert main[LICENCE].fields["approval"] != 0.1
    assert branch[BAN].end == played.changes[BAN].off
    assert main[BAN].end is None


def test_changes_can_be_taken_back_and_go_with_the_branch(played: Session) -> None:
    live = Session.opened(played.saved(), "en")
    live.pull("R3", 0.0)
    live.take_back(LICENCE)
    live.change(BAN, {"on": True})
    live.step()
    branch, written = causes(live, 1), {spec.id: spec for spec in live.main.setting.causes}
    assert not any(name.startswith("r3-") for name in branch)
    assert (branch[LICENCE], branch[BAN]) == (written[LICENCE], written[BAN])
    live.end_branch()
    assert set(live.changes) == {"r1-mapping", "r1-substitution"}
    assert live.budgets["R1"] == 1


def test_dials_stay_within_the_span_of_their_instrument(played: Session) -> None:
    assert {policy.package for policy in played.policies.values()} == {"", "R1", "R2", "R3"}
    for policy in played.policies.values():
        entries = instruments()[policy.spec.instrument]["fields"]
        for dial in policy.dials:
            assert entries[dial.field]["min"] <= dial.low < dial.high <= entries[dial.field]["max"]
            assert dial.low <= dial.written <= dial.high
    moved = policies.moved(played.policies[LICENCE], "approval", 7.0, {}, played.next_day)
    assert moved[LICENCE].values["approval"] == 1.0


def test_every_lever_of_taiwan_tells_what_it_costs(played: Session) -> None:
    costs = {name: series.yearly_cost(played, each.spec) for name, each in played.policies.items() if each.package}
    assert all(cost > 0 for cost in costs.values()), costs


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tables": "older"}, "other tables"),
        ({"techshield": 99}, "another version of Techshield"),
        ({"weeks": "many"}, "no saved state"),
        ({"acts": [{"week": 3, "policy": LICENCE, "field": "approval", "value": []}]}, "no saved state"),
        ({"acts": [{"week": 3, "policy": "none", "on": True}]}, "'none' is not a policy"),
        ({"scenario": "renewd"}, "Did you mean 'renewed'"),
    ],
)
def test_a_wrong_saved_state_is_refused(played: Session, change: dict[str, object], said: str) -> None:
    state = json.loads(played.saved()) | change
    with pytest.raises(BadInput, match=said):
        Session.opened(json.dumps(state), "en")


@pytest.mark.parametrize(
    ("text", "said"), [("[]", "不是 Techshield 的狀態檔"), ("", "不是"), ('{"techshield": 1}', "不是")]
)
def test_what_is_no_saved_state_is_refused_in_the_language_of_the_page(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        Session.opened(text, "zh")


def test_every_word_is_there_in_both_languages() -> None:
    for name, each in words().items():
        if name not in GROUPS:
            assert set(each) == set(LANGUAGES), name
    assert say("computing", "zh", done=1, total=2) == "計算中：1／2 次"


def test_every_declared_field_has_chinese_words() -> None:
    kinds = (*FIRMS.values(), Government)
    meanings = {(each.meaning, each.unit) for kind in kinds for each in fields_of(kind).values()}
    entries = [entry for each in instruments().values() for entry in each["fields"].values()]
    meanings |= {(entry["meaning"], entry["unit"]) for entry in entries if entry["type"] in ("number", "yearly")}
    missing = [meaning for meaning, _ in meanings if meaning not in declared()["meanings"]]
    missing += [unit for _, unit in meanings if unit not in declared()["units"]]
    assert not missing, "declared_words.yaml lacks these"


def test_pictures_show_the_run_its_branch_and_their_difference(played: Session) -> None:
    drawn = series.prices(played, "dy_oxide", "en")
    assert [line.dashed for line in drawn] == [False] * 3 + [True] * 3
    text = charts.lines("prices <b>", series.dates_of(played.main), drawn, "branch less main")
    assert text.count("<polyline") == 9
    assert "branch less main" in text
    assert "<b>" not in text
    shown = {each.name: each for each in series.dials(played, "en")}
    assert "branch less main" in shown["World output lost so far, US$ billion"].gap


def test_losses_worked_out_week_by_week_are_those_of_the_metrics(played: Session) -> None:
    from abm.measures.losses import Outcome

    whole = Outcome(played.main.history)
    found, weeks = series.losses(played.main), played.main.history.weeks
    assert found.world[:weeks] == pytest.approx(whole.output_lost.sum(axis=1))
    assert found.sector[:weeks].sum() == pytest.approx(whole.output_lost.sum())


def test_the_map_marks_what_is_held_and_refused_and_escapes(played: Session) -> None:
    flows = network.flows(played.models[0], "dysprosium")
    assert (flows.refused > 0).any()
    assert (flows.bound > 0).any()
    text = supply.supply_map(flows, "map", SHOWN)
    assert "&lt;China&gt;" in text
    assert "<China>" not in text
    assert text.count(supply.PINK) > 2
    assert supply.supply_map(flows.head(0), "map", SHOWN).endswith("</svg>")


def test_events_are_told_in_both_languages_by_name(played: Session) -> None:
    assert told.kind("licence in force", "zh") == "出口許可生效"
    english, chinese = told.events(played, "en"), told.events(played, "zh")
    assert {each.sort for each in english} == {"controls", "stops", "projects"}
    assert [each.day for each in english] == [each.day for each in chinese]
    assert english != chinese
    assert told.named("reserve_gallium_jpn of tsmc_twn (TWN)", "en") == "of Gallium, Japan of TSMC"


def test_documents_are_escaped() -> None:
    page = as_html("# A\n\n| a | b |\n|---|---|\n| <script> | 1 |\n")
    assert "<h2>A</h2>" in page
    assert "<script>" not in page


def test_words_of_a_scenario_file_are_escaped(tmp_path: Path) -> None:
    file = tmp_path / "evil.yaml"
    file.write_text(
        "extends: calm\ntitle_en: <script>1</script>\ntitle_zh: <script>1</script>\ncauses:\n"
        "  - {id: evil, instrument: ban, by: CHN, goods: [gallium], to: [TWN], start: 2024-01-01, source: x,\n"
        "     confidence: assumed, title_en: <img src=x onerror=1>, title_zh: <img src=x onerror=1>}\n",
        encoding="utf-8",
    )
    live = Session(str(file))
    text = [each.text for each in told.events(live, "en")]
    drawn = marks.timeline("t", ("2024-01-01", "2025-01-01"), [("2024-01-01", "controls", text[0])], {"controls": "c"})
    assert "<img" in text[0]
    assert "<img" not in drawn
    assert live.policies["evil"].spec.title_en.startswith("<img")


def test_taiwan_stands_somewhere_and_the_run_goes_on_untouched(played: Session) -> None:
    before = played.main.history.weeks
    played.stand()
    assert [each.branch for each in played.stands] == [False, True]
    assert all(-1 <= each.index <= 1 for each in played.stands)
    assert played.main.history.weeks == before
    points = [(each.day, 1.0, 0.5, each.branch) for each in played.stands]
    text = marks.plane("plane", ("own", "avoided", "none yet"), points)
    assert text.count("<circle") == 2
    assert "none yet" in marks.plane("plane", ("own", "avoided", "none yet"), [])


def test_dials_of_the_moment_are_those_of_the_metrics(played: Session) -> None:
    structure = Structure(played.main.history)
    assert standing.exposure(played.main) == pytest.approx(structure.exposure()["direct_end"])
    assert standing.survival(played.main) == pytest.approx(structure.survival()["median"], rel=1e-5)


def test_a_country_is_opened_into_its_firms_and_a_firm_into_what_it_holds(played: Session) -> None:
    model = played.models[-1]
    table = network.detail(model, "dysprosium", "refined|CHN")
    assert (table.sent.diff().dropna() <= 0).all()
    assert set(table.state) <= {"free", "licence", "refused"}
    held = inspect.shelves(model, "tsmc_twn")
    assert "silicon_metal" in {each.good for each in held}
    assert all(0 <= supplier.belief <= 1 for each in held for supplier in each.suppliers)
    assert inspect.strategy(model, "tsmc_twn", "zh")
    assert inspect.cash(model, "CHN") is None
    for agent in ("tsmc_twn", "CHN"):
        one, other = (inspect.state(model, agent, language) for language in LANGUAGES)
        assert [value for _, value, _ in one] == [value for _, value, _ in other]
        assert len(one) == len({name for name, field in fields_of(kind_of(model, agent)).items()
                                if field.level == ("government" if agent == "CHN" else "firm")})  # fmt: skip
    assert any("in force" in line for line in inspect.why(model, "CHN", "2025-06-01", "en"))


def kind_of(model: Any, agent: str) -> type:
    firms = model.world.firms
    return Government if agent == "CHN" else FIRMS[firms.kind[model.world.places[agent]]]


def test_files_to_take_away_are_what_they_say() -> None:
    assert files.parquet(pd.DataFrame({"a": [1.0]}))[:4] == b"PAR1"


def test_a_replay_is_drawn_in_both_languages() -> None:
    target = {"title_en": "A <b>", "title_zh": "甲", "record": 2.0, "tolerance": 0.5, "scale": "absolute",
              "use": "hold", "median": 9.0, "p05": 1.0, "p95": 12.0}  # fmt: skip
    for language in LANGUAGES:
        drawn = replays.forest("t", [target], {"title": f"title_{language}", "over": "over", "held": "held"})
        assert "held" in drawn
        assert "<b>" not in drawn


def test_a_run_that_is_replaced_gives_its_memory_back() -> None:
    seen = weakref.ref(Session("history-2023", 1).main)
    gc.collect()
    assert seen() is None


def test_a_world_from_disk_runs_to_the_bit_like_one_that_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from abm import Model

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    runs = []
    for _ in range(2):
        model = Model(worlds.setting_of("largest-stops"), rng=5, world=worlds.made("largest-stops"))
        for _ in range(8):
            model.step()
        runs.append(model.history)
    kept = list((tmp_path / "techshield").iterdir())
    assert len(kept) == 1
    assert np.array_equal(runs[0].spot, runs[1].spot)
    assert np.array_equal(runs[0].link["sent"], runs[1].link["sent"])
    assert worlds.read(kept[0]) is not None
    kept[0].chmod(0o666)
    assert worlds.read(kept[0]) is None  # others may write it: it is not ours to trust
    kept[0].chmod(0o600)
    kept[0].write_bytes(b"cut off")
    assert worlds.read(kept[0]) is None
