"""One past, two futures: the past is shared to the bit, the futures part on the day, and both are written."""

import datetime
import json

import numpy as np
import pandas as pd
import pytest

from abm import BadInput, Model, Scenario
from experiments.branch import check, run_branches
from experiments.run import RunRequest

DAY = datetime.date(2026, 12, 7)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    scenario = Scenario.load("renewed").until(datetime.date(2027, 12, 6))
    out = tmp_path_factory.mktemp("branch") / "out"
    request = RunRequest(scenario, out, seed=2, only=("dysprosium",))
    return run_branches(request, Scenario.load("snap-back+R1"), DAY, None)


def test_the_past_is_the_same_and_the_futures_part(found):
    one, other = (each.model.history for each in (found.one, found.other))
    split = found.fork_week
    assert one.start + datetime.timedelta(weeks=split) >= DAY > one.start + datetime.timedelta(weeks=split - 1)
    np.testing.assert_array_equal(one.firm["activity"][:split], other.firm["activity"][:split])
    np.testing.assert_array_equal(one.spot[:split], other.spot[:split])
    assert not np.array_equal(one.spot[split:], other.spot[split:])


def test_the_first_future_is_the_plain_run(found):
    """Stockpiles that the other future may fill stand empty in the first; they change it by rounding at most."""
    plain = Model(found.one.request.scenario, rng=2, only=("dysprosium",)).run()
    np.testing.assert_allclose(plain.history.spot, found.one.model.history.spot, rtol=1e-9)


def test_both_futures_and_their_differences_are_written(found):
    out = found.one.out
    names = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["futures"]
    assert names == ["renewed", "snap-back+R1"]
    for name in names:
        for file in ("series.parquet", "summary.json", "events.parquet", "manifest.json"):
            assert (out / name / file).is_file()
    table = pd.read_csv(out / "differences.csv")
    np.testing.assert_allclose(table.difference, table.other - table.one)
    rows = table.set_index("measure").difference
    assert rows["price.ndfeb_heavy"] > 0  # Dy outside stands at its choke in both; the magnets are what is refused
    assert rows["output_lost.taiwan"] > 0
    assert rows["lever_cost.mapping"] > 0


def test_levers_of_the_second_future_cost_from_the_fork_on(found):
    cost = found.other.summary["lever_cost.mapping"]["value"]
    weeks = found.other.model.history.weeks
    first = (datetime.date(2027, 1, 1) - found.other.model.history.start).days / 7
    expected = 0.5 * 1000 * 1e6 * (weeks - np.ceil(first)) / 52
    assert cost == pytest.approx(expected)


def test_a_future_that_cannot_follow_is_refused():
    renewed = Scenario.load("renewed")
    with pytest.raises(BadInput, match="--fork-at 2023-01-02"):
        check(renewed, Scenario.load("lapsed"), datetime.date(2023, 1, 2))
    with pytest.raises(BadInput, match="base_year 2009, expected 2024"):
        check(renewed, Scenario.load("history-2010"), DAY)
    for changed, said in {
        "parameters.hoarding=1.9": r"snap-back: sets other parameters .*: hoarding 1\.9 \(here 0\.8\)",
        "free=[JPN]": r"snap-back: free \[JPN\], expected \[\]",
        "outages=false": "snap-back: outages false, expected true",
    }.items():
        with pytest.raises(BadInput, match=said):
            check(renewed, Scenario.load("snap-back").override(dict([changed.split("=")])), DAY)


def test_the_second_future_lives_under_the_parameters_of_the_run_and_says_so():
    setting = Scenario.load("renewed").override({"parameters.hoarding": 1.2})
    check(setting, Scenario.load("snap-back").override({"parameters.hoarding": 1.2}), DAY)
    model = Model(setting, only=("gallium",))
    model.follow("snap-back")
    assert model.setting.parameters == {"hoarding": 1.2}
    with pytest.raises(BadInput, match=r"hoarding 0\.8"):
        model.follow(Scenario.load("snap-back").override({"parameters.hoarding": 0.8}))


def test_the_same_future_twice_gives_no_difference():
    scenario = Scenario.load("renewed").until(datetime.date(2027, 3, 1))
    same = run_branches(RunRequest(scenario, None, seed=1, only=("gallium",)), Scenario.load("renewed"), DAY, None)
    assert (same.differences.difference.fillna(0) == 0).all()
    assert same.names == ("renewed", "renewed-2")
