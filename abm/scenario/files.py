"""Scenario files: found by name or path, read, and laid one over another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from abm.scenario import checks, packages
from abm.scenario.checks import Place, Raw
from kit import yaml_loader
from kit.errors import BadInput
from kit.nearest import did_you_mean, quoted, shortened

FOLDER = Path(__file__).parents[1] / "scenarios"


def names() -> list[str]:
    """The scenarios that come with the project."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def find(name: str | Path) -> Path:
    """The file of a shipped name or of a path."""
    return named_file(str(name), "scenario", FOLDER)


def named_file(given: str, kind: str, folder: Path) -> Path:
    """The file of a shipped name of its kind, or of a path; BadInput for a path where there is none."""
    if given.endswith((".yaml", ".yml")) or "/" in given or "\\" in given:
        if not yaml_loader.is_file(Path(given)):
            raise BadInput(f"{shortened(given)}: there is no such {kind} file.")
        return Path(given)
    known = sorted(path.stem for path in folder.glob("*.yaml"))
    if given not in known:
        raise BadInput(f"'{shortened(given)}' is not a known {kind}.{did_you_mean(given, known)}")
    return folder / f"{given}.yaml"


def parse(path: str, value: str) -> Any:
    """A value given on the command line, read as YAML."""
    try:
        return yaml_loader.parse(value)
    except ValueError as error:
        raise Place(f"--set {shortened(path)}").refuse(f"'{shortened(value)}' is not a value: {error}.") from error


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
    if name.endswith((".yaml", ".yml")) and yaml_loader.is_file(child.parent / name):
        return child.parent / name
    try:
        return find(name)
    except BadInput as error:
        raise BadInput(f"{child.name}: extends: {error}") from error


def contents(path: Path, known: tuple[str, ...] = checks.SCENARIO_KEYS) -> Raw:
    """What one file says, its top-level keys and the shape of its causes checked."""
    place, raw = Place(path.name), yaml_loader.read(path)
    checks.keys(raw, known, place)
    causes = raw.get("causes") or []
    if not isinstance(causes, list):
        raise place.at("causes").refuse("expected a list of causes, each beginning with '- id: ...'.")
    seen: set[str] = set()
    for position, cause in enumerate(causes):
        _identify(cause, seen, place.at("causes").at(position + 1))
    return raw


def _identify(cause: Any, seen: set[str], place: Place) -> None:
    """Refuse a cause without an id, or with one that the file has used."""
    if not isinstance(cause, dict):
        raise place.refuse(f"expected a cause with its keys, got {quoted(cause)}.")
    key = checks.text(cause.get("id"), place.at("id"))
    if "." in key or key != key.strip():
        raise place.at("id").refuse(f"'{shortened(key)}': an id has no points or spaces around it.")
    if key in seen:
        raise place.at("id").refuse(f"'{shortened(key)}' is used twice.")
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
    place = Place(f"--set {shortened(path)}")
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
