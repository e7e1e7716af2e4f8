"""What results are computed from: a folder of results is gone on with only where all of it is the same."""

from __future__ import annotations

import json
from typing import Any

from abm.scenario.identity import digest, setting_figures, world_digest
from abm.tables.parameters import Parameters
from abm.world.world import shared_tables
from calibration.fit.draws import named
from calibration.fit.fingerprint import model_hash
from calibration.record import golden
from experiments.design import KEYS, TEXTS, Design
from experiments.run import git_revision, versions


def manifest_of(study: Design) -> dict[str, Any]:
    """What a folder of results must agree with: the design, a hash of it, and what its runs are computed from."""
    told = {key: getattr(study, key) for key in KEYS} | {"name": study.name}
    told = json.loads(json.dumps(told, default=str))
    design = {key: value for key, value in told.items() if key not in (*TEXTS, "names_zh")}
    return told | {"design": digest(design), "runs": study.size(), **provenance(study)}


def provenance(study: Design) -> dict[str, Any]:
    """Hashes of the worlds, scenarios and points drawn, the golden runs' numbers; and, told alone, what computes it."""
    words = {
        name if package == "none" else f"{name}+{package}" for name in study.scenarios for package in study.packages
    }
    scenarios = [study.setting(name, {}, {}) for name in sorted(words)]
    drawn = study.draws().to_dict("list") if isinstance(study.uncertain, str) else study.uncertain
    tables = shared_tables()
    years = sorted({setting.base_year for setting in scenarios})
    return {
        "golden": golden.shipped(),
        "worlds": {str(year): world_digest(tables, year, study.only) for year in years},
        "scenarios_hash": digest([setting_figures(setting) for setting in scenarios]),
        "points_hash": digest(drawn),
        "exchange_rate": Parameters(tables["parameters"], {})["exchange_rate"],
        "made_with": versions() | {"git_revision": git_revision(), "model": model_hash()},
        **posterior_of(study),
    }


def posterior_of(study: Design) -> dict[str, Any]:
    """Of a study whose points are drawn from a posterior: where that comes from, and whether it is stale."""
    if not isinstance(study.uncertain, str) or study.uncertain == "prior":
        return {}
    posterior = named(study.uncertain)
    return {"stale": posterior.stale, "posterior": posterior.told()}
