"""Labels: by what the measures of a run sort the rows of its world. They depend on the world alone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from abm.world.world import World, kept_in

HOME, CHINA, UNION = "TWN", "CHN", "EUU"
RAW_STAGES = ("ore", "refined", "material")


class Labels:
    """Arrays aligned with the rows of a world; countries are numbers: rows of the table of countries.

    Of goods (good,): `goods`, `stages`, `raw_goods`; of countries (country,): `home_place`, `china_place`, `union`,
    `allied_place`, `governance`; of firms, shelves and links: what the three methods below name.
    """

    def __init__(self, world: World) -> None:
        table = world.tables["countries"]
        self.countries = pd.Index(table.country)
        self.home_place, self.china_place = (self.countries == place for place in (HOME, CHINA))
        self.union, self.allied_place = (table.government == UNION).to_numpy(), (table.alliance == "allied").to_numpy()
        self.governance = table.governance.to_numpy(dtype=float)
        self.goods = world.goods.good.to_numpy(dtype=object)
        self.stages = world.goods.stage.to_numpy(dtype=object)
        self.raw_goods = np.isin(self.stages, RAW_STAGES)
        self._name_firms(world)
        self._name_shelves(world)
        self._name_links(world)

    def _name_firms(self, world: World) -> None:
        """Places, kinds, main goods and sectors of firms."""
        firms = world.firms
        self.place = self.countries.get_indexer(firms.country)
        self.home, self.china = self.home_place[self.place], self.china_place[self.place]
        self.allied = (firms.alliance == "allied").to_numpy()
        self.kind, self.main_good = firms.kind.to_numpy(dtype=object), firms.good.to_numpy(dtype=object)
        self.producing, self.industry = self.kind != "reserve", self.kind == "industry"
        self.final = firms.final.to_numpy(dtype=float) > 0
        alone = ~firms.residual.to_numpy(dtype=bool) & self.producing & ~self.industry
        self.named = np.nonzero(alone & (world.start["base_activity"] > 0))[0]
        self.sector = sectors(world, self.industry)

    def _name_shelves(self, world: World) -> None:
        """Firms and stages of what is bought and made."""
        self.owner, self.maker = world.bought.firm.to_numpy(), world.made.firm.to_numpy()
        self.bought_good, self.made_good = world.bought.g.to_numpy(), world.made.g.to_numpy()
        self.raw = self.raw_goods[self.bought_good]
        self.stage = self.stages[self.made_good]

    def _name_links(self, world: World) -> None:
        """What links carry, and from where to where."""
        links = world.links
        self.sold = links.g.to_numpy()
        self.exporter, self.importer = (self.countries.get_indexer(each) for each in (links.exporter, links.importer))
        self.link_stage = self.stages[self.sold]
        self.imports = self.home_place[self.importer] & ~self.home_place[self.exporter]


def labels_of(world: World) -> Labels:
    """The labels of a world, worked out once."""
    found: Labels = kept_in(world, "labels", lambda: Labels(world))
    return found


def sectors(world: World, industry: np.ndarray) -> np.ndarray:
    """Sector of each firm (firm,): of its product, else its stage, recycling apart, or other users."""
    sector = world.firms.good.map(world.tables["products"].set_index("good").sector)
    stage = world.firms.good.map(world.goods.set_index("good").stage).map(
        {"ore": "mining", "refined": "refining", "material": "materials"}
    )
    return np.where(industry, "other_users", sector.fillna(stage).fillna("other_users")).astype(object)
