"""The words for replays, calibrations, batches and the view: bad input gives one sentence and exit code 2."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def ask(*words: str) -> subprocess.CompletedProcess[str]:
    """What the command line says."""
    line = [sys.executable, "-m", "app", *words]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("replay",), "name an event, or --all"),
        (("replay", "galium-2023"), "Did you mean 'gallium-2023'"),
        (("replay", "gallium-2023", "--parameters", "posteriro"), "Did you mean 'posterior'"),
        (("calibrate", "--evaluations", "100"), "--out is missing"),
        (("calibrate", "--events", "germanium-2023", "--out", "nowhere"), "no target in them may be fitted to"),
        (("batch", "recomendations", "--out", "nowhere"), "Did you mean 'recommendations'"),
        (("status", "nowhere"), "holds no batch"),
        (("report", "nowhere"), "holds no batch"),
        (("view", "renewd"), "Did you mean 'renewed'"),
        (("run", "[/x]"), "[/x]"),
        (("why", "TWN", "--seed", "-1"), "greater than or equal to 0"),
        (("batch", "recommendations", "--out", "nowhere", "--scheduler", "foo"), "--scheduler foo"),
        (("families", "renewed", "--until", "foo"), "--until foo: expected a date"),
        (("bands", "calm", "--metrics", ""), "names no headline metric"),
    ],
)
def test_bad_input_is_told_in_one_sentence(words: tuple[str, ...], said: str) -> None:
    told = ask(*words)
    assert told.returncode == 2
    assert said in told.stderr
    assert "Traceback" not in told.stderr
    assert not (ROOT / "nowhere").exists()


@pytest.mark.parametrize(("language", "said"), [("en", "in use"), ("zh", "已被使用")])
def test_a_port_in_use_is_told_in_the_language_chosen(language: str, said: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        told = ask("view", "--port", str(taken.getsockname()[1]), "--language", language)
    assert told.returncode == 2
    assert said in told.stderr


PAGES = [("claims", "F04"), ("bands", "calm"), ("rescue", "calm"), ("families", "calm"), ("calibrate", "report", "x")]


@pytest.mark.parametrize("words", PAGES)
def test_pages_of_the_clone_are_refused_elsewhere_before_anything_runs(words: tuple[str, ...], tmp_path: Path) -> None:
    line, found = [sys.executable, "-m", "app", *words, "--docs"], os.environ | {"PYTHONPATH": str(ROOT)}
    told = subprocess.run(line, cwd=tmp_path, env=found, capture_output=True, text=True, check=False)
    assert told.returncode == 2
    assert "works in a clone of the project only" in told.stderr
    assert list(tmp_path.iterdir()) == []
