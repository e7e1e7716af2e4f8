"""Partner refineries: what Taiwanese process help adds to them, and the fees that they pay for it."""

from __future__ import annotations

import numpy as np

from abm.policy.conditions import Conditions
from abm.world.providers import HOME, providers
from abm.world.world import World, kept_in
from kit.columns import Columns

RIVAL, COMMERCIAL = "CHN", ("tungsten", "battery_metals", "specialty", "base_metals", "electronics")


class Partners:
    """Pairs of a Taiwanese provider and an allied refinery of the same good (equation 13b).

    `provider` and `plant` are rows of firms, one entry a pair.
    """

    def __init__(self, world: World, columns: Columns) -> None:
        rows = providers(world)
        families = world.array("firms", "family")[rows]
        columns["provider"][rows] = 1.0
        pilot = world.parameters["pilot_capability"]
        columns["capability"][rows] = np.where(np.isin(families, COMMERCIAL), 1.0, pilot)
        pairs = kept_in(world, "partners", lambda: pairs_of(world, rows))
        self.provider = np.array([row for row, _ in pairs], dtype=np.int64)
        self.plant = np.array([plant for _, plant in pairs], dtype=np.int64)
        self.gain, self.fee = world.parameters["help_gain"], world.parameters["help_fee"]
        self.price = world.output_value
        columns["plants"][:] = self.worth_of_plants(columns)

    def worth_of_plants(self, columns: Columns) -> np.ndarray:
        """Base output of each provider's partner plants, shared among their helpers, over its value added (firm,)."""
        size = len(columns["provider"])
        helpers = np.bincount(self.plant, minlength=size)[self.plant]
        output = columns["base_activity"][self.plant] * self.price[self.plant] / np.maximum(helpers, 1)
        own = columns["value_added"] * columns["base_activity"]
        return np.bincount(self.provider, weights=output, minlength=size) / np.maximum(own, 1e-300)

    def help(self, columns: Columns) -> None:
        """Before the week's bounds: what help adds at each plant, over its capacity; the best help counts once."""
        if not np.count_nonzero(columns["helping"][self.provider]) and not np.count_nonzero(columns["help"]):
            return
        offered = columns["helping"][self.provider] * columns["capability"][self.provider]
        columns["help"][:] = 0.0
        np.maximum.at(columns["help"], self.plant, self.gain * offered)

    def pay(self, columns: Columns, conditions: Conditions) -> None:
        """After production: plants pay a share of what help has added, shared among those who help them."""
        if not np.count_nonzero(columns["help"]):
            return
        offered = columns["helping"][self.provider] * columns["capability"][self.provider]
        total = np.bincount(self.plant, weights=offered, minlength=len(columns["help"]))[self.plant]
        made = columns["activity"][self.plant] * columns["help"][self.plant] / (1 + columns["help"][self.plant])
        value = made * self.price[self.plant] * columns["price_ratio"][self.plant] * conditions["provider"][self.plant]
        fees = self.fee * value * offered / np.maximum(total, 1e-300)
        columns["provider_income"] += np.bincount(self.provider, weights=fees, minlength=len(columns["help"]))


def pairs_of(world: World, rows: np.ndarray) -> list[tuple[int, int]]:
    """Rows of providers and of allied refineries of the same good."""
    firms = world.firms
    allied = (firms.alliance == "allied") & ~firms.country.isin([HOME, RIVAL]) & (firms.kind == "refiner")
    plants = np.nonzero((allied & ~firms.residual.astype(bool)).to_numpy())[0]
    good = firms.good.to_numpy()
    return [(int(row), int(plant)) for row in rows for plant in plants if good[row] == good[plant]]
