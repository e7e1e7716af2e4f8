"""What the charts and dials of the live page show of a run and its branch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from abm import Model
from abm.measures.lever_costs import COSTS, Spending, lever_costs
from abm.measures.losses import Outcome
from abm.policy.causes import Cause
from abm.scenario.scenario import CauseSpec
from app.view import standing
from app.view.charts import BLUE, GREEN, INKS, ORANGE, Line
from app.view.words import large, say, words
from experiments.supply_flows import RAW

if TYPE_CHECKING:
    from app.view.session import Session

MILLION, YEAR = 1e6, 52


def dates_of(model: Model) -> list[str]:
    """Days of the weeks simulated."""
    return [str(day.date()) for day in model.history.dates()]


def goods_of(model: Model) -> list[str]:
    """Goods that can be watched: raw stages."""
    goods = model.world.goods
    return goods.good[goods.stage.isin(RAW)].tolist()


def prices(session: Session, good: str, language: str) -> list[Line]:
    """Prices over base of a good: in China, outside, outside on average; the branch dashed."""
    at = session.main.world.goods.good.tolist().index(good)
    drawn = []
    for number, model in enumerate(session.models):
        history, weeks = model.history, model.history.weeks
        drawn += [
            Line(say("price_china", language), history.spot[:weeks, 0, at], BLUE, bool(number)),
            Line(say("price_outside", language), history.spot[:weeks, 1, at], ORANGE, bool(number)),
            Line(say("price_average", language), history.average[:weeks, 1, at], GREEN, bool(number)),
        ]
    return drawn


def stocks(session: Session, good: str, language: str) -> list[Line]:
    """Weeks of use that buyers outside China hold of a good."""
    world = session.main.world
    rows = ((world.bought.good == good) & (world.bought.firm.map(world.firms.zone) == 1)).to_numpy()
    drawn = []
    for number, model in enumerate(session.models):
        history, weeks = model.history, model.history.weeks
        held, used = (
            history.bought[name][:weeks][:, rows].sum(axis=1, dtype=float) for name in ("stock", "expected_use")
        )
        drawn.append(Line(say("stock_line", language), held / np.maximum(used, 1e-12), ORANGE, bool(number)))
    return drawn


@dataclass
class Window:
    """The last weeks of a history, as far as losses need them."""

    world: Any
    firm: dict[str, np.ndarray]
    weeks: int


@dataclass
class Losses:
    """Output lost by week, US$: in the world and in Taiwan (week,), and by sector (week, sector)."""

    sectors: tuple[str, ...]
    weeks: int
    world: np.ndarray
    home: np.ndarray
    sector: np.ndarray


def losses(model: Model) -> Losses:
    """What has been lost up to now; only weeks that are new are worked out."""
    found, history = losses_kept(model), model.history
    if found.weeks < history.weeks:
        new = slice(found.weeks, history.weeks)
        firm = {name: history.firm[name][new] for name in ("plan", "wanted", "activity")}
        lost = Outcome(Window(model.world, firm, history.weeks - found.weeks)).output_lost
        home, member = model.world.kept["shown sectors"][1:]
        found.world[new], found.home[new], found.sector[new] = lost.sum(axis=1), lost @ home, lost @ member
        found.weeks = history.weeks
    return found


def losses_kept(model: Model) -> Losses:
    """The losses that are known of a run."""
    if "shown sectors" not in model.world.kept:
        sector = Outcome(Window(model.world, {}, 0)).sector.astype(str)
        names = tuple(sorted(set(sector)))
        member = np.array([sector == name for name in names], dtype=float).T
        home = (model.world.firms.country == "TWN").to_numpy(dtype=float)
        model.world.kept["shown sectors"] = (names, home, member)
    if "shown_losses" not in model.__dict__:
        names, weeks = model.world.kept["shown sectors"][0], len(model.history.spot)
        model.__dict__["shown_losses"] = Losses(names, 0, np.zeros(weeks), np.zeros(weeks),
                                                np.zeros((weeks, len(names))))  # fmt: skip
    found: Losses = model.__dict__["shown_losses"]
    return found


def lost(session: Session, language: str) -> list[Line]:
    """Output lost, US$ million a week."""
    drawn = []
    for number, model in enumerate(session.models):
        found, weeks = losses(model), model.history.weeks
        drawn += [Line(say("world", language), found.world[:weeks] / MILLION, BLUE, bool(number)),
                  Line(say("taiwan", language), found.home[:weeks] / MILLION, ORANGE, bool(number))]  # fmt: skip
    return drawn


def sectors(session: Session, language: str) -> list[Line]:
    """Output lost in the world by sector, US$ million a week: the sectors that have lost most."""
    names = words()["sectors"]
    total = losses(session.main).sector[: session.main.history.weeks].sum(axis=0)
    largest = np.argsort(-total, kind="stable")[: len(INKS)]
    drawn = []
    for number, model in enumerate(session.models):
        found = losses(model)
        for ink, at in zip(INKS, largest, strict=False):
            key = found.sectors[at]
            name = names[key][language] if key in names else key.replace("_", " ")
            drawn.append(Line(name, found.sector[: model.history.weeks, at] / MILLION, ink, bool(number)))
    return drawn


@dataclass(frozen=True)
class Shown:
    """One dial: name, value, what the branch differs by (empty without one), and where it stands from 0 to 1."""

    name: str
    text: str
    gap: str
    part: float


def dials(session: Session, language: str) -> list[Shown]:
    """Numbers of the moment, the branch's difference beside."""
    told = []
    for name, value, form, (low, high) in DIALS:
        scale = large(language) if name in MONEY else 1.0
        values = [value(model) / scale for model in session.models]
        gap = f"{say('difference', language)}: {signed(values[1] - values[0], form)}" if len(values) > 1 else ""
        part = (values[-1] * scale - low) / (high - low) if np.isfinite(values[-1]) else 0.0
        told.append(Shown(say(name, language), format(values[0], form), gap, min(max(part, 0.0), 1.0)))
    return told


def signed(value: float, form: str) -> str:
    """A difference with its sign; what rounds to nothing is no negative nothing."""
    told = f"{value:+{form}}"
    return told.replace("-", "+") if float(told) == 0 else told


def _tension(model: Model) -> float:
    history = model.history
    governments = model.world.governments.country.tolist()
    return float(history.tension[history.weeks - 1, governments.index("CHN")]) if history.weeks else 0.0


DIALS = (
    ("exposure", lambda model: 100 * standing.exposure(model), ".0f", (0, 100)),
    ("survival", standing.survival, ".1f", (0, 26)),
    ("controls", lambda model: float(model.history.controls[max(model.history.weeks - 1, 0)]), ".0f", (0, 40)),
    ("tension", _tension, ".2f", (0, 1)),
    ("lost_taiwan", lambda model: float(losses(model).home.sum()), ".2f", (0, 100e9)),
    ("lost_world", lambda model: float(losses(model).world.sum()), ".1f", (0, 1000e9)),
)
MONEY = ("lost_taiwan", "lost_world")  # US$


def spent(session: Session) -> float:
    """What Taiwan's measures have cost so far, NT$."""
    return lever_costs(session.models[-1].history)["total"]


def yearly_cost(session: Session, spec: CauseSpec) -> float:
    """What a lever of this size would cost in a year like the last, NT$; not a number where it has no cost."""
    model = session.models[-1]
    if spec.instrument not in COSTS or spec.by != "TWN":
        return float("nan")
    weeks = model.history.weeks
    when = np.arange(weeks) >= weeks - YEAR
    cost = COSTS[spec.instrument](Spending(model.history), Cause.known[spec.instrument](spec, model.world), when)
    return cost / when.sum() * YEAR
