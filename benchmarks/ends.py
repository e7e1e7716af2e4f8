"""How commands end: `python -m benchmarks.ends [COMMAND ...]`. Seconds from a signal to the last process, what is left.

Each command that runs long is started in a session of its own and is sent Ctrl-C (SIGINT to all of it), SIGINT,
SIGTERM or SIGKILL (to the process that was started alone) at three moments: while it is still being loaded, as soon as
its work has begun, and five seconds later. Wanted: an answer to Ctrl-C within 2 s, and no process of the session and no
semaphore left 10 s after the others.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = {
    "run": ["run", "renewed", "--quiet", "--out", "OUT"],
    "fork": ["run", "renewed", "--fork-at", "2027-01-04", "--with", "lapsed", "--quiet", "--out", "OUT"],
    "batch": ["batch", "recommendations", "--out", "OUT"],
    "families": ["families", "renewed", "--out", "OUT"],
    "rescue": ["rescue", "renewed", "--out", "OUT"],
    "bands": ["bands", "renewed", "--out", "OUT"],
    "claims": ["claims", "--out", "OUT"],
    "calibrate": ["calibrate", "--out", "OUT"],
    "best": ["calibrate", "best", "--out", "OUT"],
    "replay": ["replay", "--all", "--out", "OUT"],
    "record": ["record", "--out", "OUT"],
    "why": ["why", "renewed"],
    "view": ["view", "--port", "PORT"],
}
CTRL_C = "Ctrl-C"
SENT = {CTRL_C: 130, "SIGINT": 130, "SIGTERM": 143, "SIGKILL": -9}  # with the exit code that belongs to it
HANDS = 4  # processes at work: the command itself, two that start and clear up, and a worker
PATIENCE = 60  # seconds that a command may take to begin, and processes to end
SHARED = Path("/dev/shm")


@dataclass(frozen=True)
class End:
    """Exit code, seconds to it and to the end of the last process, and how many processes were left at the end."""

    code: str
    answer: float
    seconds: float
    left: int


def processes(session: int) -> list[int]:
    """The processes of a session that have not ended."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(OSError, psutil.Error):
            if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
    return found


def semaphores() -> set[str]:
    """Names of the semaphores of this machine that Python made."""
    return {path.name for path in SHARED.glob("sem.mp-*")} if SHARED.is_dir() else set()


def drafts(out: Path) -> list[Path]:
    """Drafts of a result that stand beside its place, or in it."""
    return [*out.parent.glob(f".{out.name}.*"), *out.glob(".*"), *out.glob("*.tmp"), *out.glob("*.part")]


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def line_of(command: str, out: Path) -> list[str]:
    """The words that start a command."""
    given = {"OUT": str(out), "PORT": str(free_port())}
    return [sys.executable, "-P", "-m", "app", *(given.get(word, word) for word in COMMANDS[command])]


@contextlib.contextmanager
def started(command: str, out: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A command in a session of its own, what it prints in a file beside its place; all of it is ended afterwards."""
    with Path(f"{out}.log").open("wb") as log:
        line = line_of(command, out)
        running = subprocess.Popen(line, cwd=ROOT, start_new_session=True, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield running
    finally:
        for pid in processes(running.pid):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        running.wait()


def begun(running: subprocess.Popen[bytes], out: Path) -> bool:
    """Whether a command is at work: a draft stands beside its place, or a worker has started, or it serves."""
    drafted = any(out.parent.glob(f".{out.name}.*.part"))
    served = Path(f"{out}.log").read_bytes().startswith(b"Techshield: http")
    return drafted or served or len(processes(running.pid)) >= HANDS


def wait_for(asked: object, seconds: float = PATIENCE) -> bool:
    """Whether something comes true in that time."""
    until = time.monotonic() + seconds
    while not asked():  # type: ignore[operator]
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def end(running: subprocess.Popen[bytes], sent: str) -> End:
    """Send a signal, and wait for the command and for the last process of its session."""
    begin = time.monotonic()
    if sent == CTRL_C:
        os.killpg(running.pid, signal.SIGINT)
    else:
        running.send_signal(signal.Signals[sent])
    try:
        code = str(running.wait(PATIENCE))
    except subprocess.TimeoutExpired:
        code = "none"
    answer = time.monotonic() - begin
    wait_for(lambda: not processes(running.pid))
    return End(code, answer, time.monotonic() - begin, len(processes(running.pid)))


def moments(running: subprocess.Popen[bytes], out: Path, moment: str) -> None:
    """Wait for a moment of a command."""
    if moment == "loading":
        time.sleep(1)
        return
    wait_for(lambda: running.poll() is not None or begun(running, out))
    if moment == "later":
        time.sleep(5)


def main() -> None:
    """Measure, and print a table, its rows as they come on stderr."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # else ignored where a shell started us behind
    shown = Table("command", "when", "signal", "exit", "answer, s", "ended, s", "left", "semaphores", "drafts", "said")
    for command in sys.argv[1:] or COMMANDS:
        for moment in ("loading", "begun", "later"):
            for sent in SENT:
                row = [command, moment, sent, *measured(command, moment, sent)]
                print(*row, file=sys.stderr, flush=True)
                shown.add_row(*row)
    Console(width=140).print(shown)


def measured(command: str, moment: str, sent: str) -> list[str]:
    """One row of the table."""
    before = semaphores()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        with started(command, out) as running:
            moments(running, out, moment)
            if running.poll() is not None:
                return [str(running.returncode), *["ended before"] * 3]
            found = end(running, sent)
        said = Path(f"{out}.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
        wait_for(lambda: not semaphores() - before, 10)
        more = [len(semaphores() - before), len(drafts(out))]
        told = [f"{found.answer:.1f}", f"{found.seconds:.1f}", str(found.left), *map(str, more)]
        return [found.code, *told, "".join(said)[:60]]


if __name__ == "__main__":
    main()
