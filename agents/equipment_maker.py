"""EquipmentMaker: a kind of firm."""

from agents.firm import Firm


class EquipmentMaker(Firm):
    """Makes chip tools and wind turbines."""
