"""Mine: a kind of firm."""

from agents.firm import Firm


class Mine(Firm):
    """Digs ore or concentrate; opens slowly, and several minerals may come out of one ore (equation 1)."""
