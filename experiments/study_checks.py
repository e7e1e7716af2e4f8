"""Checks of a study: what no run could be made of is refused before any is, with the size where that is the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from abm import Model
from abm import scenario_checks as checks
from abm.errors import BadInput
from abm.metrics import METRICS, summary
from abm.parameters import Parameters
from abm.scenario_checks import Place
from abm.words import did_you_mean
from abm.world import shared_tables
from experiments import sampling

if TYPE_CHECKING:
    from experiments.study import Study

SERIES = ("headline", "none", "full")
MOST_RUNS = 1_000_000
MOST_SETTINGS = 300  # of more arms, those alone are read that bring something new
NAMED = ("goods", "minerals", "countries")


def check(study: Study, place: Place) -> None:
    """Everything that can be told without a run."""
    checks.choice(study.sampling, sampling.SAMPLINGS, place.at("sampling"))
    checks.choice(study.better, ("low", "high"), place.at("better"))
    checks.choice(study.series, SERIES, place.at("series"))
    for key in ("points", "seeds"):
        sampling.whole(getattr(study, key), 1, place.at(key))
    for key in ("levers", "cases"):
        if not isinstance(getattr(study, key), Mapping):
            raise place.at(key).refuse("expected keys with values.")
    for name, changes in study.cases.items():
        checks.keys(changes, changes if isinstance(changes, dict) else (), place.at("cases").at(str(name)))
    check_metrics(study, place)
    sampling.check(study.uncertain, study.points, study.sampling, place.at("uncertain"))
    check_size(study, place)
    for scenario, changes in telling_arms(study):
        study.setting(scenario, changes, {})
    check_values(study, place)


def check_values(study: Study, place: Place) -> None:
    """Refuse values of what is uncertain, or ends of its ranges, outside a parameter's own range."""
    table = Parameters(shared_tables()["parameters"], {}, shared_tables()["goods"].family)
    if isinstance(study.uncertain, Mapping):
        ends = [{name: least(values) for name, values in study.uncertain.items()} for least in (min, max)]
    else:
        ends = study.draws().agg(["min", "max"]).to_dict("records") if study.uncertain is not None else []
    for row in ends:
        for name, value in row.items():
            try:
                table.under({str(name): float(value)})
            except BadInput as problem:
                raise place.at("uncertain").refuse(str(problem).removeprefix("parameters: ")) from None


def check_metrics(study: Study, place: Place) -> None:
    """Refuse an outcome of a metric that there is none of."""
    known = [metric.name for metric in METRICS]
    for outcome in study.asked():
        for part in (one.strip().partition(".")[0] for one in outcome.split("+")):
            if part not in known:
                raise place.at("outcomes").refuse(f"'{part}' is no metric.{did_you_mean(part, known)}")


def check_size(study: Study, place: Place) -> None:
    """Refuse more runs than anyone means, and say how long they would take."""
    if study.size() > MOST_RUNS:
        raise place.refuse(f"makes {study.estimate().told(1)}; at most {MOST_RUNS:,} runs are started.")


def telling_arms(study: Study) -> Iterator[tuple[str, dict[str, Any]]]:
    """Arms to be read: all of a few, of many those with a scenario, a case or a lever's value not yet met."""
    met: set[Any] = set()
    for number, (_, scenario, changes) in enumerate(study.each_arm()):
        new = {scenario, *((path, str(value)) for path, value in changes.items())} - met
        if number < MOST_SETTINGS or new:
            met |= new
            yield scenario, changes


def check_entries(study: Study) -> None:
    """Refuse an outcome's entry that the first arm does not tell after a week, and that no table or cause names."""
    wanted = [part.strip() for outcome in study.asked() for part in outcome.split("+")]
    setting = study.setting(*next(study.each_arm())[1:], {})
    model = Model(setting, only=study.only)
    model.step()
    told = list(summary(model.history))
    named = {str(name) for table in NAMED for name in shared_tables()[table].iloc[:, 0]}
    named |= {cause.id for cause in setting.causes} | set(checks.instruments())
    for part in wanted:
        metric, _, entry = part.partition(".")
        if part not in told and (not entry or entry not in named):
            known = [name for name in told if name.partition(".")[0] == metric]
            hint = did_you_mean(part, known) or f" There are: {', '.join(known[:8])}."
            raise Place(study.name).at("outcomes").refuse(f"'{part}' is told by no run.{hint}")
