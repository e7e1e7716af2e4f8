"""The words for replays, calibrations, batches and the view: bad input gives one sentence and exit code 2."""

from __future__ import annotations

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
