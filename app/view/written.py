"""The scenario of a saved state: named where it comes with the project, else its text; never a path."""

from __future__ import annotations

import hashlib
from typing import Any

from abm import Scenario
from abm.scenario import files, packages
from abm.scenario.checks import Place
from app.view import worlds
from app.view.words import say
from kit import yaml_loader
from kit.errors import BadInput

MOST_FILES = 20


def carried(scenario: str) -> str | dict[str, str]:
    """How a saved state tells of a scenario, so that it opens anywhere."""
    if is_shipped(scenario):
        return scenario
    return {"text": yaml_loader.write(Scenario.load(scenario).raw)}


def scenario_of(told: Any, language: str) -> str:
    """The scenario that a saved state tells of; BadInput in the language of the page where it is told by a path."""
    if isinstance(told, dict) and set(told) == {"text"} and isinstance(told["text"], str):
        return kept(told["text"], language)
    if not isinstance(told, str):
        raise BadInput(say("no_file", language))
    if not is_shipped(told) and any(mark in told for mark in ("/", "\\", ".")):
        raise BadInput(say("state_path", language))
    packages.parse(told.split("+")[1:], Place("scenario"))
    files.find(told.split("+")[0])
    return told


def is_shipped(scenario: str) -> bool:
    """Whether a scenario, packages laid over it or not, comes with the project."""
    return scenario.partition("+")[0] in Scenario.names()


def kept(text: str, language: str) -> str:
    """The file, among those of this program, that holds a scenario's text; it may rest on shipped scenarios alone."""
    folder = worlds.folder() / "opened"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"opened-{hashlib.sha256(text.encode()).hexdigest()[:16]}.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        if files.contents(path).get("extends") not in (None, *Scenario.names()):
            raise BadInput(say("state_path", language))
    except BadInput:
        path.unlink()
        raise
    for older in sorted(folder.glob("*.yaml"), key=lambda each: each.stat().st_mtime)[:-MOST_FILES]:
        older.unlink()
    return str(path)
