"""Set-up: the locks, the root script, and the wheel installed and run outside the clone."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from app.checks import find_hindrance

PACKAGES = ("abm", "agents", "app", "calibration", "experiments", "kit")
LOCKS = ("requirements.lock", "requirements-view.lock", "requirements-dev.lock")
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


def run(command: list[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, without this environment's Python settings; fails with the output it gave."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
    words = [str(word) for word in command]
    done = subprocess.run(words, check=False, cwd=folder, env=clean, capture_output=True, text=True)
    assert done.returncode == 0, f"{command} gave {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def project(root: Path) -> dict:
    """The project table of pyproject.toml."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.mark.parametrize("name", LOCKS)
def test_lock_names_no_host_and_hashes_every_pin(root: Path, name: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    assert "://" not in text
    pins = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert pins
    assert all("--hash=sha256:" in pin for pin in pins)


def test_development_lock_keeps_the_pins_of_the_run_lock(root: Path) -> None:
    to_run, to_view, to_test = (dict(PIN.findall((root / name).read_text(encoding="utf-8"))) for name in LOCKS)
    assert to_run.items() <= to_view.items()
    assert to_view.items() <= to_test.items()


def test_run_lock_holds_every_dependency(root: Path) -> None:
    pinned = {name for name, _ in PIN.findall((root / "requirements.lock").read_text(encoding="utf-8"))}
    wanted = {re.match(r"[a-z0-9-]+", line.lower()).group() for line in project(root)["dependencies"]}
    assert wanted <= pinned


def test_root_script_needs_the_standard_library_of_python_3_8_alone(root: Path) -> None:
    source = (root / "techshield").read_text(encoding="utf-8")
    compile(source, "techshield", "exec", dont_inherit=True)
    imported = set(re.findall(r"^\s*(?:import|from) (\w+)", source, re.MULTILINE))
    assert imported <= sys.stdlib_module_names
    assert os.access(root / "techshield", os.X_OK)


def test_checks_are_refused_outside_a_clone(tmp_path: Path) -> None:
    assert "clone" in find_hindrance(tmp_path)


def test_ci_calls_the_one_command(root: Path) -> None:
    script = (root / ".ci" / "run").read_text(encoding="utf-8")
    assert "set -euo pipefail" in script
    assert script.rstrip().endswith("\n./techshield test")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, built from a copy so that the clone stays as it is."""
    root = Path(__file__).resolve().parents[2]
    copy = tmp_path_factory.mktemp("source")
    for name in PACKAGES:
        shutil.copytree(root / name, copy / name)
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(root / name, copy)
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel"], copy)
    return next((copy / "dist").glob("techshield-*.whl"))


@pytest.mark.slow
def test_wheel_holds_every_module_and_table(root: Path, wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    kinds = {".py", ".csv", ".yaml"}
    wanted = {
        path.relative_to(root).as_posix()
        for name in PACKAGES
        for path in (root / name).rglob("*")
        if path.suffix in kinds
    }
    assert wanted <= packed
    assert any(name.startswith("abm/data/") for name in packed)


@pytest.mark.slow
def test_wheel_runs_outside_the_clone(root: Path, wheel: Path, tmp_path: Path) -> None:
    environment, elsewhere, out = tmp_path / "environment", tmp_path / "elsewhere", tmp_path / "out"
    elsewhere.mkdir()
    run([sys.executable, "-m", "venv", environment], elsewhere)
    programs = environment / ("Scripts" if os.name == "nt" else "bin")
    install = [programs / "python", "-m", "pip", "install", "-q", "--no-compile"]
    run([*install, "--require-hashes", "-r", root / "requirements.lock"], elsewhere)
    run([*install, "--no-deps", wheel], elsewhere)
    version = run([programs / "techshield", "version"], elsewhere)
    assert project(root)["version"] in version.stdout
    run([programs / "techshield", "run", "calm", "--until", "2024-02-05", "--quiet", "--out", out], elsewhere)
    assert json.loads((out / "manifest.json").read_text(encoding="utf-8"))["counts"]["weeks"] >= 4
    assert {"series.parquet", "summary.json", "events.parquet", "report.html"} <= {path.name for path in out.iterdir()}
