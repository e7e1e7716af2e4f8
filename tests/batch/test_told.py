"""What a report says of made-up runs whose answer is known: signs, thresholds, ties, harm and units."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from calibration.fit.informed import INFORMED, PRIOR
from experiments import Results, Study
from experiments import study_queries as queries
from experiments.compare import COST, OWN, drivers
from experiments.store import Store
from experiments.study_figures import figures
from experiments.study_sentences import LANGUAGES, Speech
from experiments.study_tell import Told, tell

POINTS = 12
RANGES = {"hoarding": [0.0, 2.0], "price_response": [0.4, 2.0], "belief_speed": [0.05, 0.5]}
Loss = Callable[[pd.DataFrame], "np.ndarray | pd.Series"]


def batch(folder: Path, loss: Loss, packages: tuple[str, ...] = ("none", "R1"), **design: object) -> Results:
    """A batch of packages (on the calm scenario) whose outcome is made up, in US$, from arm and parameters."""
    settings = {"scenarios": ("calm",), "uncertain": RANGES, "points": POINTS, "seeds": 1} | design
    study = Study("mine", packages=packages, series="none", outcomes=(OWN,), **settings)  # type: ignore[arg-type]
    store = Store(str(folder))
    store.open(study.manifest(), resume=False)
    runs = pd.DataFrame([{"run_id": one.run_id, "arm": one.arm, "point": one.point, "seed": one.seed, "error": "",
                          **{f"p.{name}": value for name, value in one.parameters.items()}}
                         for one in study.each_run()])  # fmt: skip
    first, second = OWN.split("+")
    store.write(runs.assign(**{first: loss(runs), second: 0.0, "output_lost.allies": 1e9, COST: 0.0}), None)
    return Results.open(str(folder))


def shifted(gaps: dict[str, float]) -> Loss:
    """A loss of 10 billion, more or less by package."""
    return lambda runs: 1e10 + sum(gap * runs.arm.str.contains(name) for name, gap in gaps.items())


def said(told: Told, language: str, part: str) -> str:
    """All sentences of a part of the report."""
    return " ".join(line for line, _ in getattr(Speech(told, language), part)())


@pytest.mark.parametrize("better", ["low", "high"])
def test_a_gain_that_grows_with_a_parameter_goes_with_it_upward(better: str, tmp_path: Path) -> None:
    sign = 1 if better == "high" else -1
    gain = 1e9  # grows with hoarding, whichever way is better
    results = batch(tmp_path / "x", lambda runs: 1e10 + sign * gain * runs["p.hoarding"] * (runs.arm == "calm+R1"),
                    better=better)  # fmt: skip
    told = tell(results)
    first = told.findings.hinge.iloc[0]
    assert (first.parameter, first.rank_correlation) == ("hoarding", pytest.approx(1.0))
    assert "hoarding" in said(told, "en", "changes")
    assert "larger where it is higher (rank correlation +1.00)" in said(told, "en", "changes")
    assert "其值愈高，「建議一」之效益愈大（等級相關 +1.00）" in said(told, "zh", "changes")
    asked = results.query(queries.hinge(OWN, better, "calm+R1", "hoarding"))
    assert asked.rank_correlation[0] == pytest.approx(1.0)


def test_no_parameter_is_named_where_nothing_is_gained(tmp_path: Path) -> None:
    told = tell(batch(tmp_path / "x", lambda runs: 1e10 + 1e9 * runs["p.hoarding"] * (runs.arm == "calm+R1")))
    assert not told.improves
    assert all("rank correlation" not in said(told, language, "changes") for language in LANGUAGES)
    assert "hoarding" not in said(told, "en", "changes")


def test_the_largest_of_many_is_held_to_what_the_largest_does_by_luck() -> None:
    luck, asked, times = np.random.default_rng(5), 17, 300
    passed = 0
    for _ in range(times):
        given = pd.DataFrame(luck.random((POINTS, asked)), columns=[f"p.{number}" for number in range(asked)])
        found = drivers(given.assign(arm="a", point=range(POINTS), loss=luck.random(POINTS)), "loss").iloc[0]
        passed += abs(found.rank_correlation) > found.sure
    assert passed / times < 0.09  # 5 % are meant; 1.96 / sqrt(n - 1) lets 55 % pass
    clear = pd.DataFrame({"arm": "a", "point": range(POINTS), "loss": range(POINTS), "p.x": range(POINTS)})
    assert drivers(clear, "loss").sure[0] < 0.7 < found.sure < 1


def test_a_policy_that_is_level_with_none_is_not_the_winner(tmp_path: Path) -> None:
    gaps = {"R1": -1e4, "R2": 1e7, "R3": 2e9}  # of 10 billion: R1 is level with none, R3 harms
    results = batch(tmp_path / "x", shifted(gaps),
                    packages=("none", *gaps), points=2, scenarios=("calm", "baseline"))  # fmt: skip
    told = tell(results)
    assert list(told.robustness.index) == ["none", "R1", "R2", "R3"]
    english = said(told, "en", "robust")
    assert "what measures cost apart, the least worst regret is that of 'none'" in english
    assert "Level with it, within a thousandth of the largest: R1;" in english
    assert "不計措施成本" in said(told, "zh", "robust")


def test_arms_that_harm_are_told(tmp_path: Path) -> None:
    results = batch(tmp_path / "x", shifted({"R1": 1e9, "R2": -1e9}),
                    packages=("none", "R1", "R2"), points=2)  # fmt: skip
    told = tell(results)
    assert "1 of 2 arms (R1); most so 'R1', by a median difference of 1 billion US$" in said(told, "en", "harm")
    assert "（建議一）" in said(told, "zh", "harm")
    _, sql = Speech(told, "en").harm()[0]
    assert results.query(sql).arm.tolist() == ["calm+R1"]


def test_chinese_counts_money_in_tenths_of_a_billion_and_names_what_it_tells(tmp_path: Path) -> None:
    ranges = {"thrift_speed.heavy_rare_earths": [0.03, 0.3], "hoarding": [0.0, 2.0]}
    told = tell(batch(tmp_path / "x", lambda runs: 1.03e10 - 1e9 * runs["p.hoarding"] * (runs.arm == "calm+R1@2"),
                      packages=("none", "R1@2"), uncertain=ranges))  # fmt: skip
    told.findings.history.clear()
    told.findings.history.update({"hoarding": INFORMED, "thrift_speed.heavy_rare_earths": PRIOR})
    assert "(10.3 billion US$, 10.3 to 10.3)" in said(told, "en", "answer")
    assert "「無」最高（103 億美元，103 至 103）" in said(told, "zh", "answer")
    assert "建議一（2 倍）" in said(told, "zh", "answer")
    assert "參數「囤積」（校準：史料有據）" in said(told, "zh", "changes")
    drawn = figures(told, "zh", brief=True)["drivers"]
    assert "替代速度（重稀土） *" in drawn
    assert "囤積 *" not in drawn
    assert "10 億美元" in figures(told, "both")["bands"]
