"""The table of evaluations: every target under draws of the prior, in Parquet parts that survive a kill."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from calibration.fit.fingerprint import data_differs, listed, made_from, plain
from calibration.fit.free import prior
from calibration.record.event import Event, load_again
from calibration.record.replay import evaluate_together, together
from kit.errors import BadInput
from kit.processes import Pool
from kit.stored import frame_of, read_json

PART = 10  # evaluations in a part
MANIFEST = "manifest.json"
EXPECTED = {"evaluations": int, "seed": int, "part": int, "events": dict}  # of a manifest, with their types
SMALLEST = 1e-6
FAR = 12.0  # distances beyond so many tolerances are all alike


@dataclass(frozen=True)
class Plan:
    """What a table holds: which events, how many evaluations, the seed of the Latin hypercube."""

    events: tuple[Event, ...]
    evaluations: int
    seed: int = 1

    def manifest(self) -> dict[str, Any]:
        """What must be the same for a table to be resumed."""
        return {"evaluations": self.evaluations, "seed": self.seed, "part": PART, **made_from(self.events)}


def check_folder(folder: Path, plan: Plan, resume: bool) -> None:
    """Write the manifest of a new table, or see that an old one is the same; BadInput says what differs."""
    path = folder / MANIFEST
    wanted = plain(plan.manifest())
    if not path.exists():
        part = path.with_suffix(".tmp")
        part.write_text(json.dumps(wanted, indent=1) + "\n", encoding="utf-8")
        part.replace(path)
        return
    there = read_json(path, EXPECTED)
    counts = [f"{key} ({there.get(key)}, now {wanted[key]})" for key in ("evaluations", "seed", "part")
              if there.get(key) != wanted[key]]  # fmt: skip
    if differing := [*counts, *data_differs(there, wanted)]:
        raise BadInput(f"{folder}: its table was made otherwise; what differs: {listed(differing)}. "
                       "Name another folder for a new one.")  # fmt: skip
    if not resume:
        raise BadInput(f"--out {folder}: holds such a table already; add --resume to go on with it.")


def evaluate_part(events: tuple[Event, ...], rows: list[tuple[int, dict[str, float]]]) -> list[dict[str, float]]:
    """Some evaluations: number, parameters, and each target as `event/target`."""
    told, groups = [], together(events)
    for number, changes in rows:
        found: dict[str, float] = {}
        for group in groups:
            found |= evaluate_together(group, changes, number)
        names = [f"{event.name}/{target.id}" for event in events for target in event.targets]
        told.append({"evaluation": number, **changes, **{name: found[name] for name in names}})
    return told


def fill(plan: Plan, folder: Path, workers: int, tell: Callable[[int, int], None], limit: int | None = None) -> None:
    """Make the parts that are missing, `limit` evaluations in all at most (the rows stand in an order of chance).

    A kill loses the parts in flight, and leaves no half part.
    """
    waiting = missing(plan, folder)
    done = plan.evaluations - sum(len(rows) for _, rows in waiting)
    if limit is not None:
        waiting = waiting[: max(limit - done, 0) // PART]
    tell(done, plan.evaluations)
    queue: Iterator[tuple[Path, list[tuple[int, dict[str, float]]]]] = iter(waiting)
    with Pool(workers) as pool:
        running = {}
        while True:
            while len(running) < 2 * workers and (following := next(queue, None)):
                running[pool.submit(evaluate_part, plan.events, following[1])] = following[0]
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                path = running.pop(future)
                rows = future.result()
                write(pd.DataFrame(rows), path)
                done += len(rows)
                tell(done, plan.evaluations)


def missing(plan: Plan, folder: Path) -> list[tuple[Path, list[tuple[int, dict[str, float]]]]]:
    """Parts that are not there yet, with their rows."""
    rows = [{str(key): float(value) for key, value in row.items()}
            for row in prior(plan.evaluations, plan.seed).to_dict("records")]  # fmt: skip
    numbered = list(enumerate(rows))
    parts = [(folder / f"part-{first // PART:05d}.parquet", numbered[first : first + PART])
             for first in range(0, len(rows), PART)]  # fmt: skip
    return [(path, chunk) for path, chunk in parts if not path.exists()]


def write(frame: pd.DataFrame, path: Path) -> None:
    """A part, whole or not at all."""
    draft = path.with_suffix(".tmp")
    frame.to_parquet(draft, compression="zstd", index=False)
    draft.replace(path)


def read(folder: Path) -> pd.DataFrame:
    """The table so far, one row an evaluation, in order; BadInput if there is none."""
    parts = sorted(folder.glob("part-*.parquet"))
    if not parts:
        raise BadInput(f"{folder}: holds no table of evaluations.")
    frames = [frame_of(part.read_bytes(), str(part), ("evaluation",)) for part in parts]
    return pd.concat(frames, ignore_index=True).sort_values("evaluation")


def plan_in(folder: Path) -> Plan:
    """The plan that a folder's table was made by; BadInput if events or data have changed since."""
    path = folder / MANIFEST
    if not path.is_file():
        raise BadInput(f"{folder}: holds no table of evaluations ({MANIFEST} is missing).")
    there = read_json(path, EXPECTED)
    plan = Plan(tuple(load_again(there["events"])), there["evaluations"], there["seed"])
    check_folder(folder, plan, resume=True)
    return plan


def columns_of(events: Sequence[Event], use: str = "") -> list[tuple[str, Any]]:
    """Column name and target of what counts in skill, of one use or of both."""
    return [(f"{event.name}/{target.id}", target) for event in events for target in event.counted()
            if use in ("", target.use)]  # fmt: skip


def in_tolerances(table: pd.DataFrame, columns: Sequence[tuple[str, Any]]) -> np.ndarray:
    """Each target of each evaluation as distance from the record, signed, in tolerances (evaluation, target)."""
    found = []
    for name, target in columns:
        values = table[name].to_numpy(dtype=float)
        logged = target.scale == "log"
        gap = np.log(np.maximum(values, SMALLEST) / target.value) if logged else values - target.value
        found.append(np.nan_to_num(np.clip(gap / target.tolerance, -FAR, FAR), nan=FAR))
    return np.array(found).T
