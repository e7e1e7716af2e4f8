"""The world's tables: read from CSV, checked against the schema at the door, handed on as typed frames."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from abm.tables.checks import check_together
from agents import FIRMS
from kit import yaml_loader
from kit.errors import BadInput
from kit.nearest import did_you_mean, shortened

FOLDER = Path(__file__).parents[1] / "data"
EXPECTED = {
    "key": "one word without spaces",
    "text": "text",
    "choice": "a word",
    "number": "a number",
    "integer": "a whole number",
    "flag": "0 or 1",
    "date": "a date in full, such as 2024-01-31",
}
CONFIDENCES = ("read", "derived", "memory", "assumed")


@dataclass(frozen=True)
class Column:
    """What the schema declares of one column; `least` and `most` bound numbers, `refers` is table.column.

    A `note` is told to people and changes no number of a run.
    """

    name: str
    kind: str
    unit: str
    meaning: str
    choices: tuple[str, ...]
    least: float
    most: float
    refers: str
    optional: bool
    note: bool

    @classmethod
    def declared(cls, name: str, entry: Mapping[str, Any]) -> Column:
        """Read one column's entry of the schema."""
        kind = entry["type"]
        if kind not in EXPECTED:
            raise ValueError(f"schema: column '{name}' has the unknown type '{kind}'")
        return cls(
            name=name,
            kind=kind,
            unit=str(entry.get("unit", "")),
            meaning=entry.get("meaning", ""),
            choices=choices_of(kind, entry),
            least=float(entry.get("min", -np.inf)),
            most=float(entry.get("max", np.inf)),
            refers=entry.get("refers", ""),
            optional=bool(entry.get("optional", False)),
            note=bool(entry.get("note", False)),
        )

    def expected(self) -> str:
        """Return in words what a cell must hold."""
        text = EXPECTED[self.kind]
        if np.isfinite(self.least) and np.isfinite(self.most):
            text += f" from {self.least:g} to {self.most:g}"
        elif np.isfinite(self.least):
            text += f" of at least {self.least:g}"
        elif np.isfinite(self.most):
            text += f" of at most {self.most:g}"
        return f"{text} ({self.unit})" if self.unit and self.kind == "number" else text


def choices_of(kind: str, entry: Mapping[str, Any]) -> tuple[str, ...]:
    """The words that a column may hold; `firm kinds` stands for the kinds of actors that exist."""
    if kind == "flag":
        return ("0", "1")
    listed = entry.get("choices", ())
    return tuple(FIRMS) if listed == "firm kinds" else tuple(str(word) for word in listed)


@dataclass(frozen=True)
class Declaration:
    """What the schema declares of one table: its columns in order and those that together name a row."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    note: bool

    def counted(self) -> list[str]:
        """The columns that change numbers of a run; none of a table that is told alone."""
        return [] if self.note else [column.name for column in self.columns if not column.note]


@cache
def schema() -> dict[str, Declaration]:
    """Return every declared table by name, in the schema's order."""
    tables = yaml_loader.read(FOLDER / "schema.yaml")["tables"]
    return {
        name: Declaration(
            name,
            tuple(entry["key"]),
            tuple(Column.declared(column, what) for column, what in entry["columns"].items()),
            bool(entry.get("note", False)),
        )
        for name, entry in tables.items()
    }


@dataclass(frozen=True)
class Sheet:
    """One CSV as it stands: its words by column, and the line of the file on which each row begins."""

    file: str
    lines: NDArray[np.int64]
    words: dict[str, list[str]]

    def refuse(self, bad: Any, column: str, problem: Callable[[str], str]) -> None:
        """Raise for the first row that is `bad` (row,), saying the `problem` of the word in its cell."""
        rows = np.flatnonzero(bad)
        if rows.size:
            row = int(rows[0])
            raise BadInput.at(self.file, int(self.lines[row]), column, problem(shortened(self.words[column][row])))


@dataclass(frozen=True, eq=False)
class Tables(Mapping[str, pd.DataFrame]):
    """Every table by name, read-only: `tables["producers"]` or `tables.producers`, with the schema's columns.

    Numbers are float64, whole numbers int64 (Int64 where a cell may be empty), flags bool, dates datetime64,
    all else text with "" for an empty cell. `lines[name]` (row,) is each row's line in its file.
    """

    frames: Mapping[str, pd.DataFrame]
    lines: Mapping[str, NDArray[np.int64]]
    digest: str = field(repr=False)
    __hash__ = object.__hash__  # read-only: known by identity

    @classmethod
    def load(cls, folder: Path | None = None) -> Tables:
        """Read and check all tables of `folder` (by default the world that comes with the model)."""
        folder = FOLDER if folder is None else Path(folder)
        contents = _contents(folder)
        sheets = {name: _sheet(name, content) for name, content in contents.items()}
        frames = {name: _frame(schema()[name], sheet) for name, sheet in sheets.items()}
        for name, sheet in sheets.items():
            _check_references(schema()[name], sheet, sheets)
        tables = cls(frames, {name: sheet.lines for name, sheet in sheets.items()}, _digest(frames))
        check_together(tables, tables.lines)
        return tables

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.frames[name]

    def __getattr__(self, name: str) -> pd.DataFrame:
        frames = self.__dict__.get("frames", {})
        if name in frames:
            return frames[name]
        raise AttributeError(f"no table '{name}'")

    def __iter__(self) -> Iterator[str]:
        return iter(self.frames)

    def __len__(self) -> int:
        return len(self.frames)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tables:
        return self  # read-only: a copied model shares its tables

    def sources(self) -> pd.DataFrame:
        """Return what stands behind each table: its rows, its distinct sources, and its rows by confidence."""
        told = []
        for name, frame in self.items():
            by_confidence = frame["confidence"].value_counts()
            counts = {word: int(by_confidence.get(word, 0)) for word in CONFIDENCES}
            told.append({"table": name, "rows": len(frame), "sources": frame["source"].nunique(), **counts})
        return pd.DataFrame(told)

    def hash(self) -> str:
        """Return a SHA-256 of all figures of the tables, words left out; the same on every machine."""
        return self.digest


def _contents(folder: Path) -> dict[str, bytes]:
    """Return every declared table's bytes; a table that is missing or not declared is refused."""
    if not folder.is_dir():
        raise BadInput(f"{folder} is not a folder of tables.")
    known = schema()
    for path in sorted(folder.glob("*.csv")):
        if path.stem not in known:
            raise BadInput(f"{path.name} is not a table of the schema.{did_you_mean(path.stem, known)}")
    contents = {}
    for name in known:
        path = folder / f"{name}.csv"
        try:
            contents[name] = path.read_bytes()
        except FileNotFoundError:
            raise BadInput(f"{path.name} is missing from the folder {folder}.") from None
        except OSError as problem:
            raise BadInput(f"{path.name} cannot be read: {problem.strerror}.") from None
    return contents


def _digest(frames: Mapping[str, pd.DataFrame]) -> str:
    """Return one SHA-256 over all that changes numbers of a run, tables in sorted order."""
    total = sha256()
    for name in sorted(frames):
        total.update(figures_of(name, frames[name]))
    return total.hexdigest()


def figures_of(name: str, frame: pd.DataFrame) -> bytes:
    """Return what some rows of a table say that changes numbers of a run, words left out."""
    columns = schema()[name].counted()
    return f"{name}\n{frame[columns].to_csv(index=False)}".encode() if columns else b""


def _sheet(name: str, content: bytes) -> Sheet:
    """Split one file into words and check its header."""
    file = f"{name}.csv"
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise BadInput(f"{file}, line {line}: the file is not in UTF-8.") from None
    lines, rows = _rows(file, text)
    header = rows[0] if rows else []
    _check_header(file, header, [column.name for column in schema()[name].columns])
    columns = zip(*rows[1:], strict=True) if len(rows) > 1 else ([] for _ in header)
    return Sheet(file, np.array(lines[1:], dtype=np.int64), dict(zip(header, map(list, columns), strict=True)))


def _rows(file: str, text: str) -> tuple[list[int], list[list[str]]]:
    """Return each row's first line and its stripped cells; blank lines are passed over, ragged rows refused."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[int] = []
    rows: list[list[str]] = []
    begin = 1
    try:
        for row in reader:
            if rows and row and len(row) != len(rows[0]):
                raise BadInput(
                    f"{file}, line {begin}: {len(row)} cells where the header has {len(rows[0])}. "
                    "A cell that holds a comma must stand in double quotes."
                )
            if row:
                lines.append(begin)
                rows.append([cell.strip() for cell in row])
            begin = reader.line_num + 1
    except csv.Error as problem:
        raise BadInput(f"{file}, line {begin}: not a readable row of a CSV ({problem}).") from None
    return lines, rows


def _check_header(file: str, header: list[str], declared: list[str]) -> None:
    """Refuse a column that is not declared, one that is missing, and one that stands twice."""
    absent = [name for name in declared if name not in header]
    for position, name in enumerate(header):
        if name not in declared:
            raise BadInput.at(file, 1, shortened(name), f"unknown column.{did_you_mean(name, absent or declared)}")
        if name in header[:position]:
            raise BadInput.at(file, 1, name, "the column stands twice.")
    if absent:
        raise BadInput.at(file, 1, absent[0], f"the column is missing; the table has {', '.join(declared)}.")


def _frame(declaration: Declaration, sheet: Sheet) -> pd.DataFrame:
    """Check every cell of one table and its keys, and return its values in the declared order and types."""
    frame = pd.DataFrame({column.name: _values(column, sheet) for column in declaration.columns})
    key = list(declaration.key)
    first: dict[tuple[Any, ...], int] = {}
    for row, names in enumerate(zip(*(frame[name].tolist() for name in key), strict=True)):
        earlier = first.setdefault(names, row)
        if earlier != row:
            problem = f"{shortened(' / '.join(map(str, names)))} stands already on line {sheet.lines[earlier]}."
            raise BadInput.at(sheet.file, int(sheet.lines[row]), ", ".join(key), problem)
    return frame


def _values(column: Column, sheet: Sheet) -> pd.Series[Any]:
    """Return one column's values in their type (row,), or refuse its first wrong cell."""
    words = sheet.words[column.name]
    if not column.optional:
        problem = f"no {column.name}; the cell must hold {column.expected()}."
        sheet.refuse([not word for word in words], column.name, lambda _: problem)
    if column.choices:
        known = {*column.choices, ""}
        bad = [word not in known for word in words]
        sheet.refuse(bad, column.name, lambda word: f"'{word}' is not known.{did_you_mean(word, column.choices)}")
    if column.kind == "key":
        bad = [len(word.split()) > 1 for word in words]
        sheet.refuse(bad, column.name, lambda word: f"expected {column.expected()}, found '{word}'.")
    if column.kind in ("number", "integer"):
        return _numbers(column, sheet)
    if column.kind == "date":
        return _dates(column, sheet)
    if column.kind == "flag":
        return pd.Series([word == "1" for word in words], dtype=bool)
    return pd.Series(words, dtype=str)


def _numbers(column: Column, sheet: Sheet) -> pd.Series[Any]:
    """Return a column of numbers; NaN (or <NA> among whole numbers) stands for an empty optional cell."""
    words = np.array(sheet.words[column.name], dtype=object)
    values = pd.to_numeric(pd.Series(words), errors="coerce").to_numpy(dtype=float)
    outside = ~np.isfinite(values) | (values < column.least) | (values > column.most)
    if column.kind == "integer":
        outside |= values != np.round(values)
    sheet.refuse(outside & (words != ""), column.name, lambda word: f"expected {column.expected()}, found '{word}'.")
    if column.kind == "number":
        return pd.Series(values, dtype="float64")
    return pd.Series(values).astype("Int64") if column.optional else pd.Series(values).astype("int64")


def _dates(column: Column, sheet: Sheet) -> pd.Series[Any]:
    """Return a column of dates, NaT for an empty optional cell."""
    words = pd.Series(sheet.words[column.name], dtype=str)
    values = pd.to_datetime(words, format="%Y-%m-%d", errors="coerce")
    wrong = (values.isna() | (words.str.len() != len("2024-01-31"))) & (words != "")
    sheet.refuse(wrong, column.name, lambda word: f"expected {column.expected()}, found '{word}'.")
    return values


def _check_references(declaration: Declaration, sheet: Sheet, sheets: Mapping[str, Sheet]) -> None:
    """Refuse a word that must exist in another table and does not."""
    for column in declaration.columns:
        if column.refers:
            table, _, target = column.refers.partition(".")
            known = {*sheets[table].words[target], ""}
            where = f"{table}.csv (column '{target}')"
            sheet.refuse(
                [word not in known for word in sheet.words[column.name]],
                column.name,
                lambda word, known=known, where=where: f"'{word}' is not in {where}.{did_you_mean(word, known)}",  # type: ignore[misc]
            )
