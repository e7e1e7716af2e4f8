"""The calendar of a run: weeks by number and date."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

DAYS_PER_WEEK, WEEKS_PER_YEAR = 7, 52
QUARTER, MONTH = 13, 4
WEEK, DAY = datetime.timedelta(weeks=1), datetime.timedelta(days=1)


@dataclass(frozen=True)
class Week:
    """One simulated week: its number from 0 and its first day."""

    number: int
    date: datetime.date

    @property
    def ends_quarter(self) -> bool:
        """Whether firms invest and adapt after it."""
        return self.number % QUARTER == QUARTER - 1

    @property
    def starts_month(self) -> bool:
        """Whether governments review their position in it."""
        return self.number % MONTH == 0

    @property
    def years(self) -> float:
        """The date as a year with decimals."""
        start = datetime.date(self.date.year, 1, 1)
        length = (datetime.date(self.date.year + 1, 1, 1) - start).days
        return self.date.year + (self.date - start).days / length


class Clock:
    """Counts weeks from the start of a scenario to its end."""

    def __init__(self, start: datetime.date, end: datetime.date) -> None:
        self.start, self.end, self.number = start, end, -1
        self.weeks = max((end - start).days // 7, 1)

    def next(self) -> Week:
        """The next week."""
        self.number += 1
        return self.week(self.number)

    def week(self, number: int) -> Week:
        """The week of that number."""
        return Week(number, self.start + number * WEEK)

    @property
    def date(self) -> datetime.date:
        """First day of the week simulated last; before the first week, a week before the start."""
        return self.start + self.number * WEEK

    @property
    def next_date(self) -> datetime.date:
        """First day of the week that is simulated next."""
        return self.start + (self.number + 1) * WEEK

    @property
    def over(self) -> bool:
        """Whether the last week has been simulated."""
        return self.number + 1 >= self.weeks
