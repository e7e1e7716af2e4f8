"""Reports of the shipped studies, from made-up runs of their designs: words, figures and queries for each of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments import Results, Study
from experiments.compare import COST, OWN
from experiments.store import Store
from experiments.study_figures import figures
from experiments.study_report import write
from experiments.study_sentences import LANGUAGES, Speech
from experiments.study_tell import tell

MONTHS = ("2025-01", "2025-02", "2025-03")


def made_up(study: Study, folder: str) -> Results:
    """A batch of a study whose numbers are drawn, not simulated."""
    store, luck = Store(folder), np.random.default_rng(1)
    store.open(study.manifest(), resume=False)
    runs = pd.DataFrame([{"run_id": one.run_id, "arm": one.arm, "point": one.point, "seed": one.seed, "error": "",
                          **{f"p.{name}": value for name, value in one.parameters.items()}}
                         for one in study.each_run()])  # fmt: skip
    for name in {part for outcome in (*study.asked(), OWN, COST, "output_lost.allies") for part in outcome.split("+")}:
        runs[name] = 1e10 * luck.lognormal(0.0, 0.3, len(runs)) * (1 + 0.1 * runs.arm.str.len())
    series = runs[["run_id"]].merge(pd.DataFrame({"month": MONTHS}), how="cross")
    for name in ("lost.taiwan", "price.dy_oxide"):
        series[name] = luck.lognormal(0.0, 1.0, len(series)).astype(np.float32)
    store.write(runs, series if study.series != "none" else None)
    return Results.open(folder)


@pytest.mark.parametrize("name", Study.names())
def test_every_shipped_study_can_be_told(name: str, tmp_path: Path) -> None:
    results = made_up(Study.load(name), str(tmp_path / "batch"))
    told = tell(results)
    for language in LANGUAGES:
        speech = Speech(told, language)
        assert len(speech.answer()) == 3
        claims = [*speech.answer(), *speech.harm(), *speech.changes(), *speech.success(), *speech.robust()]
        for line, sql in claims:
            assert "{" not in line
            assert not sql or len(results.query(sql).columns)
    assert {"bands", "drivers"} <= set(figures(told, "en"))
    brief = write(told, tmp_path / "pages")[2].read_text(encoding="utf-8")
    assert f"techshield batch {name} --out" in brief
    assert not told.bands.empty
    assert all(f"「{Speech(told, 'zh').arm(arm)}」" for arm in told.bands.index)
