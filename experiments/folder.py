"""Folder: a result folder that appears whole or not at all, and is known to be writable before the run starts."""

from __future__ import annotations

import os
import shutil
from glob import escape
from pathlib import Path

from abm import BadInput
from kit.processes import runs
from kit.stored import read_json

MANIFEST = "manifest.json"
DRAFT, OLD = ".part", ".old"  # a draft, and the earlier result while the draft takes its place


class Folder:
    """A draft beside `out` that takes its place on `publish`; leaving the `with` block removes what is not published.

    An earlier result is replaced; files in it that its manifest does not name are kept. What a killed process has left
    is cleared away before.
    """

    def __init__(self, out: Path) -> None:
        self.out = Path(out).expanduser().absolute()
        if self.out.is_symlink():
            self.out = self.out.resolve()
        self.draft = self.out.with_name(f".{self.out.name}.{os.getpid()}{DRAFT}")
        self.made: list[Path] = []

    def __enter__(self) -> Folder:
        self._refuse_what_is_not_ours()
        try:
            missing = [parent for parent in self.draft.parents if not parent.exists()]
            for parent in reversed(missing):
                parent.mkdir(exist_ok=True)
                self.made.append(parent)
            self._clear_left_behind()
            self.draft.mkdir()
        except OSError as problem:
            self._leave_no_trace()
            raise BadInput(f"--out {self.out}: cannot be written: {problem.strerror or problem}.") from problem
        return self

    def __exit__(self, *_: object) -> None:
        self._leave_no_trace()

    def _refuse_what_is_not_ours(self) -> None:
        """BadInput for a file, a mount point, a folder of something else, or one that may not be changed."""
        out = self.out
        if not out.exists():
            return
        if not out.is_dir():
            raise BadInput(f"--out {out}: it is a file; name a folder.")
        if os.path.ismount(out) or out == Path.cwd():
            raise BadInput(f"--out {out}: it cannot be replaced; name a folder in it.")
        if not os.access(out, os.W_OK | os.X_OK):
            raise BadInput(f"--out {out}: cannot be written: permission denied.")
        if any(out.iterdir()) and not (out / MANIFEST).is_file():
            raise BadInput(f"--out {out}: it holds other files; name a new folder, an empty one or an earlier result.")

    def publish(self) -> None:
        """Put the draft in the place of `out`."""
        if self.out.exists():
            self.out.rename(self.draft.with_suffix(OLD))
        self.draft.rename(self.out)

    def _leave_no_trace(self) -> None:
        """Remove the draft, end a change of places, and remove parents made for it that are empty."""
        shutil.rmtree(self.draft, ignore_errors=True)
        self._settle(self.draft.with_suffix(OLD))
        for parent in reversed(self.made):
            if parent.exists() and not any(parent.iterdir()):
                parent.rmdir()

    def _clear_left_behind(self) -> None:
        """Remove drafts of processes that are gone, and end what they began: no part of an earlier result is lost."""
        for left in self.out.parent.glob(f".{escape(self.out.name)}.*"):
            process = left.stem.rpartition(".")[2]
            if left.suffix not in (DRAFT, OLD) or not process.isdigit() or runs(int(process)):
                continue
            if left.suffix == DRAFT:
                shutil.rmtree(left, ignore_errors=True)
            else:
                self._settle(left)

    def _settle(self, old: Path) -> None:
        """Put an earlier result back where nothing has taken its place, else keep the files that are not its own."""
        if not old.exists():
            return
        if not self.out.exists():
            old.rename(self.out)
            return
        ours = files_of(old)
        for kept in old.iterdir():
            if kept.name not in ours and not (self.out / kept.name).exists():
                kept.rename(self.out / kept.name)
        shutil.rmtree(old)


def check_writable(folder: Path) -> None:
    """Refuse a folder that files cannot be put into, before any work is done for it; it is made where it is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise BadInput(f"--out {folder}: cannot be written: {problem.strerror or problem}.") from problem
    if not os.access(folder, os.W_OK | os.X_OK):
        raise BadInput(f"--out {folder}: cannot be written: permission denied.")


def files_of(result: Path) -> set[str]:
    """Names of the files that a result's manifest says are its own."""
    try:
        return set(read_json(result / MANIFEST, {"files": list})["files"])
    except (BadInput, TypeError):
        return {MANIFEST}
