"""Where people run it: consoles that lack signs, readers that go away, full disks; and what was read is never stale."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.commands import BAD_INPUT, ended
from kit import yaml_loader
from kit.errors import BadInput

ROOT = Path(__file__).resolve().parents[2]
FULL = Path("/dev/full")


def techshield(words: list[str], folder: Path, **asked: object) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own."""
    told = {"env": os.environ | {"PYTHONPATH": str(ROOT)}, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | asked
    return subprocess.run([sys.executable, "-m", "app", *words], cwd=folder, check=False, **told)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_output_to_a_pipe_is_utf_8_whatever_the_console_speaks(tmp_path: Path, encoding: str) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": encoding, "LANG": "C", "LC_ALL": "C"}
    done = techshield(["show", "snap-back", "--json"], tmp_path, env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "急" in done.stdout.decode("utf-8")


def test_a_reader_that_has_gone_is_no_failure(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = techshield(["show", "history-2023"], tmp_path, stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
def test_a_full_disk_is_told_in_a_sentence(tmp_path: Path) -> None:
    with FULL.open("wb") as full:
        done = techshield(["version"], tmp_path, stdout=full)
    assert done.returncode == BAD_INPUT
    assert b"No space left" in done.stderr
    assert b"Traceback" not in done.stderr


def test_an_error_that_is_none_of_writing_is_not_hidden() -> None:
    with pytest.raises(OSError, match="other"):
        ended(OSError(0, "other"))


def test_a_measure_that_is_none_leaves_no_folder(tmp_path: Path) -> None:
    done = techshield(["bands", "calm", "--metrics", "nope", "--out", "x"], tmp_path)
    assert done.returncode == BAD_INPUT
    assert list(tmp_path.iterdir()) == []


def test_a_mineral_that_the_base_year_lacks_is_named(tmp_path: Path) -> None:
    words = ["run", "history-2023", "--only", "gallium", "--set", "base_year=2009", "--out", "x", "--quiet"]
    done = techshield(words, tmp_path)
    assert done.returncode == BAD_INPUT
    assert b"2009" in done.stderr
    assert b"'gallium'" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where what was read is kept, empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    forget()
    return tmp_path / "cache" / "techshield" / "yaml"


def forget() -> None:
    """As in a new process."""
    yaml_loader._packed.cache_clear()


def test_what_was_read_is_kept_and_never_stale(tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("a: 1", encoding="utf-8")
    assert yaml_loader.read(file) == {"a": 1}
    forget()
    monkeypatch.setattr(yaml_loader, "_parsed", lambda text: pytest.fail(f"read again: {text}"))
    first = yaml_loader.read(file)
    first["a"] = 2
    assert yaml_loader.read(file) == {"a": 1}
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file.write_text("a: 3", encoding="utf-8")
    assert yaml_loader.read(file) == {"a": 3}


@pytest.mark.parametrize("content", [b"", b"x", b"\0" * 500])
def test_a_broken_file_of_what_was_kept_is_ignored(tmp_path: Path, kept: Path, content: bytes) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("a: 1", encoding="utf-8")
    yaml_loader.read(file)
    for each in kept.iterdir():
        each.write_bytes(content)
    forget()
    assert yaml_loader.read(file) == {"a": 1}


def test_a_place_that_cannot_be_written_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cache").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    forget()
    (tmp_path / "mine.yaml").write_text("a: [1, 2]", encoding="utf-8")
    assert yaml_loader.read(tmp_path / "mine.yaml") == {"a": [1, 2]}


def test_no_more_than_so_many_are_kept(tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_loader, "MOST_KEPT", 3)
    for number in range(6):
        assert yaml_loader.value_of(f"a: {number}", "mine.yaml") == {"a": number}
    assert len(list(kept.iterdir())) == 3


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"^none\.yaml: cannot be read"):
        yaml_loader.read(tmp_path / "none.yaml")
