"""Bad input by kind: whatever a file or a value holds, it is good or is refused in a sentence that quotes little."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from abm.scenario.checks import Vocabulary
from abm.scenario.scenario import Scenario
from abm.scenario.stances import FILE as STANCES
from abm.scenario.stances import Stances
from abm.tables.tables import FOLDER as TABLES
from abm.tables.tables import Tables
from app.commands import app
from calibration.record.event import FOLDER as EVENTS
from calibration.record.event import Event
from experiments.study import FOLDER as STUDIES
from experiments.study import Study
from kit import yaml_loader
from kit.errors import BadInput
from kit.limits import DEPTH, DIGITS, FILE_BYTES, NAME_CHARACTERS, VALUE_CHARACTERS

LONGEST = 600  # characters of a message: what is quoted is cut, and so are lists of words
SCENARIO = "title_en: t\ntitle_zh: t\nquestion_en: q\nquestion_zh: q\nextends: calm\n"
CAUSE: dict[str, Any] = {
    "id": "t1", "instrument": "tariff", "by": "USA", "goods": ["solder"], "on": ["CHN"], "rate": 0.5,
    "start": "2027-02-01", "announced": "2027-01-01", "title_en": "x", "title_zh": "x", "source": "s",
    "confidence": "assumed",
}  # fmt: skip
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
ODD: tuple[Any, ...] = (
    10**400, -(10**400), "9" * 500, "x" * 100_000, "é" * 300, float("inf"), float("nan"), "2024-01-01", "2040-13-45",
    "113/02/05", "1:30", "", " ", None, True, [], {}, [[]], {"a": {"b": {}}}, [None], {1: 2}, "\u200b", "NO", "on",
    1e300, {"low": 0, "high": 1, "steps": 10**12}, [1, 10**30], {"2026": 3}, {10**30: 1}, "../../etc/passwd", "+", "@",
    "a+b@9",
)  # fmt: skip
plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40) | st.dates().map(str)
values = st.sampled_from(ODD) | st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
unhurried = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def refused_or_good(read: Callable[[], object]) -> str:
    """What is said where it is refused, in a sentence of bearable length; any other error fails the test."""
    try:
        read()
    except BadInput as problem:
        said = str(problem)
        assert said.strip()
        assert len(said) < LONGEST, said
        assert said.isprintable(), said
        return said
    return ""


@cache
def shipped(file: Path) -> Any:
    """What a shipped file says."""
    return yaml_loader.read(file)


def changed(raw: Any, path: list[int], value: Any) -> Any:
    """A copy with another value at a place that the numbers lead to."""
    if not path or not isinstance(raw, dict | list) or not raw:
        return value
    keys = list(raw) if isinstance(raw, dict) else list(range(len(raw)))
    key = keys[path[0] % len(keys)]
    copy = dict(raw) if isinstance(raw, dict) else list(raw)
    copy[key] = changed(raw[key], path[1:], value)
    return copy


def test_a_quoted_date_json_and_bare_words_are_taken(tmp_path: Path) -> None:
    told = {**yaml_loader.parse(SCENARIO), "causes": [CAUSE]}
    loose = json.dumps(told).replace('"on":', "on:").replace('"2027-02-01"', "2027-02-01")
    for text in (json.dumps(told), loose):
        (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
        cause = Scenario.load(tmp_path / "mine.yaml").causes[0]
        assert (str(cause.start), cause.fields["on"]) == ("2027-02-01", ("CHN",))


@pytest.mark.parametrize(
    ("text", "value"),
    [("on", "on"), ("yes", "yes"), ("NO", "NO"), ("1e6", 1e6), ("-1.5E-3", -0.0015), ("+1", 1), ("0", 0), (".5", 0.5),
     ("true", True), ("2024-01-01", "2024-01-01"), ("1:30", "1:30"), ("'0123'", "0123"), ("0.10", 0.1), ("", None),
     ("{a: &b {x: 1}, c: {<<: *b, y: 2}}", {"a": {"x": 1}, "c": {"x": 1, "y": 2}})],
)  # fmt: skip
def test_words_and_numbers_are_what_they_look_like(text: str, value: Any) -> None:
    assert yaml_loader.parse(text) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [("0123", "write 123"), ("-007", "write -7"), ("1_000", "write 1000"), ("0o17", "0o17"), ("0x1F", "0x1F"),
     ("0b11", "0b11"), ("01.5", "write 1.5"), ("a: 1\na: 2", "'a' is written twice (line 2)"), ("!!int 3", "!"),
     ("%YAML 1.1\n---\nyes", "%"), ("&a [*a]", "inside"), ("? [1]\n: 2", "key"), ("[" * 9000, f"{DEPTH} levels"),
     ("{a: " * 500 + "1" + "}" * 500, f"{DEPTH} levels"), ("9" * (DIGITS + 1), "digits"), ("1\n---\n2", "one document"),
     ("x" * (VALUE_CHARACTERS + 1), "characters"), (BOMB, "entries"), ('"\\ud800"', "UTF-8"), ("[", "line 1")],
)  # fmt: skip
def test_what_readers_differ_about_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"^.{5,200}$") as caught:
        yaml_loader.parse(text)
    assert said in str(caught.value)


@pytest.mark.parametrize("kind", [Scenario, Study, Event])
@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\xff\xfe\x00\x01t", "UTF-8"), ("title_en: t".encode("utf-16"), "UTF-8"), (b"a: 1\nb: \x00", "line 2"),
     (b"a: \x80", "line 1"), (b"x" * (FILE_BYTES + 1), "bytes"), (b"\x07", "YAML"), (b"", "keys"), (b"- 1", "keys"),
     (BOMB.encode(), "entries"), (b"{a: " * 3000, "levels"), (b"a: " + b"9" * 400, "digits"), (b"\xef\xbb\xbf", "keys"),
     (b"causes: [{id: x}]\ncauses: []", "twice")],
)  # fmt: skip
def test_a_file_that_is_none_is_named(tmp_path: Path, kind: Any, content: bytes, said: str) -> None:
    (tmp_path / "mine.yaml").write_bytes(content)
    told = refused_or_good(lambda: kind.load(tmp_path / "mine.yaml"))
    assert told.startswith("mine.yaml: ")
    assert said in told


@pytest.mark.parametrize("kind", [Scenario, Study, Event])
@pytest.mark.parametrize(
    "name", ["n" * 300, f"{'n' * 300}.yaml", f"{'d/' * 3000}x.yaml", "a\0b.yaml", ".yaml", "", "+", "/"]
)
def test_a_name_that_no_file_can_have_is_refused(kind: Any, name: str) -> None:
    assert refused_or_good(lambda: kind.load(name))


def test_a_file_of_a_long_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / f"{'n' * NAME_CHARACTERS}.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    assert "name" in refused_or_good(lambda: Scenario.load(path))


@pytest.mark.parametrize(
    ("key", "value", "meant"),
    [("by", "490", "TWN"), ("by", "158", "TWN"), ("by", "TW", "TWN"), ("by", "Taiwan", "TWN"), ("by", "台灣", "TWN"),
     ("by", "china", "CHN"), ("on", "[156]", "CHN"), ("on", "日本", "JPN"), ("start", "113/02/05", "2024-02-05"),
     ("start", "2024/2/5", "2024-02-05"), ("start", "113年2月5日", "2024-02-05")],
)  # fmt: skip
def test_codes_and_dates_as_people_meet_them_get_a_hint(key: str, value: str, meant: str) -> None:
    setting = Scenario.load("history-2023")
    tariff = next(cause.id for cause in setting.causes if cause.instrument == "tariff")
    said = refused_or_good(lambda: setting.override({f"causes.{tariff}.{key}": value}))
    assert f"Did you mean '{meant}'?" in said
    assert f"causes.{tariff}.{key}" in said


def test_an_impossible_date_names_file_and_key(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(f"{SCENARIO}end: 2040-13-45\n", encoding="utf-8")
    assert refused_or_good(lambda: Scenario.load(tmp_path / "mine.yaml")).startswith("mine.yaml: end: ")


PATHS = st.lists(st.integers(0, 50), min_size=1, max_size=4)


@unhurried
@given(PATHS, values)
@example([0], 10**400)
@example([5, 0, 2], {"a": 1})
def test_any_value_in_a_scenario_is_good_or_refused(tmp_path: Path, path: list[int], value: Any) -> None:
    raw = {**yaml_loader.parse(SCENARIO), "parameters": {"hoarding": 1.0}, "free": [], "causes": [CAUSE]}
    file = tmp_path / "mine.yaml"
    file.write_text(json.dumps(changed(raw, path, value)), encoding="utf-8")
    refused_or_good(lambda: Scenario.load(file))


@unhurried
@given(PATHS, values)
def test_any_value_in_an_event_is_good_or_refused(tmp_path: Path, path: list[int], value: Any) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(json.dumps(changed(shipped(EVENTS / "gallium-2023.yaml"), path, value)), encoding="utf-8")
    refused_or_good(lambda: Event.load(file))


@settings(unhurried, max_examples=40)
@given(PATHS, values)
@example([2, 0], {"low": 0, "high": 1, "steps": 10**12})
def test_any_value_in_a_study_is_good_or_refused(tmp_path: Path, path: list[int], value: Any) -> None:
    file = tmp_path / "mine.yaml"
    first = min(STUDIES.glob("*.yaml"), key=lambda each: each.stat().st_size)
    file.write_text(json.dumps(changed(shipped(first), path, value)), encoding="utf-8")
    refused_or_good(lambda: Study.load(file))


@unhurried
@given(PATHS, values)
def test_any_value_in_stances_is_good_or_refused(tmp_path: Path, path: list[int], value: Any) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(json.dumps(changed(shipped(STANCES), path, value)), encoding="utf-8")
    vocabulary = Scenario.load("calm").vocabulary
    refused_or_good(lambda: Stances.load(vocabulary, file))


@unhurried
@given(
    st.sampled_from(("parameters.hoarding", "parameters.x", "causes", "causes.x.y", "start", "extends", ""))
    | st.text(max_size=30),
    values | st.text(max_size=60),
)
@example("parameters.hoarding", "[" * 100_000)
@example("parameters.hoarding", "2024-01-01")
@example("parameters." + "x" * 5000, 1)
def test_any_change_is_good_or_refused(path: str, value: Any) -> None:
    setting = Scenario.load("renewed")
    refused_or_good(lambda: setting.override({path: value}))


@pytest.mark.parametrize("value", ['"0,21"', "0,21", "9" * 5000, "", "0_21", "1e999", "x"])
def test_a_bad_number_in_a_table_names_file_row_and_column(tmp_path: Path, value: str) -> None:
    for table in TABLES.glob("*.csv"):
        (tmp_path / table.name).write_bytes(table.read_bytes())
    text = (TABLES / "parameters.csv").read_text(encoding="utf-8")
    (tmp_path / "parameters.csv").write_text(
        text.replace("scrap_response,,0.21,", f"scrap_response,,{value},"), encoding="utf-8"
    )
    assert refused_or_good(lambda: Vocabulary.of(Tables.load(tmp_path))).startswith("parameters.csv, line 4")


def test_every_whole_number_of_the_command_line_has_a_largest_value() -> None:
    unbounded = [
        f"{' '.join(path)} {option.name}"
        for path, command in commands_below(typer.main.get_command(app))
        for option in command.params
        if option.bare_type is int and option.max is None
    ]
    assert not unbounded, "a number of any size would be worked on"


def commands_below(command: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands_below(below, *path, name)
