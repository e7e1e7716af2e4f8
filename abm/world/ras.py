"""Balance: trade flows of one good that meet every seller's output and every buyer's use (RAS on a seed)."""

from __future__ import annotations

import numpy as np

ROUNDS, TOLERANCE = 1500, 1e-13
SMALL = (0.08, 0.05, 0.03, 0.015, 0.005)


def ras(seed: np.ndarray, supply: np.ndarray, use: np.ndarray) -> np.ndarray:
    """Scale a non-negative seed (seller, buyer) until its rows sum to `supply` and its columns to `use`.

    The sums of `supply` and `use` must agree. Rows and columns that are zero stay zero.
    """
    flow = seed.copy()
    for _ in range(ROUNDS):
        flow *= np.divide(supply, flow.sum(axis=1), out=np.zeros_like(supply), where=flow.sum(axis=1) > 0)[:, None]
        flow *= np.divide(use, flow.sum(axis=0), out=np.zeros_like(use), where=flow.sum(axis=0) > 0)[None, :]
        if np.abs(flow.sum(axis=1) - supply).max(initial=0) <= TOLERANCE * max(supply.sum(), 1e-300):
            break
    return flow


def sparse_flows(seed: np.ndarray, supply: np.ndarray, use: np.ndarray) -> np.ndarray:
    """Balanced flows without the links that hardly matter, below some share of both the seller and the buyer.

    The coarsest pattern that can still carry the sums is taken, else the full one.
    """
    full = ras(seed, supply, use)
    own = full / np.maximum(supply[:, None], 1e-300)
    his = full / np.maximum(use[None, :], 1e-300)
    for small in SMALL:
        flow = ras(np.where((own > small) | (his > small), full, 0.0), supply, use)
        if np.abs(flow.sum(axis=1) - supply).max(initial=0) <= 1e-12 * max(supply.sum(), 1e-300):
            return flow
    return full
