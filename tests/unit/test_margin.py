"""What inputs cost enters what producers decide: dear ore is not profit."""

from __future__ import annotations

import numpy as np
import pytest

from abm import Model, Scenario, world_for
from abm.engine.observer import baskets, cost_shares
from abm.world.world import World

SEPARATOR = "cre_heavy_sep_chn"


@pytest.fixture(scope="module")
def world() -> World:
    return world_for(Scenario.load("calm"), only=("dysprosium",))


def model_of(world: World) -> tuple[Model, int]:
    return Model("calm", rng=1, world=world), world.places[SEPARATOR]


def test_a_separator_weighs_its_ore_against_all_that_it_makes(world: World) -> None:
    """Cost shares are over the value of the basket and stay below the operating cost that contains them."""
    basket, share = baskets(world), cost_shares(world)
    sums = np.bincount(basket.owner, weights=basket.weight, minlength=len(world.firms))
    assert sums[sums > 0] == pytest.approx(1.0)
    spent = np.bincount(world.bought.firm, weights=share, minlength=len(world.firms))
    assert (spent <= world.firms.cost_ratio + 1e-12).all()
    assert 0 < basket.weight[basket.owner == world.places[SEPARATOR]][0] < 0.5  # dysprosium is not its main earning


def test_dear_inputs_lay_capacity_up_and_build_none(world: World) -> None:
    """At a good price a plant still loses money where its inputs cost more than that: it closes, and none is built."""
    model, row = model_of(world)
    columns = model.columns
    columns["seen_price"][row], columns["seen_dearer"][row] = 1.8, 1.5
    columns["activity"][row] = columns["capacity"][row]
    model.firms.do("invest", model.observer.seen)
    assert columns["idle"][row] == model.rules["idling_step"]
    assert columns["worth"][row] < 0
    assert columns["building"][row] == 0


def test_a_separator_whose_ore_costs_more_than_it_yields_cuts_its_runs(world: World) -> None:
    """Ore at three times its price and products at base: output falls week by week at the pace of a refinery."""
    model, row = model_of(world)
    ore, least = world.goods.good.tolist().index("re_ionclay"), 1 - 1 / model.rules["output_cut_weeks"]
    made = []
    for _ in range(8):
        model.market.spot[:, ore] = 3.0
        model.step()
        made.append(model.columns["activity"][row])
    assert (np.diff(made) < 0).all()
    assert made[-1] >= world.start["base_activity"][row] * least**8 * 0.999
