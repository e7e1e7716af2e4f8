"""The run as files to take away: tables as Parquet, pictures as PNG (drawn when asked for, not while playing)."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pandas as pd

from app.view.charts import Line


def parquet(frame: pd.DataFrame) -> bytes:
    """A table as Parquet."""
    kept = io.BytesIO()
    frame.to_parquet(kept, compression="zstd", index=False)
    return kept.getvalue()


def png(title: str, dates: Sequence[str], drawn: Sequence[Line]) -> bytes:
    """Lines over dates as a PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4), dpi=150)
    axis = figure.subplots()
    days = pd.to_datetime(list(dates))
    for line in drawn:
        axis.plot(days[: len(line.values)], line.values, "--" if line.dashed else "-", color=line.colour,
                  label="" if line.dashed else line.name)  # fmt: skip
    axis.set_title(title)
    axis.set_ylim(bottom=0)
    axis.legend()
    axis.grid(alpha=0.3)
    kept = io.BytesIO()
    figure.savefig(kept, format="png", bbox_inches="tight")
    return kept.getvalue()
