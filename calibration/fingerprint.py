"""What evaluations are computed from, so that a table or a posterior of anything else is known and told apart.

Words alone (titles, sources, confidence) are left out: they change no number. A scenario's causes and an event's
targets are told as hashes, its window, parameters and minerals as they are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.words import shortened
from abm.world import shared_tables
from calibration.free import free

if TYPE_CHECKING:
    from calibration.event import Event, Target

ROOT = Path(__file__).resolve().parents[1]
MODEL = ("abm", "agents")  # folders of the model: code and settings
READINGS = ("event", "free", "readings", "replay", "spans")  # calibration's own modules that a figure goes through
CODE = {"model": "the model's code", "readings": "the code that reads a run's figures"}
WORDS = ("title_en", "title_zh", "source", "baseline", "record_series", "confidence")  # of a target: change no number
LENGTH, SHOWN = 16, 12  # signs of a hash that are kept, and that a sentence shows


def made_from(events: Iterable[Event]) -> dict[str, Any]:
    """What must be the same for an evaluation, and for a posterior, to mean the same."""
    names, likeness = free()
    return {
        "events": {event.name: event_print(event) for event in events}, "likeness": likeness,
        "parameters": {each.key: [each.low, each.high] for each in names}, "tables": shared_tables().hash(),
        "model": model_hash(), "readings": readings_hash(),
    }  # fmt: skip


def event_print(event: Event) -> dict[str, Any]:
    """An event as numbers come from it: its file where it is the user's, window, setting, causes and targets."""
    scenario = event.scenario
    causes = {cause.id: digest([cause.instrument, cause.start, cause.end, cause.announced, cause.by, cause.fields])
              for cause in scenario.causes}  # fmt: skip
    setting = {"start": str(scenario.start), "end": str(scenario.end), "base_year": scenario.base_year,
               "demand": scenario.demand, "projects": scenario.projects, "outages": scenario.outages,
               "free": list(scenario.free), "minerals": list(event.minerals),
               **{f"parameters.{name}": value for name, value in scenario.parameters.items()}}  # fmt: skip
    targets = {target.id: digest(numbers_of(target)) for target in event.targets}
    return plain({"file": event.file, "setting": setting, "causes": causes, "targets": targets})


def numbers_of(target: Target) -> dict[str, Any]:
    """A target without its words."""
    return {name: value for name, value in vars(target).items() if name not in WORDS}


def plain(content: Any) -> Any:
    """Content as it comes back from a file."""
    return json.loads(json.dumps(content))


def digest(content: Any) -> str:
    """A hash of plain content."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:LENGTH]


@cache
def model_hash() -> str:
    """A hash of the code and settings that runs are computed by, tables left out."""
    paths = (path for folder in MODEL for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".yaml"))
    return code_hash(sorted(paths))


@cache
def readings_hash() -> str:
    """A hash of the code that figures are read by."""
    return code_hash([ROOT / "calibration" / f"{name}.py" for name in READINGS])


def code_hash(paths: Sequence[Path]) -> str:
    """A hash of files and their names."""
    found = hashlib.sha256()
    for path in paths:
        found.update(path.relative_to(ROOT).as_posix().encode())
        found.update(path.read_bytes())
    return found.hexdigest()[:LENGTH]


def code_differs(there: Mapping[str, Any]) -> list[str]:
    """In which code the present differs from what a manifest tells."""
    here = {"model": model_hash(), "readings": readings_hash()}
    return [f"{CODE[key]} {than(there.get(key), value)}" for key, value in here.items() if there.get(key) != value]


def data_differs(there: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    """In which tables, free parameters and events the present (`made_from`) differs from what a manifest tells."""
    found = []
    if there.get("tables") != here["tables"]:
        found.append(f"other tables {than(there.get('tables'), here['tables'])}")
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


def event_differs(name: str, there: Any, here: Mapping[str, Any]) -> list[str]:
    """In what an event differs from what a manifest tells of it."""
    if not isinstance(there, Mapping):
        return [f"event {name}: its causes and values are not told"]
    found = []
    if there.get("file", "") != here["file"]:
        found.append(f"event {name}: from {there.get('file') or 'the project'}, now {here['file'] or 'the project'}")
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


def than(there: object, here: object) -> str:
    """Two hashes in brackets."""
    return f"(hash {str(there)[:SHOWN] if there else 'not told'}, now {str(here)[:SHOWN]})"


def listed(differing: Sequence[str], most: int = 4) -> str:
    """The first few of what differs, and how many more."""
    return "; ".join(shortened(differing, most))
