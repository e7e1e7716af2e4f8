"""The figures of the live page by name, as they are drawn on it and as they are taken away."""

from __future__ import annotations

import pandas as pd

from abm.world.world import shared_tables
from app.view import network, series
from app.view.charts import Line, lines
from app.view.session import Session
from app.view.state import good, good_name, language, mineral, places, run, t
from app.view.supply import Told, supply_map
from app.view.told import names
from app.view.words import words

CHARTS = ("price", "stock", "lost", "sectors_lost")
FIGURES = (*CHARTS, "map_figure")


def chart(name: str) -> tuple[str, list[Line]]:
    """Title and lines of a chart."""
    live, tongue = run.value, language.value
    if name in ("price", "stock"):
        title = t("of_good", title=t(name), good=good_name(good.value))
        return title, (series.prices if name == "price" else series.stocks)(live, good.value, tongue)
    return t(name), (series.lost if name == "lost" else series.sectors)(live, tongue)


def figure(name: str) -> str:
    """A figure as SVG."""
    if name not in CHARTS:
        with run.value.lock:
            return "".join(maps()[-1:])
    with run.value.lock:
        title, drawn = chart(name)
        return lines(title, series.dates_of(run.value.main), drawn, t("difference"))


def maps() -> list[str]:
    """The supply map of the run, and of the branch if there is one."""
    live: Session = run.value
    found = []
    for number, model in enumerate(live.models):
        which = t("map_of", which=t("branch_line" if number else "main")) if live.branch is not None else ""
        title = t("map", mineral=mineral_name()) + which
        found.append(supply_map(network.flows(model, mineral.value), title, told()))
    return found


def told() -> Told:
    """The words of the map in the language of the page."""
    mine = ("china", "taiwan", "others", "under", "refused", "a_year", "tonnes")
    stages = {name: each[language.value] for name, each in words()["stages"].items()}
    return Told(stages, places(), {name: t(name) for name in mine} | {"waiting": t("waiting_short")})


def mineral_name() -> str:
    """The mineral of the map in the language of the page."""
    table = shared_tables()["minerals"].set_index("mineral")
    return str(table[f"name_{language.value}"].get(mineral.value, names(language.value).get(mineral.value, "")))


def table(live: Session) -> pd.DataFrame:
    """The run as a tidy table; with a branch both futures, told apart by `future`."""
    with live.lock:
        frames = [model.history.frame().assign(future="branch" if number else "main")
                  for number, model in enumerate(live.models)]  # fmt: skip
    return pd.concat(frames, ignore_index=True)
