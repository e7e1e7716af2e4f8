"""The word `why` of the command line: an agent's reasons in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.asked import day
from kit.errors import BadInput
from kit.limits import SEEDS

if TYPE_CHECKING:
    import datetime

    from abm.world.world import World

LANGUAGES = ("en", "zh")


def why(
    agent: Annotated[str, typer.Argument(help="Key of a firm, or code of a government.")],
    scenario: Annotated[str, typer.Option(help="Name of a scenario, or a YAML file.")] = "history-2023",
    around: Annotated[str, typer.Option(help="Day to explain, such as 2025-07-01; the end of the run if empty.")] = "",
    seed: Annotated[int, typer.Option(help="Luck of the run.", min=0, max=SEEDS)] = 0,
    language: Annotated[str, typer.Option(help="en or zh.")] = "en",
) -> None:
    """Explain in one screen why a firm stopped, chose or built, or why a government acted."""
    from abm import Model, Scenario
    from experiments.why import SPAN, Question, explain
    from kit.clock import WEEK

    if language not in LANGUAGES:
        raise BadInput(f"--language {language}: expected en or zh.")
    setting = Scenario.load(scenario)
    wanted = asked_day(around, setting.start, setting.end)
    model = Model(setting, rng=seed)
    check_name(model.world, agent)
    while not model.clock.over and model.clock.start + model.clock.number * WEEK < wanted + SPAN * WEEK:
        model.step()
    for sentence in explain(model, Question(agent, wanted, language)):
        print(sentence)


def check_name(world: World, agent: str) -> None:
    """Refuse an unknown name before anything is run."""
    from kit.nearest import did_you_mean

    known = [*world.firms.producer, *world.governments.country]
    if agent not in known:
        raise BadInput(f"why: '{agent}' is not an agent of this world.{did_you_mean(agent, known)}")


def asked_day(text: str, start: datetime.date, end: datetime.date) -> datetime.date:
    """The day asked about, within the scenario."""
    if not text:
        return end
    found = day(text, "--around")
    if not start <= found <= end:
        raise BadInput(f"--around {text}: expected a day from {start} to {end}.")
    return found
