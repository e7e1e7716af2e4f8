"""Refiner: a kind of firm."""

from agents.firm import Firm


class Refiner(Firm):
    """Separates, smelts or recovers a by-product; a by-product line is bound by its host (equation 1)."""
