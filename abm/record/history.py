"""History: what happened, recorded week by week in preallocated arrays and told afterwards as tidy tables."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby

import numpy as np
import pandas as pd

from abm.economy.permits import Permits
from abm.economy.trade import Shipped, Trade
from abm.measures.series import frame as tidy
from abm.record.months import Months
from abm.record.running import Running
from abm.scenario.scenario import Scenario
from kit.clock import WEEK
from kit.compile import kernel

FIRM_SERIES = ("activity", "plan", "wanted", "capacity", "idle", "price_ratio")
BOUGHT_SERIES = ("stock", "expected_use", "desired", "used", "trust", "thrift")
MADE_SERIES = ("made_stock",)
PERMIT_SERIES = ("leaked", "waiting", "granted", "refused")
ALL = slice(None)


@kernel
def keep_permits(rows, series, found):  # type: ignore[no-untyped-def]
    """What happened to the permits of some links, written into `found` (series, n), in single precision.

    rows: of the links among those under control (n,) uint32; series: leaked, waiting, granted, refused of these.
    """
    for kind in range(len(series)):
        for place in range(len(rows)):
            found[kind, place] = series[kind][rows[place]]


class LinkSeries(Mapping[str, np.ndarray]):
    """Series of the supply links by name, each (week, link): what was sent, and in controlled runs what happened to it.

    `rows` are the links that it is kept of, all or those named (n,) in ascending order. Permits are kept, in single
    precision, from the first control on, for those of them that a control has touched by then (`under`: their places
    among the permits, and here); an array is made of them when it is asked for. A run that no control was expected in
    has them too from then on.
    """

    def __init__(self, weeks: int, links: int, controlled: bool, rows: np.ndarray | slice = ALL) -> None:
        self.named = None if isinstance(rows, slice) else rows
        self.shape = (weeks, links if self.named is None else len(self.named))
        self.controlled, self.rows = controlled, rows
        self.touched = np.zeros(0, dtype=np.uint32)
        self.under = (self.touched, self.touched)
        self.permits: list[tuple[int, np.ndarray, np.ndarray]] = []

    @cached_property
    def sent(self) -> np.ndarray:
        """What left the sellers."""
        return np.zeros(self.shape)

    @property
    def names(self) -> tuple[str, ...]:
        """The series there are."""
        return ("sent", *PERMIT_SERIES) if self.controlled or self.permits else ("sent",)

    def record(self, week: int, shipped: Shipped, trade: Trade) -> None:
        """Keep one week."""
        self.sent[week] = shipped.sent[self.rows]
        permits = trade.permits
        if len(permits.rows):
            if permits.rows is not self.touched:
                self.touched, self.under = permits.rows, self._find(permits)
            rows, place = self.under
            found = np.empty((len(PERMIT_SERIES), len(rows)), dtype=np.float32)
            keep_permits(rows, (permits.leaked, permits.applied, permits.granted, permits.refused), found)
            self.permits.append((week, place, found))

    def _find(self, permits: Permits) -> tuple[np.ndarray, np.ndarray]:
        """The links touched by controls of those that are kept, and their places: on all others permits are zero."""
        if self.named is None:
            return np.arange(len(permits.rows), dtype=np.uint32), permits.rows
        place = np.flatnonzero(permits.marked[self.named])
        return np.searchsorted(permits.rows, self.named[place]).astype(np.uint32), place

    def __getitem__(self, name: str) -> np.ndarray:
        if name == "sent":
            return self.sent
        if name not in self.names:
            raise KeyError(name)
        values = np.zeros(self.shape, dtype=np.float32)
        row = PERMIT_SERIES.index(name)
        for _, weeks in groupby(self.permits, key=lambda permit: id(permit[1])):
            same = list(weeks)
            values[same[0][0] : same[-1][0] + 1, same[0][1]] = [found[row] for _, _, found in same]
        return values

    def places(self, rows: np.ndarray) -> np.ndarray:
        """Where some links stand in the arrays; all of them must be kept."""
        return rows if self.named is None else np.searchsorted(self.named, rows)

    def total(self, name: str) -> np.ndarray:
        """One of the permits' series summed over the run (link,); nothing where there are none."""
        total, row = np.zeros(self.shape[1]), PERMIT_SERIES.index(name)
        for _, weeks in groupby(self.permits, key=lambda permit: id(permit[1])):
            same = list(weeks)
            total[same[0][1]] += np.sum([found[row] for _, _, found in same], axis=0, dtype=float)
        return total

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


class History:
    """Arrays (week, row) of a run. `weeks` counts what has been recorded.

    `firm[name]`, `bought[name]`, `made[name]` and `link[name]` follow the rows of the world; `spot` and `average` are
    (week, zone, good) price ratios; `export` is (week, good); `balance_error` is (week,), relative. `tension` is
    (week, government), `controls` (week,) counts Chinese export controls in force, and `fees` (week,) sums the
    income of Taiwanese providers from partner refineries since the start, US$. `routes[name]` are (week, fab) or (week,
    packager), for the firms in `fabs` and `packagers`: see `Routes.record`. `acts` lists what free
    governments took up (True) and back (False): (date, government, instrument, which). `opening` (bought,) is what
    buyers held before the first week; `settings` lists the scenarios that governed, each with its first week.
    With `length` it begins with the model's next week and holds so many. Large arrays are made when first asked for.
    """

    def __init__(self, model: Running, length: int | None = None) -> None:
        world, weeks = model.world, length or model.clock.weeks
        self._sizes, self._controlled = world.sizes(), model.controlled
        self.world, self.setting, self.demand = world, model.setting, model.demand
        self.parameters = model.parameters
        self.settings: list[tuple[int, Scenario]] = [(0, model.setting)]
        self.first = model.clock.number + 1
        self.start: datetime.date = model.clock.start + self.first * WEEK
        self.opening = model.columns["stock"].astype(np.float32)
        self.weeks, self.little = 0, False
        goods = len(world.goods)
        self.spot, self.average = np.ones((weeks, 2, goods)), np.ones((weeks, 2, goods))
        self.export = np.ones((weeks, goods))
        self.balance_error = np.zeros(weeks)
        self.tension, self.controls = np.zeros((weeks, self._sizes["government"])), np.zeros(weeks)
        self.fees = np.zeros(weeks)
        rows = model.routes.record(model.columns, 0)
        self.routes = {name: np.zeros((weeks, len(values)), dtype=np.float32) for name, values in rows.items()}
        self.fabs, self.packagers = model.routes.tools.fabs, model.routes.packaging.packagers
        self.acts: list[tuple[datetime.date, str, str, bool]] = []

    @cached_property
    def firm(self) -> dict[str, np.ndarray]:
        """Series of firms by name, (week, firm)."""
        return {name: np.zeros((self.room, self._sizes["firm"])) for name in FIRM_SERIES}

    @cached_property
    def bought(self) -> dict[str, np.ndarray]:
        """Series of bought inputs by name, (week, bought), in single precision."""
        return self._of_inputs(BOUGHT_SERIES)

    def _of_inputs(self, names: Sequence[str]) -> dict[str, np.ndarray]:
        """Room for these series of bought inputs."""
        return {name: np.zeros((self.room, self._sizes["bought"]), dtype=np.float32) for name in names}

    @cached_property
    def made(self) -> dict[str, np.ndarray]:
        """Series of made goods by name, (week, made)."""
        return {name: np.zeros((self.room, self._sizes["made"])) for name in MADE_SERIES}

    @cached_property
    def link(self) -> LinkSeries:
        """Series of the supply links by name, (week, link)."""
        return LinkSeries(self.room, self._sizes["link"], self._controlled)

    def record(self, model: Running, shipped: Shipped) -> None:
        """Record the week that has just been simulated."""
        week, columns = model.clock.number - self.first, model.columns
        for name, array in self.firm.items():
            array[week] = columns[name]
        for name, rows in self.bought.items():
            rows[week] = columns[name]
        for name, array in self.made.items():
            array[week] = columns[name]
        self.link.record(week, shipped, model.trade)
        self.spot[week], self.average[week] = model.market.spot, model.market.average
        self.export[week] = model.market.export
        self.weeks = week + 1
        if not self.little:
            self.balance_error[week] = model.ledger.error(columns, model.trade, model.production)
            self.fees[week] = columns["provider_income"].sum()
            self.tension[week], self.controls[week] = columns["tension"], model.diplomacy.controls
            for name, values in model.routes.record(columns, model.clock.number).items():
                self.routes[name][week] = values

    @property
    def room(self) -> int:
        """How many weeks there is room for."""
        return len(self.balance_error)

    @property
    def full(self) -> bool:
        """Whether it holds all the weeks there is room for."""
        return self.weeks >= self.room

    def keep(self, bought: Sequence[str], links: np.ndarray) -> None:
        """Record prices, these series of bought inputs and the trade of these links alone, before the first week.

        For runs of which little is read. links: rows in ascending order.
        """
        self.little = True
        self.firm, self.made, self.routes = {}, {}, {}
        self.bought = self._of_inputs(bought)
        self.link = LinkSeries(self.room, self._sizes["link"], self._controlled, links)

    def follow(self, setting: Scenario) -> None:
        """From the next week on another scenario governs."""
        self.setting = setting
        self.settings.append((self.weeks, setting))

    def governed(self) -> list[tuple[int, int, Scenario]]:
        """The scenarios that governed: first week, first week after, scenario."""
        ends = [first for first, _ in self.settings[1:]] + [self.weeks]
        return [(first, end, setting) for (first, setting), end in zip(self.settings, ends, strict=True)]

    def days(self) -> list[datetime.date]:
        """First day of each recorded week."""
        return [self.start + number * WEEK for number in range(self.weeks)]

    def months(self) -> Months:
        """The calendar months of the recorded weeks."""
        return Months.of(self.start, self.weeks)

    def dates(self) -> pd.DatetimeIndex:
        """The same as an index of pandas."""
        return pd.DatetimeIndex(self.days())

    def frame(self, detail: bool = False) -> pd.DataFrame:
        """The tidy table of the run, as in series.parquet; with `detail` the supply links too."""
        return tidy(self, detail)
