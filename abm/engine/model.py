"""The model: the week, read aloud."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mesa
import numpy as np
from mesa.experimental.scenarios import Scenario as MesaScenario

from abm.economy.demand import Demand
from abm.economy.market import Market
from abm.economy.mass_balance import Ledger
from abm.economy.outages import Outages
from abm.economy.production import Production
from abm.economy.projects import Projects
from abm.economy.recycling import Recycling
from abm.economy.routes import Routes
from abm.economy.stockpiles import fill_standing
from abm.economy.trade import Trade
from abm.engine.cast import Cast, columns_of
from abm.engine.choice_signals import Strategies
from abm.engine.observer import Observer
from abm.engine.protocol import BASELINE, USUAL, begin, collector, kept, setting_of
from abm.policy.conditions import Conditions
from abm.policy.plan import Plan
from abm.politics.diplomacy import Diplomacy
from abm.record.history import History
from abm.record.reasons import Why
from abm.scenario.scenario import Scenario
from abm.scenario.stances import Stances
from abm.tables.parameters import Parameters
from abm.tables.tables import Tables
from abm.taiwan.partners import Partners
from abm.taiwan.provider import Provider
from abm.taiwan.purity import Purity
from abm.world.content import content_of
from abm.world.roster import is_made
from abm.world.world import World, kept_in, shared_tables
from kit.clock import DAY, Clock
from kit.errors import BadInput
from kit.luck import Luck
from kit.nearest import did_you_mean, shortened

SETTLED = ("demand", "projects", "outages", "free")
"""Keys of a scenario that are settled when a run begins."""


class Model(mesa.Model):
    """A run of a scenario on the world of its base year, week by week; a plain Mesa model.

    `rng` is a seed, anything that numpy makes luck of, or None for fresh luck; `seed_number` tells the seed (0 where
    none is named). `only` keeps the chains of the minerals named; `world` saves building the same world twice (see
    `world_for`): it must be of the base year and under the parameters of the scenario. A scenario of Mesa's, as its
    viewer hands over on a reset, begins the same run again. `datacollector` keeps a few numbers of each week.
    """

    def __init__(
        self,
        scenario: Scenario | MesaScenario | str | Path = BASELINE,
        *,
        rng: Any = USUAL,
        only: Sequence[str] = (),
        tables: Tables | None = None,
        world: World | None = None,
    ) -> None:
        start = begin(scenario, rng, only, world)
        setting, seed, only = start.setting, start.seed, start.only
        self.world = start.world or world_for(setting, only=only, tables=tables)
        super().__init__(rng=seed, scenario=kept(dataclasses.replace(start, world=self.world)))
        self.setting, self.seed_number, self.only = setting, seed, only
        self.parameters = parameters_of(self.world, setting)
        self.rules = self.parameters.shared()
        self.luck = Luck(seed)
        self.clock = Clock(setting.start, setting.end)
        self._set_the_stage()

    def _set_the_stage(self) -> None:
        """Make everything that a week needs, at rest."""
        setting, world, rules = self.setting, self.world, self.rules
        years = (setting.start.year, setting.end.year)
        self.columns = columns_of(world)
        self.cast = Cast(self, world, self.columns)
        self.plan = Plan(setting, world)
        self.controlled = bool(self.plan.causes or setting.free)
        self.strategies = Strategies(world, self.luck, self.columns)
        self.partners = Partners(world, self.columns)
        self.purity = Purity(world, self.columns)
        fill_standing(world, self.columns, self.plan.causes, setting.start)
        self.conditions = Conditions(world.sizes())
        self.demand = Demand(world, setting.demand, self.parameters, years)
        self.projects = Projects(world, self.luck, rules["ramp_weeks"], setting.projects)
        self.projects.begin(setting.start, setting.base_year)
        self.outages = Outages(world, self.luck, self.parameters, setting.outages)
        self.production = Production(world)
        self.provider = Provider(world, self.parameters)
        self.recycling = Recycling(world, years[1] - years[0] + 1)
        self.trade = Trade(world)
        self.market = Market(world, self.parameters, self.trade, self.columns)
        self.routes = Routes(world, self.parameters, self.trade, self.columns)
        self.content = content_of(world)
        self.observer = Observer(world, self.market, rules)
        self.ledger = Ledger(world, self.columns, self.trade)
        self.history = History(self)
        self.datacollector = self.collector = collector()
        self.why = Why()
        stances = kept_in(world, "stances", lambda: Stances.load(setting.vocabulary))
        self.diplomacy = Diplomacy(world, stances, setting.free, self.luck)
        self.diplomacy.follow(self.plan.causes, setting.start - DAY)
        concerned = {*self.diplomacy.views, *self.observer.seen.reserve_rows}
        self.deciding = [government for government in self.cast.governments if government.key in concerned]

    @property
    def firms(self) -> Any:
        """The crowd of firms."""
        return self.cast.firms

    def step(self) -> None:
        """One week; BadInput once the run is over."""
        if self.history.full:
            raise BadInput(f"{self.setting.name}: the run is over: its last week began on {self.clock.date}.")
        week, firms = self.clock.next(), self.cast.firms
        self.plan.write(self.conditions, week)
        self.prepare(week)
        seen = self.observer.observe(week, self.columns, self.conditions)
        if self.diplomacy.stirred(week.date, self.plan.causes) or week.starts_month:
            self.diplomacy.review(seen, self.columns, self.market, self.plan.causes)
            self.trade.mercy = self.diplomacy.mercy()
            self.hear(seen)
        firms.do("aim", seen)
        firms.do("produce", seen)
        self.production.run(self.columns)
        self.partners.pay(self.columns, self.conditions)
        self.provider.withhold(self.columns, self.conditions, self.production)
        self.recycling.remember(self.columns, week.date.year - self.clock.start.year)
        firms.do("order", seen)
        firms.do("choose", seen)
        shipped = self.trade.clear(self.columns, self.conditions, self.rules, (self.luck, week.number))
        self.market.price(self.columns, self.conditions, self.trade)
        self.routes.tools.quote(self.columns, shipped.sent)
        self.production.look(self.columns, shipped.asked)
        firms.do("settle", seen)
        if week.ends_quarter:
            firms.do("invest", seen)
            firms.do("adapt", seen)
            firms.do("improve", seen)
            firms.do("provide", seen)
            self.strategies.show(self.columns, week.number, self.diplomacy)
            self.purity.open(self.columns, seen)
            firms.do("strategise", seen)
            self.why.keep(week.date, self.columns)
        self.history.record(self, shipped)
        self.collector.collect(self)
        self.running = not self.clock.over

    def prepare(self, week: Any) -> None:
        """What the world itself does before anyone decides: demand, outlook, projects, scrap, outages, bounds."""
        columns, conditions = self.columns, self.conditions
        self.demand.write(week.years, columns["base_activity"], conditions["demand"], columns["demand"])
        self.strategies.move(columns["demand"], columns["moved"])
        if not self.demand.constant and week.starts_month:
            outlook = self.demand.at(self.demand.outlook, week.years)
            growth = columns["base_capacity"] * np.maximum(outlook - columns["outlook"], 0.0)
            columns["capacity"] += self.routes.tools.install(growth)
            columns["outlook"] = np.maximum(outlook, columns["outlook"])
        self.projects.advance(week, columns, conditions, self.observer.offered)
        feed = self.recycling.collect(columns, conditions, week.date.year - self.clock.start.year)
        feed = self.provider.gather(feed, conditions)
        self.partners.help(columns)
        self.production.bound(columns, conditions, feed)
        self.provider.hold(columns, conditions)
        self.outages.strike(week.number)
        self.outages.apply(columns["available"], week.number)
        self.routes.packaging.spoil(columns)
        if week.starts_month and conditions.touched("examined"):
            self.trade.content = self.content.trace(columns["share"])

    def hear(self, seen: Any) -> None:
        """Take up what governments decide, all by what they saw before: those free, or with a public stockpile."""
        responses = [(government, government.respond(seen)) for government in self.deciding]
        for government, decisions in responses:
            for decision in decisions:
                self.plan.decide(decision, government.key)
                self.diplomacy.hear(decision, government.key)
                act = (seen.date, government.key, decision.instrument, not decision.withdraws)
                self.history.acts.append(act)
                self.why.note(seen.date, government.key, decision.instrument, decision.reason, decision.values)

    def fork(self, weeks: int | None = None) -> Model:
        """A copy of the run in mid-flight; the same luck goes on in both. The world, which never changes, is shared.

        With `weeks` the history of the copy begins anew and holds so many.
        """
        kept = {id(self.world): self.world}
        if weeks is None:
            return copy.deepcopy(self, kept)
        other = copy.deepcopy(self, kept | {id(self.history): self.history})
        other.history = History(other, weeks)
        return other

    def follow(self, scenario: Scenario | str) -> None:
        """From the next week on, the causes of another scenario govern; what has happened and been decided stays.

        The run's own parameters go on. BadInput if the other scenario sets one to another value, is of another world
        (see `check_same_world`) or holds public stockpiles that this world was not built with.
        """
        setting = setting_of(scenario)
        check_same_world(self.setting, self.parameters, setting)
        firms = self.world.firms[self.world.firms.kind == "reserve"]
        standing = set(zip(firms.country, firms.good, strict=True))
        wanted = {pair for pair in reserves_of(setting) if pair[1] in set(self.world.made.good)}
        for country, good in sorted(wanted - standing):
            raise BadInput(f"{setting.name}: this run began without a public stockpile of {good} in {country}.")
        self.plan.follow(setting)
        self.diplomacy.follow(self.plan.causes, self.diplomacy.heard)
        kept = {name: getattr(self.setting, name) for name in ("start", "end", "parameters")}
        self.setting = dataclasses.replace(setting, **kept)
        self.history.follow(self.setting)

    def run(self) -> Model:
        """Run to the end of the scenario."""
        while not self.clock.over:
            self.step()
        return self

    def let_go(self) -> None:
        """Forget all that the run holds, once what is wanted has been taken; nothing can be asked of it afterwards.

        The model knows its agents and they their model: such a circle stays in memory, with a history of 150 MB for ten
        years, until Python's collector comes by, which counts objects and not their size.
        """
        self.columns.clear()
        self.cast.__dict__.clear()
        self.__dict__.clear()


def parameters_of(world: World, scenario: Scenario) -> Parameters:
    """The parameters of a run; BadInput where the world was built for another base year or under other parameters."""
    if world.year != scenario.base_year:
        raise BadInput(f"{scenario.name}: base_year {scenario.base_year}, but the world given is that of {world.year}.")
    parameters = world.parameters.under(scenario.parameters)
    own, built = parameters.as_dict(), world.parameters.as_dict()
    other = sorted(name for name in own | built if own.get(name) != built.get(name))
    if parameters is not world.parameters and other:
        raise BadInput(f"{scenario.name}: the world given was built under other parameters: {', '.join(other)}.")
    return parameters


def check_same_world(own: Scenario, parameters: Parameters, other: Scenario) -> None:
    """Refuse a scenario that a run cannot follow in mid-flight, since more than its causes differ; names what differs.

    A parameter that it sets must have the value of the run (`parameters`); one that it does not set may be anything.
    """
    for name in ("base_year", *SETTLED):
        wanted, held = getattr(other, name), getattr(own, name)
        if wanted != held:
            raise BadInput(f"{other.name}: {name} {told(wanted)}, expected {told(held)}: the run goes on as it began.")
    values = parameters.as_dict()
    here = {key: values.get(key, values.get(key.partition(".")[0])) for key in other.parameters}
    apart = [f"{key} {value:g} (here {here[key]:g})" for key, value in other.parameters.items() if value != here[key]]
    if apart:
        raise BadInput(f"{other.name}: sets other parameters than the run began with: {', '.join(apart)}.")


def told(value: Any) -> str:
    """A value of a scenario as its file has it."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def reserves_of(scenario: Scenario) -> set[tuple[str, str]]:
    """The public stockpiles of a scenario: (country, good)."""
    piles = [cause for cause in scenario.causes if cause.instrument == "stockpile"]
    scripted = {(str(cause.by), good) for cause in piles for good in cause.fields["goods"]}
    own = [intent.stance for intent in Stances.load(scenario.vocabulary).intents if scenario.free]
    chosen = [each for each in own if each.instrument == "stockpile" and each.government in scenario.free]
    return scripted | {(each.government, good) for each in chosen for good in each.fields["goods"]}


def world_for(
    scenario: Scenario, *, only: Sequence[str] = (), tables: Tables | None = None, also: Sequence[Scenario] = ()
) -> World:
    """The world a scenario starts from; runs of scenarios that start alike may share it.

    `also` names scenarios that a run may follow later: their public stockpiles are there, empty, from the start.
    """
    tables = tables or shared_tables()
    known = sorted(tables["minerals"].mineral)
    for mineral in only:
        if mineral not in known:
            raise BadInput(
                f"--only: '{shortened(mineral)}' is not a mineral of the tables.{did_you_mean(mineral, known)}"
            )
        if not is_made(tables, scenario.base_year, mineral):
            raise BadInput(f"--only: the tables of {scenario.base_year} have nothing made of '{mineral}'.")
    parameters = Parameters(tables["parameters"], scenario.parameters, tables["goods"].family)
    pairs = sorted({pair for each in (scenario, *also) for pair in reserves_of(each)})
    world = World.build(tables, scenario.base_year, parameters, tuple(only), tuple(pairs))
    if not len(world.links):
        raise BadInput(f"--only {','.join(only)}: nothing of it is in the world of {scenario.base_year}.")
    return world
