"""Run one scenario and keep what came out: series, summary, events, manifest, and what else the caller asks for."""

from __future__ import annotations

import importlib.metadata
import json
import math
import platform
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from abm import Model, Scenario
from abm.engine.events import happenings
from abm.measures.headline import summary
from abm.measures.series import write_series
from experiments.folder import MANIFEST, Folder

PACKAGES = ("techshield", "mesa", "numpy", "pandas", "pyarrow", "scipy")
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class RunRequest:
    """What to run and where to keep it; without `out` nothing is written.

    only: minerals whose chains alone are built; detail: every supply link in the series; extras: called with the result
    and the folder that is being written (a report, figures); parameters: what --parameters named.
    """

    scenario: Scenario
    out: Path | None = None
    seed: int = 0
    only: tuple[str, ...] = ()
    detail: bool = False
    extras: tuple[Callable[[RunResult, Path], object], ...] = ()
    parameters: str = "default"


@dataclass
class RunResult:
    """What a run gave: the finished model, its headline metrics, its events, and how long building and running took."""

    model: Model
    request: RunRequest
    summary: dict[str, dict[str, Any]]
    events: pd.DataFrame
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def out(self) -> Path | None:
        """The folder of the result."""
        return self.request.out


def run_scenario(request: RunRequest, progress: Progress | None = None) -> RunResult:
    """Run, and write the folder whole or not at all. BadInput if it cannot be written, before anything runs.

    `progress` is told after each week how many are done and how many there are.
    """
    if request.out is None:
        return simulate(request, progress)
    with Folder(request.out) as folder:
        result = simulate(request, progress)
        write_result(result, folder.draft)
        folder.publish()
    return result


def simulate(request: RunRequest, progress: Progress | None = None) -> RunResult:
    """Build the world, run all weeks, and work out metrics and events."""
    begun = time.perf_counter()
    model = Model(request.scenario, rng=request.seed, only=request.only)
    built = time.perf_counter()
    while not model.clock.over:
        model.step()
        if progress is not None:
            progress(model.history.weeks, model.clock.weeks)
    seconds = {"build_seconds": built - begun, "loop_seconds": time.perf_counter() - built}
    return RunResult(model, request, summary(model.history), happenings(model), seconds)


def write_result(result: RunResult, folder: Path) -> None:
    """Write every file of a result into a folder, the manifest last."""
    write_series(result.model.history.frame(result.request.detail), folder / "series.parquet")
    events = pa.Table.from_pandas(result.events, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(events, folder / "events.parquet", compression="zstd")
    write_json(result.summary, folder / "summary.json")
    for extra in result.request.extras:
        extra(result, folder)
    write_json(manifest(result, folder), folder / MANIFEST)


def write_json(content: Any, path: Path) -> None:
    """JSON for people and programs; numbers that are not finite are refused."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def manifest(result: RunResult, folder: Path) -> dict[str, Any]:
    """What was run, with what, how large it was, how long it took, and which files came of it."""
    model, request = result.model, result.request
    return {
        "scenario": model.setting.resolved(),
        "seed": request.seed,
        "only": list(request.only),
        "detail": request.detail,
        "parameters": {name: finite(value) for name, value in model.parameters.as_dict().items()},
        "versions": versions(),
        "git_revision": git_revision(),
        "tables": model.world.tables.hash(),
        "counts": counts(model),
        "files": sorted([*(path.name for path in folder.iterdir()), MANIFEST]),
        **result.seconds,
    }


def counts(model: Model) -> dict[str, int]:
    """How large the world of the run is; goods and minerals are those that it holds."""
    world = model.world
    tables = world.tables
    content = tables["content"]
    inside = content[content.good.isin(world.goods.good) & (content.fraction > 0)].mineral
    return {
        "agents": len(model.agents),
        "governments": len(world.governments),
        "firms": len(world.firms),
        "links": len(world.links),
        "minerals": len(set(inside) | set(world.goods.mineral) - {""}),
        "goods": len(world.goods),
        "weeks": model.history.weeks,
    }


def finite(value: float) -> float | None:
    """A number, or nothing where it is not finite."""
    return value if math.isfinite(value) else None


def versions() -> dict[str, str | None]:
    """Versions of what computed the result; None for what is not installed as a package."""
    found: dict[str, str | None] = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    return found


def git_revision() -> str | None:
    """The revision of the clone that holds this file, marked where files differ from it; None outside a clone."""
    root = Path(__file__).resolve().parents[1]
    if not (root / ".git").exists() or shutil.which("git") is None:
        return None
    told = [git(root, "rev-parse", "--verify", "HEAD"), git(root, "status", "--porcelain", "--untracked-files=no")]
    if not told[0]:
        return None
    return f"{told[0]}-modified" if told[1] else told[0]


def git(root: Path, *words: str) -> str:
    """What git says, or nothing if it refuses."""
    told = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False)
    return told.stdout.strip() if told.returncode == 0 else ""
