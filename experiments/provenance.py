"""What results are computed from, as hashes: a folder of results is gone on with only where all of it is the same."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.parameters import Parameters
from abm.world import shared_tables
from experiments.run import git_revision, versions

if TYPE_CHECKING:
    from experiments.study import Study

ROOT = Path(__file__).resolve().parents[1]
MODEL = ("abm", "agents")


def provenance(study: Study) -> dict[str, Any]:
    """Hashes of the tables, the model's code, the scenarios and the points drawn; the version; what computes it."""
    named = {
        name if package == "none" else f"{name}+{package}" for name in study.scenarios for package in study.packages
    }
    scenarios = [study.setting(name, {}, {}).resolved() for name in sorted(named)]
    drawn = study.draws().to_dict("list") if isinstance(study.uncertain, str) else study.uncertain
    return {
        "version": versions().get("techshield"),
        "model": model_hash(),
        "tables": shared_tables().hash(),
        "scenarios_hash": digest(scenarios),
        "points_hash": digest(drawn),
        "exchange_rate": Parameters(shared_tables()["parameters"], {})["exchange_rate"],
        "made_with": versions() | {"git_revision": git_revision()},
    }


@cache
def model_hash() -> str:
    """A hash of the code and settings that runs are computed by, tables left out."""
    found = hashlib.sha256()
    paths = (path for folder in MODEL for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".yaml"))
    for path in sorted(paths):
        found.update(path.relative_to(ROOT).as_posix().encode())
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def digest(content: Any) -> str:
    """A hash of plain content."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:16]
