"""Spans of time as events write them: a day, a month `2023-11`, a year `2024`, or from one to another with `..`."""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass
from typing import Any

from abm.scenario.checks import Place

DAY = datetime.timedelta(days=1)
DAYS_A_MONTH = 30.4375


@dataclass(frozen=True)
class Span:
    """First and last day, both in it."""

    first: datetime.date
    last: datetime.date

    @property
    def months(self) -> float:
        """Length in months: whole months are counted, other spans by their days."""
        if self.first.day == 1 and (self.last + DAY).day == 1:
            return (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        return ((self.last - self.first).days + 1) / DAYS_A_MONTH

    def by_month(self) -> list[Span]:
        """The calendar months that the span touches, whole."""
        found, day = [], self.first.replace(day=1)
        while day <= self.last:
            found.append(month(day.year, day.month))
            day = found[-1].last + DAY
        return found

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}..{self.last}"


def month(year: int, number: int) -> Span:
    """A calendar month."""
    last = calendar.monthrange(year, number)[1]
    return Span(datetime.date(year, number, 1), datetime.date(year, number, last))


def read_span(value: Any, place: Place) -> Span:
    """A span as it is written; BadInput if it is none."""
    first, _, last = str(value).partition("..")
    begun = _one(first.strip(), place)
    ended = _one(last.strip(), place) if last else begun
    if ended.last < begun.first:
        raise place.refuse(f"'{value}' ends before it begins.")
    return Span(begun.first, ended.last)


def _one(text: str, place: Place) -> Span:
    """A day, a month or a year."""
    try:
        if re.fullmatch(r"\d{4}", text):
            return Span(datetime.date(int(text), 1, 1), datetime.date(int(text), 12, 31))
        if re.fullmatch(r"\d{4}-\d{2}", text):
            return month(int(text[:4]), int(text[5:]))
        day = datetime.date.fromisoformat(text)
    except (ValueError, calendar.IllegalMonthError) as problem:
        raise place.refuse(
            f"expected a day 2025-04-04, a month (2025-04), year (2025) or a range (2023-01..2023-10); got '{text}'."
        ) from problem
    return Span(day, day)
