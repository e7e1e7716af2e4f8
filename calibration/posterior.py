"""A posterior: weighted draws of the free parameters in one file, with what they were made from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm.errors import BadInput
from abm.world import shared_tables
from calibration.free import free

SHIPPED = Path(__file__).parent / "posterior.json"
ELSEWHERE = "elsewhere"  # the key of the discrepancy of events that a posterior was not made from


@dataclass(frozen=True)
class Posterior:
    """Draws (draw, parameter), their weights (draw,), and the manifest: command, tables, events, evaluations."""

    draws: pd.DataFrame
    weights: np.ndarray
    manifest: dict[str, Any]

    @classmethod
    def load(cls, path: Path) -> Posterior:
        """Read one; BadInput if it was made for other parameters or another version of the data."""
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            draws = pd.DataFrame(told["draws"], columns=told["parameters"], dtype=float)
            weights, manifest = np.array(told["weights"], dtype=float), dict(told["manifest"])
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise BadInput(f"{path}: is not a posterior ({problem}).") from problem
        names = [each.key for each in free()[0]]
        if list(draws.columns) != names:
            odd = sorted(set(draws.columns) ^ set(names))
            raise BadInput(f"{path}: made for other parameters; these differ: {', '.join(odd) or 'their order'}.")
        tables = shared_tables().hash()
        if manifest.get("tables") != tables:
            raise BadInput(f"{path}: made from other tables (hash {manifest.get('tables')}, these are {tables}).")
        return cls(draws, weights, manifest)

    def save(self, path: Path) -> None:
        """Write one, whole or not at all."""
        told = {"manifest": self.manifest, "parameters": list(self.draws.columns),
                "weights": [float(f"{weight:.6g}") for weight in self.weights],
                "draws": [[float(f"{value:.6g}") for value in row] for row in self.draws.to_numpy()]}  # fmt: skip
        part = path.with_suffix(".part")
        part.write_text(json.dumps(told, ensure_ascii=False) + "\n", encoding="utf-8")
        part.replace(path)

    def sample(self, count: int, seed: int = 0) -> pd.DataFrame:
        """So many draws, each as likely as its weight."""
        chance = self.weights / self.weights.sum()
        rows = np.random.default_rng(seed).choice(len(self.draws), size=count, p=chance)
        return self.draws.iloc[rows].reset_index(drop=True)

    def lack(self, event: str) -> float:
        """Discrepancy of an event in tolerances, as the other events tell it; 0 where the posterior does not say."""
        told = self.manifest.get("discrepancy", {})
        return float(told.get(event, told.get(ELSEWHERE, 0.0)))

    def informed(self) -> frozenset[str]:
        """The parameters that history informs, by `name` or `name.family`; of the others the prior is left."""
        return frozenset(self.manifest.get("informed", ()))

    def mean(self) -> dict[str, float]:
        """The weighted mean of each parameter."""
        return dict(zip(self.draws.columns, np.average(self.draws, axis=0, weights=self.weights).tolist(), strict=True))
