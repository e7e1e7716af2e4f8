"""The core of a week, on a few rows: each test holds one rule where it once went wrong."""

from __future__ import annotations

import numpy as np

from abm import kernels


def test_a_by_product_line_opened_by_a_project_can_run() -> None:
    """A line that starts without capacity is bound by what stands, and by its host's activity."""
    host, line = 0, 1
    activity, base, standing, at_start = (np.array(row) for row in ([8.0, 0.0], [10.0, 0.0], [12.0, 2.0], [12.0, 0.0]))
    one, none = np.ones(2), np.full(2, np.inf)
    limit, available = np.zeros(2), np.zeros(2)
    kernels.bound(
        (np.array([line]), np.array([host])),
        (activity, base, standing, at_start, none),
        (none, one, one),
        (limit, available),
    )
    assert limit[line] == 2.0 * 0.8
