"""Laws of the set-up: the base year's figures, ways, times to build, and which year a measure is of."""

from __future__ import annotations

import numpy as np
import pytest

from abm import Scenario, world_for
from abm.measures.shares import Structure
from abm.world.links import EAST_ASIA


@pytest.fixture(scope="module")
def earlier():
    """The gallium world of 2022."""
    return world_for(Scenario.load("history-2023"), only=("gallium",))


def test_firms_make_what_the_tables_give_for_the_base_year(earlier, gallium):
    differ = []
    for world in (earlier, gallium):
        table = world.tables["outputs"]
        output = table[table.year == world.year].set_index("producer").output
        own = world.firms[world.firms.producer.isin(output.index)]
        assert 52 * own.activity.to_numpy() == pytest.approx(own.producer.map(output).to_numpy()), (
            f"activity of the base year {world.year} is that year's output over 52 weeks"
        )
        differ.append(dict(zip(own.producer, own.activity, strict=True)))
    assert differ[0] != differ[1]


def test_base_prices_are_those_of_the_base_year(earlier, gallium):
    for world in (earlier, gallium):
        table = world.tables["prices"]
        price = table[table.year == world.year].set_index("good").price
        stated = world.goods.good.isin(price.index).to_numpy()
        assert stated.any()
        assert world.base_price[stated] == pytest.approx(world.goods.good[stated].map(price).to_numpy()), (
            f"base prices are those of the base year {world.year} where the tables give them"
        )


def test_near_ways_are_shorter_than_far_ones(gallium):
    links, value = gallium.links, gallium.parameters
    home = links.exporter == links.importer
    near = links.exporter.isin(EAST_ASIA) & links.importer.isin(EAST_ASIA) & ~home
    for rows, name in ((home, "transit_home"), (near, "transit_near"), (~home & ~near, "transit_far")):
        assert (links.transit[rows] == value[name]).all(), f"links of that kind travel {name} weeks"
    assert value["transit_home"] < value["transit_near"] < value["transit_far"]


def test_plants_are_built_in_years_of_52_weeks(gallium):
    years, kind = gallium.start["build_weeks"] / 52, gallium.firms.kind.to_numpy()
    assert years[kind == "refiner"] == pytest.approx(gallium.parameters["build_years_refiner"]), (
        "a refinery is built in build_years_refiner years, counted in weeks"
    )


def test_stocks_at_rest_are_the_cover_in_weeks_of_use(gallium):
    start = gallium.start
    expected = (start["cover"] + 1) * start["need"] * start["base_activity"][gallium.array("bought", "firm")]
    assert start["stock"] == pytest.approx(expected), "at rest buyers hold their cover and the week's use"


def test_exposure_at_the_start_is_that_of_the_first_year_and_at_the_end_of_the_last(calm, gallium):
    """Taiwan buys its gallium in China in the first year of two, elsewhere in the second."""
    model, links = calm(), gallium.links
    history = model.history
    ours = (links.importer == "TWN") & (links.good == "gallium") & (links.exporter != "TWN")
    chinese, others = (np.flatnonzero(ours & rows) for rows in (links.exporter == "CHN", links.exporter != "CHN"))
    history.weeks = 104
    history.link["sent"][:104] = 0.0
    history.link["sent"][:52, chinese], history.link["sent"][52:104, others] = 1.0, 1.0
    found = Structure(history).exposure()
    told = found["direct_start"], found["direct_end"]
    assert told == pytest.approx((1.0, 0.0)), "exposure at the start is of the run's first year, at the end of its last"
