"""Golden runs: short runs whose numbers are kept in files, so that no change of results goes unseen.

Each run is kept as hashes of its arrays, which count on the kind of processor and the versions that the file names, and
as some forty numbers that people can read, which count everywhere.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from llvmlite.binding import get_host_cpu_name

from abm import Model, Scenario
from abm.measures.headline import summary
from kit import yaml_loader

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "golden"
LIST = "runs.yaml"
CLOSE = 1e-9  # relative: processors differ in the last bits
MEASURE = "measure "  # begins the name of a number that is told of a run
LENGTH = 16  # signs of a hash that are kept
DIGESTS = Path(__file__).parents[1] / "golden.json"  # an installed copy has no tests
PACKAGES = ("numpy", "numba", "scipy", "pandas")
GOODS = ("gallium", "germanium", "antimony", "dy_oxide", "ndpr_oxide", "ndfeb_heavy", "lithium_chemical", "wafers")
MEASURES = (
    "output_lost.world", "output_lost.allies", "output_lost.taiwan", "output_lost.china", "orders_lost.taiwan",
    "gdp_at_risk_taiwan.worst_quarter", "taiwan_loss.direct", "taiwan_loss.indirect", "lever_cost.total",
)  # fmt: skip


@dataclass(frozen=True)
class Golden:
    """What is kept of a run: on which machine, hashes by group of arrays, readable numbers by name."""

    machine: dict[str, str]
    hashes: dict[str, str]
    numbers: dict[str, float]

    @classmethod
    def load(cls, path: Path) -> Golden:
        """Read one file."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def save(self, path: Path) -> None:
        """Write one file."""
        text = json.dumps(dataclasses.asdict(self), indent=1, ensure_ascii=False, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")


def shipped() -> dict[str, str]:
    """The digests of the golden runs that come with the project."""
    return json.loads(DIGESTS.read_text(encoding="utf-8"))


def names() -> list[str]:
    """The golden runs."""
    return list(listed())


def listed() -> dict[str, dict[str, Any]]:
    """Scenario, last day and seed of each golden run."""
    return yaml_loader.read(FOLDER / LIST)


def setting_of(name: str) -> Scenario:
    """The scenario of a golden run, up to its last day."""
    told = listed()[name]
    own = FOLDER / told["scenario"]
    setting = Scenario.load(own if own.is_file() else told["scenario"])
    until = datetime.date.fromisoformat(told["until"])
    return setting if until == setting.end else setting.until(until)


def simulate(name: str) -> Model:
    """Simulate a golden run under the tables' own parameters."""
    return Model(setting_of(name), rng=listed()[name]["seed"]).run()


def measure(model: Model) -> Golden:
    """What is to be kept of a finished run."""
    told = summary(model.history)
    return Golden(machine(), hashes_of(model, told), numbers_of(model, told))


def machine() -> dict[str, str]:
    """The kind of processor and the versions on which hashes are the same."""
    found = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {"processor": get_host_cpu_name(), "python": platform.python_version(), **found}


def hashes_of(model: Model, told: Mapping[str, Any]) -> dict[str, str]:
    """Hashes of prices, firms, inputs, made goods and links by week, of the columns at the end, and of the summary."""
    history = model.history
    prices = {name: getattr(history, name) for name in ("spot", "average", "export")}
    return {
        "prices": hashed(prices), "firms": hashed(history.firm), "inputs": hashed(history.bought),
        "made": hashed(history.made), "links": hashed(history.link), "columns": hashed(dict(model.columns.items())),
        "summary": hashlib.sha256(json.dumps(told).encode()).hexdigest()[:LENGTH],
    }  # fmt: skip


def hashed(arrays: Mapping[str, np.ndarray]) -> str:
    """One hash of named arrays."""
    total = hashlib.sha256()
    for name, array in arrays.items():
        total.update(name.encode() + str(array.dtype).encode() + np.ascontiguousarray(array).tobytes())
    return total.hexdigest()[:LENGTH]


def numbers_of(model: Model, told: Mapping[str, Any]) -> dict[str, float]:
    """Some forty numbers of a run that people can read: prices, activity, trade, politics, measures."""
    history, world = model.history, model.world
    found = {}
    for good in GOODS:
        for row in np.flatnonzero(world.goods.good == good):
            found[f"mean price of {good} in China over base"] = history.spot[:, 0, row].mean()
            found[f"mean price of {good} outside China over base"] = history.spot[:, 1, row].mean()
            found[f"mean paid price of {good} outside China over base"] = history.average[:, 1, row].mean()
    value = world.base_price
    found |= activity_of(model)
    found["sent a week in US$ at base prices"] = (history.link["sent"].mean(axis=0) * value[world.links.g]).sum()
    found["inputs in stock at the end in US$ at base prices"] = (model.columns["stock"] * value[world.bought.g]).sum()
    found["mean tension"] = history.tension.mean()
    found["fees of providers in US$"] = history.fees[-1]
    found |= {
        f"{MEASURE}{name}": told[name]["value"] for name in MEASURES if told.get(name, {}).get("value") is not None
    }
    return {name: float(number) for name, number in found.items()}


def activity_of(model: Model) -> dict[str, float]:
    """Mean activity of each kind of firm over that of the base year; of firms new since then, their activity."""
    firms, base = model.world.firms, model.columns["base_activity"]
    activity = model.history.firm["activity"].mean(axis=0)
    found = {}
    for kind in dict.fromkeys(firms.kind):
        rows = (firms.kind == kind).to_numpy()
        working = rows & (base > 0)
        found[f"mean activity of kind {kind} over base"] = (
            (activity[working] / base[working]).mean() if working.any() else 0.0
        )
        found[f"activity of new firms of kind {kind}"] = activity[rows & ~working].sum()
    return found


def moved(before: Golden, now: Golden) -> list[tuple[str, str, str]]:
    """What differs: (what, was, is); hashes count only on the machine that the file names."""
    rows = [
        (name, told(before.numbers.get(name)), told(now.numbers.get(name)))
        for name in dict.fromkeys([*before.numbers, *now.numbers])
        if not same(before.numbers.get(name), now.numbers.get(name))
    ]
    if before.machine == now.machine:
        rows += [
            (f"bits of {name}", before.hashes.get(name, "-"), now.hashes.get(name, "-"))
            for name in dict.fromkeys([*before.hashes, *now.hashes])
            if before.hashes.get(name) != now.hashes.get(name)
        ]
    return rows


def same(before: float | None, now: float | None) -> bool:
    """Whether two numbers are the same but for the last bits."""
    if before is None or now is None:
        return before is now
    return bool(np.isclose(now, before, rtol=CLOSE, atol=0.0))


def told(value: float | None) -> str:
    """A number in twelve digits."""
    return "-" if value is None else f"{value:.12g}"


def settle(before: Golden | None, now: Golden) -> Golden:
    """What is written: new numbers where they have moved, the old ones where only last bits differ."""
    if before is None:
        return now
    kept = {
        name: before.numbers[name] if same(before.numbers.get(name), value) else value
        for name, value in now.numbers.items()
    }
    return Golden(now.machine, now.hashes, kept)


def digests() -> dict[str, str]:
    """A hash of the kept numbers of each golden run, measures left out: of the worlds, not of what is told of them."""
    return {name: digest(found) for name in names() if (found := kept(name)) is not None}


def digest(found: Golden) -> str:
    """A hash of the numbers of a run's world."""
    worlds = {name: value for name, value in found.numbers.items() if not name.startswith(MEASURE)}
    return hashlib.sha256(json.dumps(worlds, sort_keys=True).encode()).hexdigest()[:LENGTH]


def file_of(name: str) -> Path:
    """The file of a golden run."""
    return FOLDER / f"{name}.json"


def kept(name: str) -> Golden | None:
    """What is kept of a golden run, if anything."""
    return Golden.load(file_of(name)) if file_of(name).is_file() else None


def orphans(known: Iterable[str]) -> list[Path]:
    """Files of golden runs that are not listed any more."""
    return sorted(path for path in FOLDER.glob("*.json") if path.stem not in set(known))
