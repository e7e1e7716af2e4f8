"""MaterialMaker: a kind of firm."""

from agents.firm import Firm


class MaterialMaker(Firm):
    """Makes magnets, anodes, powders, targets, crystals, solder."""
