"""Routes of harm that the paper names: with one route alone open, the harm reaches the sector that it should."""

import dataclasses
import datetime

import numpy as np
import pytest

from abm import Model, Scenario
from abm.model import world_for
from abm.outcome import Outcome
from abm.scenario import CauseSpec

START, END = datetime.date(2024, 3, 4), datetime.date(2027, 1, 4)


@pytest.fixture(scope="module")
def calm():
    return Scenario.load("calm").until(END)


@pytest.fixture(scope="module")
def world(calm):
    return world_for(calm)


def cause(instrument, name="route", **fields):
    words = {"title_en": "t", "title_zh": "t", "source": "test", "confidence": "assumed"}
    dates = {"start": START, "end": None, "announced": None}
    return CauseSpec(id=name, instrument=instrument, by="CHN", fields=fields, **dates, **words)


def run(calm, world, *causes):
    model = Model(dataclasses.replace(calm, causes=causes), rng=1, world=world)
    return model.run()


def lost(model, country=None):
    """Value added lost by sector, US$."""
    outcome, firms = Outcome(model.history), model.world.firms
    rows = np.ones(len(firms), dtype=bool) if country is None else (firms.country == country).to_numpy()
    total = outcome.output_lost.sum(axis=0)
    return {name: float(total[rows & (outcome.sector == name)].sum()) for name in set(outcome.sector)}


def buyers(world, *goods):
    """Keys of the makers of some goods outside China."""
    firms = world.firms
    return tuple(firms.producer[firms.good.isin(goods) & (firms.country != "CHN")])


def test_tools(calm, world):
    """Magnets, optics, crystals and yttrium held back from allies: tools fall short, and fabs after them."""
    goods = ("ndfeb_heavy", "ndfeb_standard", "smco_magnet", "ge_optics", "gaas_crystal", "y_oxide")
    model = run(calm, world, cause("ban", to=("allied",), goods=goods, leak=0.0))
    found = lost(model)
    assert found["equipment"] > 0
    place = world.goods.good.tolist().index("chip_tools")
    assert model.history.spot[: model.history.weeks, 1, place].max() > 1.01
    assert lost(model, "TWN")["chips"] > 0
    assert found["packaging"] < 0.01 * found["equipment"]


def test_packaging(calm, world):
    """Antimony, bismuth, indium and tin refused to packagers: packaging and test lose output, fabs do not."""
    goods = ("antimony", "bismuth", "indium", "tin", "solder")
    model = run(calm, world, cause("entity_list", producers=buyers(world, "packaged_chips"), goods=goods))
    assert lost(model, "TWN")["packaging"] > 0
    assert lost(model, "TWN")["chips"] == pytest.approx(0, abs=1e3)


def test_batteries(calm, world):
    """Graphite and anodes refused: packs fall short, and what runs on them."""
    goods = ("graphite_flake", "graphite_spherical", "graphite_anode", "graphite_synthetic")
    model = run(calm, world, cause("ban", to=("TWN", "KOR", "JPN", "USA", "EUU"), goods=goods, leak=0.0))
    found = lost(model)
    assert found["batteries"] > 0
    assert found["batteries"] > found["packaging"]


def test_offshore_wind(calm, world):
    """Magnets held back from allies: turbines fall short, and Taiwan's wind farms are connected later."""
    model = run(calm, world, cause("ban", to=("allied",), goods=("ndfeb_heavy", "ndfeb_standard"), leak=0.0))
    assert lost(model)["wind"] > 0
    firms, history = world.firms, model.history
    farms = (firms.good.isin(["offshore_wind"]) & (firms.country == "TWN")).to_numpy()
    built = np.cumsum(history.firm["activity"][: history.weeks, farms].sum(axis=1))
    wanted = np.cumsum(history.firm["plan"][: history.weeks, farms].sum(axis=1))
    assert built[-1] < wanted[-1] * 0.999


def test_transit_under_the_content_rule(calm, world):
    """A ban leaks through third countries; the content rule on re-exports takes part of what traders pass on."""
    goods = ("ndfeb_heavy", "gallium", "antimony", "dy_oxide")
    rule = {"to": ("all",), "threshold": 0.001, "share": 1.0, "wait_weeks": 9.0, "approval": 0.2}
    free, ruled = run(calm, world), run(calm, world, cause("content_rule", goods=goods, **rule))
    links, firms = world.links, world.firms
    traders = (firms.kind == "trader").to_numpy()[links.seller_firm] & links.good.isin(goods).to_numpy()
    traders &= (links.exporter != "CHN").to_numpy() & (links.export > 0).to_numpy()
    assert traders.any()
    passed = [float(model.history.link["sent"][: model.history.weeks, traders].sum()) for model in (free, ruled)]
    assert passed[1] < 0.9 * passed[0]
