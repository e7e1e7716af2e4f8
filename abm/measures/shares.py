"""Structure: who makes, buys and holds what in a year of a recorded run; shares, concentration, exposure, survival."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np

from abm.measures.losses import outlook_of
from abm.measures.recorded import Recorded
from abm.world.content import content_of
from abm.world.labels import labels_of
from abm.world.world import kept_in

YEAR = 52
PER_CENT = 100.0
VITAL = 0.5


class Structure:
    """Means of the first and the last year of a run (fewer weeks if it is shorter)."""

    def __init__(self, history: Recorded) -> None:
        self.history, self.world, self.labels = history, history.world, labels_of(history.world)
        self.last = slice(max(history.weeks - YEAR, 0), history.weeks)
        self.first = slice(0, min(YEAR, history.weeks))
        self.stages = sorted(set(self.labels.stages))

    def output(self, when: slice) -> np.ndarray:
        """Mean output of each shelf of made goods, units a week (made,); stockpiles make nothing."""
        maker = self.labels.maker
        activity = self.history.firm["activity"][when].mean(axis=0)[maker]
        return activity * self.world.start["amount"] * self.labels.producing[maker]

    @cached_property
    def made(self) -> np.ndarray:
        """Output of each shelf of made goods in the last year, units a week (made,)."""
        return self.output(self.last)

    @cached_property
    def value(self) -> np.ndarray:
        """The same in US$ a week at base prices (made,)."""
        return self.made * self.world.base_price[self.labels.made_good]

    @cached_property
    def sent(self) -> np.ndarray:
        """What each link carried in the last year, units a week (link,)."""
        return self.history.link["sent"][self.last].mean(axis=0)

    @cached_property
    def by_country(self) -> np.ndarray:
        """Output of each good in each country in the last year, units a week (good, country)."""
        return self.tabled(self.labels.made_good, self.labels.place[self.labels.maker], self.made)

    def tabled(self, goods: np.ndarray, places: np.ndarray, amount: np.ndarray) -> np.ndarray:
        """Sums by good and country (good, country) of amounts (n,), given the good and country of each."""
        shape = len(self.labels.goods), len(self.labels.countries)
        return np.bincount(goods * shape[1] + places, amount, shape[0] * shape[1]).reshape(shape)

    def by_good(self, amount: np.ndarray) -> np.ndarray:
        """Sums by good (good,) of amounts by shelf of made goods (made,)."""
        return np.bincount(self.labels.made_good, amount, len(self.labels.goods))

    def concentration(self) -> dict[str, float]:
        """Herfindahl index by country of each refined good."""
        refined = self.labels.stages == "refined"
        output = self.by_country[refined]
        shares = PER_CENT * over(output, output.sum(axis=1, keepdims=True))
        return named(self.labels.goods[refined], (shares**2).sum(axis=1))

    def share_by_stage(self, country: str, of_world: bool) -> dict[str, float]:
        """A country's share of output at each stage by value, of the world or of what is made outside China."""
        place = self.labels.countries[self.labels.place[self.labels.maker]] == country
        return self.part_by_stage(place.astype(float), of_world)

    def part_by_stage(self, part: np.ndarray, of_world: bool) -> dict[str, float]:
        """Mean at each stage, by value, of a part of each shelf (made,), in the world or outside China."""
        value = self.value if of_world else np.where(self.labels.china[self.labels.maker], 0.0, self.value)
        at = [self.labels.stage == stage for stage in self.stages]
        return named(self.stages, [ratio((part * value)[rows].sum(), value[rows].sum()) for rows in at])

    def allied_share(self) -> dict[str, float]:
        """Allies' share of refined output and of recyclers' output by value."""
        labels, value = self.labels, self.value
        allied = labels.allied[labels.maker]
        groups = {"refined": labels.stage == "refined", "recycled": labels.kind[labels.maker] == "recycler"}
        return {name: ratio(value[rows & allied].sum(), value[rows].sum()) for name, rows in groups.items()}

    def secondary(self) -> dict[str, float]:
        """Recyclers' share of the output of each good that they make."""
        recycler = self.labels.kind[self.labels.maker] == "recycler"
        theirs = self.by_good(recycler) > 0
        share = over(self.by_good(self.made * recycler), self.by_good(self.made))
        return named(self.labels.goods[theirs], share[theirs])

    def cover_without_largest(self) -> dict[str, float]:
        """Supply without the largest country over need, for each ore, refined good and material that is used."""
        labels, output = self.labels, self.by_country
        use = np.bincount(labels.bought_good, self._needed(), len(labels.goods))
        cover = over(output.sum(axis=1) - output.max(axis=1), use)
        raw = labels.raw_goods & (self.by_good(np.ones(len(labels.maker))) > 0)
        return named(labels.goods[raw], cover[raw])

    def _needed(self) -> np.ndarray:
        """What users would use at the published outlook with what they save by now, units a week (bought,).

        Not what they ask for: buyers who have stopped ask for little, and that would pass for cover.
        """
        start, owner = self.world.start, self.labels.owner
        outlook = outlook_of(self.history, range(self.history.weeks)[self.last]).mean(axis=0)[owner]
        saved = self.history.bought["thrift"][self.last].mean(axis=0, dtype=float)
        return np.asarray(
            start["need"] * start["base_activity"][owner] * outlook * (1 - saved) * self.labels.producing[owner]
        )

    def orders_moved(self) -> dict[str, float]:
        """Change of Taiwan's share of world output, first to last year, for each part and product that it makes."""
        labels = self.labels
        home = labels.home[labels.maker]
        theirs = ~labels.raw_goods & (self.by_good(home) > 0)
        before, after = (
            over(self.by_good(each * home), self.by_good(each)) for each in (self.output(self.first), self.made)
        )
        return named(labels.goods[theirs], (after - before)[theirs])

    def exposure(self) -> dict[str, float]:
        """China's part of Taiwan's imports, first and last year: direct in raw goods, embedded in parts."""
        labels = self.labels
        price, raw = self.world.base_price[labels.sold] * labels.imports, labels.raw_goods[labels.sold]
        chinese = labels.china_place[labels.exporter]
        found = {}
        for word, sent in (("start", self.history.link["sent"][self.first].mean(axis=0)), ("end", self.sent)):
            value = sent * price
            content = content_of(self.world).trace(self._shares(sent))
            found[f"direct_{word}"] = ratio((value * chinese)[raw].sum(), value[raw].sum())
            found[f"embedded_{word}"] = ratio((value * content)[~raw].sum(), value[~raw].sum())
        return found

    def imports_from_china(self) -> dict[str, float]:
        """China's part of Taiwan's imports of each good in the last year."""
        labels = self.labels
        imported = self.tabled(labels.sold, labels.exporter, self.sent * labels.imports)
        able = np.bincount(labels.sold, labels.imports, len(labels.goods)) > 0
        share = over(imported[:, labels.china_place].sum(axis=1), imported.sum(axis=1))
        return named(labels.goods[able], share[able])

    def _shares(self, sent: np.ndarray) -> np.ndarray:
        """Share of each link in what its buyer's shelf receives (link,)."""
        buyer = self.world.links.buyer.to_numpy()
        return over(sent, np.bincount(buyer, weights=sent, minlength=len(self.world.bought))[buyer], nothing=0.0)

    @property
    def vital_shelves(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the vital inputs of Taiwan's makers (n,), and where among them those of each maker begin."""
        found: tuple[np.ndarray, np.ndarray] = kept_in(self.world, "vital inputs", self._vital_shelves)
        return found

    def _vital_shelves(self) -> tuple[np.ndarray, np.ndarray]:
        """The same, worked out."""
        labels, critical = self.labels, self.world.bought.criticality.to_numpy() >= VITAL
        makers = labels.home & labels.producing & ~labels.industry
        rows = np.nonzero(makers[labels.owner] & critical & (self.world.start["expected_use"] > 0))[0]
        return rows, np.unique(labels.owner[rows], return_index=True)[1]

    def survival(self) -> dict[str, float]:
        """Cover in weeks of the scarcest vital input of Taiwan's makers: least and median at the end, lowest median."""
        history, (rows, first) = self.history, self.vital_shelves
        if not len(rows):
            return {}
        stock, use = (history.bought[name][: history.weeks, rows] for name in ("stock", "expected_use"))
        cover = np.divide(stock, use, out=np.full_like(stock, np.inf), where=use > 0)
        least = np.minimum.reduceat(cover, first, axis=1)
        median = np.median(least, axis=1)
        weeks = np.array((least[-1].min(), median[-1], median.min()), dtype=float)
        return named(("least", "median", "lowest_median"), np.where(np.isfinite(weeks), weeks, np.nan))


def over(part: np.ndarray, whole: np.ndarray, nothing: float = np.nan) -> np.ndarray:
    """Shares (n,), or (n, m) of wholes (n, 1); not a number, or what is named, of nothing."""
    whole = np.broadcast_to(whole, part.shape)
    return np.divide(part, whole, out=np.full(part.shape, nothing), where=whole > 0)


def named(names: Iterable[str], values: Iterable[float]) -> dict[str, float]:
    """Values by name as plain numbers."""
    return {str(name): float(value) for name, value in zip(names, values, strict=True)}


def ratio(part: float, whole: float) -> float:
    """A share; not a number of nothing."""
    return float(part / whole) if whole > 0 else float("nan")
