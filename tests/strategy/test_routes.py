"""Routes of harm that the paper names: with one route alone open, the harm reaches the sector that it should."""

import dataclasses
import datetime

import numpy as np
import pytest

from abm import Model, Scenario
from abm.engine.model import world_for
from abm.measures.headline import summary
from abm.measures.losses import Outcome
from abm.measures.register import Reading
from abm.scenario.scenario import CauseSpec

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


@pytest.fixture(scope="module")
def joints_refused(calm, world):
    goods = ("antimony", "bismuth", "indium", "tin", "solder")
    return run(calm, world, cause("entity_list", producers=buyers(world, "packaged_chips"), goods=goods))


@pytest.fixture(scope="module")
def graphite_refused(calm, world):
    goods = ("graphite_flake", "graphite_spherical", "graphite_anode", "graphite_synthetic")
    return run(calm, world, cause("ban", to=("TWN", "KOR", "JPN", "USA", "EUU"), goods=goods, leak=0.0))


@pytest.fixture(scope="module")
def magnets_refused(calm, world):
    return run(calm, world, cause("ban", to=("allied",), goods=("ndfeb_heavy", "ndfeb_standard"), leak=0.0))


def test_packaging(joints_refused):
    """Antimony, bismuth, indium and tin refused to packagers: packaging and test lose output, fabs do not."""
    model = joints_refused
    assert lost(model, "TWN")["packaging"] > 0
    assert lost(model, "TWN")["chips"] == pytest.approx(0, abs=1e3)


def told(model, name):
    """A headline metric of a run."""
    return summary(model.history)[name]["value"]


OPTICS = ("ndfeb_heavy", "ndfeb_standard", "smco_magnet", "ge_optics", "gaas_crystal", "y_oxide")


@pytest.fixture(scope="module")
def growing():
    """Demand grows and fabs with it; nothing else happens."""
    setting = Scenario.load("baseline").until(datetime.date(2026, 1, 5))
    return dataclasses.replace(setting, causes=(), projects=False, outages=False)


@pytest.fixture(scope="module")
def rush(growing, world):
    """Fabs that are asked for all they can make, without and with the tool makers cut off from what tools need."""
    fields = {"goods": ("servers_phones", "electric_cars", "other_cars"), "countries": ("all",), "factor": 1.25}
    asked = dataclasses.replace(cause("demand_shock", "rush", **fields), by=None)
    refused = cause("entity_list", producers=buyers(world, "chip_tools"), goods=OPTICS)
    return [run(growing, world, *causes) for causes in ((asked,), (asked, refused))]


def test_late_tools_delay_and_raise_the_cost_of_fabs(rush):
    """Tool makers alone are cut off: lead time and price of tools rise, Taiwan's fabs grow later and at more cost."""
    free, cut = rush
    for name in ("tool_lead_time.taiwan_worst_quarter", "tool_price.price_mean", "tool_price.outlay_taiwan_mean"):
        assert told(cut, name) > told(free, name) + 0.01, name
    assert told(cut, "fab_capacity_delayed.taiwan_worst_quarter") > 0
    assert told(cut, "lost_to_tools.bill_taiwan") > told(free, "lost_to_tools.bill_taiwan")
    fabs, week = cut.history.fabs, cut.history.weeks - 1
    stands = [model.history.firm["capacity"][:week, fabs].sum() for model in (free, cut)]
    assert stands[1] < stands[0]


def test_growth_that_waits_is_a_loss_of_fabs_that_are_full(rush):
    """Only what was asked for above the capacity that stood is lost to tools, at most what the delayed part makes."""
    free, cut = rush
    lost = Reading(cut.history).harm.lost_to_tools
    assert told(free, "lost_to_tools.world") < lost.sum()
    assert set(np.nonzero(lost.sum(axis=0))[0]) <= set(cut.history.fabs)
    assert set(Outcome(cut.history).sector[cut.history.fabs]) == {"chips"}
    delayed = cut.history.routes["delayed"][: cut.history.weeks] * cut.world.start["value_added"][cut.history.fabs]
    assert (lost[:, cut.history.fabs] <= delayed * (1 + 1e-6)).all()


def test_joining_materials_spoil_chips(joints_refused):
    """Solder and its metals refused to packagers alone: yield falls, inputs per good chip rise; fabs grow as before."""
    model = joints_refused
    assert told(model, "packaging_yield.taiwan_worst_quarter") < 0.999
    assert told(model, "packaging_scrap.taiwan") > 0
    assert told(model, "route_cost.packaged_chips") > 1
    assert told(model, "fab_capacity_delayed.world_worst_quarter") == 0


def test_a_replaced_solder_spoils_chips_until_makers_have_learned(calm, world):
    """Thrift with joining material alone lowers the yield, which comes back as the new material becomes usual."""
    model = Model(calm, rng=1, world=world)
    columns, packaging = model.columns, model.routes.packaging
    columns["thrift"][packaging.rows[packaging.solder_rows]] = 0.3
    seen = []
    for _ in range(200):
        columns["available"][:] = 1.0
        packaging.spoil(columns)
        seen.append(packaging.yields.copy())
    loss = model.parameters["packaging_yield_loss"]
    assert seen[0] == pytest.approx(1 - 0.3 * loss)
    assert (np.diff(seen, axis=0) > 0).all()
    assert (seen[-1] > 1 - 0.03 * loss).all()


def test_packagers_keep_what_they_take_back(calm, world):
    """What packagers take back of their scrap stays spared when the week's yield is set."""
    model = Model(calm, rng=1, world=world)
    columns, packaging = model.columns, model.routes.packaging
    spared = columns["reworked"][packaging.all_inputs] > 0
    assert spared.any()
    columns["returned"][:] = 1.0
    packaging.spoil(columns)
    ratio = columns["need"][packaging.all_inputs] / columns["usual_need"][packaging.all_inputs]
    assert ratio == pytest.approx(np.where(spared, 1 - model.rules["take_back"], 1.0))


def test_graphite_raises_the_cost_of_anodes_and_packs(graphite_refused):
    """Graphite alone is refused: the cost of anodes and of packs rises, most at the anode; others keep theirs."""
    model = graphite_refused
    anode, pack = (told(model, f"route_cost.{good}") for good in ("graphite_anode", "battery_packs"))
    assert anode > pack > 1.001
    assert told(model, "route_cost.chip_tools") == pytest.approx(1, abs=1e-3)
    assert told(model, "wind_connection.world_gw_weeks") == pytest.approx(0, abs=1e-6)


def test_magnets_raise_the_cost_of_wind_and_move_the_connection(magnets_refused):
    """Magnets alone are held back from allies: turbines cost more and farms in Taiwan and the world come later."""
    model = magnets_refused
    assert told(model, "route_cost.wind_turbines") > 1.005
    assert told(model, "route_cost.offshore_wind") > 1
    for place in ("taiwan", "world"):
        assert told(model, f"wind_connection.{place}_weeks") > 0
        assert told(model, f"wind_connection.{place}_gw_weeks") > 0
    assert told(model, "wind_connection.taiwan_gw_weeks") < 1.001 * told(model, "wind_connection.world_gw_weeks")


def test_batteries(graphite_refused):
    """Graphite and anodes refused: packs fall short, and what runs on them."""
    found = lost(graphite_refused)
    assert found["batteries"] > 0
    assert found["batteries"] > found["packaging"]


def test_offshore_wind(magnets_refused, world):
    """Magnets held back from allies: turbines fall short, and Taiwan's wind farms are connected later."""
    model = magnets_refused
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
    assert told(ruled, "transit.traders") < told(free, "transit.traders")
    assert told(ruled, "transit.refused") > 0 == told(free, "transit.refused")
