"""Laws of trade: when goods arrive, and who is served where a seller is short."""

from __future__ import annotations

import numpy as np
import pytest

from abm.world.world import World


def only_claims(model, links, amount=1.0):
    """Empty all ways and let some links alone be asked for an amount, which is their usual flow."""
    trade, columns = model.trade, model.columns
    trade.transit[:], trade.under_way[:], columns["claim"][:] = 0.0, 0.0, 0.0
    for values in (columns["claim"], trade.usual, trade.flow, *trade.booked):
        values[links] = amount
    columns["link_contract"][:] = 0.0


def arrivals(model, link, weeks, trading):
    """Weeks in which something arrives of a lot that is asked for in week 0 alone."""
    shelf, came, before = int(model.trade.buyer[link]), [], 0.0
    model.columns["stock"][:] = 0.0
    for week in trading(model, weeks):
        model.columns["claim"][:], model.trade.booked[:], model.trade.usual[:] = 0.0, 0.0, 0.0
        if model.columns["stock"][shelf] > before:
            came.append(week)
        before = model.columns["stock"][shelf]
    return came


def test_a_lot_sent_in_week_w_is_on_the_shelf_in_w_and_its_weeks_in_transit(calm, gallium, trading):
    for weeks in np.unique(gallium.links.transit):
        model, link = calm(), int(np.flatnonzero((gallium.links.transit == weeks) & (gallium.links.flow > 0))[0])
        only_claims(model, [link])
        came = arrivals(model, link, int(weeks) + 3, trading)
        assert came == [weeks], f"a lot sent in week 0 that travels {weeks} weeks is on the shelf in week {weeks}"


def test_what_goes_round_a_ban_takes_the_detour_besides(calm, cause, exports, trading):
    model, link = calm(cause("ban", goods=("gallium",), to=("all",), leak=0.5)), int(exports[0])
    only_claims(model, [link])
    weeks = int(model.trade.weeks[link]) + int(model.rules["detour_weeks"])
    came = arrivals(model, link, weeks + 3, trading)
    assert came == [weeks], "what leaks through third countries travels its way and the weeks of the detour"


def rivals(world: World, friends: tuple[bool, bool]) -> np.ndarray:
    """Two links of one shelf to other users, each at home (a friend) or of a country that is no ally."""
    links, kind = world.links, world.firms.kind.to_numpy()
    other = (kind[links.buyer_firm] == "industry") & (kind[links.seller_firm] != "reserve")
    side = world.firms.alliance.to_numpy()
    stranger = (links.export > 0) & ((side[links.buyer_firm] != "allied") | (side[links.seller_firm] != "allied"))
    for shelf in np.unique(links.seller[other]):
        home, abroad = (
            np.flatnonzero(other & (links.seller == shelf) & rows) for rows in (links.export == 0, stranger)
        )
        pools = {True: home, False: abroad}
        first, second = (pools[friend] for friend in friends)
        if len(first) and len(set(second) - {first[0]}):
            return np.array([first[0], next(row for row in second if row != first[0])])
    raise LookupError("no such pair of links in this world")


def served(model, pair, trading, contract=False):
    """What two links that ask for 1 each get of the 1 that their seller has; the second one may be under contract."""
    only_claims(model, pair)
    model.columns["link_contract"][pair[1]] = float(contract)
    for _ in trading(model, 1, plenty=1.0):
        found = model.trade.shipped.sent[pair]
    return found


def test_of_two_equal_buyers_the_friend_is_served_first(calm, gallium, trading):
    assert served(calm(), rivals(gallium, (True, False)), trading) == pytest.approx([1.0, 0.0]), (
        "of two equal buyers of a seller that is short the friend (group, country or ally) is served first"
    )


def test_of_two_strangers_the_one_with_a_contract_is_served_first(calm, gallium, trading):
    pair = rivals(gallium, (False, False))
    assert served(calm(), pair, trading, contract=True) == pytest.approx([0.0, 1.0]), (
        "a seller that is short serves contracts before all other orders"
    )


def test_a_contract_goes_before_friendship(calm, gallium, trading):
    pair = rivals(gallium, (True, False))
    assert served(calm(), pair, trading, contract=True) == pytest.approx([0.0, 1.0]), (
        "a stranger's contract is served before a friend without one"
    )


def test_equals_share_alike(calm, gallium, trading):
    assert served(calm(), rivals(gallium, (False, False)), trading) == pytest.approx([0.5, 0.5]), (
        "two equal strangers share alike what a seller that is short has"
    )


def test_the_usual_flow_follows_what_is_sent_by_its_memory(calm, gallium, trading):
    model, link = calm(), int(np.flatnonzero(gallium.links.flow > 0)[0])
    before = model.trade.usual[link]
    model.columns["claim"][link] = 0.0
    list(trading(model, 1))
    expected = before * (1 - 1 / model.rules["usual_memory"])
    assert model.trade.usual[link] == pytest.approx(expected), "the usual flow forgets a week of usual_memory a week"
