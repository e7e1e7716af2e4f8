"""A posterior: weighted draws of the free parameters in one file, with what they were made from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm.errors import BadInput
from calibration.event import Event
from calibration.fingerprint import code_differs, data_differs, event_print, listed, made_from
from calibration.free import free

SHIPPED = Path(__file__).parent / "posterior.json"
ELSEWHERE = "elsewhere"  # the key of the discrepancy of events that a posterior was not made from


@dataclass(frozen=True)
class Posterior:
    """Draws (draw, parameter), their weights (draw,), and the manifest: command, tables, events, evaluations.

    `doubts` are what differs from the present without a reason to refuse it: sentences for whoever uses it.
    """

    draws: pd.DataFrame
    weights: np.ndarray
    manifest: dict[str, Any]
    doubts: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Posterior:
        """Read one; BadInput if it was made from other parameters, events, tables or code, or its numbers are no draws.

        Of the one that comes with the project, other code is a doubt, not a refusal: a comment changes the hash too.
        """
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
        check_numbers(path, draws, weights)
        return cls(draws, weights, manifest, compared(path, manifest))

    def save(self, path: Path) -> None:
        """Write one, whole or not at all."""
        told = {"manifest": self.manifest, "parameters": list(self.draws.columns),
                "weights": [float(f"{weight:.6g}") for weight in self.weights],
                "draws": [[float(f"{value:.6g}") for value in row] for row in self.draws.to_numpy()]}  # fmt: skip
        part = path.with_suffix(".part")
        part.write_text(json.dumps(told, ensure_ascii=False) + "\n", encoding="utf-8")
        part.replace(path)

    def told(self) -> dict[str, Any]:
        """Where it comes from, for the manifest of what is computed with it."""
        kept = {key: self.manifest.get(key) for key in ("command", "tables", "model", "readings")}
        return {**kept, "doubts": list(self.doubts)}

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
        """The parameters that history informs (narrows), by `name` or `name.family`."""
        return frozenset(self.manifest.get("informed", ()))

    def moved(self) -> frozenset[str]:
        """Those that history moves and does not narrow; of all that are neither, the prior is left."""
        return frozenset(self.manifest.get("moved", ()))

    def mean(self) -> dict[str, float]:
        """The weighted mean of each parameter."""
        return dict(zip(self.draws.columns, np.average(self.draws, axis=0, weights=self.weights).tolist(), strict=True))


def check_numbers(path: Path, draws: pd.DataFrame, weights: np.ndarray) -> None:
    """BadInput where weights do not fit the draws, or anything is no finite number."""
    if weights.shape != (len(draws),):
        raise BadInput(f"{path}: is not a posterior ({weights.size} weights for {len(draws)} draws).")
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.sum() > 0):
        raise BadInput(f"{path}: is not a posterior (weights must be finite, not below 0, and one above it).")
    if not np.isfinite(draws.to_numpy()).all():
        raise BadInput(f"{path}: is not a posterior (a draw is no finite number).")


def compared(path: Path, manifest: dict[str, Any]) -> tuple[str, ...]:
    """What differs from the present and is no reason to refuse a posterior, in sentences; BadInput for what is."""
    own, events, doubts = path.resolve() != SHIPPED.resolve(), manifest.get("events", {}), []
    if not own and not all(isinstance(entry, dict) for entry in events.values()):
        events = {}  # made before events were told in full
        doubts.append("which causes and values its events had is not told")
    gone = [name for name, told in events.items() if told.get("file") and not Path(told["file"]).is_file()]
    doubts += [f"event {name} ({events[name]['file']}) is not there any more and was not compared" for name in gone]
    kept = {name: told for name, told in events.items() if name not in gone}
    here = made_from([]) | {"events": {name: present(name, told) for name, told in kept.items()}}
    code = code_differs(manifest)
    if differing := [*data_differs({**manifest, "events": kept}, here), *(code if own else ())]:
        raise BadInput(f"{path}: made from other things than these; what differs: {listed(differing)}. "
                       "Make it anew: techshield calibrate.")  # fmt: skip
    return (*doubts, *(() if own else code))


def present(name: str, told: Any) -> dict[str, Any]:
    """An event as it is now; the project's own are read once."""
    if isinstance(told, dict) and told.get("file"):
        return event_print(Event.load(told["file"]))
    return of_project(name)


@cache
def of_project(name: str) -> dict[str, Any]:
    """One of the project's events as it is now."""
    return event_print(Event.load(name))
