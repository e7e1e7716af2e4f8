"""Frames: tables of pandas read from Parquet, by the thread that asks alone."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


def read_frame(content: bytes, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """A Parquet file's rows, or some columns of them.

    pandas and `read_table` leave the file to threads of Arrow, the last of which lets go of it some time after the
    answer. Where Python is about to end by then, that thread cannot have its lock, and the process aborts (apache/arrow
    34314, 50482). No thread is started here.
    """
    table = pq.ParquetFile(pa.BufferReader(content)).read(columns=columns, use_threads=False)
    return table.to_pandas(use_threads=False)
