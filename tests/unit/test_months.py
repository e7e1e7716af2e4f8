"""Months of weekly series: a month holds its days, whatever the number of Mondays in it."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from abm.record.months import Months


def test_weeks_are_spread_over_the_days_of_months_and_nothing_is_lost() -> None:
    months = Months.of(datetime.date(2025, 1, 1), 52)
    assert months.names[:2] == ("2025-01", "2025-02")
    assert len(months.names) == 12
    flow = np.column_stack([np.full(52, 7.0), np.arange(52.0)])
    total = months.total(flow)
    assert total[:4, 0] == pytest.approx([31, 28, 31, 30])
    assert total.sum(axis=0) == pytest.approx(flow.sum(axis=0))
    assert months.mean(np.full(52, 3.0)) == pytest.approx(np.full(12, 3.0))
