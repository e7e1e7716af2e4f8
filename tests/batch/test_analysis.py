"""What a batch tells: effects, boxes, queries, and the model as others' tools take it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from SALib import ProblemSpec

from experiments import Results, Study, Way, run_study, sampling
from experiments import study_queries as queries
from experiments.compare import bands, benefit, paired, pairs, robustness
from experiments.discovery import Condition, condition, discover, inputs, judged, leaves, undefined
from experiments.ema import workbench_model
from experiments.sensitivity import effects
from experiments.study_report import query as report_queries
from experiments.study_report import write
from experiments.study_sentences import LANGUAGES, Speech
from experiments.study_tell import tell
from kit.errors import BadInput

RANGES = {"hoarding": [0.0, 2.0], "price_response": [0.4, 2.0], "belief_speed": [0.05, 0.5]}
LEVERS = ("parameters.hoarding", "parameters.price_response", "parameters.belief_speed")
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
    with pytest.raises(BadInput, match=r"'loss\.x' is not defined at 40 of 40 points"):
        effects(runs.assign(**{"loss.x": np.nan}), manifest, "loss.x")
    with pytest.raises(BadInput, match=r"'loss\.x' is not defined at 1 of 40 points"):
        effects(runs.assign(**{"loss.x": runs["loss.x"].where(runs.point != 3)}), manifest, "loss.x")
    with pytest.raises(BadInput, match="1 of 40 points have no run"):
        effects(runs.drop(index=3), manifest, "loss.x")
    with pytest.raises(BadInput, match="'list', expected sobol or morris"):
        effects(runs, manifest | {"sampling": "list"}, "loss.x")


def test_a_box_is_found_where_success_lies() -> None:
    given = sampling.drawn(RANGES, 600, "latin_hypercube")
    inside = (given.hoarding < 0.6) & (given.price_response > 1.2)
    frame = pd.DataFrame({"arm": "a", "point": range(600), "seed": 0, "loss.x": np.where(inside, 0.0, 1.0)})
    runs = pd.concat([frame, given.add_prefix("p.")], axis=1)
    box = discover(runs, "loss.x < 0.5")
    assert box is not None
    limits = box.limits.set_index("parameter")
    assert set(limits.index) == {"hoarding", "price_response"}
    assert limits.loc["hoarding", "high"] == pytest.approx(0.6, abs=0.1)
    assert limits.loc["price_response", "low"] == pytest.approx(1.2, abs=0.1)
    assert min(box.density, box.coverage) > 0.9
    assert leaves(runs, "loss.x < 0.5").density.iloc[0] > 0.9
    assert discover(runs, "loss.x < -1") is None
    assert box.left_out == 0
    holed = discover(runs.assign(**{"loss.x": runs["loss.x"].where(runs.point >= 24)}), "loss.x < 0.5")
    assert holed is not None
    assert holed.left_out == 24


def test_conditions_are_read_or_refused() -> None:
    assert condition("a.b + c > 1e3") == Condition("a.b + c", ">", 1000.0)
    assert condition("saved a.b > c").outcomes == ("a.b", "c")
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
        ({"seeds": 10**7}, "whole number from 1 to 1,000,000"),
        ({"levers": {lever: list(np.linspace(0.1, 1, 100)) for lever in LEVERS}}, "makes 10,000,000 runs"),
        ({"success": "output_lots.world < 1"}, "Did you mean 'output_lost'"),
        ({"seeds": 2.5}, "whole number"),
        ({"uncertain": {"hoarding": []}}, "expected a list of numbers"),
        ({"uncertain": {"hording": [0, 1]}}, "Did you mean 'hoarding'"),
        ({"sampling": "list", "uncertain": [{"hoarding": 1}, {"belief_speed": 1}]}, "same parameters"),
        (
            {"uncertain": {"hoarding": [0, 2.5]}, "points": 1},
            r"uncertain: 'hoarding' is 2\.5, outside its range",
        ),
        ({"uncertain": {"hoarding": [-0.5, 1]}, "points": 1}, "outside its range"),
        ({"sampling": "factorial", "uncertain": {"hoarding": [1, 2.5]}}, "outside its range"),
        ({"sampling": "list", "uncertain": [{"hoarding": 1}, {"hoarding": 9.0}]}, r"'hoarding' is 9\.0, outside"),
        ({"cases": {"x": {"causes.nothing.end": "2023-01-01"}}}, "nothing"),
    ],
)
def test_a_design_that_cannot_be_is_refused(changed: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        Study("mine", ("history-2023",), **changed)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("names_zh: 3", "names_zh: expected keys with values"),
        ("names_zh: {calm: 3}", "names_zh.calm: expected a text"),
        ("names_zh: {3: x}", "names_zh: expected a text"),
        ("success: [3]", "success: expected a text"),
        ("success: none", "success: 'none' is no condition"),
        ("levers: {3: [1, 2]}", "levers: expected a text"),
        ("levers: {size: [1]}", "levers: size: 'size' is not a known key"),
        ("cases: {x: {size: 1}}", "cases: size: 'size' is not a known key"),
        ("uncertain: late", "uncertain: 'late' is no file"),
        ("until: 3", "until: expected a date in full"),
        ("only: [unobtainium]", "only: 'unobtainium' is not a known mineral"),
        ("packages: [R9]", "packages: calm.R9: 'R9' is not a known package"),
    ],
)
def test_what_a_file_says_wrongly_is_refused_by_file_and_key(tmp_path: Path, line: str, said: str) -> None:
    texts = "".join(f"{key}: a\n" for key in ("title_en", "title_zh", "question_en", "question_zh"))
    file = tmp_path / "mine.yaml"
    file.write_text(f"{texts}scenarios: [calm]\n{line}\n", encoding="utf-8")
    with pytest.raises(BadInput, match=rf"^mine\.yaml: {said}"):
        Study.load(file)


def test_effects_share_luck_and_arms_keep_theirs() -> None:
    common = Study("mine", ("history-2023",), uncertain=RANGES, sampling="morris", points=2, seeds=2)
    assert {spec.seed for spec in common.runs()} == {0, 1}
    apart = Study("mine", ("history-2023",), uncertain=RANGES, points=3, seeds=2)
    assert len({spec.seed for spec in apart.runs()}) == 6


def test_an_empty_range_and_an_unknown_entry_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="the range is empty: low 2, high 1"):
        Study("mine", ("calm",), levers={"parameters.hoarding": {"low": 2, "high": 1}})
    study = Study("mine", ("history-2023",), only=("graphite",), outcomes=("taiwan_loss.dirct",))
    with pytest.raises(BadInput, match=r"Did you mean 'taiwan_loss\.direct'"):
        study.run(out=str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_ranges_of_levers_are_values_of_numbers_or_days() -> None:
    levers = {
        "parameters.hoarding": {"low": 0, "high": 2, "steps": 5},
        "end": {"low": "2023-06-30", "high": "2023-07-02"},
    }
    study = Study("mine", "history-2023", levers=levers)
    assert study.levers["parameters.hoarding"] == [0, 0.5, 1, 1.5, 2]
    assert [str(day) for day in study.levers["end"]] == ["2023-06-30", "2023-07-01", "2023-07-02"]
    assert study.size() == len(study.runs()) == 150


def arms(losses: dict[str, list[float]]) -> pd.DataFrame:
    """Runs of some arms: Taiwan's loss by seed; each package costs NT$ 10."""
    rows = [{"arm": arm, "point": 0, "seed": seed, "taiwan_loss.direct": value, "taiwan_loss.indirect": 0.0,
             "output_lost.allies": 10 * value, "lever_cost.total": 10.0 * arm.count("+")}
            for arm, values in losses.items() for seed, value in enumerate(values)]  # fmt: skip
    return pd.DataFrame(rows)


def test_costs_regret_and_savings_are_those_of_a_made_up_table() -> None:
    runs = arms(
        {
            "x": [5.0, 7.0],
            "x+R1": [4.0, 4.0],
            "x+R2": [5.0, 8.0],
            "y": [1.0, 1.0],
            "y+R1": [2.0, 2.0],
            "y+R2": [1.0, 1.0],
        }
    )
    assert dict(pairs(runs).itertuples(index=False, name=None)) == {"x+R1": "x", "x+R2": "x", "y+R1": "y", "y+R2": "y"}
    money = benefit(runs, rate=30.0)
    assert money.loc["x+R1", ["cost", "avoided", "net"]].tolist() == pytest.approx([10.0, 60.0, 50.0])
    table = robustness(runs, "taiwan_loss.direct")
    assert table.loc["R1", ["worst", "mean", "best"]].tolist() == pytest.approx([1.0, 0.5, 0.5])
    assert table.index[0] == "R1"
    asked, met = judged(runs, "saved output_lost.allies > taiwan_loss.direct")
    assert dict(zip(zip(asked.arm, asked.seed, strict=True), met, strict=True)) == {
        ("x+R1", 0): True, ("x+R1", 1): True, ("x+R2", 0): False, ("x+R2", 1): False,
        ("y+R1", 0): False, ("y+R1", 1): False, ("y+R2", 0): False, ("y+R2", 1): False,
    }  # fmt: skip
    assert set(inputs(runs).columns) == {"x", "y", "R1", "R2"}


def test_an_outcome_that_is_not_defined_is_not_counted_as_nothing() -> None:
    runs = arms({"x": [5.0, 7.0], "x+R1": [4.0, float("nan")]})
    told = bands(runs, "taiwan_loss.direct+taiwan_loss.indirect")
    assert told.loc["x+R1", ["median", "runs"]].tolist() == [4.0, 1]
    assert paired(runs, "taiwan_loss.direct").pairs[0] == 1


def test_what_a_condition_leaves_out_is_counted() -> None:
    runs = arms({"x": [5.0, 7.0], "x+R1": [4.0, float("nan")]})
    assert undefined(runs, "taiwan_loss.direct < 6") == 1
    assert undefined(runs, "saved taiwan_loss.direct > 0") == 1
    bound = "output_lost.allies < taiwan_loss.direct"
    assert undefined(runs, bound) == 1
    assert len(judged(runs, bound)[1]) == 3


def small(**changed: object) -> Study:
    """A study of gallium that ends soon."""
    ranges = {"hoarding": (0.2, 1.5)}
    return Study("mine", **{"scenarios": ("calm",), "uncertain": ranges, "until": "2024-02-05", "only": ("gallium",),
                            "points": 2, "seeds": 1} | changed)  # type: ignore[arg-type]  # fmt: skip


def test_the_workbench_passes_the_same_door() -> None:
    for outcome in ("nonsense", "taiwan_loss.dirct", "peak_price_ratio.graphite_flake"):
        with pytest.raises(BadInput, match=re.escape(outcome)):
            workbench_model(small(outcomes=(outcome,)))
    call = workbench_model(small(outcomes=("output_lost.world", "peak_price_ratio.gallium"))).function
    with pytest.raises(BadInput, match="Did you mean 'calm'"):
        call(arm="clam", hoarding=1.0)
    with pytest.raises(BadInput, match="Did you mean 'hoarding'"):
        call(arm="calm", hording=1.0)
    with pytest.warns(UserWarning, match=r"not defined in this run, given as nan: peak_price_ratio\.gallium"):
        found = call(arm="calm", hoarding=1.0)
    assert found["output_lost_world"] == 0
    assert np.isnan(found["peak_price_ratio_gallium"])


def test_a_report_counts_what_it_leaves_out(tmp_path: Path) -> None:
    """No control stands in the calm world, so that its peak price is not defined."""
    outcome = "peak_price_ratio.gallium"
    study = small(outcomes=(outcome,), success=f"{outcome} > 1", sampling="morris")
    told = tell(study.run(out=str(tmp_path / "out"), workers=1))
    assert told.undefined == (4, 4)
    assert told.findings.success == (0, 0, 4)
    for language, wanted in (("en", "In 4 of 4 runs"), ("zh", "4 次模擬中有 4 次")):
        speech = Speech(told, language)
        assert any(wanted in sentence for sentence, _ in speech.changes())
        assert any("4" in sentence for sentence, _ in speech.success())


def test_salib_runs_the_model_itself() -> None:
    ranges = {"hoarding": (0.2, 1.5), "price_response": (0.5, 1.5)}
    problem = ProblemSpec(sampling.problem_of(ranges) | {"outputs": ["loss"]})
    call = workbench_model(small(uncertain=ranges, outcomes=("output_lost.world",))).function

    def losses(points: np.ndarray) -> np.ndarray:
        given = [dict(zip(ranges, point, strict=True)) for point in points]
        return np.array([call(arm="calm", **one)["output_lost_world"] + one["hoarding"] for one in given])

    problem.sample_morris(2, seed=1)
    problem.evaluate(losses)
    problem.analyze_morris(seed=1)
    assert list(problem.analysis["mu_star"]) == pytest.approx([1.3, 0.0], abs=1e-6)


@pytest.fixture(scope="module")
def morris(tmp_path_factory: pytest.TempPathFactory) -> Results:
    study = Study(
        "mine", ("history-2023",), title_en="t", title_zh="t", question_en="q", question_zh="q",
        packages=("none", "R1"), uncertain={"price_response": [0.5, 1.5]}, sampling="morris", points=4, seeds=1,
        until="2024-01-31", only=("graphite",), outcomes=("peak_price_ratio.graphite_flake",),
        success="peak_price_ratio.graphite_flake > 1.05",
    )  # fmt: skip
    return study.run(out=str(tmp_path_factory.mktemp("morris") / "out"), workers=1)


def test_queries_give_the_numbers_of_the_report(morris: Results) -> None:
    runs, outcome = morris.scalars(), morris.manifest["outcomes"][0]
    asked = morris.query(queries.bands(outcome)).set_index("arm").band
    for arm, row in bands(runs, outcome).iterrows():
        assert list(asked[arm]) == pytest.approx(row[["p05", "median", "p95"]].tolist())
    gaps, told = paired(runs, outcome), morris.query(queries.differences(outcome, "low"))
    assert list(told.band[0]) == pytest.approx(gaps.loc[0, ["p05", "median", "p95"]].tolist())
    assert told.better[0] == pytest.approx(gaps.chance_of_better[0])
    money, asked = benefit(runs, 32.0), morris.query(queries.benefit(32.0))
    assert list(asked.net[0]) == pytest.approx(money.loc["history-2023+R1", ["net_p05", "net", "net_p95"]].tolist())
    counted = morris.query(queries.success(morris.manifest["success"]))
    assert tuple(counted.loc[0]) == tell(morris).findings.success


def test_every_claim_of_a_report_has_a_query_that_runs(morris: Results, tmp_path: Path) -> None:
    told = tell(morris)
    assert len(told.findings.effects)
    for language in LANGUAGES:
        speech = Speech(told, language)
        claims = [*speech.answer(), *speech.harm(), *speech.changes(), *speech.success(), *speech.robust()]
        assert len(speech.answer()) == 3
        for sql in dict.fromkeys(sql for _, sql in claims if sql):
            assert len(morris.query(sql).columns)
    for name, sql in report_queries(told).items():
        assert len(morris.query(sql)), name
    for page in write(told, tmp_path):
        text = page.read_text(encoding="utf-8")
        assert "quantile_cont" in text
        assert "http" not in text.replace("http://www.w3.org", "")


def test_a_limit_stops_and_the_rest_follows(tmp_path: Path) -> None:
    study = Study("mine", ("history-2023",), until="2023-03-31", only=("graphite",), seeds=4, series="none")
    out = str(tmp_path / "out")
    assert len(run_study(study, out, Way(workers=1, limit=3)).done()) == 3
    run_study(study, out, Way(workers=1, resume=True))
    assert len(Results.open(out).scalars()) == 4


@pytest.mark.parametrize("number", [0, 1])
def test_the_examples_of_the_page_run(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.S)[number]
    assert len([line for line in code.splitlines() if line]) < 10
    found: dict[str, object] = {}
    exec(compile(code.replace("seeds=50", "seeds=2"), str(PAGE), "exec"), found)
    assert len(found["experiments" if number else "runs"]) == (8 if number else 4)
