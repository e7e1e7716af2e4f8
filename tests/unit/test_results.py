"""The tidy table of a run, its files, and what happened when."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from abm import BadInput, Model, Scenario
from abm.engine.events import COLUMNS as EVENT_COLUMNS
from abm.engine.events import happenings
from abm.measures.losses import Outcome
from abm.measures.series import COLUMNS, Teller, frame, lumped, write_series
from experiments.page import report_extra
from experiments.run import RunRequest, run_scenario, simulate

AT_LEAST = [
    "price_spot",
    "price_average",
    "production",
    "capacity",
    "demand",
    "shipments",
    "exports",
    "stock",
    "cover",
    "unmet_demand",
    "licences_pending",
    "licences_approved",
    "leakage",
    "output_lost",
    "order_share",
    "mass_balance_error",
]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return Scenario.load("history-2023").until(pd.Timestamp("2024-02-03").date())


@pytest.fixture(scope="module")
def model(scenario: Scenario) -> Model:
    return Model(scenario, rng=1, only=("gallium",)).run()


@pytest.fixture(scope="module")
def table(model: Model) -> pd.DataFrame:
    return model.history.frame()


def chosen(table: pd.DataFrame, **wanted: str) -> pd.DataFrame:
    for column, word in wanted.items():
        table = table[table[column] == word]
    return table


def test_the_table_has_the_declared_columns_and_every_week_of_each_series(model: Model, table: pd.DataFrame) -> None:
    assert tuple(table.columns) == COLUMNS
    assert table.value.dtype == np.float64
    assert table.week.dtype.kind == "M"
    sizes = table.groupby(["variable", "good", "place", "agent"], observed=True, dropna=False).size()
    assert (sizes == model.history.weeks).all()
    assert list(table.week[: model.history.weeks]) == list(model.history.dates())


def test_every_variable_that_the_run_has_is_told(table: pd.DataFrame) -> None:
    assert set(AT_LEAST) <= set(table.variable)
    assert not table.value.isna().any() or set(table.variable[table.value.isna()]) == {"cover"}


def test_sums_have_no_agent_and_agents_are_named_firms(model: Model, table: pd.DataFrame) -> None:
    agents = set(table.agent.dropna())
    firms = model.world.firms.set_index("producer")
    assert agents <= set(firms.index)
    assert not firms.residual[sorted(agents)].any()


def test_prices_are_the_ratio_times_the_base_price(model: Model, table: pd.DataFrame) -> None:
    row = int(model.world.goods.index[model.world.goods.good == "gallium"][0])
    told = chosen(table, variable="price_spot", good="gallium", place="ROW")
    np.testing.assert_array_equal(told.value, model.history.spot[:, 1, row] * model.world.base_price[row])
    assert set(told.unit) == {"US$/t"}


def test_production_by_country_sums_to_all_that_is_made(model: Model, table: pd.DataFrame) -> None:
    makers = (model.world.firms.kind != "reserve").to_numpy()[model.world.made.firm]  # a stockpile makes nothing
    made = model.world.made[(model.world.made.good == "gallium") & makers]
    activity = model.history.firm["activity"][:, made.firm]
    told = chosen(table, variable="production", good="gallium")
    told = told[told.agent.isna()].groupby("week").value.sum()
    np.testing.assert_allclose(told, (activity * made.amount.to_numpy()).sum(axis=1), rtol=1e-12)


def test_exports_to_sums_to_the_exports_of_china(table: pd.DataFrame) -> None:
    out = chosen(table, variable="exports", good="gallium", place="CHN").value.to_numpy()
    into = chosen(table, variable="exports_to", good="gallium").groupby("week").value.sum()
    np.testing.assert_allclose(into, out, rtol=1e-9, atol=1e-12)


def test_shipments_by_zone_are_all_that_is_sent(model: Model, table: pd.DataFrame) -> None:
    told = chosen(table, variable="shipments", good="gallium")
    zones = told[told.place.isin(["CHN", "ROW"])].groupby("week").value.sum()
    sent = model.history.link["sent"][:, (model.world.links.good == "gallium").to_numpy()].sum(axis=1)
    np.testing.assert_allclose(zones, sent, rtol=1e-12)
    assert "TWN" in set(told.place)


def test_order_shares_of_a_good_sum_to_one(table: pd.DataFrame) -> None:
    shares = chosen(table, variable="order_share").groupby(["week", "good"], observed=True).value.sum()
    np.testing.assert_allclose(shares, 1.0, rtol=1e-12)


def test_licences_only_move_where_there_is_a_control(table: pd.DataFrame) -> None:
    granted = chosen(table, variable="licences_approved", good="gallium", place="CHN")
    assert granted.value[granted.week < "2023-07-01"].sum() == 0
    assert granted.value.sum() > 0
    assert set(chosen(table, variable="licences_pending", good="gallium").unit) == {"t"}


def test_a_run_without_causes_has_no_licences(scenario: Scenario) -> None:
    calm = Scenario.load("calm").until(pd.Timestamp("2024-03-01").date())
    told = set(Model(calm, rng=1, only=("gallium",)).run().history.frame().variable)
    assert not any(word.startswith("licences") for word in told)
    assert {"output_lost", "unmet_demand"} <= told


def test_small_countries_are_told_as_the_rest_but_never_china_or_taiwan() -> None:
    amount = np.array([96.0, 2.0, 1.0, 0.5, 0.5])
    countries = np.array(["CHN", "DEU", "JPN", "TWN", "KOR"], dtype=object)
    assert lumped(amount, np.zeros(5, dtype=int), countries).tolist() == ["CHN", "XRW", "XRW", "TWN", "XRW"]


def test_detail_adds_what_every_link_carried(model: Model) -> None:
    links = chosen(frame(model.history, detail=True), variable="link_shipments")
    np.testing.assert_allclose(links.value.sum(), model.history.link["sent"].sum(), rtol=1e-12)
    assert all(">" in agent for agent in set(links.agent))


def test_the_file_holds_the_table(table: pd.DataFrame, tmp_path: Path) -> None:
    write_series(table, tmp_path / "series.parquet")
    back = pd.read_parquet(tmp_path / "series.parquet")
    np.testing.assert_array_equal(back.value, table.value)
    for column in ("variable", "good", "place", "agent", "unit"):
        assert isinstance(back[column].dtype, pd.CategoricalDtype)
        assert back[column].astype(object).fillna("").tolist() == table[column].astype(object).fillna("").tolist()


def test_a_running_model_tells_only_the_weeks_it_has_seen(scenario: Scenario) -> None:
    model = Model(scenario, rng=1, only=("gallium",))
    for _ in range(3):
        model.step()
    assert model.history.frame().week.nunique() == 3


def test_events_name_controls_and_stops_with_reasons_in_both_languages(model: Model) -> None:
    events = happenings(model)
    assert tuple(events.columns) == EVENT_COLUMNS
    assert events.date.is_monotonic_increasing
    control = events[(events.actor == "gallium-germanium-licence") & (events.kind == "licence in force")]
    assert control.date.tolist() == [pd.Timestamp("2023-08-01")]
    assert (control.reason_zh.str.len() > 0).all()
    stops = events[events.kind == "stop"]
    assert len(stops) == (Outcome(model.history).stops.kind == "stop").sum()
    first, last = events.date.min(), events.date.max()
    assert model.clock.start <= first.date() <= last.date() < model.clock.end


def test_controls_that_do_not_touch_the_world_are_left_out(model: Model) -> None:
    assert not happenings(model).actor.str.startswith("graphite").any()


def test_stops_begin_below_half_and_end_above_four_fifths(model: Model) -> None:
    outcome = Outcome(model.history)
    firm = int(outcome.named[0])
    share = np.ones(model.history.weeks)
    share[10:20], share[20:25] = 0.4, 0.7
    model.history.firm["activity"][:, firm], kept = share * outcome.asked[:, firm], outcome.activity[:, firm].copy()
    stops = Outcome(model.history).stops
    model.history.firm["activity"][:, firm] = kept
    own = stops[stops.firm == firm]
    assert list(zip(own.week, own.kind, strict=True)) == [(10, "stop"), (25, "restart")]


def test_the_same_seed_gives_the_same_bytes(scenario: Scenario, tmp_path: Path) -> None:
    for name in ("one", "two"):
        run_scenario(RunRequest(scenario, tmp_path / name, seed=4, only=("gallium",)))
    for name in ("series.parquet", "events.parquet", "summary.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_result_folder_holds_its_files_and_says_what_was_run(scenario: Scenario, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    extra = lambda result, folder: (folder / "extra.txt").write_text(str(result.model.seed_number))  # noqa: E731
    request = RunRequest(scenario, tmp_path / "new" / "run", 3, ("gallium",), extras=(extra,))
    result = run_scenario(request, lambda week, weeks: told.append((week, weeks)))
    weeks = result.model.clock.weeks
    assert told == [(week + 1, weeks) for week in range(weeks)]
    manifest = json.loads((tmp_path / "new" / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["files"] == ["events.parquet", "extra.txt", "manifest.json", "series.parquet", "summary.json"]
    assert sorted(path.name for path in (tmp_path / "new" / "run").iterdir()) == manifest["files"]
    assert manifest["seed"] == 3
    assert manifest["scenario"]["name"] == "history-2023"
    assert manifest["counts"]["agents"] == manifest["counts"]["firms"] + manifest["counts"]["governments"]
    assert manifest["counts"]["weeks"] == weeks
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["run"]


def test_an_earlier_result_is_replaced_and_other_files_in_it_are_kept(scenario: Scenario, tmp_path: Path) -> None:
    short = scenario.until(pd.Timestamp("2022-02-01").date())
    request = RunRequest(short, tmp_path / "run", only=("gallium",))
    run_scenario(request)
    (tmp_path / "run" / "notes.txt").write_text("mine")
    before = (tmp_path / "run" / "series.parquet").read_bytes()
    run_scenario(RunRequest(short, tmp_path / "run", seed=1, only=("gallium",), detail=True))
    assert (tmp_path / "run" / "notes.txt").read_text() == "mine"
    assert (tmp_path / "run" / "series.parquet").read_bytes() != before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("what", ["file", "below a file", "other files"])
def test_a_place_that_cannot_be_written_is_found_before_the_run(scenario: Scenario, tmp_path: Path, what: str) -> None:
    out = tmp_path / "out"
    if what == "other files":
        out.mkdir()
        (out / "thesis.txt").write_text("mine")
    else:
        out.write_text("mine")
    told: list[int] = []
    request = RunRequest(scenario, out / "run" if what == "below a file" else out, only=("gallium",))
    with pytest.raises(BadInput, match="--out"):
        run_scenario(request, lambda week, weeks: told.append(week))
    assert told == []
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_run_that_fails_leaves_nothing(scenario: Scenario, tmp_path: Path) -> None:
    def stop(week: int, weeks: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_scenario(RunRequest(scenario, tmp_path / "deep" / "run", only=("gallium",)), stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("parameters", "said"), [("default", "未經校準"), ("posterior", "後驗之平均值")])
def test_the_page_says_where_parameters_come_from(
    parameters: str, said: str, scenario: Scenario, tmp_path: Path
) -> None:
    short = scenario.until(pd.Timestamp("2022-02-01").date())
    out = tmp_path / "run"
    run_scenario(RunRequest(short, out, only=("gallium",), extras=(report_extra,), parameters=parameters))
    page = (out / "report.html").read_text(encoding="utf-8")
    assert said in page
    assert ("not calibrated" in page) == (parameters == "default")


def test_a_run_without_a_folder_writes_nothing(scenario: Scenario) -> None:
    short = scenario.until(pd.Timestamp("2022-02-01").date())
    result = simulate(RunRequest(short, only=("gallium",)))
    assert result.out is None
    assert result.summary["mass_balance_error"]["value"] < 1e-9


@pytest.mark.slow
def test_ten_years_of_the_full_world_are_told_in_the_room_and_time_promised(tmp_path: Path) -> None:
    result = simulate(RunRequest(Scenario.load("snap-back")))
    table = result.model.history.frame()
    write_series(table, tmp_path / "series.parquet")
    assert (tmp_path / "series.parquet").stat().st_size < 20e6
    assert len(table) < 2.5e6
    sold = Teller(result.model.history).outcome.output_lost.sum()
    world = table[(table.variable == "output_lost") & (table.place == "WLD")].value.sum()
    np.testing.assert_allclose(world, sold, rtol=1e-9)
