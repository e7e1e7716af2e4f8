"""Events: shipped ones load and cover the record's targets; spans and statistics; whatever is wrong is refused."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path
from typing import Any

import pytest

from abm.scenario.checks import Place
from calibration.record.event import Event, load_all
from calibration.record.readings import statistic
from calibration.record.replay import Job, evaluate, evaluate_together, misfit, run_event, together
from calibration.record.spans import Span, read_span
from kit import yaml_loader
from kit.errors import BadInput

ROWS = ("C01", "C02", "C03", "C04", "C05", "C06", "C07", "C10", "C11", "C12", "C13", "C15", "C16", "C19", "C20", "C21",
        "C22")  # fmt: skip
SMALL: dict[str, Any] = {
    "title_en": "Trial",
    "title_zh": "試驗",
    "extends": "history-2023",
    "end": datetime.date(2023, 12, 31),
    "minerals": ["gallium"],
    "targets": [
        {
            "id": "T1", "title_en": "exports", "title_zh": "出口", "variable": "exports", "good": "gallium",
            "place": "CHN", "statistic": "ratio", "at": "2023-09", "over": "2023-05", "value": 0.1, "tolerance": 0.1,
            "use": "fit", "baseline": "May 2023", "source": "a trial", "confidence": "assumed",
        }
    ],
}  # fmt: skip


def written(folder: Path, **changes: Any) -> str:
    """A small event with its only target changed, as a file."""
    target = {**SMALL["targets"][0], **changes}
    path = folder / "trial.yaml"
    path.write_text(yaml_loader.write({**SMALL, "targets": [target]}), encoding="utf-8")
    return str(path)


def test_shipped_events_cover_every_row_of_the_record() -> None:
    events = [Event.load(name) for name in Event.names()]
    ids = {target.id for event in events for target in event.targets}
    assert [row for row in ROWS if not any(key.startswith(row) for key in ids)] == []
    held = [event.name for event in events if all(target.use == "hold" for target in event.targets)]
    assert {"germanium-2023", "metals-2025"} <= set(held)


@pytest.mark.parametrize(
    ("text", "first", "last", "months"),
    [
        ("2024", datetime.date(2024, 1, 1), datetime.date(2024, 12, 31), 12),
        ("2023-11", datetime.date(2023, 11, 1), datetime.date(2023, 11, 30), 1),
        ("2023-01..2023-10", datetime.date(2023, 1, 1), datetime.date(2023, 10, 31), 10),
        ("2025-04-04", datetime.date(2025, 4, 4), datetime.date(2025, 4, 4), 1 / 30.4375),
    ],
)
def test_spans_are_read_as_written(text: str, first: datetime.date, last: datetime.date, months: float) -> None:
    span = read_span(text, Place("a"))
    assert (span.first, span.last) == (first, last)
    assert span.months == pytest.approx(months)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"good": "galium"}, "galium' is not a known good. Did you mean 'gallium'"),
        ({"good": "antimony"}, "is not made in the chains of `minerals` (gallium)"),
        ({"at": "2024-02"}, "outside the event's window"),
        ({"at": "2023-13"}, "expected a day"),
        ({"at": "2023-10..2023-08"}, "ends before it begins"),
        ({"statistic": "ration"}, "Did you mean 'ratio'"),
        ({"use": "held"}, "Did you mean 'hold'"),
        ({"tolerance": 0}, "out of range"),
        ({"colour": "red"}, "'colour' is not a known key"),
        ({"variable": "price_spot", "price_point": "chinese", "place": "JPN"}, "price zone CHN or ROW"),
    ],
)
def test_a_wrong_target_is_refused_with_its_place(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput) as refused:
        Event.load(written(tmp_path, **changes))
    assert "trial.yaml: targets.T1" in str(refused.value)
    assert said in str(refused.value)


def test_two_events_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with pytest.raises(BadInput, match="two events are named 'trial'"):
        load_all([written(tmp_path), written(tmp_path / "other")])


def test_statistics_of_a_made_up_series(tmp_path: Path) -> None:
    def read(_: object, span: Span | None) -> float:
        return 10.0 if span is None else {6: 8.0, 7: 0.2, 8: 0.0, 9: 3.0, 10: 9.0}.get(span.first.month, 10.0)

    def found(**changes: Any) -> float:
        return statistic(Event.load(written(tmp_path, **changes)).targets[0], read)

    months = "2023-07..2023-12"
    assert found(statistic="ratio") == pytest.approx(0.3)
    assert found(statistic="change") == pytest.approx(-0.7)
    assert found(statistic="months_below", at=months, level=0.05) == 2
    assert found(statistic="months_until", at=months, level=0.9) == 4
    assert found(statistic="months_until", at=months, level=1.5) == 7
    assert found(statistic="peak_ratio", at=months) == pytest.approx(1.0)
    assert found(statistic="months_to_peak", at=months) == 5
    assert found(statistic="level", per=1.5) == pytest.approx(2.0)


def test_misfit_counts_tolerances_in_logarithms_where_asked(tmp_path: Path) -> None:
    plain = Event.load(written(tmp_path)).targets[0]
    assert misfit(plain, 0.25) == pytest.approx(1.5)
    assert misfit(plain, float("nan")) == 5
    logged = Event.load(written(tmp_path, value=4.0, tolerance=0.5, scale="log")).targets[0]
    assert misfit(logged, 4.0 * 2.718281828**0.25) == pytest.approx(0.5)
    assert misfit(logged, 0.0) == 5


def test_one_run_serves_events_of_the_same_causes_and_counts_every_day(tmp_path: Path) -> None:
    long = Event.load(written(tmp_path, at="2023-12", over="2023-06"))
    (tmp_path / "short").mkdir()
    path = Path(written(tmp_path / "short"))
    path.write_text(path.read_text(encoding="utf-8").replace("2023-12-31", "2023-09-30"), encoding="utf-8")
    short = dataclasses.replace(Event.load(str(path)), name="short")
    graphite = Event.load("graphite-2023")
    assert together([short, graphite, long]) == [(graphite,), (long, short)]
    told = evaluate_together((long, short), {"hoarding": 1.1}, 3)
    for event in (long, short):
        assert told[f"{event.name}/T1"] == evaluate(Job(event, {"hoarding": 1.1}, 3)).values["T1"]
    run = run_event(short, {}, 3)
    assert len(run.daily(short.targets[0].quantity)) > (short.scenario.end - short.scenario.start).days
