"""The start of the view: the model is loaded and the first run made in a thread while the browser fetches the page."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import threading
from collections.abc import Callable
from typing import Any

from kit.errors import BadInput

MMAP_THRESHOLD, LARGE = -3, 3 << 20  # mallopt's M_MMAP_THRESHOLD; bytes
Load = Callable[[], Callable[[], Any]]  # loads the pages, and gives what makes the first run
ready = threading.Event()  # the page can be drawn
problems: list[BadInput] = []  # what is wrong with the scenario that the command named: the server ends
spare: list[Any] = []  # the first run, for the visitor who comes first
_lock = threading.Lock()
_begun: list[threading.Thread] = []


def start(load: Load, end: Callable[[], None]) -> None:
    """Load all in a thread, once; where what was asked for is refused, `end` ends the server."""
    with _lock:
        if not _begun:
            _begun.append(threading.Thread(target=open_with, args=(load, end), daemon=True))
            _begun[0].start()


def open_with(load: Load, end: Callable[[], None]) -> None:
    """The modules of the page, then the first run. What is loaded stays: the collector need not look at it again."""
    try:
        first = load()
        gc.freeze()
        spare.append(first())
    except BadInput as problem:
        problems.append(problem)
        end()
    finally:
        gc.enable()
        ready.set()


def take(scenario: str, seed: int) -> Any:
    """The first run, if it is the one that is wanted and nobody has taken it; else none."""
    with _lock:
        if spare and (spare[0].scenario, spare[0].seed) == (scenario, seed):
            return spare.pop()
    return None


def lay_large_apart() -> None:
    """Where the C library can, keep large arrays apart from small things, so that they go back to the machine whole.

    Else what a run has recorded leaves holes when it ends, and the server grows with every run that is played.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(MMAP_THRESHOLD, LARGE)


def give_back() -> None:
    """Collect what is no longer used, and where the C library can, give freed memory back to the machine."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
