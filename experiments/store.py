"""Results of a batch: Parquet parts and a manifest in a folder or any fsspec address; whole parts or none."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

import fsspec
import pandas as pd

from abm.errors import BadInput

MANIFEST = "manifest.json"
FULL = 64  # so many parts are merged into one
KINDS = ("scalars", "series")
TRIES = 5


class Store:
    """Where a batch keeps its rows. Each part is written beside its place and moved into it."""

    def __init__(self, address: str) -> None:
        self.address = str(address)
        self.files, self.root = fsspec.core.url_to_fs(self.address)

    def open(self, manifest: dict[str, Any], resume: bool) -> None:
        """Begin, or go on with, a batch; BadInput where the folder holds another, or cannot be written."""
        try:
            self.files.makedirs(self.root, exist_ok=True)
            if not self.files.exists(f"{self.root}/{MANIFEST}"):
                if self.files.ls(self.root, detail=False):
                    raise BadInput(f"--out {self.address}: holds other files; name a new or an empty folder.")
                self.put(MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False).encode())
                return
        except OSError as problem:
            raise BadInput(f"--out {self.address}: cannot be written: {problem.strerror or problem}.") from problem
        there = self.manifest()
        differing = sorted(key for key in {*there, *manifest} if there.get(key) != manifest.get(key))
        if differing:
            raise BadInput(f"--out {self.address}: holds a batch that differs in {', '.join(differing)}; "
                           "name another folder.")  # fmt: skip
        if not resume:
            raise BadInput(f"--out {self.address}: holds this batch already; add --resume to go on with it.")

    def manifest(self) -> dict[str, Any]:
        """The design that the folder was made for; BadInput where there is none."""
        path = f"{self.root}/{MANIFEST}"
        if not self.files.exists(path):
            raise BadInput(f"{self.address}: holds no batch ({MANIFEST} is missing).")
        return json.loads(self.files.cat_file(path))

    def put(self, name: str, content: bytes) -> None:
        """A file, whole or not at all; BadInput where there is no room for it."""
        draft = f"{self.root}/.{name}.tmp"
        try:
            self.files.pipe_file(draft, content)
            self.files.mv(draft, f"{self.root}/{name}")
        except OSError as problem:
            raise BadInput(f"--out {self.address}: cannot be written: {problem.strerror or problem}. "
                           "What was written before stays readable.") from problem  # fmt: skip

    def write(self, scalars: pd.DataFrame, series: pd.DataFrame | None) -> None:
        """Rows of some runs: series first, since scalars say that the runs are done."""
        name = f"{scalars.run_id.iloc[0]}.parquet"
        if series is not None and len(series):
            self.put(f"series-{name}", parquet(series))
        self.put(f"scalars-{name}", parquet(scalars))

    def merge(self, least: int = FULL) -> None:
        """Many small parts become one. Rows that stand in two parts after a kill are read once."""
        for kind in KINDS:
            parts = self.parts(kind, "[0-9]*")
            if len(parts) < least:
                continue
            whole = pd.concat([self.frame(part) for part in parts], ignore_index=True)
            self.put(f"{kind}-m{whole.run_id.iloc[0]}-{len(parts)}.parquet", parquet(whole))
            for part in parts:
                self.files.rm_file(part)

    def parts(self, kind: str, pattern: str = "*") -> list[str]:
        """The parts of a kind, in order."""
        return sorted(str(path) for path in self.files.glob(f"{self.root}/{kind}-{pattern}.parquet"))

    def frame(self, part: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """One part."""
        return pd.read_parquet(io.BytesIO(self.files.cat_file(part)), columns=columns)

    def done(self) -> set[str]:
        """Ids of the runs that are there."""
        return {run for frame in self.frames("scalars", ["run_id"]) for run in frame.run_id}

    def frames(self, kind: str, columns: Sequence[str] | None = None) -> list[pd.DataFrame]:
        """Every part of a kind; listed again where a running batch merges parts meanwhile."""
        for _ in range(TRIES):
            try:
                return [self.frame(part, columns) for part in self.parts(kind)]
            except FileNotFoundError:
                continue
        raise BadInput(f"{self.address}: the batch is being written too fast to be read; ask again.")

    def read(self, kind: str) -> pd.DataFrame:
        """All rows of a kind, ordered by run; nothing where there is none."""
        parts = self.frames(kind)
        if not parts:
            return pd.DataFrame({"run_id": pd.Series(dtype=str)})
        keys = ["run_id"] if kind == "scalars" else ["run_id", "month"]
        return pd.concat(parts, ignore_index=True).drop_duplicates(keys).sort_values(keys, ignore_index=True).copy()


class Results:
    """What a batch gave: `scalars()` one row a run, `series()` one row a run and month, `query(SQL)` over both."""

    def __init__(self, store: Store) -> None:
        self.store, self.manifest = store, store.manifest()

    @classmethod
    def open(cls, address: str) -> Results:
        """The results in a folder or at an fsspec address; BadInput where there are none."""
        return cls(Store(str(address)))

    def scalars(self) -> pd.DataFrame:
        """One row a run: run_id, arm, point, seed, parameters as `p.<name>`, outcomes by name, error."""
        return self.store.read("scalars")

    def series(self) -> pd.DataFrame:
        """One row a run and month: outside prices over base by good, output lost in the month, US$."""
        return self.store.read("series")

    def query(self, sql: str) -> pd.DataFrame:
        """What a query over the tables `scalars` and `series` gives."""
        import duckdb

        with duckdb.connect() as base:
            base.register("scalars", self.scalars())
            base.register("series", self.series())
            return base.execute(sql).df()


def parquet(frame: pd.DataFrame) -> bytes:
    """A frame as Parquet."""
    buffer = io.BytesIO()
    frame.to_parquet(buffer, compression="zstd", index=False)
    return buffer.getvalue()
