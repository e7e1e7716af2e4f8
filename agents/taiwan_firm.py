"""TaiwanFirm: a kind of firm."""

from agents.firm import Firm


class TaiwanFirm(Firm):
    """A firm of Taiwan: foundry, packager, component or pack maker, wind developer, purifier, target maker."""
