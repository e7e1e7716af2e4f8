"""What evaluations are computed from, so that a table or a posterior of anything else is known and told apart.

Words alone (titles, sources, confidence) are left out: they change no number. A scenario's causes, an event's targets
and the world that it runs in are told as hashes, its window, parameters and minerals as they are. The numbers of the
golden runs stand for the model's rules; hashes of code are told and compared by nobody.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.scenario.identity import digest, setting_figures, world_digest
from abm.world.world import shared_tables
from calibration.fit.free import free
from calibration.record import golden
from kit.nearest import first_of

if TYPE_CHECKING:
    from calibration.record.event import Event, Target

ROOT = Path(__file__).resolve().parents[2]
MODEL = ("abm", "agents", "kit")  # folders of the model: code and settings
WORDS = ("title_en", "title_zh", "source", "baseline", "record_series", "confidence")  # of a target: change no number
LENGTH = 16  # signs of a hash that are kept


def made_from(events: Iterable[Event]) -> dict[str, Any]:
    """What must be the same for an evaluation, and for a posterior, to mean the same."""
    names, likeness = free()
    return {
        "events": {event.name: event_print(event) for event in events}, "likeness": likeness,
        "parameters": {each.key: [each.low, each.high] for each in names}, "golden": golden.shipped(),
        "code": {"model": model_hash(), "readings": readings_hash()},
    }  # fmt: skip


def event_print(event: Event) -> dict[str, Any]:
    """An event as numbers come from it: its file where it is the user's, world, window, setting, causes and targets."""
    scenario = event.scenario
    figures = setting_figures(scenario)
    setting = {**figures["setting"], "minerals": list(event.minerals)}
    targets = {target.id: digest(numbers_of(target)) for target in event.targets}
    world = world_digest(shared_tables(), scenario.base_year, event.minerals)
    return plain({"file": event.file, "world": world, "setting": setting, "causes": figures["causes"],
                  "targets": targets})  # fmt: skip


def numbers_of(target: Target) -> dict[str, Any]:
    """A target without its words."""
    return {name: value for name, value in vars(target).items() if name not in WORDS}


def plain(content: Any) -> Any:
    """Content as it comes back from a file."""
    return json.loads(json.dumps(content))


@cache
def model_hash() -> str:
    """A hash of the code and settings that runs are computed by, tables left out."""
    paths = (path for folder in MODEL for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".yaml"))
    return code_hash(sorted(paths))


@cache
def readings_hash() -> str:
    """A hash of the code that figures are read by."""
    return code_hash(sorted((ROOT / "calibration" / "record").rglob("*.py")))


def code_hash(paths: Sequence[Path]) -> str:
    """A hash of files and their names."""
    found = hashlib.sha256()
    for path in paths:
        found.update(path.relative_to(ROOT).as_posix().encode())
        found.update(path.read_bytes())
    return found.hexdigest()[:LENGTH]


def data_differs(there: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    """In which free parameters, golden runs and events the present (`made_from`) differs from what a manifest tells."""
    found = golden_differs(there.get("golden"), here["golden"])
    if there.get("likeness") != here["likeness"]:
        found.append(f"the likeness of families ({there.get('likeness')}, now {here['likeness']})")
    found += entries("the range of", there.get("parameters", {}), here["parameters"])
    before, now = there.get("events", {}), here["events"]
    for name in dict.fromkeys([*before, *now]):
        if name not in now or name not in before:
            found.append(f"event {name} {'is not asked for' if name not in now else 'was not asked for'}")
        else:
            found += event_differs(name, before[name], now[name])
    return found


def golden_differs(there: Any, here: Mapping[str, str]) -> list[str]:
    """Which golden runs have moved since; one that has only been added has not."""
    if not isinstance(there, Mapping):
        return ["on which results of the model it stands is not told"]
    return [f"the golden run {name} has moved" for name, value in here.items() if there.get(name, value) != value]


def event_differs(name: str, there: Any, here: Mapping[str, Any]) -> list[str]:
    """In what an event differs from what a manifest tells of it."""
    if not isinstance(there, Mapping):
        return [f"event {name}: its causes and values are not told"]
    found = []
    if there.get("file", "") != here["file"]:
        found.append(f"event {name}: from {there.get('file') or 'the project'}, now {here['file'] or 'the project'}")
    if there.get("world") != here["world"]:
        found.append(f"event {name}: figures of its world have changed")
    for key, what in (("setting", "the scenario's"), ("causes", "cause"), ("targets", "target")):
        found += entries(f"event {name}: {what}", there.get(key, {}), here[key])
    return found


def entries(what: str, there: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    """Entries of one mapping that are new, gone or changed."""
    found = []
    for key in dict.fromkeys([*there, *here]):
        if key not in here:
            found.append(f"{what} {key} is gone")
        elif key not in there:
            found.append(f"{what} {key} is new")
        elif there[key] != here[key]:
            found.append(f"{what} {key} has changed")
    return found


def listed(differing: Sequence[str], most: int = 4) -> str:
    """The first few of what differs, and how many more."""
    return "; ".join(first_of(differing, most))
