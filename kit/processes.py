"""The local pool of processes for all that runs many models: fresh ones that need nothing of the caller's script.

It owns their lives: they end with the pool, with the process that started it however that ends, and at once where the
work is given up (an error, Ctrl-C, SIGTERM): nobody waits for runs whose results nobody wants.
"""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import os
import signal
import sys
import threading
import types
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from multiprocessing.process import BaseProcess
from typing import Any, NoReturn

from threadpoolctl import threadpool_limits

METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
SIGNALLED = 128  # and the number of a signal: the exit code of what it ends


class Pool(ProcessPoolExecutor):
    """Worker processes of one thread each. A script of three lines may start it without `if __name__ == "__main__"`."""

    def __init__(self, workers: int) -> None:
        context = multiprocessing.get_context(METHOD)
        if METHOD == "forkserver":
            start_server()
        super().__init__(workers, mp_context=context, initializer=settle)

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand over some work; a process that is started for it does not read the caller's script again."""
        with no_script():
            return super().submit(work, *args, **kwargs)

    def __exit__(self, kind: type[BaseException] | None, *problem: object) -> None:
        if kind is not None:
            end_all(list((self._processes or {}).values()))
        self.shutdown(cancel_futures=kind is not None)


@cache
def start_server() -> None:
    """Start the process that makes workers; it and they do not hear Ctrl-C, which the process that asked answers.

    It loads the model first, a second or more; a worker that is asked for and given up meanwhile would complain.
    """
    from multiprocessing import forkserver, resource_tracker

    forkserver.set_forkserver_preload(["abm"])
    resource_tracker.ensure_running()
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)
    with no_script():
        made: Any = multiprocessing.get_context(METHOD)
        first = made.Process(target=gc.collect)
        first.start()
    first.join()


def end_all(processes: Iterable[BaseProcess]) -> None:
    """End processes at once, whatever they do."""
    for process in processes:
        process.kill()


def end_when_told() -> None:
    """From now on SIGTERM ends this process by its exit code, what is unfinished cleared away as after an error.

    A worker that an interrupt kept from being known to its pool ends too.
    """
    signal.signal(signal.SIGTERM, leave)
    atexit.register(lambda: end_all(multiprocessing.active_children()))


def runs(process: int) -> bool:
    """Whether a process of this number runs."""
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def leave(number: int, _: object) -> NoReturn:
    """Leave by the exit code of a signal."""
    raise SystemExit(SIGNALLED + number)


@contextmanager
def no_script() -> Iterator[None]:
    """Hide the caller's script from processes that are started meanwhile."""
    script = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script


def settle() -> None:
    """One thread in each worker, deaf to Ctrl-C, and an end with the process that started it, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threadpool_limits(1)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=follow, args=(parent,), daemon=True).start()


def follow(parent: BaseProcess) -> None:
    """Wait for a process to end, and end with it."""
    parent.join()
    os._exit(1)


def breadth(executor: Executor) -> int:
    """How many runs an executor does at once: its processes or threads, a Dask cluster's threads, else all cores."""
    client = getattr(executor, "_client", None)
    if client is not None:
        return max(sum(client.ncores().values()), 1)
    return int(getattr(executor, "_max_workers", 0) or os.cpu_count() or 1)
