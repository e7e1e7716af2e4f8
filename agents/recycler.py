"""Recycler: a kind of firm."""

from agents.firm import Firm


class Recycler(Firm):
    """Makes refined goods from scrap; the collected scrap bounds it (equation 10)."""
