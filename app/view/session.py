"""A visitor's run: one model, perhaps a branch beside it, what was changed, and the file that opens it again."""

from __future__ import annotations

import datetime
import json
import threading
from dataclasses import dataclass, field
from typing import Any

from abm import Model
from abm.world.world import shared_tables
from app.view import policies, standing, written
from app.view.policies import PACKAGES, Changes, Policy
from app.view.start import PARAMETERS
from app.view.words import say
from app.view.worlds import leverable, setting_of, world_of
from kit.clock import WEEK
from kit.errors import BadInput

FORMAT = 2


@dataclass(eq=False)
class Session:
    """Scenario, seed, what was done in which week, and the models that came of it; two runs are never the same."""

    scenario: str
    seed: int = 0
    acts: list[dict[str, Any]] = field(default_factory=list)
    stands: list[standing.Stand] = field(default_factory=list)
    changes: Changes = field(default_factory=dict)
    before_branch: Changes = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.main = Model(setting_of(self.scenario), rng=self.seed, world=world_of(self.scenario))
        self.branch: Model | None = None
        self.levers = leverable(self.scenario)
        self.lock = threading.RLock()
        self.driven = threading.Lock()
        self.followed: Changes = {}
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

    @property
    def next_day(self) -> datetime.date:
        """Day of the week that comes next: from then on changes act."""
        return self.main.setting.start + self.main.history.weeks * WEEK

    @property
    def policies(self) -> dict[str, Policy]:
        """What can be changed, by id."""
        return policies.policies_of(self.scenario)

    def step(self, weeks: int = 1) -> None:
        """So many weeks, at most to the end, in the run and in the branch."""
        for _ in range(weeks):
            with self.lock:
                if self.over:
                    return
                if self.followed != self.changes:
                    self.models[-1].follow(policies.composed(self.scenario, self.changes))
                    self.followed = dict(self.changes)
                for model in self.models:
                    model.step()

    def change(self, name: str, act: dict[str, Any]) -> None:
        """From next week on a policy is otherwise: {field, value} or {on}. With a branch, in the branch alone."""
        policy = self.policies.get(name)
        if policy is None:
            raise BadInput(f"'{name}' is not a policy of {self.scenario}.")
        with self.lock:
            if "on" in act:
                self.changes = policies.switched(policy, bool(act["on"]), self.changes, self.next_day)
            else:
                field, value = str(act["field"]), float(act["value"])
                self.changes = policies.moved(policy, field, value, self.changes, self.next_day)
            self.note({"week": self.main.history.weeks, "policy": name, **act})

    def take_back(self, name: str) -> None:
        """From next week on a policy is as it is written again, a lever of Taiwan not pulled."""
        with self.lock:
            self.changes = {key: change for key, change in self.changes.items() if key != name}
            self.note({"week": self.main.history.weeks, "policy": name, "back": True})

    def note(self, act: dict[str, Any]) -> None:
        """Keep what was done; the last of several moves of one slider in one week stands for all."""
        alike = ("week", "policy", "field")
        if self.acts and "field" in act and all(self.acts[-1].get(key) == act[key] for key in alike):
            self.acts.pop()
        self.acts.append(act)

    def pull(self, package: str, budget: float) -> None:
        """From next week on all levers of a package act at a budget over the one written; 0 takes them back."""
        for name, policy in self.policies.items():
            if policy.package == package:
                size = policy.nothing + budget * (policy.size.written - policy.nothing)
                value = {"field": policy.size.field, "value": min(size, policy.size.high)}
                if policies.value_of(policy, policy.size, self.changes) != value["value"]:
                    self.change(name, value)

    def budget(self, package: str) -> float:
        """The mean size of a package's levers over those written."""
        own = [policy for policy in self.policies.values() if policy.package == package]
        sizes = [(policies.value_of(each, each.size, self.changes) - each.nothing) /
                 (each.size.written - each.nothing) for each in own]  # fmt: skip
        return sum(sizes) / len(sizes) if sizes else 0.0

    @property
    def budgets(self) -> dict[str, float]:
        """Budget of each package."""
        return {name: self.budget(name) for name in PACKAGES}

    def fork(self) -> None:
        """Two futures from here: the run goes on, and a branch beside it."""
        with self.lock:
            self.branch = self.main.fork()
            self.before_branch = dict(self.followed)
            self.acts.append({"week": self.main.history.weeks, "branch": True})

    def end_branch(self) -> None:
        """The branch is given up; what was changed in it goes with it."""
        with self.lock:
            self.branch = None
            self.changes, self.followed = dict(self.before_branch), dict(self.before_branch)
            self.acts.append({"week": self.main.history.weeks, "branch": False})

    def stand(self) -> None:
        """Measure the rescue index of the run and of the branch as they are today."""
        with self.lock:
            day, forks = self.date, [model.fork() for model in self.models]
        for number, model in enumerate(forks):
            self.stands.append(standing.measured(model, day, number > 0))

    def saved(self) -> str:
        """The state as text: what to do to come here again, and the data's hash."""
        told = {"techshield": FORMAT, "scenario": written.carried(self.scenario), "seed": self.seed,
                "weeks": self.main.history.weeks, "acts": self.acts,
                "tables": shared_tables().hash(), "parameters": PARAMETERS}  # fmt: skip
        return json.dumps(told, indent=1)

    @classmethod
    def opened(cls, text: str, language: str) -> Session:
        """The state that a text tells of, simulated again; BadInput in the language of the page if it is none."""
        told = checked(text, language)
        session = cls(written.scenario_of(told["scenario"], language), int(told["seed"]))
        try:
            for act in told["acts"]:
                session.step(int(act["week"]) - session.main.history.weeks)
                session.do(act)
        except (KeyError, TypeError, ValueError, AttributeError, StopIteration) as problem:
            raise BadInput(say("no_file", language)) from problem
        session.step(int(told["weeks"]) - session.main.history.weeks)
        return session

    def do(self, act: dict[str, Any]) -> None:
        """Do again what was done."""
        if act.get("back"):
            self.take_back(str(act["policy"]))
        elif "policy" in act:
            self.change(str(act["policy"]), {key: act[key] for key in ("on", "field", "value") if key in act})
        elif act.get("branch"):
            self.fork()
        else:
            self.end_branch()


def checked(text: str, language: str) -> dict[str, Any]:
    """What a saved state says; BadInput in the language of the page where it is none, or of another version."""
    try:
        told = json.loads(text)
        version = told["techshield"]
        known = isinstance(told["acts"], list) and int(told["weeks"]) >= 0 and int(told["seed"]) >= 0
        told["scenario"], told["tables"]
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise BadInput(say("no_file", language)) from problem
    if version != FORMAT:
        raise BadInput(say("other_format", language, version=str(version)[:12], own=FORMAT))
    if not known:
        raise BadInput(say("no_file", language))
    if told["tables"] != shared_tables().hash() or told.get("parameters", {}) != PARAMETERS:
        raise BadInput(say("other_version", language))
    return told


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
