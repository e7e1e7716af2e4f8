"""What a batch tells: effects, boxes, queries, and the model as others' tools take it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from abm.errors import BadInput
from experiments import Results, Study, Way, run_study, sampling
from experiments import study_queries as queries
from experiments.compare import bands, paired
from experiments.discovery import condition, discover, leaves
from experiments.sensitivity import effects
from experiments.study_report import tell, write

RANGES = {"hoarding": [0.0, 2.0], "price_response": [0.4, 2.0], "belief_speed": [0.05, 0.5]}
PAGE = Path(__file__).resolve().parents[2] / "docs" / "study-format.md"


def table(way: str, points: int) -> tuple[pd.DataFrame, dict[str, object]]:
    """Runs of a made-up model in which the first parameter matters most and the last not at all."""
    given = sampling.drawn(RANGES, points, way)
    value = 3 * given.hoarding + given.price_response
    frame = pd.DataFrame({"arm": "a", "point": range(len(given)), "seed": 0, "loss.x": value, "error": ""})
    runs = pd.concat([frame, given.add_prefix("p.")], axis=1)
    return runs, {"sampling": way, "uncertain": RANGES, "points": points}


@pytest.mark.parametrize(("way", "points", "column"), [("sobol", 256, "total"), ("morris", 20, "effect")])
def test_effects_are_those_of_a_known_model(way: str, points: int, column: str) -> None:
    runs, manifest = table(way, points)
    assert len(runs) == sampling.count(RANGES, points, way)
    found = effects(runs, manifest, "loss.x").set_index("parameter")[column]
    assert list(found.index[:2]) == ["hoarding", "price_response"]
    assert found["belief_speed"] == pytest.approx(0.0, abs=1e-6)
    if way == "sobol":  # variances are 9 x 4/12 and 2.56/12
        assert found["hoarding"] == pytest.approx(3.0 / (3.0 + 2.56 / 12), abs=0.05)


def test_effects_say_what_is_missing() -> None:
    runs, manifest = table("sobol", 8)
    with pytest.raises(BadInput, match="1 of 40 points have no run"):
        effects(runs.drop(index=3), manifest, "loss.x")
    with pytest.raises(BadInput, match="'list', expected sobol or morris"):
        effects(runs, manifest | {"sampling": "list"}, "loss.x")


def test_a_box_is_found_where_success_lies() -> None:
    pytest.importorskip("ema_workbench")
    given = sampling.drawn(RANGES, 600, "latin_hypercube")
    inside = (given.hoarding < 0.6) & (given.price_response > 1.2)
    runs = pd.concat([pd.DataFrame({"loss.x": np.where(inside, 0.0, 1.0)}), given.add_prefix("p.")], axis=1)
    box = discover(runs, "loss.x < 0.5")
    assert box is not None
    limits = box.limits.set_index("parameter")
    assert set(limits.index) == {"hoarding", "price_response"}
    assert limits.loc["hoarding", "high"] == pytest.approx(0.6, abs=0.1)
    assert limits.loc["price_response", "low"] == pytest.approx(1.2, abs=0.1)
    assert min(box.density, box.coverage) > 0.9
    assert leaves(runs, "loss.x < 0.5").density.iloc[0] > 0.9
    assert discover(runs, "loss.x < -1") is None


def test_conditions_are_read_or_refused() -> None:
    assert condition("a.b + c > 1e3") == ("a.b + c", ">", 1000.0)
    with pytest.raises(BadInput, match="expected such as"):
        condition("a = 3")


def test_every_combination_of_values_is_a_point() -> None:
    drawn = sampling.drawn({"a": [1, 2], "b": [3, 4, 5]}, 1, "factorial")
    assert len(drawn) == 6 == sampling.count({"a": [1, 2], "b": [3, 4, 5]}, 1, "factorial")
    assert not drawn.duplicated().any()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"sampling": "sobol", "points": 5, "uncertain": RANGES}, "power of two"),
        ({"sampling": "morris"}, "needs ranges"),
        ({"seeds": 10**7}, r"10,000,000 runs, about .* days on one core and 391 GB"),
        ({"success": "output_lots.world < 1"}, "Did you mean 'output_lost'"),
        ({"cases": {"x": {"causes.nothing.end": "2023-01-01"}}}, "nothing"),
    ],
)
def test_a_design_that_cannot_be_is_refused(changed: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        Study("mine", ("history-2023",), **changed).check()


def test_effects_share_luck_and_arms_keep_theirs() -> None:
    common = Study("mine", ("history-2023",), uncertain=RANGES, sampling="morris", points=2, seeds=2)
    assert {spec.seed for spec in common.runs()} == {0, 1}
    apart = Study("mine", ("history-2023",), uncertain=RANGES, points=3, seeds=2)
    assert len({spec.seed for spec in apart.runs()}) == 6


def test_queries_give_the_numbers_of_the_report(tmp_path: Path) -> None:
    study = Study(
        "mine", ("history-2023",), title_en="t", title_zh="t", question_en="q", question_zh="q",
        levers={"parameters.hoarding": [0.2, 1.2]}, uncertain={"price_response": [0.5, 1.5]}, sampling="morris",
        points=4, seeds=1, until="2024-01-31", only=("graphite",), outcomes=("peak_price_ratio.graphite_flake",),
        success="peak_price_ratio.graphite_flake > 1.05",
    )  # fmt: skip
    results = study.run(out=str(tmp_path / "out"), workers=1)
    runs, outcome = results.scalars(), study.outcomes[0]
    asked = results.query(queries.bands(outcome)).set_index("arm").band
    for arm, row in bands(runs, outcome).iterrows():
        assert list(asked[arm]) == pytest.approx(row.tolist())
    gaps = paired(runs, outcome)
    told = results.query(queries.differences(gaps, outcome, "low"))
    assert list(told.band[0]) == pytest.approx(gaps.loc[0, ["p05", "median", "p95"]].tolist())
    assert told.better[0] == pytest.approx(gaps.chance_of_better[0])
    assert len(tell(results).findings.effects)
    text = write(results, tmp_path / "page", "command")[0].read_text(encoding="utf-8")
    assert "quantile_cont" in text
    assert "Which uncertain parameters" in text


def test_a_limit_stops_and_the_rest_follows(tmp_path: Path) -> None:
    study = Study("mine", ("history-2023",), until="2023-03-31", only=("graphite",), seeds=4, series="none")
    out = str(tmp_path / "out")
    assert len(run_study(study, out, Way(workers=1, limit=3)).done()) == 3
    run_study(study, out, Way(workers=1, resume=True))
    assert len(Results.open(out).scalars()) == 4


@pytest.mark.parametrize("number", [0, 1])
def test_the_examples_of_the_page_run(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if number:
        pytest.importorskip("ema_workbench")
    monkeypatch.chdir(tmp_path)
    code = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.S)[number]
    assert len([line for line in code.splitlines() if line]) < 10
    found: dict[str, object] = {}
    exec(compile(code.replace("seeds=50", "seeds=2"), str(PAGE), "exec"), found)
    assert len(found["experiments" if number else "runs"]) == (8 if number else 4)
