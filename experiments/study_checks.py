"""Checks of a study: what no run could be made of is refused before any is, with the size where that is the reason."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from abm import Model
from abm.measures.headline import METRICS, summary
from abm.scenario import checks
from abm.scenario.checks import Place
from abm.tables.parameters import Parameters
from abm.world.world import shared_tables
from experiments import sampling
from experiments.design import Design
from experiments.discovery import condition
from kit.errors import BadInput
from kit.limits import RUNS
from kit.nearest import did_you_mean, first_of, quoted, shortened

SERIES = ("headline", "none", "full")
MOST_KNOWN = 8
MOST_SETTINGS = 300  # of more arms, those alone are read that bring something new
NAMED = ("minerals", "countries")


def check(study: Design, place: Place) -> None:
    """Refuse what no run could be made of, as far as it can be told without one."""
    check_texts(study, place)
    checks.choice(study.sampling, sampling.SAMPLINGS, place.at("sampling"))
    checks.choice(study.better, ("low", "high"), place.at("better"))
    checks.choice(study.series, SERIES, place.at("series"))
    for key in ("points", "seeds"):
        sampling.whole(getattr(study, key), 1, place.at(key))
    for name, changes in study.cases.items():
        checks.keys(changes, changes if isinstance(changes, dict) else (), place.at("cases").at(str(name)))
    check_metrics(study, place)
    sampling.check(study.uncertain, study.points, study.sampling, place.at("uncertain"))
    check_size(study, place)
    for scenario, changes in telling_arms(study):
        try:
            study.setting(scenario, changes, {})
        except BadInput as problem:
            raise place.at(key_of(study, str(problem))).refuse(str(problem).removeprefix("--set ")) from None
    check_values(study, place)


def check_texts(study: Design, place: Place) -> None:
    """Refuse what is no text where a report or a run reads one: names, keys of arms, minerals, condition, last day."""
    for key in ("title_en", "title_zh", "question_en", "question_zh"):
        if not isinstance(getattr(study, key), str):
            raise place.at(key).refuse(f"expected a text, got {getattr(study, key)!r}.")
    for key in ("names_zh", "levers", "cases"):
        own, named = place.at(key), getattr(study, key)
        checks.keys(named, named if isinstance(named, dict) else (), own)
        for name, told in named.items():
            checks.text(name, own)
            if key == "names_zh":
                checks.text(told, own.at(name))
    minerals = set(shared_tables()["minerals"].mineral)
    for mineral in study.only:
        if mineral not in minerals:
            raise place.at("only").unknown("mineral", mineral, minerals)
    if study.success != "":
        check_success(study.success, place)
    if study.until != "":
        check_day(study.until, place.at("until"))


def check_success(given: Any, place: Place) -> None:
    """Refuse a condition of success that is none."""
    text = checks.text(given, place.at("success"))
    try:
        condition(text)
    except BadInput as problem:
        raise place.refuse(str(problem)) from None


def check_day(given: str, place: Place) -> None:
    """Refuse a last day that is none."""
    try:
        checks.date(datetime.date.fromisoformat(given), place)
    except ValueError:
        raise place.refuse(f"expected a date in full such as 2026-01-01, got {quoted(given)}.") from None


def key_of(study: Design, said: str) -> str:
    """The key of a study that an error about the scenario of one of its arms comes from."""
    path = said.removeprefix("--set ").partition(":")[0]
    if path in study.levers:
        return "levers"
    if any(path in changes for changes in study.cases.values()):
        return "cases"
    if said.startswith("--set end:"):
        return "until"
    return "packages" if "package" in said else "scenarios"


def check_values(study: Design, place: Place) -> None:
    """Refuse values of what is uncertain, or ends of its ranges, outside a parameter's own range."""
    table = Parameters(shared_tables()["parameters"], {}, shared_tables()["goods"].family)
    if isinstance(study.uncertain, Mapping):
        ends = [{name: least(values) for name, values in study.uncertain.items()} for least in (min, max)]
    else:
        try:
            ends = study.draws().agg(["min", "max"]).to_dict("records") if study.uncertain is not None else []
        except BadInput as problem:
            raise place.at("uncertain").refuse(str(problem).removeprefix("--parameters: ")) from None
    for row in ends:
        for name, value in row.items():
            try:
                table.under({str(name): float(value)})
            except BadInput as problem:
                raise place.at("uncertain").refuse(str(problem).removeprefix("parameters: ")) from None


def check_metrics(study: Design, place: Place) -> None:
    """Refuse an outcome of a metric that there is none of."""
    known = [metric.name for metric in METRICS]
    for outcome in study.asked():
        for part in (one.strip().partition(".")[0] for one in outcome.split("+")):
            if part not in known:
                raise place.at("outcomes").refuse(f"'{shortened(part)}' is no metric.{did_you_mean(part, known)}")


def check_size(study: Design, place: Place) -> None:
    """Refuse more runs than anyone means, and say how long they would take."""
    if study.size() > RUNS:
        raise place.refuse(f"makes {study.estimate().told(1)}; at most {RUNS:,} runs are started.")


def telling_arms(study: Design) -> Iterator[tuple[str, dict[str, Any]]]:
    """Arms to be read: all of a few, of many those with a scenario, a case or a lever's value not yet met."""
    met: set[Any] = set()
    for number, (_, scenario, changes) in enumerate(study.each_arm()):
        new = {scenario, *((path, str(value)) for path, value in changes.items())} - met
        if number < MOST_SETTINGS or new:
            met |= new
            yield scenario, changes


def check_entries(study: Design) -> None:
    """Refuse an outcome's entry that the first arm does not tell after a week, and that no table or cause names."""
    wanted = [part.strip() for outcome in study.asked() for part in outcome.split("+")]
    setting = study.setting(*next(study.each_arm())[1:], {})
    model = Model(setting, only=study.only)
    model.step()
    told = list(summary(model.history))
    named = {str(name) for table in NAMED for name in shared_tables()[table].iloc[:, 0]}
    named |= set(model.world.goods.good)
    named |= {cause.id for cause in setting.causes} | set(checks.instruments())
    for part in wanted:
        metric, _, entry = part.partition(".")
        if part not in told and (not entry or entry not in named):
            known = [name for name in told if name.partition(".")[0] == metric]
            hint = did_you_mean(part, known) or f" There are: {', '.join(first_of(known, MOST_KNOWN))}."
            raise Place(study.name).at("outcomes").refuse(f"'{part}' is told by no run.{hint}")
