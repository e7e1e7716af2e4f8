"""Structure: who makes, buys and holds what in a year of a recorded run; shares, concentration, exposure, survival."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abm.content import Content
from abm.outcome import RAW_STAGES

if TYPE_CHECKING:
    from abm.history import History

YEAR = 52
PER_CENT = 100.0
VITAL = 0.5
HOME = "TWN"


class Structure:
    """Means of the first and the last year of a run (fewer weeks if it is shorter)."""

    def __init__(self, history: History) -> None:
        self.history, self.world = history, history.world
        self.last = slice(max(history.weeks - YEAR, 0), history.weeks)
        self.first = slice(0, min(YEAR, history.weeks))
        world = self.world
        self.maker = world.made.firm.to_numpy()
        self.country = world.firms.country.to_numpy()[self.maker]
        self.stage = world.made.good.map(world.goods.set_index("good").stage).to_numpy()

    def output(self, when: slice) -> np.ndarray:
        """Mean output of each shelf of made goods, units a week (made,); stockpiles make nothing."""
        activity = self.history.firm["activity"][when].mean(axis=0)[self.maker]
        made = (self.world.firms.kind != "reserve").to_numpy()[self.maker]
        return activity * self.world.start["amount"] * made

    @cached_property
    def made(self) -> pd.DataFrame:
        """Output of the last year by shelf: who makes what where, output in units a week, value in US$ a week."""
        firms, amount = self.world.firms.iloc[self.maker], self.output(self.last)
        return pd.DataFrame(
            {
                "good": self.world.made.good.to_numpy(), "stage": self.stage, "country": self.country,
                "kind": firms.kind.to_numpy(), "alliance": firms.alliance.to_numpy(),
                "output": amount, "value": amount * self.world.base_price[self.world.made.g],
            }
        )  # fmt: skip

    def concentration(self) -> dict[str, float]:
        """Herfindahl index by country of each refined good."""
        refined = self.made[self.made.stage == "refined"]
        by_country = refined.groupby(["good", "country"]).output.sum()
        total = by_country.groupby("good").sum()
        shares = by_country / total.where(total > 0).reindex(by_country.index, level="good")
        return named((PER_CENT * shares).pow(2).groupby("good").sum(min_count=1))

    def share_by_stage(self, country: str, of_world: bool) -> dict[str, float]:
        """A country's share of output at each stage by value, of the world or of what is made outside China."""
        made = self.made if of_world else self.made[self.made.country != "CHN"]
        total = made.groupby("stage").value.sum()
        own = made[made.country == country].groupby("stage").value.sum().reindex(total.index, fill_value=0.0)
        return named(own / total.where(total > 0))

    def allied_share(self) -> dict[str, float]:
        """Allies' share of refined output and of recyclers' output by value."""
        groups = {
            "refined": self.made[self.made.stage == "refined"],
            "recycled": self.made[self.made.kind == "recycler"],
        }
        return {
            name: ratio(rows.value[rows.alliance == "allied"].sum(), rows.value.sum()) for name, rows in groups.items()
        }

    def secondary(self) -> dict[str, float]:
        """Recyclers' share of the output of each good that they make."""
        recycled = self.made[self.made.kind == "recycler"].groupby("good").output.sum()
        total = self.made.groupby("good").output.sum().reindex(recycled.index)
        return named(recycled / total.where(total > 0))

    def cover_without_largest(self) -> dict[str, float]:
        """Supply without the largest country over demand, for each ore, refined good and material that is used."""
        raw = self.made[np.isin(self.made.stage, RAW_STAGES)]
        by_country = raw.groupby(["good", "country"]).output.sum()
        left = by_country.groupby("good").sum() - by_country.groupby("good").max()
        bought, users = self.world.bought, (self.world.firms.kind != "reserve").to_numpy()
        wanted = self.history.bought["desired"][self.last].mean(axis=0, dtype=float) * users[bought.firm]
        use = pd.Series(wanted).groupby(bought.good.to_numpy()).sum().reindex(left.index)
        return named(left / use.where(use > 0))

    def orders_moved(self) -> dict[str, float]:
        """Change of Taiwan's share of world output, first to last year, for each part and product that it makes."""
        sold = ~np.isin(self.stage, RAW_STAGES)
        goods, home = self.world.made.good.to_numpy(), self.country == HOME
        before, after = self.output(self.first), self.output(self.last)
        found = {}
        for good in sorted(set(goods[sold & home])):
            rows = goods == good
            share = [ratio(year[rows & home].sum(), year[rows].sum()) for year in (before, after)]
            found[str(good)] = share[1] - share[0]
        return found

    def exposure(self) -> dict[str, float]:
        """China's part of Taiwan's imports, first and last year: direct in raw goods, embedded in parts."""
        links = self.world.links
        imports = ((links.importer == HOME) & (links.exporter != HOME)).to_numpy()
        raw = np.isin(links.good.map(self.world.goods.set_index("good").stage), RAW_STAGES)
        chinese = (links.exporter == "CHN").to_numpy().astype(float)
        found = {}
        for word, when in (("start", self.first), ("end", self.last)):
            sent = self.history.link["sent"][when].mean(axis=0)
            value = sent * self.world.base_price[links.g] * imports
            content = Content(self.world).trace(self._shares(sent))
            found[f"direct_{word}"] = ratio((value * chinese)[raw].sum(), value[raw].sum())
            found[f"embedded_{word}"] = ratio((value * content)[~raw].sum(), value[~raw].sum())
        return found

    def imports_from_china(self) -> dict[str, float]:
        """China's part of Taiwan's imports of each good in the last year."""
        links = self.world.links
        abroad = links[(links.importer == HOME) & (links.exporter != HOME)]
        sent = pd.Series(self.history.link["sent"][self.last].mean(axis=0)[abroad.index])
        good, chinese = abroad.good.to_numpy(), (abroad.exporter == "CHN").to_numpy()
        total = sent.groupby(good).sum()
        return named((sent * chinese).groupby(good).sum() / total.where(total > 0))

    def _shares(self, sent: np.ndarray) -> np.ndarray:
        """Share of each link in what its buyer's shelf receives (link,)."""
        buyer = self.world.links.buyer.to_numpy()
        total = np.bincount(buyer, weights=sent, minlength=len(self.world.bought))[buyer]
        return np.divide(sent, total, out=np.zeros_like(sent), where=total > 0)

    def survival(self) -> dict[str, float]:
        """Cover in weeks of the scarcest vital input of Taiwan's makers: least and median at the end, lowest median."""
        bought, firms, history = self.world.bought, self.world.firms, self.history
        home = ((firms.country == HOME) & ~firms.kind.isin(["industry", "reserve"])).to_numpy()
        vital = home[bought.firm] & (bought.criticality.to_numpy() >= VITAL) & (self.world.start["expected_use"] > 0)
        rows = np.nonzero(vital)[0]
        if not len(rows):
            return {}
        _, first = np.unique(bought.firm.to_numpy()[rows], return_index=True)
        stock, use = (history.bought[name][: history.weeks, rows] for name in ("stock", "expected_use"))
        cover = np.divide(stock, use, out=np.full_like(stock, np.inf), where=use > 0)
        least = np.minimum.reduceat(cover, first, axis=1)
        median = np.median(least, axis=1)
        return {"least": float(least[-1].min()), "median": float(median[-1]), "lowest_median": float(median.min())}


def named(series: pd.Series) -> dict[str, float]:
    """A series by name as plain numbers, undefined ones left out."""
    return {str(key): float(value) for key, value in series.items() if np.isfinite(value)}


def ratio(part: float, whole: float) -> float:
    """A share; not a number of nothing."""
    return float(part / whole) if whole > 0 else float("nan")
