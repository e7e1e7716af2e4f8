"""Worlds of the view: built once, shared by all visitors, and kept on disk so that the next start finds them ready."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import stat
import sys
import tempfile
import threading
from collections import OrderedDict
from concurrent.futures import Future
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

import abm
import agents
import kit
from abm import Model, Scenario
from abm.engine.model import reserves_of, world_for
from abm.world.world import World, shared_tables
from app.view.start import PARAMETERS
from kit.errors import BadInput

EMBRACE = "+R1@2+R2@2+R3@2"
MOST_WORLDS, MOST_FILES, LEVERS_FROM = 3, 6, 2024
OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
_worlds: OrderedDict[str, Future[World]] = OrderedDict()
_lock = threading.Lock()


def setting_of(scenario: str) -> Scenario:
    """A scenario under the parameters that the view was started with."""
    return Scenario.load(scenario).settled(PARAMETERS)


@lru_cache(maxsize=32)
def leverable(scenario: str) -> bool:
    """Whether Taiwan's levers can be laid over a scenario: those of the world of 2024 that do not hold them yet."""
    try:
        return Scenario.load(scenario + EMBRACE).base_year == LEVERS_FROM
    except BadInput:
        return False


def world_of(scenario: str) -> World:
    """The world of a scenario in which every lever may still be pulled; shared by all visitors, changed by none."""
    with _lock:
        promise = _worlds.get(scenario)
        mine = promise is None
        if promise is None:
            promise = _worlds[scenario] = Future()
        _worlds.move_to_end(scenario)
        while len(_worlds) > MOST_WORLDS:
            _worlds.popitem(last=False)
    if mine:
        try:
            promise.set_result(made(scenario))
        except BaseException as problem:
            with _lock:
                _worlds.pop(scenario, None)
            promise.set_exception(problem)
    return promise.result()


def made(scenario: str) -> World:
    """The world from disk where it was kept, else built and kept; the same to the bit either way."""
    file = file_of(scenario)
    world = read(file)
    if world is None:
        world = world_for(setting_of(scenario), also=also_in(scenario))
        keep(world, file)
    world.tables = shared_tables()
    return world


def also_in(scenario: str) -> list[Scenario]:
    """The scenarios whose stockpiles a world holds besides its own: those of Taiwan's levers."""
    return [Scenario.load(scenario + EMBRACE)] if leverable(scenario) else []


def file_of(scenario: str) -> Path:
    """Where the world of a scenario is kept."""
    return folder() / f"world-{key_of(setting_of(scenario), also_in(scenario))}.pickle"


READ = (".py", ".yaml", ".csv")  # files of ours that a world is made by and from


def key_of(setting: Scenario, also: list[Scenario]) -> str:
    """Hash of all that a world depends on: our code and tables, parameters, base year, stockpiles, the libraries."""
    pairs = sorted({pair for each in (setting, *also) for pair in reserves_of(each)})
    told = (setting.base_year, sorted(setting.parameters.items()), pairs,
            np.__version__, pd.__version__, sys.version_info[:2])  # fmt: skip
    found = hashlib.sha256(repr(told).encode())
    for package in (abm, agents, kit):
        for path in sorted(Path(str(package.__file__)).parent.rglob("*")):
            if path.suffix in READ:
                found.update(path.read_bytes())
    return found.hexdigest()[:32]


def folder() -> Path:
    """Where worlds are kept: the user's own cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "techshield"


def read(file: Path) -> World | None:
    """A world that was kept, or none. Only a file of this user, that no one else may write, is read."""
    try:
        if not all(own(each) for each in (file.parent, file)):
            return None
        kept = pickle.loads(file.read_bytes())
    except Exception:  # a file that was cut off or comes from other versions is made anew
        return None
    return kept if isinstance(kept, World) else None


def own(path: Path) -> bool:
    """Whether a path belongs to this user and only this user may write it."""
    about = path.stat()
    mine = not hasattr(os, "getuid") or about.st_uid == os.getuid()
    return mine and (os.name == "nt" or not about.st_mode & OTHERS_MAY_WRITE)


def keep(world: World, file: Path) -> None:
    """Keep a world for the next start; where nothing can be written, nothing is kept."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(dir=file.parent)
        with os.fdopen(number, "wb") as out:
            pickle.dump(world, out, protocol=5)
        os.replace(name, file)
        older = sorted(file.parent.glob("world-*.pickle"), key=lambda path: path.stat().st_mtime)[:-MOST_FILES]
        for path in older:
            path.unlink()


def warm(scenario: str = "renewed") -> None:
    """Compile the rules, and keep the world with all that a first run works out of it: the first page is quick.

    Twice, since the rules are compiled for what comes from disk too, whose arrays may lie otherwise in memory.
    """
    for _ in range(2):
        world = made(scenario)
        model = Model(setting_of(scenario), world=world)
        model.step()
        model.fork().step()
        keep(world, file_of(scenario))


if __name__ == "__main__":
    warm(*sys.argv[1:2])
