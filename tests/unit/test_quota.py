"""A quota in tonnes that goods share, and what is smuggled besides."""

from __future__ import annotations

import numpy as np
import pytest

from abm.economy import permit_kernels as kernels

LINKS, GOOD = np.arange(3), np.array([0, 1, 1])
WANTED = np.array([80.0, 10.0, 10.0])


def shares(amount: float, worth: list[float], shift: float) -> np.ndarray:
    """Share of each good under a quota."""
    return np.asarray(kernels.share_out(LINKS, GOOD, (WANTED, amount), np.array(worth), shift))


def test_a_quota_is_used_up_and_goes_to_the_good_that_earns_most_a_tonne() -> None:
    """All get the same share where a tonne earns the same; a dear good is served first, and nothing is wasted."""
    assert shares(50, [100.0, 100.0], 1.0) == pytest.approx([0.5, 0.5])
    dear = shares(50, [100.0, 1000.0], 1.0)
    assert dear[1] == pytest.approx(1.0)
    assert dear @ [80, 20] == pytest.approx(50)
    assert shares(50, [100.0, 1000.0], 0.0) == pytest.approx([0.5, 0.5])
    assert shares(200, [100.0, 1000.0], 1.0) == pytest.approx([1.0, 1.0])
    assert shares(50, [0.0, 0.0], 1.0) == pytest.approx([0.5, 0.5])


def test_smuggled_goods_take_the_place_of_open_ones_and_come_besides_where_the_quota_binds() -> None:
    """At a ratio of 1 half of what is wanted is smuggled; under a quota of a half, half of a half goes each way."""
    for ratio, openly in ((1.0, 50.0), (0.5, 25.0)):
        wanted, leak = np.array([100.0]), np.zeros(1)
        nothing = (np.zeros(1), np.zeros(1))
        kernels.cut((np.array([0]), np.array([0])), (np.array([ratio]), np.array([1.0])), (wanted, leak), nothing)
        assert wanted[0] == pytest.approx(openly)
        assert leak[0] == pytest.approx(openly)


def test_what_customs_hold_uses_the_quota_when_it_is_declared_and_not_again_when_it_is_released() -> None:
    """Of 100 that may leave 40 were released; at half the quota half of the rest goes, and half of what is stopped."""
    wanted, leak, stopped = np.array([100.0]), np.zeros(1), np.array([20.0])
    notes = (np.array([0.5]), np.zeros(1))
    kernels.cut((np.array([0]), np.array([0])), notes, (wanted, leak), (stopped, np.array([40.0])))
    assert wanted[0] == pytest.approx(70.0)
    assert stopped[0] == pytest.approx(10.0)
