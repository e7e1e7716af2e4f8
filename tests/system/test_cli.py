"""The command line as a user meets it: results when the input is good, one sentence and exit code 2 when it is not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]


def techshield(*words, cwd):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "160"}
    command = [sys.executable, "-m", "app", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environment, check=False)


BAD = {
    "unknown scenario": (["run", "basline"], "baseline"),
    "unknown key": (["run", "calm", "--set", "demnd=constant"], "demand"),
    "unknown parameter": (["run", "calm", "--set", "parameters.hording=1"], "hoarding"),
    "parameter out of range": (["run", "calm", "--set", "parameters.hoarding=9"], "0 to 2"),
    "unknown mineral": (["run", "calm", "--only", "galium"], "gallium"),
    "no date": (["run", "calm", "--until", "soon"], "2026-06-30"),
    "date out of range": (["run", "calm", "--until", "2040-01-01"], "2034-01-01"),
    "end before start": (["run", "calm", "--set", "end=2023-01-01"], "2024-01-01"),
    "negative tariff": (["run", "history-2023", "--set", "causes.usa-301-graphite-magnets.rate=-1"], "rate"),
    "unknown table": (["tables", "producer"], "producers"),
    "unknown posterior": (["run", "calm", "--parameters", "posterio"], "posterior"),
    "unknown posterior of the view": (["view", "--parameters", "posterio"], "posterior"),
    "unknown event of the best run": (["calibrate", "best", "--events", "galium-2023", "--out", "x"], "gallium-2023"),
}


@pytest.mark.parametrize("case", sorted(BAD))
def test_bad_input_gets_a_sentence_and_writes_nothing(case, tmp_path):
    words, hint = BAD[case]
    if case == "negative tariff":
        shown = techshield("show", "history-2023", "--json", cwd=tmp_path)
        tariff = next(c for c in json.loads(shown.stdout)["causes"] if c["instrument"] == "tariff")
        words = ["run", "history-2023", "--set", f"causes.{tariff['id']}.rate=-1"]
    told = techshield(*words, cwd=tmp_path)
    assert told.returncode == 2, told.stderr
    assert hint in told.stderr
    assert "Traceback" not in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_found_before_the_run(tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("not a folder")
    told = techshield("run", "calm", "--until", "2024-03-01", "--out", taken, cwd=tmp_path)
    assert told.returncode == 2
    assert "folder" in told.stderr
    assert taken.read_text() == "not a folder"


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep")
    told = techshield("run", "calm", "--until", "2024-03-01", "--out", tmp_path / "mine", cwd=tmp_path)
    assert told.returncode == 2
    assert (tmp_path / "mine" / "letter.txt").read_text() == "keep"


def test_a_run_writes_everything_and_the_same_again(tmp_path):
    words = ("run", "history-2023", "--only", "gallium", "--until", "2023-12-31", "--seed", "3", "--json")
    first = techshield(*words, "--out", tmp_path / "a", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["summary"]["mass_balance_error"]["value"] < 1e-9
    second = techshield(*words, "--out", tmp_path / "b", cwd=tmp_path)
    assert second.returncode == 0, second.stderr
    for name in ("series.parquet", "events.parquet", "summary.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    series = pd.read_parquet(tmp_path / "a" / "series.parquet")
    assert list(series.columns) == ["week", "variable", "good", "place", "agent", "value", "unit"]
    prices = {"price_spot", "price_average"}
    goods = {"production", "capacity", "demand", "shipments", "exports", "stock", "cover", "unmet_demand"}
    rules = {"licences_pending", "licences_approved", "leakage", "output_lost", "mass_balance_error"}
    assert prices | goods | rules <= set(series.variable)
    report = (tmp_path / "a" / "report.html").read_text(encoding="utf-8")
    assert report.count("<img") == 5
    assert "http" not in report


def test_what_is_in_the_world_can_be_asked(tmp_path):
    for words in (("scenarios",), ("show", "snap-back"), ("tables",), ("tables", "minerals"), ("version",)):
        told = techshield(*words, cwd=tmp_path)
        assert told.returncode == 0, told.stderr
        assert told.stdout.strip()


def test_the_full_world_is_as_large_as_it_says(tmp_path):
    told = techshield("run", "baseline", "--until", "2024-02-05", "--quiet", "--out", tmp_path / "x", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    counts = json.loads((tmp_path / "x" / "manifest.json").read_text(encoding="utf-8"))["counts"]
    assert counts["minerals"] >= 30
    assert counts["goods"] >= 60
    assert counts["agents"] >= 300
    assert counts["governments"] >= 15
    assert counts["links"] >= 2500
