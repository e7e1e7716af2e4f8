"""A posterior: weighted draws of the free parameters in one file, with what they were made from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from calibration.fit.fingerprint import data_differs, event_print, made_from
from calibration.fit.free import free
from calibration.record.event import Event
from kit.errors import BadInput
from kit.nearest import shortened
from kit.stored import read_json

SHIPPED = Path(__file__).parents[1] / "posterior.json"
EXPECTED = {"draws": list, "parameters": list, "weights": list, "manifest": dict}
TYPES: dict[str, Any] = {
    "events": dict,
    "parameters": dict,
    "informed": list,
    "moved": list,
    "discrepancy": dict,
}
ELSEWHERE = "elsewhere"  # the key of the discrepancy of events that a posterior was not made from


@dataclass(frozen=True)
class Posterior:
    """Draws (draw, parameter), their weights (draw,), and the manifest: command, events, golden runs, evaluations.

    `moved_since` tells what it was made from that is no longer as it was: with any it is stale, and runs all the same.
    """

    draws: pd.DataFrame
    weights: np.ndarray
    manifest: dict[str, Any]
    moved_since: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Posterior:
        """Read one; BadInput if its numbers are no draws. A parameter that the model no longer has is left out."""
        told = read_json(path, EXPECTED)
        manifest = told["manifest"]
        check_manifest(path, manifest)
        try:
            draws = pd.DataFrame(told["draws"], columns=[str(name) for name in told["parameters"]], dtype=float)
            weights = np.array(told["weights"], dtype=float)
        except (ValueError, TypeError, OverflowError) as problem:
            raise BadInput(f"{path}: is not a posterior ({shortened(str(problem))}).") from None
        if draws.columns.has_duplicates:
            raise BadInput(f"{path}: is not a posterior: a parameter stands in it twice.")
        check_numbers(path, draws, weights)
        names = [each.key for each in free()[0]]
        known = [name for name in draws if name in names]
        if not known:
            raise BadInput(f"{path}: none of its parameters is a free one of this model: {', '.join(names)}.")
        gone = [f"{name} is no free parameter any more and is left out" for name in draws if name not in known]
        new = [f"{name} is new and stands at the tables' value" for name in names if name not in known]
        return cls(draws[known], weights, manifest, (*gone, *new, *compared(manifest)))

    @property
    def stale(self) -> bool:
        """Whether anything that it was made from has moved since."""
        return bool(self.moved_since)

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
        kept = {key: self.manifest.get(key) for key in ("command", "code")}
        return {**kept, "stale": self.stale, "moved_since": list(self.moved_since)}

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


def check_manifest(path: Path, manifest: dict[str, Any]) -> None:
    """BadInput where what a posterior says of its making is of other types than these."""
    for key, kind in TYPES.items():
        if not isinstance(manifest.get(key, kind()), kind):
            raise BadInput(f"{path}: is not a posterior: '{key}' of its manifest is {type(manifest[key]).__name__}.")
    for name, told in manifest.get("events", {}).items():
        parts = [told.get(key, {}) for key in ("setting", "causes", "targets")] if isinstance(told, dict) else [None]
        if not all(isinstance(part, dict) for part in parts) or not isinstance(told.get("file", ""), str):
            raise BadInput(
                f"{path}: is not a posterior: the event '{shortened(str(name))}' of its manifest is damaged."
            )
    lists = [*manifest.get("informed", []), *manifest.get("moved", [])]
    numbers = manifest.get("discrepancy", {}).values()
    if not all(isinstance(name, str) for name in lists) or not all(isinstance(each, int | float) for each in numbers):
        raise BadInput(f"{path}: is not a posterior: 'informed', 'moved' or 'discrepancy' of its manifest is damaged.")


def check_numbers(path: Path, draws: pd.DataFrame, weights: np.ndarray) -> None:
    """BadInput where weights do not fit the draws, or anything is no finite number."""
    if weights.shape != (len(draws),):
        raise BadInput(f"{path}: is not a posterior ({weights.size} weights for {len(draws)} draws).")
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.sum() > 0):
        raise BadInput(f"{path}: is not a posterior (weights must be finite, not below 0, and one above it).")
    if not np.isfinite(draws.to_numpy()).all():
        raise BadInput(f"{path}: is not a posterior (a draw is no finite number).")


def compared(manifest: dict[str, Any]) -> tuple[str, ...]:
    """What a posterior was made from that is not so any more, in sentences."""
    events = manifest.get("events", {})
    gone = [name for name, told in events.items() if told.get("file") and not Path(told["file"]).is_file()]
    kept = {name: told for name, told in events.items() if name not in gone}
    here = made_from([]) | {"events": {name: present(name, told) for name, told in kept.items()}}
    missing = [f"event {name} ({events[name]['file']}) is not there any more" for name in gone]
    return (*missing, *data_differs({**manifest, "events": kept}, here))


def present(name: str, told: Any) -> dict[str, Any]:
    """An event as it is now; the project's own are read once."""
    if isinstance(told, dict) and told.get("file"):
        return event_print(Event.load(told["file"]))
    return of_project(name)


@cache
def of_project(name: str) -> dict[str, Any]:
    """One of the project's events as it is now."""
    return event_print(Event.load(name))
