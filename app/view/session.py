"""A visitor's run: one model, perhaps a branch beside it, the levers pulled, and the file that opens it again."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from abm import Model, Scenario
from abm.errors import BadInput
from abm.happenings import happenings
from abm.lever_costs import lever_costs
from abm.model import world_for
from abm.outcome import Outcome
from abm.scenario_checks import instruments
from abm.world import World, shared_tables
from app.view import standing
from app.view.charts import BLUE, GREEN, ORANGE, Line
from app.view.start import PARAMETERS
from app.view.words import say, words
from experiments.supply_flows import RAW

PACKAGES = ("R1", "R2", "R3")
EMBRACE = "+R1@2+R2@2+R3@2"
NOTHING = dict.fromkeys(PACKAGES, 0.0)
MILLION, BILLION = 1e6, 1e9
FORMAT = 1


@lru_cache(maxsize=3)
def world_of(scenario: str) -> World:
    """The world of a scenario in which every lever may still be pulled; shared by all visitors, changed by none."""
    setting = setting_of(scenario)
    return world_for(setting, also=[Scenario.load(scenario + EMBRACE)] if leverable(scenario) else [])


def setting_of(scenario: str) -> Scenario:
    """A scenario under the parameters that the view was started with."""
    return Scenario.load(scenario).settled(PARAMETERS)


def leverable(scenario: str) -> bool:
    """Whether Taiwan's levers can be laid over a scenario: those of the world of 2024 that do not hold them yet."""
    try:
        return Scenario.load(scenario + EMBRACE).base_year == 2024
    except BadInput:
        return False


@dataclass(eq=False)
class Session:
    """Scenario, seed, what was done in which week, and the models that came of it; two runs are never the same."""

    scenario: str
    seed: int = 0
    acts: list[dict[str, Any]] = field(default_factory=list)
    budgets: dict[str, float] = field(default_factory=lambda: dict(NOTHING))
    stands: list[standing.Stand] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.main = Model(setting_of(self.scenario), rng=self.seed, world=world_of(self.scenario))
        self.branch: Model | None = None
        self.levers = leverable(self.scenario)
        self.step()

    @property
    def models(self) -> list[Model]:
        """The run, and the branch if there is one."""
        return [self.main] if self.branch is None else [self.main, self.branch]

    @property
    def over(self) -> bool:
        """Whether the run has ended."""
        return self.main.clock.over

    @property
    def date(self) -> str:
        """Day of the last week simulated, or the first day."""
        history = self.main.history
        return str(history.dates()[-1].date()) if history.weeks else str(self.main.setting.start)

    def step(self, weeks: int = 1) -> None:
        """So many weeks, at most to the end, in the run and in the branch."""
        for _ in range(weeks):
            if self.over:
                return
            for model in self.models:
                model.step()

    def pull(self, package: str, budget: float) -> None:
        """From next week on a package acts at a budget; 0 takes it back. With a branch, in the branch alone."""
        if self.budgets[package] == budget:
            return
        self.budgets = {**self.budgets, package: budget}
        words = "".join(f"+{name}@{size:g}" for name, size in self.budgets.items() if size > 0)
        self.models[-1].follow(Scenario.load(self.scenario + words))
        self.acts.append({"week": self.main.history.weeks, "lever": package, "budget": budget})

    def fork(self) -> None:
        """Two futures from here: the run goes on, and a branch beside it."""
        self.branch = self.main.fork()
        self.acts.append({"week": self.main.history.weeks, "branch": True})

    def end_branch(self) -> None:
        """The branch is given up; levers pulled in it go with it."""
        self.branch = None
        self.acts.append({"week": self.main.history.weeks, "branch": False})

    def stand(self) -> None:
        """Measure the rescue index of the run and of the branch as they are today."""
        for model in self.models:
            self.stands.append(standing.measured(model, self.date, model is self.branch))

    def saved(self) -> str:
        """The state as text: what to do to come here again, and the data's hash."""
        told = {"techshield": FORMAT, "scenario": self.scenario, "seed": self.seed, "weeks": self.main.history.weeks,
                "acts": self.acts, "tables": shared_tables().hash(), "parameters": PARAMETERS}  # fmt: skip
        return json.dumps(told, indent=1)

    @classmethod
    def opened(cls, text: str, language: str) -> Session:
        """The state that a text tells of, simulated again; BadInput in the language of the page if it is none."""
        try:
            told = json.loads(text)
            known = isinstance(told, dict) and told["techshield"] == FORMAT and isinstance(told["acts"], list)
            weeks, acts, found = int(told["weeks"]), told["acts"], cls
        except (ValueError, KeyError, TypeError) as problem:
            raise BadInput(say("no_file", language)) from problem
        if not known:
            raise BadInput(say("no_file", language))
        if told["tables"] != shared_tables().hash() or told.get("parameters", {}) != PARAMETERS:
            raise BadInput(say("other_version", language))
        session = found(str(told["scenario"]), int(told["seed"]))
        for act in acts:
            session.step(int(act["week"]) - session.main.history.weeks)
            session.do(act)
        session.step(weeks - session.main.history.weeks)
        return session

    def do(self, act: dict[str, Any]) -> None:
        """Do again what was done."""
        if "lever" in act:
            self.pull(str(act["lever"]), float(act["budget"]))
        elif act.get("branch"):
            self.fork()
        else:
            self.end_branch()


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


def losses(model: Model) -> tuple[np.ndarray, np.ndarray]:
    """Output lost by week in the world and in Taiwan, US$ (week,)."""
    kept = model.__dict__.setdefault("shown_losses", (-1, None))
    if kept[0] != model.history.weeks:
        lost = Outcome(model.history).output_lost
        home = (model.world.firms.country == "TWN").to_numpy()
        kept = model.__dict__["shown_losses"] = (model.history.weeks, (lost.sum(axis=1), lost[:, home].sum(axis=1)))
    return kept[1]


def lost(session: Session, language: str) -> list[Line]:
    """Output lost, US$ million a week."""
    drawn = []
    for number, model in enumerate(session.models):
        world, home = losses(model)
        drawn += [Line(say("world", language), world / MILLION, BLUE, bool(number)),
                  Line(say("taiwan", language), home / MILLION, ORANGE, bool(number))]  # fmt: skip
    return drawn


def dials(session: Session, language: str) -> list[tuple[str, str]]:
    """Numbers of the moment: name and value, the branch's difference beside."""
    found: list[tuple[str, list[float], str]] = [
        (name, [value(model) for model in session.models], form) for name, value, form in DIALS
    ]
    told = []
    for name, values, form in found:
        text = format(values[0], form)
        if len(values) > 1:
            text += f" ({say('difference', language)}: {values[1] - values[0]:+{form}})"
        told.append((say(name, language), text))
    return told


def _tension(model: Model) -> float:
    history = model.history
    governments = model.world.governments.country.tolist()
    return float(history.tension[history.weeks - 1, governments.index("CHN")]) if history.weeks else 0.0


DIALS = (
    ("exposure", lambda model: 100 * standing.exposure(model), ".0f"),
    ("survival", standing.survival, ".1f"),
    ("controls", lambda model: float(model.history.controls[max(model.history.weeks - 1, 0)]), ".0f"),
    ("tension", _tension, ".2f"),
    ("lost_taiwan", lambda model: float(losses(model)[1].sum()) / BILLION, ".2f"),
    ("lost_world", lambda model: float(losses(model)[0].sum()) / BILLION, ".1f"),
)


def spent(session: Session) -> float:
    """What the levers have cost so far, NT$ billion."""
    costs = lever_costs(session.models[-1].history)
    return float(sum(costs.values()) if isinstance(costs, dict) else np.sum(costs)) / BILLION


@dataclass(frozen=True)
class Event:
    """Something that happened: its day, the sort of thing it is, and a sentence."""

    day: str
    sort: str
    text: str


SORTS = {"stop": "stops", "restart": "stops", "outage": "stops", "project started": "projects",
         "project opened": "projects", "project cancelled": "projects"}  # fmt: skip


def events(session: Session, language: str) -> list[Event]:
    """What has happened up to now, oldest first."""
    told = happenings(session.models[-1])
    told = told[told.date.astype(str) <= session.date]
    return [
        Event(str(row["date"])[:10], SORTS.get(row["kind"], "controls"),
              f"{str(row['date'])[:10]}: {kind(row['kind'], language)} · {row['actor']} · {row[f'reason_{language}']}")
        for row in told.to_dict("records")
    ]  # fmt: skip


def kind(word: str, language: str) -> str:
    """A kind of event in the language of the page: an instrument and what became of it, or a word of its own."""
    if language == "en":
        return word
    own, ends = words()["kinds"], words()["ends"]
    for end, told in ends.items():
        if word.endswith(f" {end}"):
            name = word[: -len(end) - 1]
            return f"{own.get(name) or instruments()[name.replace(' ', '_')]['name_zh']}{told}"
    return str(own.get(word, word))


def day_in(session: Session, text: str, language: str) -> datetime.date:
    """A day of the run; BadInput in the language of the page."""
    first, last = session.main.setting.start, session.main.setting.end
    try:
        day = datetime.date.fromisoformat(text.strip())
    except ValueError as problem:
        raise BadInput(say("no_day", language, text=text, first=first, last=last)) from problem
    if not first <= day <= last:
        raise BadInput(say("no_day", language, text=text, first=first, last=last))
    return day
