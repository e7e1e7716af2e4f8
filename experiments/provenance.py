"""What results are computed from: a folder of results is gone on with only where all of it is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from abm.scenario.identity import digest, setting_figures, world_digest
from abm.tables.parameters import Parameters
from abm.world.world import shared_tables
from calibration import golden
from calibration.draws import named
from calibration.fingerprint import model_hash
from experiments.run import git_revision, versions

if TYPE_CHECKING:
    from experiments.study import Study


def provenance(study: Study) -> dict[str, Any]:
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


def posterior_of(study: Study) -> dict[str, Any]:
    """Of a study whose points are drawn from a posterior: where that comes from, and whether it is stale."""
    if not isinstance(study.uncertain, str) or study.uncertain == "prior":
        return {}
    posterior = named(study.uncertain)
    return {"stale": posterior.stale, "posterior": posterior.told()}
