"""A list that is cut says how many it leaves out, in both languages."""

import ast
import re
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from app.shown import MOST_STOPS, event_table
from app.view.marks import marked
from calibration.fit.fingerprint import listed
from experiments.page import MANY, events_table
from kit.nearest import MORE, and_more, did_you_mean, first_of

CUTS = re.compile(r"\.head\((?!\))|\.nlargest\(|\[:[A-Z_]*(MOST|MARKS|MANY|LARGEST|LATEST|SHORT_LIST)|\[-LATEST:")
SAYS = ("and_more", "first_of", "left_out", "goods_left", ".more(", "others")


@pytest.mark.parametrize("language", MORE)
def test_a_shortened_list_tells_how_many_are_left_out(language: str) -> None:
    words = [f"word{number}" for number in range(9)]
    assert first_of(words, 9, language) == words
    assert first_of(words, 4, language)[:4] == words[:4]
    assert "5" in first_of(words, 4, language)[4] == and_more(5, language)
    assert and_more(0, language) == ""


def test_every_place_that_cuts_a_list_says_so(root: Path) -> None:
    """Each function that people read from and that cuts a list by a constant tells how many are left out."""
    silent = [
        f"{file.relative_to(root)}: {each.name}"
        for room in ("app", "experiments", "calibration")
        for file in sorted((root / room).rglob("*.py"))
        for source in [file.read_text(encoding="utf-8")]
        for each in ast.walk(ast.parse(source))
        if isinstance(each, ast.FunctionDef)
        and CUTS.search(text := ast.get_source_segment(source, each) or "")
        and not any(word in text for word in SAYS)
    ]
    assert silent == []


def events_of(kinds: dict[str, int]) -> pd.DataFrame:
    """So many made-up events of each kind."""
    kind = [name for name, count in kinds.items() for _ in range(count)]
    texts = dict.fromkeys(("actor", "place", "reason_en", "reason_zh"), "x")
    return pd.DataFrame({"kind": kind, "date": pd.Timestamp("2026-01-05"), **texts})


def test_tables_of_events_say_how_many_they_leave_out() -> None:
    table = event_table(events_of({"stop": MOST_STOPS + 3, "ban in force": 1}))
    assert table.row_count == MOST_STOPS + 1
    assert "and 3 more stops" in str(table.caption)
    assert event_table(events_of({"stop": MOST_STOPS})).caption is None
    page = events_table(events_of({"stop": MANY + 7, "ban in force": 1}))
    assert f"stop: {and_more(7)} / {and_more(7, 'zh')}" in page
    assert "ban in force: and" not in page


def test_messages_say_how_many_they_leave_out() -> None:
    assert listed(["a", "b", "c"], 2) == "a; b; and 1 more"
    assert did_you_mean("x", [f"word{number:02}" for number in range(14)]).endswith("and 2 more.")


def test_a_time_line_keeps_the_days_with_the_most_stops() -> None:
    told = [(f"2026-01-{day:02}", "stops", "x") for day in range(1, 10) for _ in range(day)]
    days, left = marked([*told, ("2026-01-01", "controls", "y")], 3)
    assert sorted(days) == [("2026-01-01", "controls"), *((f"2026-01-{day:02}", "stops") for day in (7, 8, 9))]
    assert left == sum(range(1, 7))


def test_status_tells_of_failed_runs_beyond_those_it_names(monkeypatch, capsys) -> None:
    from app.batch_commands import MOST_FAILED, status

    runs = pd.DataFrame({"run_id": range(MOST_FAILED + 2), "arm": "a", "error": "broken"})
    manifest = {"title_en": "x", "title_zh": "x", "runs": len(runs)}
    found = SimpleNamespace(scalars=lambda: runs, manifest=manifest)
    monkeypatch.setattr("experiments.Results.open", lambda _folder: found)
    status("there")
    assert capsys.readouterr().out.splitlines()[-1].strip() == and_more(2)
