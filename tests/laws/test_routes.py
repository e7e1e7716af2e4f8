"""Laws of the routes of harm: dear and late tools, chips that spoil."""

from __future__ import annotations

import numpy as np
import pytest

from kit.clock import MONTH

TOOLS = "chip_tools"


def quoted(model, **changes):
    """Columns after tools have been quoted once, some columns of their shelves being changed before."""
    tools = model.routes.tools
    for name, value in changes.items():
        model.columns[name][tools.shelf] = value
    tools.quote(model.columns, model.trade.flow)
    return model.columns


def test_dear_tools_raise_the_outlay_by_their_share_of_it(calm):
    for paid in (1.0, 2.0):
        model = calm()
        columns = quoted(model, paid_ratio=paid)
        expected = 1 + model.rules["tool_outlay_share"] * (paid - 1)
        assert columns["outlay_ratio"][model.routes.tools.fabs] == pytest.approx(expected), (
            "an outlay is the usual one at base prices and rises by the share of tools in it"
        )


def test_the_wait_for_tools_is_the_backlog_over_what_is_shipped(calm, gallium):
    model = calm()
    shelf, fabs = model.routes.tools.shelf, model.routes.tools.fabs
    use = model.columns["expected_use"][shelf]
    aim = use * (model.columns["cover"][shelf] + model.columns["lead"][shelf])
    columns = quoted(model, stock=0.0, extra=0.0, on_order=aim - 7 * use)
    some = use > 0
    shipped = np.bincount(gallium.links.buyer, gallium.links.flow, len(gallium.bought))[shelf]
    expected = np.minimum(7 * use[some] / shipped[some], model.rules["tool_wait_most"])
    assert columns["tool_wait"][fabs[some]] == pytest.approx(expected, rel=1e-6), (
        "the wait for tools is what lacks of the cover wanted over what is shipped a week"
    )


def test_growth_that_waits_for_tools_comes_with_the_wait_as_mean_delay(calm):
    model = calm()
    tools, growth = model.routes.tools, np.zeros(len(model.world.firms))
    tools.wait[:], growth[tools.fabs] = 12.0, 1.0
    months = [tools.install(growth * (month == 0))[tools.fabs[0]] for month in range(60)]
    assert sum(months) == pytest.approx(1.0), "growth that waits for tools is fitted out in the end"
    delay = sum(MONTH * month * part for month, part in enumerate(months))
    assert delay == pytest.approx(12.0, rel=0.01), "the mean delay of growth is the wait for tools"


def test_chips_that_spoil_cost_inputs(calm, gallium):
    model = calm()
    packaging, columns = model.routes.packaging, model.columns
    raw = packaging.rows[packaging.joined]
    columns["stock"][raw] = 0.0
    packaging.spoil(columns)
    least = 1 - model.rules["packaging_yield_loss"] * columns["criticality"][raw].max()
    assert packaging.yields.min() == pytest.approx(least), "without what joins chips the loss is its criticality's part"
    chips = packaging.all_inputs
    expected = columns["usual_need"][chips] / packaging.yields[packaging.place]
    assert columns["need"][chips] == pytest.approx(expected), (
        "a good chip takes the inputs of the chips spoiled besides"
    )
