"""History: what happened, recorded week by week in preallocated arrays and told afterwards as tidy tables."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abm.clock import WEEK
from abm.results import frame as tidy

if TYPE_CHECKING:
    from abm.model import Model
    from abm.scenario import Scenario
    from abm.trade import Shipped, Trade

FIRM_SERIES = ("activity", "plan", "wanted", "capacity", "idle", "price_ratio")
BOUGHT_SERIES = ("stock", "expected_use", "desired", "used", "trust", "thrift")
MADE_SERIES = ("made_stock",)
PERMIT_SERIES = ("leaked", "waiting", "granted", "refused")


class LinkSeries(Mapping[str, np.ndarray]):
    """Series of the supply links by name, each (week, link): what was sent, and in controlled runs what happened to it.

    Permits are kept, in single precision, for the links that a control has touched by then; an array is made of them
    when it is asked for. A run that no control was expected in has them too from the first control on.
    """

    def __init__(self, weeks: int, links: int, controlled: bool) -> None:
        self.sent = np.zeros((weeks, links))
        self.controlled = controlled
        self.permits: list[tuple[int, np.ndarray, np.ndarray]] = []

    @property
    def names(self) -> tuple[str, ...]:
        """The series there are."""
        return ("sent", *PERMIT_SERIES) if self.controlled or self.permits else ("sent",)

    def record(self, week: int, shipped: Shipped, trade: Trade) -> None:
        """Keep one week."""
        self.sent[week] = shipped.sent
        rows = trade.rows
        if len(rows):
            found = (shipped.leaked, trade.applied, shipped.granted, shipped.refused)
            self.permits.append((week, rows, np.array([values[rows] for values in found], dtype=np.float32)))

    def __getitem__(self, name: str) -> np.ndarray:
        if name == "sent":
            return self.sent
        if name not in self.names:
            raise KeyError(name)
        values = np.zeros(self.sent.shape, dtype=np.float32)
        for week, rows, found in self.permits:
            values[week, rows] = found[PERMIT_SERIES.index(name)]
        return values

    def total(self, name: str) -> np.ndarray:
        """One of the permits' series summed over the run (link,); nothing where there are none."""
        total, row = np.zeros(self.sent.shape[1]), PERMIT_SERIES.index(name)
        for _, weeks in groupby(self.permits, key=lambda permit: id(permit[1])):
            same = list(weeks)
            rows = same[0][1]
            total[rows] += sum((found[row] for _, _, found in same), np.zeros(len(rows)))
        return total

    def of(self, name: str, links: np.ndarray) -> np.ndarray:
        """One of the permits' series of some links alone (week, n)."""
        row, now = PERMIT_SERIES.index(name), np.zeros(self.sent.shape[1], dtype=np.float32)
        values = np.zeros((len(self.sent), len(links)), dtype=np.float32)
        for week, rows, found in self.permits:
            now[rows] = found[row]
            values[week] = now[links]
            now[rows] = 0.0
        return values

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
    With `length` it begins with the model's next week and holds so many.
    """

    def __init__(self, model: Model, length: int | None = None) -> None:
        world, weeks = model.world, length or model.clock.weeks
        sizes = world.sizes()
        self.world, self.setting, self.demand = world, model.setting, model.demand
        self.parameters = model.parameters
        self.settings: list[tuple[int, Scenario]] = [(0, model.setting)]
        self.first = model.clock.number + 1
        self.start: datetime.date = model.clock.start + self.first * WEEK
        self.opening = model.columns["stock"].astype(np.float32)
        self.weeks, self.little = 0, False
        self.firm = {name: np.zeros((weeks, sizes["firm"])) for name in FIRM_SERIES}
        self.bought: dict[str, np.ndarray] = {
            name: np.zeros((weeks, sizes["bought"]), dtype=np.float32) for name in BOUGHT_SERIES
        }
        self.made = {name: np.zeros((weeks, sizes["made"])) for name in MADE_SERIES}
        self.link = LinkSeries(weeks, sizes["link"], model.controlled)
        goods = len(world.goods)
        self.spot, self.average = np.ones((weeks, 2, goods)), np.ones((weeks, 2, goods))
        self.export = np.ones((weeks, goods))
        self.balance_error = np.zeros(weeks)
        self.tension, self.controls = np.zeros((weeks, sizes["government"])), np.zeros(weeks)
        self.fees = np.zeros(weeks)
        rows = model.routes.record(model.columns, 0)
        self.routes = {name: np.zeros((weeks, len(values)), dtype=np.float32) for name, values in rows.items()}
        self.fabs, self.packagers = model.routes.tools.fabs, model.routes.packaging.packagers
        self.acts: list[tuple[datetime.date, str, str, bool]] = []

    def record(self, model: Model, shipped: Shipped, error: float) -> None:
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
        self.balance_error[week] = error
        self.weeks = week + 1
        if not self.little:
            self.fees[week] = columns["provider_income"].sum()
            self.tension[week], self.controls[week] = columns["tension"], model.diplomacy.controls
            for name, values in model.routes.record(columns, model.clock.number).items():
                self.routes[name][week] = values

    @property
    def full(self) -> bool:
        """Whether it holds all the weeks there is room for."""
        return self.weeks >= len(self.balance_error)

    def keep(self, bought: Sequence[str]) -> None:
        """Record prices, trade and these series of bought inputs alone: for runs of which little is read."""
        self.little = True
        self.firm, self.made, self.routes = {}, {}, {}
        self.bought = {name: self.bought[name] for name in bought}

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

    def dates(self) -> pd.DatetimeIndex:
        """The same as an index of pandas."""
        return pd.DatetimeIndex(self.days())

    def frame(self, detail: bool = False) -> pd.DataFrame:
        """The tidy table of the run, as in series.parquet; with `detail` the supply links too."""
        return tidy(self, detail)
