"""Every measure keeps to its declared range, in any run; where one is undefined it says why."""

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from abm import Model, Scenario
from abm.economy.trade_kernels import weigh
from abm.measures.headline import METRICS, summary
from abm.measures.register import CHANGE_OF_SHARE, SHARE, told_range
from abm.scenario.scenario import CauseSpec
from abm.world.world import shared_tables
from experiments.bands import bands, page_of
from experiments.branch import measures

EMBARGO = {"to": ("all",), "goods": ("all",), "leak": 0.0}
RUNS = {
    "gallium": ("history-2023", ("gallium",), ()),
    "2009": ("history-2010", (), ()),
    "China's embargo on all": ("snap-back", ("gallium", "cobalt"), ("CHN",)),
    "everybody's embargo on all": ("snap-back", ("gallium", "cobalt"), ("every",)),
    "everybody's embargo on Taiwan": ("baseline", ("tungsten",), ("every", "TWN")),
}


@pytest.mark.sample(2)
@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("seed", [1, 2])
def test_no_run_leaves_a_declared_range(run: str, seed: int) -> None:
    name, only, who = RUNS[run]
    setting = Scenario.load(name)
    setting = replace(setting.until(setting.start.replace(year=setting.start.year + 4)), causes=embargoes(setting, who))
    told = summary(Model(setting, rng=seed, only=only).run().history)
    assert told["mass_balance_error"]["value"] < 1e-9
    assert all(entry["value"] is not None or entry["undefined"] for entry in told.values())


def embargoes(setting: Scenario, who: tuple[str, ...]) -> tuple[CauseSpec, ...]:
    """The causes of a scenario, and from its second year on embargoes of one or all, on everybody or one."""
    countries = sorted(shared_tables()["countries"].country) if who[:1] == ("every",) else list(who)
    texts = {"title_en": "An embargo", "title_zh": "禁運", "source": "Made up", "confidence": "assumed"}
    dates = {"start": setting.start.replace(year=setting.start.year + 1), "end": None, "announced": None}
    fields = EMBARGO | ({"to": who[1:]} if len(who) > 1 else {})
    made = [CauseSpec(f"embargo-{by.lower()}", "embargo", by=by, fields=fields, **dates, **texts) for by in countries]
    return (*setting.causes, *made)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_value_outside_the_declared_range_is_an_error_that_names_it(metric) -> None:
    least, most = metric.within
    for wrong in (least - 1e-3, most + 1e-3, math.inf, -math.inf):
        with pytest.raises(ArithmeticError, match=f"^{re.escape(metric.name)} is .*{re.escape(metric.unit)}, expected"):
            metric.checked(metric.name, wrong)
    for right in (bound for bound in (least, most, 0.0) if math.isfinite(bound)):
        assert metric.checked(metric.name, right)["value"] == right
    if metric.undefined:
        assert metric.checked(metric.name, math.nan)["undefined"] == metric.undefined
    else:
        with pytest.raises(ArithmeticError, match="is nan"):
            metric.checked(metric.name, math.nan)


def test_shares_are_declared_as_shares() -> None:
    for metric in METRICS:
        if metric.unit == "share":
            assert metric.within in (SHARE, CHANGE_OF_SHARE), metric.name


def test_the_page_on_metrics_tells_every_range(root: Path) -> None:
    page = (root / "docs/metrics.md").read_text(encoding="utf-8").partition("## summary.json")[2]
    rows = [line.split("|") for line in page.partition("\n## ")[0].splitlines() if line.startswith("| `")]
    told = {name: row[2].strip() for row in rows for name in re.findall(r"`([a-z0-9_]+)", row[1])}
    assert {metric.name: told.get(metric.name) for metric in METRICS} == {
        metric.name: told_range(metric.within) for metric in METRICS
    }


def test_a_good_that_runs_out_is_measured_against_what_there_was() -> None:
    """A rounding error of a millionth of a millionth stays so when nothing is left; a lost tonne in a hundred shows."""
    goods = tuple(np.zeros(1, dtype=np.int64) for _ in range(3))
    nothing, before, scale = np.zeros(1), np.zeros(1), np.full(1, 1e-9)
    held = [np.array([amount]) for amount in (100.0, 1e-10, 0.0)]
    flows = [(np.array([used]), nothing, nothing, nothing) for used in (-100.0, 100.0, 0.0)]
    gaps = [
        weigh(goods, (stock, nothing, nothing), flow, before, scale) for stock, flow in zip(held, flows, strict=True)
    ]
    assert max(gaps) == pytest.approx(1e-12)
    assert weigh(goods, (np.ones(1), nothing, nothing), (nothing,) * 4, before, scale) == pytest.approx(0.01)


def test_bands_tell_in_how_many_runs_a_measure_is_defined() -> None:
    runs = pd.DataFrame({"gdp_at_risk_taiwan": [0.1, math.nan, 0.3], "exploded": 0.0, "frozen": 0.0})
    told = bands(runs)
    assert told.loc["gdp_at_risk_taiwan", "runs"] == 2
    assert "(in 2 of 3 runs)" in page_of(Scenario.load("calm"), told, runs)


def test_a_measure_that_one_future_lacks_is_nought_only_where_it_counts_an_amount() -> None:
    only_here = {
        "firms_stopped.gallium": {"value": 2.0, "unit": "firms"},
        "taiwan_exposure.gallium": {"value": 0.4, "unit": "share"},
    }
    told = measures(only_here, {}).set_index("measure").other
    assert told["firms_stopped.gallium"] == 0
    assert math.isnan(told["taiwan_exposure.gallium"])
