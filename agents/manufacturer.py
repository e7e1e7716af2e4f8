"""Manufacturer: a kind of firm."""

from agents.firm import Firm


class Manufacturer(Firm):
    """Makes parts and products: cars, batteries, chips, electronics, wind farms, defence goods."""
