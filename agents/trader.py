"""Trader: a kind of firm."""

from agents.firm import Firm


class Trader(Firm):
    """A processor in a third country that passes goods on, also around controls."""
