"""What people mean by codes and dates as they meet them elsewhere: customs' numbers, two letters, names, ROC years."""

from __future__ import annotations

import csv
import datetime
import re
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
PARTS = re.compile(r"(\d{2,4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?")
ROC_BEFORE = 1911  # the year before the first of the Republic of China
FIRST_COMMON = 1000  # a smaller number of a year counts from there


def is_day(value: Any) -> bool:
    """Whether a text is a date in full."""
    if not isinstance(value, str) or not DAY.fullmatch(value):
        return False
    try:
        datetime.date.fromisoformat(value)
    except ValueError:
        return False
    return True


def day_meant(value: Any) -> str:
    """The sentence that names the date in full that a date written otherwise means, or nothing."""
    found = PARTS.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        return ""
    year, month, day = (int(part) for part in found.groups())
    meant = f"{year + (ROC_BEFORE if year < FIRST_COMMON else 0)}-{month:02d}-{day:02d}"
    return f" Did you mean '{meant}'?" if is_day(meant) else ""


def country_meant(word: str) -> str:
    """The code of the country that a number of the UN or of customs, two letters or a name stand for, or nothing."""
    return _other_names().get(word.strip().casefold(), "")


@cache
def _other_names() -> dict[str, str]:
    """Codes by the other names of countries, folded."""
    with (FOLDER / "country_names.csv").open(encoding="utf-8", newline="") as file:
        return {name.casefold(): row["country"] for row in csv.DictReader(file) for name in row["names"].split(";")}
