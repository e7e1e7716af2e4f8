"""Figures of the paper's facts (F): what the tables hold and what runs of history and baseline give."""

from __future__ import annotations

import datetime
import math

import numpy as np

from abm import Model
from abm.measures.headline import summary
from abm.measures.losses import Outcome
from experiments.claims import SILENT, figure

SEPARATED = ("ndpr_oxide", "dy_oxide", "tb_oxide", "y_oxide", "sm_oxide", "lace_oxide")
RARE_ORES = ("re_bastnaesite", "re_monazite", "re_ionclay")
MAGNETS = ("ndfeb_heavy", "ndfeb_standard", "smco_magnet")
KEY_MINERALS = ("copper", "lithium_chemical", "nickel", "cobalt", "graphite_spherical", "rare earths")
TABLE_ONE = {
    "lithium": "lithium_ore", "zirconium": "zirconium", "antimony": "antimony_ore", "gallium": "gallium",
    "bismuth": "bismuth", "fluorspar": "fluorspar", "graphite": "graphite_flake", "indium": "indium",
    "magnesium": "magnesium", "tellurium": "tellurium", "tin": "tin_ore", "titanium": "titanium_sponge",
    "tungsten": "tungsten_ore", "vanadium": "vanadium", "zinc": "zinc_ore", "nickel": "nickel_ore", "barite": "barite",
    "cobalt": "cobalt_ore", "tantalum": "tantalum_ore", "chromium": "chromium", "manganese": "manganese",
    "platinum": "platinum", "niobium": "niobium", "beryllium": "beryllium", "bauxite": "bauxite",
}  # fmt: skip
BATTERY_MINERALS = ("lithium_chemical", "cobalt", "nickel", "graphite_anode")
YEAR, TENTH = 52, 0.1
CONTROL_OF_2025 = datetime.date(2025, 4, 4)
GRAPHITE_CONTROL = datetime.date(2023, 12, 1)


def outputs(model: Model, goods: tuple[str, ...], last: bool = True) -> dict[str, float]:
    """Primary output by country of some goods together, units a week: a year of a run, or the base year if not run."""
    world = model.world
    weeks = model.history.weeks
    when = slice(max(weeks - YEAR, 0), weeks) if last else slice(0, min(YEAR, weeks))
    activity = model.history.firm["activity"][when].mean(axis=0) if weeks else world.start["activity"]
    firm = world.made.firm.to_numpy()
    primary = ~world.firms.kind.isin(["reserve", "recycler"]).to_numpy()
    rows = world.made.good.isin(goods).to_numpy() & primary[firm]
    amount = (world.start["amount"] * activity[firm])[rows]
    found: dict[str, float] = {}
    for country, value in zip(world.firms.government.to_numpy()[firm][rows], amount, strict=True):
        found[country] = found.get(country, 0.0) + float(value)
    return found


def top(model: Model, goods: tuple[str, ...], count: int) -> float:
    """Share of the largest makers together; all smaller states together count as no single maker."""
    made = outputs(model, goods)
    named = sorted((value for country, value in made.items() if country != "XRW"), reverse=True)
    return sum(named[:count]) / max(sum(made.values()), 1e-300)


def share(model: Model, goods: tuple[str, ...], country: str = "CHN", last: bool = True) -> float:
    """A country's share of the output of some goods, by quantity."""
    made = outputs(model, goods, last)
    return made.get(country, 0.0) / max(sum(made.values()), 1e-300)


def concentrated(model: Model, low: float, high: float) -> float:
    """How many minerals of the paper's first table have their largest maker's share between two bounds."""
    present = set(model.world.made.good)
    shares = [top(model, (good,), 1) for good in TABLE_ONE.values() if good in present]
    return float(sum(low <= value < high for value in shares))


@figure("F01.refining_top_three")
def refining_top_three(model: Model) -> float:
    return float(np.mean([top(model, SEPARATED if good == "rare earths" else (good,), 3) for good in KEY_MINERALS]))


@figure("F02.over_80")
def over_80(model: Model) -> float:
    return concentrated(model, 0.8, 1.01)


@figure("F03.from_70_to_80")
def from_70_to_80(model: Model) -> float:
    return concentrated(model, 0.695, 0.8)


@figure("F04.mining")
def mining(model: Model) -> float:
    return share(model, RARE_ORES)


@figure("F04.separation")
def separation(model: Model) -> float:
    return share(model, SEPARATED)


@figure("F04.magnets")
def magnets(model: Model) -> float:
    return share(model, MAGNETS)


@figure("F05.spherical_graphite")
def spherical_graphite(model: Model) -> float:
    return share(model, ("graphite_spherical",))


@figure("F05.gallium")
def gallium(model: Model) -> float:
    return share(model, ("gallium",))


@figure("F05.germanium")
def germanium(model: Model) -> float:
    return share(model, ("germanium",))


@figure("F06.separation_2034")
def separation_2034(model: Model) -> float:
    return share(model, SEPARATED)


@figure("F06.spherical_graphite_2034")
def spherical_graphite_2034(model: Model) -> float:
    return share(model, ("graphite_spherical",))


@figure("F06.lithium_2034")
def lithium_2034(model: Model) -> float:
    return share(model, ("lithium_chemical",))


@figure("F07.nickel_2024")
def nickel_2024(model: Model) -> float:
    return top(model, ("nickel",), 3)


@figure("F07.nickel_2034")
def nickel_2034(model: Model) -> float:
    return top(model, ("nickel",), 3)


@figure("F08.magnets_per_car")
def magnets_per_car(model: Model) -> float:
    recipe = model.world.tables["recipes"]
    rows = (recipe.recipe == "make_electric_cars") & recipe.good.isin(MAGNETS) & (recipe.role == "in")
    return float(recipe[rows].quantity.sum())


@figure("F09.anode_cost")
def anode_cost(model: Model) -> float:
    place = model.world.goods.good.tolist().index("graphite_anode")
    week = (GRAPHITE_CONTROL - model.history.start).days // 7
    price = model.history.average[:, 1, place]
    return float(price[week : week + 26].max() / price[week - 4 : week].mean() - 1)


@figure("F10.market_value")
def market_value(model: Model) -> float:
    world = model.world
    price = dict(zip(world.goods.good, world.base_price, strict=True))
    value = [sum(outputs(model, (good,)).values()) * YEAR * price[good] for good in SEPARATED]
    return sum(value) / 1e9


@figure("F11.loss_of_a_tenth")
def loss_of_a_tenth(model: Model) -> float:
    return float(Outcome(model.history).output_lost.sum()) / 1e9


@figure("F11.exports_cut")
def loss_of_held_exports(model: Model) -> float:
    return float(Outcome(model.history).output_lost.sum()) / 1e9


@figure("F11.stands_on_a_tenth")
def stands_on_a_tenth(model: Model) -> float:
    """A tenth of the value added of all that buy rare earths, each weighed by the criticality of its most vital one."""
    world = model.world
    rows = np.nonzero(world.bought.good.isin((*SEPARATED, *MAGNETS)).to_numpy())[0]
    vital = np.zeros(len(world.firms))
    np.maximum.at(vital, world.bought.firm.to_numpy()[rows], world.start["criticality"][rows])
    value = world.start["value_added"] * world.start["base_activity"] * YEAR
    return float((value * vital).sum()) * TENTH / 1e9


@figure("F12.weeks_held")
def weeks_held(model: Model) -> float:
    links = model.world.links
    rows = ((links.exporter == "CHN") & (links.importer == "JPN") & links.good.isin(SEPARATED)).to_numpy()
    first = (datetime.date(2010, 9, 21) - model.history.start).days // 7
    sent = model.history.link["sent"][: model.history.weeks, rows].sum(axis=1)
    return float((sent[first : first + 26] < 0.5 * sent[first - 26 : first].mean()).sum())


@figure("F13.first_stop")
def first_stop(model: Model) -> float:
    week = (CONTROL_OF_2025 - model.history.start).days // 7
    stops = car_stops(model)
    after = stops[stops >= week]
    return float(after.min() - week) if len(after) else math.nan


@figure("F13.share_stopped")
def share_stopped(model: Model) -> float:
    week = (CONTROL_OF_2025 - model.history.start).days // 7
    outcome = Outcome(model.history)
    makers = model.world.firms.good.isin(["electric_cars", "other_cars"]).to_numpy()[outcome.named]
    return float(outcome.stopped[week : week + YEAR][:, makers].any(axis=0).mean())


def car_stops(model: Model) -> np.ndarray:
    """Weeks in which car makers stop for want of magnets."""
    outcome, world = Outcome(model.history), model.world
    stops = outcome.stops[(outcome.stops.kind == "stop") & (outcome.stops.shelf >= 0)]
    cars = world.firms.good.isin(["electric_cars", "other_cars"]).to_numpy()[stops.firm]
    magnets = world.bought.good.isin(MAGNETS).to_numpy()[stops.shelf]
    return stops.week.to_numpy()[cars & magnets]


@figure("F14.mine_years")
def mine_years(model: Model) -> float:
    tables = model.world.tables
    producers = tables["producers"].set_index("producer").recipe
    mines = set(tables["recipes"][tables["recipes"].good.isin(RARE_ORES) & (tables["recipes"].role == "out")].recipe)
    rows = tables["projects"][tables["projects"].producer.map(producers).isin(mines)]
    return float((rows.lead_years + rows.slip_years).astype(float).mean()) if len(rows) else math.nan


@figure("F15.separation_2030")
def separation_2030(model: Model) -> float:
    return share_in(model, ("ndpr_oxide", "dy_oxide", "tb_oxide"), datetime.date(2030, 12, 31))


def share_in(model: Model, goods: tuple[str, ...], day: datetime.date) -> float:
    """China's share of the output of some goods in the year that ends on a day, by quantity."""
    world, last = model.world, (day - model.history.start).days // 7
    firm = world.made.firm.to_numpy()
    rows = world.made.good.isin(goods).to_numpy()
    activity = model.history.firm["activity"][last - YEAR : last].mean(axis=0)
    amount = (world.start["amount"] * activity[firm])[rows]
    china = (world.firms.country == "CHN").to_numpy()[firm][rows]
    return float(amount[china].sum() / amount.sum())


@figure("F16.rare_earths_from_china")
def rare_earths_from_china(model: Model) -> float:
    return imports_from_china(model, (*SEPARATED, *MAGNETS))


@figure("F16.nickel_from_china")
def nickel_from_china(model: Model) -> float:
    return imports_from_china(model, ("nickel",))


def imports_from_china(model: Model, goods: tuple[str, ...]) -> float:
    """China's share of what Taiwan's firms import of some goods in the base year, by value."""
    links = model.world.links
    rows = links[(links.importer == "TWN") & (links.exporter != "TWN") & links.good.isin(goods)]
    value = rows.flow.to_numpy() * model.world.base_price[rows.g.to_numpy()]
    return float(value[(rows.exporter == "CHN").to_numpy()].sum() / max(value.sum(), 1e-300))


@figure("F19.japan_days")
def japan_days(model: Model) -> float:
    from abm.scenario.stances import Stances

    own = [each.stance for each in Stances.load(model.setting.vocabulary).intents if each.stance.government == "JPN"]
    return max(stance.fields["days"] for stance in own if stance.instrument == "stockpile")


def europes_mark(model: Model, watches: str) -> float:
    """The mark at which Europe acts on what it watches; not a number where its stances do not agree on one."""
    from abm.scenario.stances import Stances

    own = [each.stance for each in Stances.load(model.setting.vocabulary).intents if each.stance.government == "EUU"]
    marks = {stance.mark for stance in own if stance.watches == watches}
    return marks.pop() if len(marks) == 1 else math.nan


@figure("F20.mined")
def mark_mined(model: Model) -> float:
    return europes_mark(model, "home_mined")


@figure("F20.processed")
def mark_processed(model: Model) -> float:
    return europes_mark(model, "home_refined")


@figure("F20.recycled")
def mark_recycled(model: Model) -> float:
    return europes_mark(model, "home_recycled")


@figure("F20.single_country")
def mark_single_country(model: Model) -> float:
    return europes_mark(model, "largest_source")


SILENT["F17"] = (
    "The demand paths of the model end in 2035; the claim is about 2050.",
    "模型之需求路徑至 2035 年，該主張係關於 2050 年。",
)


def headline(model: Model, name: str) -> float:
    """A headline metric of a finished run."""
    value = summary(model.history)[name]["value"]
    return math.nan if value is None else float(value)
