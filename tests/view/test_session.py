"""The view without a browser: runs, levers, branches and saved states; words in both languages; charts escape."""

from __future__ import annotations

import gc
import json
import weakref

import numpy as np
import pandas as pd
import pytest

from abm.errors import BadInput
from abm.structure import Structure
from app.view import charts, files, network, session, standing
from app.view.evidence_text import as_html
from app.view.session import Session
from app.view.words import LANGUAGES, say, words


@pytest.fixture(scope="module")
def played() -> Session:
    live = Session("renewed", 3)
    live.step(60)
    live.pull("R1", 1.0)
    live.step(20)
    live.fork()
    live.pull("R3", 1.5)
    live.step(10)
    return live


def test_a_saved_state_opens_to_the_same_run(played: Session) -> None:
    again = Session.opened(played.saved(), "en")
    for one, other in zip(played.models, again.models, strict=True):
        assert np.array_equal(one.history.spot, other.history.spot)
        assert np.array_equal(one.history.firm["activity"], other.history.firm["activity"])
    assert again.budgets == played.budgets


def test_a_lever_acts_from_next_week_and_in_the_branch_alone(played: Session) -> None:
    names = [[cause.id for cause in model.setting.causes] for model in played.models]
    assert any(name.startswith("r1-") for name in names[0])
    assert not any(name.startswith("r3-") for name in names[0])
    assert any(name.startswith("r3-") for name in names[1])


def test_levers_can_be_taken_back(played: Session) -> None:
    live = Session.opened(played.saved(), "en")
    live.pull("R3", 0.0)
    assert not any(cause.id.startswith("r3-") for cause in live.models[-1].setting.causes)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tables": "older"}, "other tables"),
        ({"techshield": 99}, "no saved state"),
        ({"scenario": "renewd"}, "Did you mean 'renewed'"),
    ],
)
def test_a_wrong_saved_state_is_refused(played: Session, change: dict[str, object], said: str) -> None:
    told = json.loads(played.saved()) | change
    with pytest.raises(BadInput, match=said):
        Session.opened(json.dumps(told), "en")


def test_what_is_no_saved_state_is_refused_in_the_language_of_the_page() -> None:
    with pytest.raises(BadInput, match="不是 Techshield 的狀態檔"):
        Session.opened("[]", "zh")


def test_every_word_is_there_in_both_languages() -> None:
    for name, told in words().items():
        if name not in ("stages", "kinds", "ends"):
            assert set(told) == set(LANGUAGES), name
    assert say("computing", "zh", done=1, total=2) == "計算中：1／2 次"


def test_pictures_show_the_run_and_its_branch(played: Session) -> None:
    drawn = session.prices(played, "dy_oxide", "en")
    assert [line.dashed for line in drawn] == [False] * 3 + [True] * 3
    text = charts.lines("prices <b>", session.dates_of(played.main), drawn)
    assert text.count("<polyline") == 6
    assert "<b>" not in text
    told = dict(session.dials(played, "en"))
    assert "branch less main" in told["World output lost so far, US$ billion"]


def test_the_map_escapes_and_names_what_it_shows(played: Session) -> None:
    flows = network.flows(played, "dysprosium")
    text = charts.supply_map(flows, "map", dict.fromkeys(charts.STAGES, "stage"), {"CHN": "<China>"})
    assert "&lt;China&gt;" in text
    assert "<China>" not in text
    assert charts.supply_map(pd.DataFrame(), "map", {}, {}).endswith("</svg>")


def test_events_are_told_in_both_languages(played: Session) -> None:
    assert session.kind("licence in force", "zh") == "出口許可生效"
    told, again = session.events(played, "en"), session.events(played, "zh")
    assert {each.sort for each in told} == {"controls", "stops", "projects"}
    assert [each.day for each in told] == [each.day for each in again]
    assert told != again


def test_documents_are_escaped() -> None:
    page = as_html("# A\n\n| a | b |\n|---|---|\n| <script> | 1 |\n")
    assert "<h2>A</h2>" in page
    assert "<script>" not in page


def test_taiwan_stands_somewhere_and_the_run_goes_on_untouched(played: Session) -> None:
    before = played.main.history.weeks
    played.stand()
    assert [each.branch for each in played.stands] == [False, True]
    assert all(-1 <= each.index <= 1 for each in played.stands)
    assert played.main.history.weeks == before
    text = charts.plane("plane", ("own", "avoided"), [(each.day, 1.0, 0.5, each.branch) for each in played.stands])
    assert text.count("<circle") == 2


def test_dials_of_the_moment_are_those_of_the_metrics(played: Session) -> None:
    structure = Structure(played.main.history)
    assert standing.exposure(played.main) == pytest.approx(structure.exposure()["direct_end"])
    assert standing.survival(played.main) == pytest.approx(structure.survival()["median"], rel=1e-5)


def test_a_country_is_opened_into_its_firms(played: Session) -> None:
    table = network.detail(played, "dysprosium", "refined|CHN")
    assert (table.sent.diff().dropna() <= 0).all()
    assert set(table.state) <= {"free", "licence", "refused"}
    held = network.holds(played, "tsmc_twn")
    assert "silicon_metal" in set(held.good)
    assert ((held.trust >= 0) & (held.trust <= 1)).all()


def test_files_to_take_away_are_what_they_say(played: Session) -> None:
    assert files.parquet(played.main.history.frame())[:4] == b"PAR1"
    assert files.png("t", session.dates_of(played.main), session.prices(played, "gallium", "en"))[1:4] == b"PNG"


def test_a_run_that_is_replaced_gives_its_memory_back() -> None:
    seen = weakref.ref(Session("history-2023", 1).main)
    gc.collect()
    assert seen() is None
