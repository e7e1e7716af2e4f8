"""Results of a batch: Parquet parts and a manifest in a folder or any fsspec address; whole parts or none."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import fsspec
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from calibration.fit.fingerprint import golden_differs
from kit.errors import BadInput
from kit.stored import frame_of, json_of

MANIFEST = "manifest.json"
FULL = 64  # so many parts are merged into one
KEYS = {"scalars": ["run_id"], "series": ["run_id", "month"]}
KINDS = tuple(KEYS)
NEEDED = {"scalars": ("run_id", "arm", "point", "seed", "error"), "series": ("run_id", "month")}
EXPECTED = {"name": str, "design": str, "runs": int, "outcomes": list, "better": str, "scenarios": list}
"""What a manifest must hold to be one, and of which type."""
FIRST = ("run_id", "month", "arm", "point", "seed", "error")  # columns in front, the rest by name
DRAFT = ".tmp"
GOLDEN = "golden"
TOLD = ("made_with", "stale", "posterior", "title_en", "title_zh", "question_en", "question_zh", "names_zh")
"""Keys of a manifest that are told and not compared: what computed it, whether its posterior is stale, words."""
TRIES = 5


class Store:
    """Where a batch keeps its rows. Each part is written beside its place and moved into it."""

    def __init__(self, address: str) -> None:
        self.address = str(address)
        try:
            self.files, self.root = fsspec.core.url_to_fs(self.address)
        except (ImportError, ValueError) as problem:
            raise BadInput(f"--out {self.address}: cannot be reached: {problem}.") from problem
        self.loose: dict[str, list[str]] = {kind: [] for kind in KINDS}

    def open(self, manifest: dict[str, Any], resume: bool) -> None:
        """Begin, or go on with, a batch; BadInput where the folder holds another, or cannot be written."""
        try:
            self.files.makedirs(self.root, exist_ok=True)
            self.clear_drafts()
            if not self.begun():
                if self.files.ls(self.root, detail=False):
                    raise BadInput(f"--out {self.address}: holds other files; name a new or an empty folder.")
                self.put(MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False).encode())
                return
        except OSError as problem:
            raise BadInput(f"--out {self.address}: cannot be written: {problem.strerror or problem}.") from problem
        self.agree(manifest)
        if not resume:
            raise BadInput(f"--out {self.address}: holds this batch already; add --resume to go on with it.")
        self.loose = {kind: self.parts(kind, "[0-9]*") for kind in KINDS}

    def clear_drafts(self) -> None:
        """Remove what a kill left half written."""
        for path in self.files.ls(self.root, detail=False, refresh=True):
            if str(path).rsplit("/", 1)[-1].startswith(".") and str(path).endswith(DRAFT):
                self.files.rm_file(path)

    def agree(self, manifest: dict[str, Any]) -> None:
        """BadInput where the folder's batch differs in design or in what its runs read; what computed it may differ."""
        there = self.manifest()
        if GOLDEN not in there:
            raise BadInput(f"--out {self.address}: holds a batch of an older version, which can be read and not "
                           "gone on with; name another folder.")  # fmt: skip
        compared = {*there, *manifest} - {GOLDEN, *TOLD}
        differing = sorted(key for key in compared if there.get(key) != manifest.get(key))
        differing += golden_differs(there[GOLDEN], manifest[GOLDEN])
        if differing:
            raise BadInput(f"--out {self.address}: holds a batch that differs in {', '.join(differing)}; "
                           "name another folder.")  # fmt: skip

    def begun(self) -> bool:
        """Whether the folder holds a batch."""
        return bool(self.files.exists(f"{self.root}/{MANIFEST}"))

    def manifest(self) -> dict[str, Any]:
        """The design that the folder was made for; BadInput where there is none."""
        if not self.begun():
            raise BadInput(f"{self.address}: holds no batch ({MANIFEST} is missing).")
        return json_of(self.files.cat_file(f"{self.root}/{MANIFEST}"), f"{self.address}/{MANIFEST}", EXPECTED)

    def put(self, name: str, content: bytes) -> None:
        """A file, whole or not at all; BadInput where there is no room for it."""
        draft = f"{self.root}/.{name}{DRAFT}"
        try:
            self.files.pipe_file(draft, content)
            self.files.mv(draft, f"{self.root}/{name}")
        except OSError as problem:
            raise BadInput(f"--out {self.address}: cannot be written: {problem.strerror or problem}. "
                           "What was written before stays readable.") from problem  # fmt: skip

    def write(
        self, scalars: pd.DataFrame, series: pd.DataFrame | None, full: Mapping[str, bytes] | None = None
    ) -> None:
        """Rows of some runs: series first, since scalars say that the runs are done."""
        for run_id, content in (full or {}).items():
            self.put(f"full-{run_id}.parquet", content)
        name = f"{scalars.run_id.iloc[0]}.parquet"
        for kind, rows in (("series", series), ("scalars", scalars)):
            if rows is not None and len(rows):
                self.put(f"{kind}-{name}", parquet(rows))
                self.note(kind, f"{self.root}/{kind}-{name}")

    def note(self, kind: str, part: str) -> None:
        """Remember a part to be merged, once: runs that a kill has lost write theirs again."""
        if part not in self.loose[kind]:
            self.loose[kind].append(part)

    def merge(self, least: int = FULL) -> None:
        """Many small parts become one. Rows that stand in two parts after a kill are read once."""
        for kind, parts in self.loose.items():
            if len(parts) < least:
                continue
            whole = pd.concat([self.frame(part) for part in parts], ignore_index=True)
            self.put(f"{kind}-m{whole.run_id.iloc[0]}-{len(parts)}.parquet", parquet(whole))
            for part in parts:
                self.files.rm_file(part)
            self.loose[kind] = []

    def parts(self, kind: str, pattern: str = "*") -> list[str]:
        """The parts of a kind, in order."""
        return sorted(str(path) for path in self.files.glob(f"{self.root}/{kind}-{pattern}.parquet"))

    def frame(self, part: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """One part."""
        kind = part.rpartition("/")[2].partition("-")[0]
        needed = NEEDED.get(kind, ()) if columns is None else columns
        return frame_of(self.files.cat_file(part), part, needed, columns)

    def columns(self, kind: str) -> list[str]:
        """The columns of a kind, from its first part."""
        first = self.parts(kind)[:1]
        return list(self.frame(first[0])) if first else []

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

    def read(self, kind: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """All rows of a kind, or some columns of them, ordered by run; nothing where there is none."""
        keys = KEYS[kind]
        parts = self.frames(kind, [*keys, *columns] if columns is not None else None)
        if not parts:
            return pd.DataFrame({key: pd.Series(dtype=str) for key in keys})
        rows = pd.concat(parts, ignore_index=True).drop_duplicates(keys).sort_values(keys, ignore_index=True)
        first = [name for name in FIRST if name in rows]
        return rows[first + sorted(set(rows.columns) - set(first))].copy()


class Results:
    """What a batch gave: `scalars()` one row a run, `series()` one row a run and month, `query(SQL)` over both."""

    def __init__(self, store: Store) -> None:
        self.store, self.manifest = store, store.manifest()

    @classmethod
    def open(cls, address: str) -> Results:
        """The results in a folder or at an fsspec address; BadInput where there are none."""
        return cls(Store(str(address)))

    def scalars(self) -> pd.DataFrame:
        """One row a run: run_id, arm, point, seed, error, outcomes by name, parameters as `p.<name>`."""
        return self.store.read("scalars")

    def series(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """One row a run and month: `price.<good>` outside China over base, `lost.<place>` in US$, `controls`.

        `columns` names those wanted, where all are more than memory holds.
        """
        return self.store.read("series", columns)

    def full(self, run_id: str) -> pd.DataFrame:
        """The tidy table of one run, kept where the design says `series: full`; BadInput where it was not."""
        path = f"{self.store.root}/full-{run_id}.parquet"
        if not self.store.files.exists(path):
            raise BadInput(f"{self.store.address}: holds no full series of run '{run_id}' (series: full keeps them).")
        return self.store.frame(path)

    def query(self, sql: str) -> pd.DataFrame:
        """What a query gives over the tables `scalars`, `series` and `arms` (each arm's base, future, policy)."""
        import duckdb

        from experiments.compare import arms_of

        with duckdb.connect() as base:
            runs = self.scalars()
            base.register("scalars", runs)
            base.register("arms", arms_of(runs))
            if "series" in sql.lower():
                base.register("series", self.series())
            return base.execute(sql).df()


def parquet(frame: pd.DataFrame) -> bytes:
    """A frame as Parquet: texts by dictionary, numbers by byte streams, which is small and quick."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    floats = [field.name for field in table.schema if pa.types.is_floating(field.type)]
    texts = [field.name for field in table.schema if not pa.types.is_floating(field.type)]
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd", use_dictionary=texts, use_byte_stream_split=floats)
    return buffer.getvalue()
