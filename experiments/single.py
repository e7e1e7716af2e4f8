"""Run one scenario and keep what came out: series, summary, events, manifest, report."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from abm import BadInput, Model, Scenario
from abm.chronicle import happenings
from abm.measures import summary
from experiments.page import write_report

Progress = Callable[[int, int], None]
OURS = "manifest.json"


@dataclass(frozen=True)
class RunRequest:
    """What to run and where to keep it. `only` names minerals; `detail` adds every supply link to the series."""

    scenario: Scenario
    out: Path
    seed: int = 0
    only: tuple[str, ...] = ()
    detail: bool = False


@dataclass
class RunResult:
    """What a run gave: the finished model, its headline metrics, its events, the folder and what was timed."""

    model: Model
    summary: dict[str, Any]
    events: pd.DataFrame
    out: Path
    seconds: dict[str, float] = field(default_factory=dict)


def run_scenario(request: RunRequest, progress: Progress | None = None) -> RunResult:
    """Run and write all files; the folder appears whole or not at all. BadInput when it cannot be written."""
    check_place(request.out)
    started = time.perf_counter()
    model = Model(request.scenario, rng=request.seed, only=request.only)
    built = time.perf_counter()
    while not model.clock.over:
        model.step()
        if progress is not None:
            progress(model.history.weeks, model.clock.weeks)
    seconds = {"build_seconds": built - started, "loop_seconds": time.perf_counter() - built}
    result = RunResult(model, summary(model), happenings(model), request.out, seconds)
    request.out.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{request.out.name}-", dir=request.out.parent))
    try:
        write_all(result, request, staging)
        replace(staging, request.out)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return result


def check_place(out: Path) -> None:
    """Refuse, before the run, a place that cannot be written or that holds other things; creates nothing."""
    if out.exists() and not out.is_dir():
        raise BadInput(f"--out {out}: it is a file; give a folder.")
    if out.is_dir() and any(out.iterdir()) and not (out / OURS).exists():
        raise BadInput(f"--out {out}: it holds other files; give an empty folder, a new one, or an earlier result.")
    check_parent(out)


def check_parent(out: Path) -> None:
    """Refuse a folder that could not be made."""
    standing = next(folder for folder in (out.absolute(), *out.absolute().parents) if folder.exists())
    if not standing.is_dir() or not os.access(standing, os.W_OK | os.X_OK):
        raise BadInput(f"--out {out}: {standing} cannot be written to; give another folder.")


def replace(staging: Path, out: Path) -> None:
    """Put the finished folder in its place."""
    if out.exists():
        shutil.rmtree(out)
    staging.chmod(0o755)
    staging.rename(out)


def write_all(result: RunResult, request: RunRequest, folder: Path) -> None:
    """Write every file of a result."""
    series = result.model.history.frame(request.detail)
    write_series(series, folder / "series.parquet")
    result.events.to_parquet(folder / "events.parquet", index=False, compression="zstd")
    write_json(result.summary, folder / "summary.json")
    write_json(manifest(result, request), folder / OURS)
    write_report(result.model, result.summary, result.events, folder)


def write_series(series: pd.DataFrame, path: Path) -> None:
    """Series as Parquet: text dictionary-coded, values split by byte."""
    table = pa.Table.from_pandas(series, preserve_index=False)
    texts = ["variable", "good", "place", "agent", "unit"]
    pq.write_table(
        table, path, compression="zstd", use_dictionary=[*texts, "week"], use_byte_stream_split=["value"]
    )  # fmt: skip


def write_json(content: Any, path: Path) -> None:
    """JSON for people and programs."""
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False, default=str) + "\n", encoding="utf-8")


def manifest(result: RunResult, request: RunRequest) -> dict[str, Any]:
    """What was run, with what, and how large it was."""
    model = result.model
    world, agents = model.world, model.agents
    counts = {
        "agents": len(agents), "governments": len(model.cast.governments), "firms": len(world.firms),
        "links": len(world.links), "minerals": len(world.tables["minerals"]), "goods": len(world.goods),
        "weeks": model.history.weeks,
    }  # fmt: skip
    return {
        "scenario": model.setting.resolved(), "parameters": model.parameters.as_dict(), "seed": request.seed,
        "only": list(request.only), "versions": versions(), "revision": revision(), "tables": world.tables.hash(),
        "counts": counts, **result.seconds,
    }  # fmt: skip


def versions() -> dict[str, str]:
    """Versions of what computed the result."""
    found = {"python": platform.python_version()}
    for name in ("techshield", "mesa", "numpy", "pandas", "pyarrow", "scipy"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found


def revision() -> str | None:
    """The git revision of the clone, if it is one."""
    root = Path(__file__).resolve().parent.parent
    if not (root / ".git").exists() or shutil.which("git") is None:
        return None
    told = subprocess.run(["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return told.stdout.strip() or None
