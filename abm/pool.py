"""The local pool of processes for all that runs many models: fresh ones that need nothing of the caller's script, and
that end when it does."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
import types
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

from threadpoolctl import threadpool_limits

METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


class Pool(ProcessPoolExecutor):
    """Worker processes of one thread each. A script of three lines may start it without `if __name__ == "__main__"`."""

    def __init__(self, workers: int) -> None:
        context = multiprocessing.get_context(METHOD)
        if METHOD == "forkserver":
            context.set_forkserver_preload(["abm"])
        super().__init__(workers, mp_context=context, initializer=settle)

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand over some work; a process that is started for it does not read the caller's script again."""
        with no_script():
            return super().submit(work, *args, **kwargs)


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
    """One thread in each worker, and an end with the process that started it, however that ends."""
    threadpool_limits(1)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=follow, args=(parent,), daemon=True).start()


def follow(parent: multiprocessing.process.BaseProcess) -> None:
    """Wait for a process to end, and end with it."""
    parent.join()
    os._exit(1)


def breadth(executor: Executor) -> int:
    """How many runs an executor does at once: its processes or threads, a Dask cluster's threads, else all cores."""
    client = getattr(executor, "_client", None)
    if client is not None:
        return max(sum(client.ncores().values()), 1)
    return int(getattr(executor, "_max_workers", 0) or os.cpu_count() or 1)
