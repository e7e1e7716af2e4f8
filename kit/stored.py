"""What has been stored: JSON and Parquet read back; what is cut short or damaged is named, with what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from kit.errors import BadInput
from kit.nearest import shortened
from kit.parquet import read_frame

TOO_DEEP = "too many levels"


def read_json(path: Path, expected: Mapping[str, Any]) -> dict[str, Any]:
    """A stored file of JSON with these keys, each of a type; BadInput names the file."""
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise BadInput(f"{path}: cannot be read: {problem.strerror or problem}.") from None
    return json_of(content, str(path), expected)


def json_of(content: bytes, where: str, expected: Mapping[str, Any]) -> dict[str, Any]:
    """What stored JSON says, with these keys, each of a type; BadInput names where it stands and what is wrong."""
    try:
        told = json.loads(content.decode("utf-8"))
    except RecursionError:
        raise BadInput(f"{where}: is damaged ({TOO_DEEP}).") from None
    except ValueError as problem:
        raise BadInput(f"{where}: is damaged or cut short ({shortened(str(problem))}).") from None
    if not isinstance(told, dict):
        raise BadInput(f"{where}: is damaged: expected keys with values, got {type(told).__name__}.")
    for key, kind in expected.items():
        if key not in told:
            raise BadInput(f"{where}: is damaged: '{key}' is missing.")
        if not isinstance(told[key], kind) or (isinstance(told[key], bool) and kind is int):
            raise BadInput(f"{where}: is damaged: '{key}' is {type(told[key]).__name__}.")
    return told


def frame_of(content: bytes, where: str, needed: Sequence[str], columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Rows of a stored Parquet file; BadInput names it where it cannot be read or lacks a column that is needed."""
    wrong = "Remove this file and go on with --resume: what it held is made again, all else is kept."
    try:
        frame = read_frame(content, columns)
    except (pa.ArrowException, OSError, ValueError, KeyError) as problem:
        raise BadInput(f"{where}: is damaged or cut short ({shortened(str(problem))}). {wrong}") from None
    lacking = [name for name in needed if name not in frame]
    if lacking:
        raise BadInput(f"{where}: lacks the column '{lacking[0]}'. {wrong}")
    return frame
