"""Scenario files: found by name or path, read, and laid one over another."""

from __future__ import annotations

import copy
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from abm import packages
from abm import scenario_checks as checks
from abm.errors import BadInput
from abm.scenario_checks import Place, Raw
from abm.words import did_you_mean
from abm.yaml_loader import LOADER, explained

FOLDER = Path(__file__).parent / "scenarios"


def names() -> list[str]:
    """The scenarios that come with the project."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


class _Loader(LOADER):
    """YAML without silently repeated keys."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """A mapping; a key written twice is refused."""
        self.flatten_mapping(node)
        found = [self.construct_object(key, deep=True) for key, _ in node.value]
        repeated = [key for position, key in enumerate(found) if key in found[:position]]
        if repeated:
            raise yaml.YAMLError(f"'{repeated[0]}' is written twice (line {node.start_mark.line + 1})")
        return super().construct_mapping(node, deep=deep)


def find(name: str | Path) -> Path:
    """The file of a shipped name or of a path."""
    given = str(name)
    if given.endswith((".yaml", ".yml")) or "/" in given or "\\" in given:
        if not Path(given).is_file():
            raise BadInput(f"{given}: there is no such scenario file.")
        return Path(given)
    if given not in names():
        raise BadInput(f"'{given}' is not a known scenario.{did_you_mean(given, names())}")
    return FOLDER / f"{given}.yaml"


def parse(path: str, value: str) -> Any:
    """A value given on the command line, read as YAML."""
    try:
        return yaml.load(value, _Loader)
    except (yaml.YAMLError, ValueError) as error:
        raise BadInput(f"--set {path}: '{value}' is not a value: {explained(error)}.") from error


def read(path: Path, inside: tuple[Path, ...]) -> tuple[Raw, dict[str, str]]:
    """One file laid over those it extends: merged values, and the file that each key and cause came from."""
    if path.resolve() in inside:
        raise BadInput(f"{path.name}: extends: goes round in a circle through '{inside[-1].stem}'.")
    return compose(contents(path), path, inside)


def compose(raw: Raw, path: Path, inside: tuple[Path, ...] = ()) -> tuple[Raw, dict[str, str]]:
    """What a file says, laid over what it extends."""
    base: Raw = {}
    origins: dict[str, str] = {}
    if raw.get("extends") is not None:
        parent = checks.text(raw["extends"], Place(path.name, "extends"))
        base, origins = read(_parent(parent, path), (*inside, path.resolve()))
    merged, origins = _overlay(base, raw, origins, path.name)
    own = () if raw.get("packages") is None else checks.words(raw["packages"], Place(path.name, "packages"))
    return lay(merged, origins, packages.parse(own, Place(path.name, "packages")))


def lay(raw: Raw, origins: dict[str, str], chosen: tuple[packages.Package, ...]) -> tuple[Raw, dict[str, str]]:
    """Lay packages over a merged scenario, each at its budget; a cause may not be there already."""
    raw, origins = {**raw, "causes": list(raw.get("causes") or ())}, dict(origins)
    for each in chosen:
        top = contents(each.file, packages.KEYS)
        packages.check(top, each)
        there = {cause["id"] for cause in raw["causes"]}
        for cause in packages.scaled(top["causes"], each):
            if cause["id"] in there:
                raise Place(each.file.name, "causes").refuse(f"'{cause['id']}' is in the scenario already.")
            raw["causes"].append(cause)
            origins[cause["id"]] = each.file.name
    return raw, origins


def package(name: str) -> Raw:
    """A shipped package as it is written."""
    return contents(packages.parse([name], Place(name))[0].file, packages.KEYS)


def titled(raw: Raw, chosen: tuple[packages.Package, ...]) -> Raw:
    """The titles of a scenario with those of the packages laid over it by name."""
    tops = [(each, contents(each.file, packages.KEYS)) for each in chosen]
    told = {
        key: "; ".join([str(raw[key]), *(packages.title(each, top, key[-2:]) for each, top in tops)])
        for key in ("title_en", "title_zh")
        if raw.get(key)
    }
    return {**raw, **told}


def _parent(name: str, child: Path) -> Path:
    """The file that `extends` names: a shipped name, or a path from the file that says so."""
    if name.endswith((".yaml", ".yml")) and (child.parent / name).is_file():
        return child.parent / name
    try:
        return find(name)
    except BadInput as error:
        raise BadInput(f"{child.name}: extends: {error}") from error


def contents(path: Path, known: tuple[str, ...] = checks.SCENARIO_KEYS) -> Raw:
    """What one file says, its top-level keys and the shape of its causes checked."""
    place = Place(path.name)
    try:
        raw = copy.deepcopy(_parsed(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValueError) as error:
        raise place.refuse(f"is not valid YAML: {explained(error)}.") from error
    except OSError as error:
        raise place.refuse("cannot be read.") from error
    checks.keys(raw, known, place)
    causes = raw.get("causes") or []
    if not isinstance(causes, list):
        raise place.at("causes").refuse("expected a list of causes, each beginning with '- id: ...'.")
    seen: set[str] = set()
    for position, cause in enumerate(causes):
        _identify(cause, seen, place.at("causes").at(position + 1))
    return raw


@lru_cache(maxsize=128)
def _parsed(text: str) -> Any:
    """A file's text as YAML, parsed once: files that many scenarios extend are read many times over."""
    return yaml.load(text, _Loader)


def _identify(cause: Any, seen: set[str], place: Place) -> None:
    """Refuse a cause without an id, or with one that the file has used."""
    if not isinstance(cause, dict):
        raise place.refuse(f"expected a cause with its keys, got {cause!r}.")
    key = checks.text(cause.get("id"), place.at("id"))
    if "." in key or key != key.strip():
        raise place.at("id").refuse(f"'{key}': an id has no points or spaces around it.")
    if key in seen:
        raise place.at("id").refuse(f"'{key}' is used twice.")
    seen.add(key)


def _overlay(base: Raw, top: Raw, origins: dict[str, str], file: str) -> tuple[Raw, dict[str, str]]:
    """Lay one file over another: scalars replace, parameters merge, causes with the same id replace or add."""
    causes = {cause["id"]: cause for cause in base.get("causes", ())}
    removed = top.get("without")
    for key in () if removed is None else checks.words(removed, Place(file, "without")):
        if key not in causes:
            raise Place(file, "without").unknown("inherited cause", key, causes)
        del causes[key]
    for cause in top.get("causes") or ():
        causes[cause["id"]] = cause
        origins[cause["id"]] = file
    merged = {**base, **{key: value for key, value in top.items() if key not in ("extends", "without", "packages")}}
    origins.update(dict.fromkeys(top, file))
    own = top.get("parameters")
    if isinstance(own, dict) and isinstance(base.get("parameters"), dict):
        merged["parameters"] = {**base["parameters"], **own}
    merged["causes"] = list(causes.values())
    return merged, origins


def origin_key(path: str) -> str:
    """The key or cause id that a path belongs to."""
    parts = path.split(".")
    return parts[1] if parts[0] == "causes" and len(parts) > 1 else parts[0]


def set_value(raw: Raw, path: str, value: Any) -> None:
    """Set one value of a merged scenario by its path."""
    place = Place(f"--set {path}")
    first, _, rest = path.partition(".")
    if first == "parameters" and rest:
        raw["parameters"] = {**(raw.get("parameters") or {}), rest: value}
    elif first == "causes" and rest:
        key, _, name = rest.partition(".")
        causes = {cause["id"]: cause for cause in raw["causes"]}
        if key not in causes:
            raise place.unknown("cause", key, causes)
        if not name:
            raise place.refuse("expected causes.<id>.<field>.")
        _set_field(causes[key], name, value)
    elif rest or first in ("causes", "parameters", "extends", "without", "packages"):
        raise place.refuse("expected a key of the scenario, causes.<id>.<field> or parameters.<name>.")
    elif first not in checks.SCENARIO_KEYS:
        raise place.unknown("key", first, checks.SCENARIO_KEYS)
    else:
        raw[first] = value


def _set_field(cause: Raw, name: str, value: Any) -> None:
    """Set a field of a cause, or one year of a yearly field."""
    name, _, year = name.partition(".")
    if not year:
        cause[name] = value
        return
    years = cause.get(name) if isinstance(cause.get(name), dict) else {}
    cause[name] = {**(years or {}), int(year) if year.isdigit() else year: value}
