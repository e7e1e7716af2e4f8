"""How commands end: told to, interrupted or killed, they leave no process and no draft that passes for a result."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds; generous: how fast it is stands in benchmarks/ends.py
COMMANDS = {
    "batch": ["batch", "recommendations", "--out"],
    "families": ["families", "renewed", "--out"],
    "rescue": ["rescue", "renewed", "--out"],
    "bands": ["bands", "renewed", "--seeds", "50", "--out"],
    "calibrate": ["calibrate", "--out"],
    "replay": ["replay", "--all", "--draws", "50", "--out"],
    "run": ["run", "renewed", "--quiet", "--out"],
}
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}
pytestmark = pytest.mark.skipif(os.name == "nt", reason="sessions of processes are those of POSIX")


def of_session(session: int) -> list[int]:
    """The processes of a session that have not ended."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        except (OSError, psutil.Error):
            continue
    return found


def until(holds, what: str) -> None:
    """Poll for something to hold."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, what
        os.sched_yield()


@pytest.mark.slow
@pytest.mark.sample(3)
@pytest.mark.parametrize("sent", CODES, ids=lambda each: each.name)
@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_is_left_behind(name: str, sent: signal.Signals, tmp_path: Path) -> None:
    out = tmp_path / "out"
    line = [sys.executable, "-P", "-m", "app", *COMMANDS[name], str(out)]
    with (tmp_path / "said").open("w", encoding="utf-8") as said:
        running = subprocess.Popen(line, cwd=ROOT, stdout=said, stderr=said, start_new_session=True)
    at_work = 1 if name == "run" else 4  # itself, two that start and clear up, a worker
    begun = (lambda: any(tmp_path.glob(".out.*"))) if name == "run" else lambda: len(of_session(running.pid)) >= at_work
    until(lambda: begun() or running.poll() is not None, f"{name} has not begun")
    assert running.poll() is None, (tmp_path / "said").read_text(encoding="utf-8")
    running.send_signal(sent)
    running.wait(PATIENCE)
    until(lambda: not of_session(running.pid), f"{name} leaves processes after {sent.name}")
    text = (tmp_path / "said").read_text(encoding="utf-8")
    assert running.returncode == CODES[sent], text
    assert "Traceback" not in text
    if sent != signal.SIGKILL:
        assert not list(tmp_path.glob(".out.*"))


def test_what_a_killed_run_leaves_is_cleared_by_the_next(tmp_path: Path) -> None:
    from experiments.folder import Folder

    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left, running = tmp_path / f".out.{gone.pid}.part", tmp_path / f".out.{os.getppid()}.part"
    for folder in (left, running):
        folder.mkdir()
        (folder / "series.parquet").write_bytes(b"half")
    with Folder(tmp_path / "out") as folder:
        assert not left.exists()
        assert running.exists()
        (folder.draft / "manifest.json").write_text('{"files": ["manifest.json"]}', encoding="utf-8")
        folder.publish()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["manifest.json"]
