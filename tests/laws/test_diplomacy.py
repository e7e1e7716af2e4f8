"""Laws of tension: how it fades, what raises and lowers it, what it does to approvals."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from kit.columns import Decision

DAY = datetime.date(2024, 1, 1)


def tense(model, by="CHN", toward="USA", above=0.2):
    """Raise what one government holds against another above what is lasting; returns the place in the table."""
    place = model.diplomacy.row[by], model.diplomacy.row[toward]
    model.diplomacy.tension[place] = model.diplomacy.rivalry[place] + above
    model.trade.permits.watch(model.conditions)
    return place


def test_tension_fades_over_its_memory(calm):
    """A review comes every four weeks, thirteen a year: 12/13 of a month."""
    model = calm()
    model.diplomacy.rules["talks_rate"] = 0.0
    place = tense(model)
    memory = model.rules["tension_memory"]
    model.step()
    left = model.diplomacy.tension[place] - model.diplomacy.rivalry[place]
    half_life = -np.log(2) / np.log(left / 0.2) * 12 / 13
    expected = np.log(2) * memory
    assert half_life == pytest.approx(expected, rel=0.04), "tension fades to a half in ln 2 x tension_memory months"
    assert left == pytest.approx(0.2 * (1 - 12 / 13 / memory)), (
        "a review takes 12/13/memory of the tension above its rest"
    )


def test_talks_take_their_part_of_the_tension_on_both_sides(calm):
    model = calm()
    model.diplomacy.rules |= {"talks_rate": 1e9, "tension_memory": 1e12}
    place = tense(model)
    before = model.diplomacy.tension.copy()
    model.step()
    left = 1 - model.rules["talks_effect"]
    for one in (place, place[::-1]):
        expected = before[one] * left
        assert model.diplomacy.tension[one] == pytest.approx(expected), "talks take talks_effect off the tension"


def test_acts_offend_those_they_hit_and_taking_them_back_reconciles(calm):
    model = calm()
    diplomacy, rules = model.diplomacy, model.diplomacy.rules
    place = diplomacy.row["USA"], diplomacy.row["CHN"]
    before = diplomacy.tension[place]
    fields = {"goods": ("gallium",), "to": ("USA",), "measure": "control"}
    diplomacy.hear(Decision("licence", fields, DAY, None, "test", {}), "CHN")
    acted = diplomacy.tension[place]
    assert acted == pytest.approx(before + rules["provocation"]), "an act raises tension of those named by provocation"
    diplomacy.hear(Decision("licence", fields, DAY, None, "test", {}, withdraws="control"), "CHN")
    expected = acted - rules["goodwill"] * rules["provocation"]
    assert diplomacy.tension[place] == pytest.approx(expected), "taking an act back removes goodwill x provocation"


def test_approvals_fall_with_what_the_seller_holds_against_the_buyer(calm, gallium):
    links = gallium.links
    seller, buyer = (gallium.firms.government.to_numpy()[links[end]] for end in ("seller_firm", "buyer_firm"))
    there, back = (seller == "CHN") & (buyer == "USA"), (seller == "USA") & (buyer == "CHN")
    model = calm()
    tense(model)
    kept = model.diplomacy.mercy()
    expected = np.exp(-model.rules["approval_tension"] * 0.2)
    assert there.any()
    assert kept[there] == pytest.approx(expected), (
        "approvals fall with what the seller's government holds against the buyer"
    )
    assert kept[~there] == pytest.approx(1.0), "tension toward one government leaves approvals for others as they were"
    assert not (there & back).any()
