"""Kernels of the rules: loops over shelves and supply links, compiled once and kept on disk.

A rule hands over its own columns, so a kernel serves one firm and all firms alike. Arrays are contiguous and float64
unless said otherwise; the links of a shelf stand together, `count[shelf]` of them, in the order of the shelves.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

TINY = float(np.finfo(float).tiny)


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile at the first call and keep the result on disk; where no place is writable, compile in each process."""
    try:
        return numba.njit(cache=True)(function)
    except RuntimeError:
        return numba.njit(function)


@kernel
def allow(desired, stock, criticality):  # type: ignore[no-untyped-def]
    """Share of the wanted activity that each input allows (equation 12): (bought,), from units a week and units."""
    allowed = np.empty_like(desired)
    for shelf in range(len(desired)):
        need = max(desired[shelf], TINY)
        allowed[shelf] = 1 - criticality[shelf] * (1 - min(stock[shelf], need) / need)
    return allowed


@kernel
def order_inputs(now, aims, results, settings):  # type: ignore[no-untyped-def]
    """Orders of each shelf (equation 2), written into `results`; all (bought,).

    now: use wished this week, stock, on order; aims: cover and lead in weeks, hoarding, trust; results: expected use,
    order, units a week; settings: weeks of memory, weeks in which a gap is closed.
    """
    desired, stock, on_order = now
    cover, lead, hoarding, trust = aims
    expected_use, ordered = results
    memory, adjustment = settings
    for shelf in range(len(desired)):
        use = expected_use[shelf] + (desired[shelf] - expected_use[shelf]) / memory
        aim = use * (cover[shelf] * (1 + hoarding[shelf] * (1 - trust[shelf])) + lead[shelf])
        gap = aim - stock[shelf] - on_order[shelf]
        expected_use[shelf] = use
        ordered[shelf] = max(use + gap / adjustment, 0.0)


@kernel
def split_orders(count, pull_of, shelves, results, settings):  # type: ignore[no-untyped-def]
    """Split the order of each shelf over its links (equation 3), written into `results`.

    count: links of each shelf (bought,) int64; pull_of: tie, supplier's capacity, landed cost, belief, favour (link,);
    shelves: order, alertness of the firm (bought,); results: share, claim (link,); settings: cost sensitivity, least
    belief, weeks of inertia.
    """
    affinity, capacity, landed, belief, favour = pull_of
    ordered, alertness = shelves
    share, claim = results
    sensitivity, least_belief, inertia = settings
    end = 0
    for shelf in range(len(count)):
        first, end = end, end + count[shelf]
        total = 0.0
        for link in range(first, end):
            cost = math.exp(-sensitivity * (landed[link] - 1))
            pull = affinity[link] * capacity[link] * cost * (belief[link] + least_belief) * (1 + favour[link])
            claim[link] = pull
            total += pull
        total = max(total, TINY)
        haste = min((1 + alertness[shelf]) / inertia, 1.0)
        for link in range(first, end):
            share[link] += (claim[link] / total - share[link]) * haste
            claim[link] = ordered[shelf] * share[link]


@kernel
def learn(count, told, alertness, results, settings):  # type: ignore[no-untyped-def]
    """Belief in links and trust in shelves after the week's deliveries (equation 2), written into `results`.

    count: links of each shelf (bought,) int64; told: share filled, warning, share of the order (link,); alertness
    (bought,); results: belief (link,), trust (bought,); settings: speed, belief in a link just warned of.
    """
    filled, warned, share = told
    belief, trust = results
    usual_speed, warned_belief = settings
    end = 0
    for shelf in range(len(count)):
        first, end = end, end + count[shelf]
        speed = min(usual_speed * (1 + alertness[shelf]), 1.0)
        total = 0.0
        for link in range(first, end):
            learnt = belief[link] + (filled[link] - belief[link]) * speed
            if warned[link] > 0:
                learnt = min(learnt, warned_belief)
            belief[link] = learnt
            total += share[link] * learnt
        trust[shelf] = total
