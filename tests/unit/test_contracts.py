"""Off-take and equity: the share under contract reaches the users of the country, and no order grows by it."""

from __future__ import annotations

import datetime
from dataclasses import replace

import numpy as np
import pytest

from abm import Model, Scenario, world_for
from abm.scenario.scenario import CauseSpec
from agents.kernels import honour

PLANT, SHARE, WEEKS = "lynas_sep_mys", 0.65, 60


def contract(instrument: str, field: str) -> CauseSpec:
    fields = {"producers": (PLANT,), field: SHARE}
    told = {"title_en": "", "title_zh": "", "source": "", "confidence": "assumed"}
    start = datetime.date(2024, 2, 5)
    return CauseSpec(
        id="c", instrument=instrument, by="JPN", fields=fields, start=start, end=None, announced=None, **told
    )


@pytest.mark.parametrize(("instrument", "field"), [("off_take", "share"), ("equity_abroad", "stake")])
def test_about_the_share_under_contract_is_delivered(instrument: str, field: str) -> None:
    """A little less than the share while contracts of old customers still bind and the plant cannot make more."""
    calm = Scenario.load("calm")
    world = world_for(calm, only=("dysprosium",))
    links, made, row, good = world.links, world.made, world.places[PLANT], "dy_oxide"
    home = ((links.seller_firm == row) & (links.good == good) & (links.importer == "JPN")).to_numpy()
    amount = float(made.amount[(made.firm == row) & (made.good == good)].iloc[0])
    parts = []
    for causes in ((), (contract(instrument, field),)):
        model = Model(replace(calm, causes=causes), rng=1, world=world, only=("dysprosium",))
        for _ in range(WEEKS):
            model.step()
        sent = model.history.link["sent"][WEEKS - 26 : WEEKS].mean(axis=0)
        output = model.history.firm["activity"][WEEKS - 26 : WEEKS, row].mean() * amount
        parts.append(sent[home].sum() / output)
    assert parts[0] < 0.5
    assert parts[1] == pytest.approx(SHARE, abs=0.1)


def test_a_contract_moves_orders_and_adds_none() -> None:
    """Orders of a shelf keep their sum; contracts on more than the order are cut alike."""
    for held in (4.0, 40.0):
        claim, share = np.array([1.0, 6.0, 3.0]), np.array([0.1, 0.6, 0.3])
        honour(np.array([3]), np.array([10.0]), np.array([held, 0.0, 0.5 * held]), (share, claim))
        assert claim.sum() == pytest.approx(10.0)
        assert share == pytest.approx(claim / 10.0)
        assert claim[0] == pytest.approx(min(held, 10.0 / 1.5))
