"""Batches: the same table however they run, nothing lost to a kill, errors kept or told."""

from __future__ import annotations

import dataclasses
import gc
import os
import random
import signal
import subprocess
import sys
import time
import weakref
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from abm import Model
from experiments import Results, Study, Way, chunk, run_study
from experiments import batch as runner
from experiments.compare import drivers, paired, regret
from experiments.store import Store, parquet
from experiments.study_tell import tell
from kit.errors import BadInput

DESIGN = """
title_en: Small
title_zh: 小
question_en: Does hoarding matter?
question_zh: 囤積是否重要？
scenarios: [history-2023]
levers: {parameters.hoarding: [0.2, 1.2]}
uncertain: {price_response: [0.5, 1.5]}
points: 2
seeds: 3
until: 2024-03-31
only: [graphite]
outcomes: [output_lost.world]
"""
COMMAND = [sys.executable, "-m", "app", "batch"]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def design(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("design") / "small.yaml"
    path.write_text(DESIGN, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def whole(design: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("whole") / "out"
    run_study(Study.load(design), str(out), Way(workers=1))
    return out


def same(one: Path, other: Path) -> None:
    """Both folders hold the same rows."""
    pd.testing.assert_frame_equal(Results.open(str(one)).scalars(), Results.open(str(other)).scalars())
    pd.testing.assert_frame_equal(Results.open(str(one)).series(), Results.open(str(other)).series())


def test_arms_share_points_and_luck(whole: Path) -> None:
    runs = Results.open(str(whole)).scalars()
    assert len(runs) == 12
    assert runs.run_id.is_unique
    wide = runs.pivot(index=["point", "seed"], columns="arm", values="p.price_response")
    assert (wide.iloc[:, 0] == wide.iloc[:, 1]).all()
    assert not {"seconds", "host", "worker"} & set(runs.columns)


def test_four_workers_give_the_same_table(design: Path, whole: Path, tmp_path: Path) -> None:
    with ProcessPoolExecutor(4) as pool:
        run_study(Study.load(design), str(tmp_path / "out"), Way(executor=pool))
    same(whole, tmp_path / "out")


def test_series_whose_scalars_a_kill_has_lost_are_written_again(design: Path, whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_study(Study.load(design), str(out), Way(workers=1, limit=1))
    for part in out.glob("scalars-*"):
        part.unlink()
    run_study(Study.load(design), str(out), Way(workers=1, resume=True))
    same(whole, out)


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_table(design: Path, whole: Path, tmp_path: Path) -> None:
    import distributed

    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=50
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        run_study(Study.load(design), str(tmp_path / "out"), Way(executor=client.get_executor(pure=False)))
    same(whole, tmp_path / "out")


def ends_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether a process ends by itself in that time."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


@pytest.mark.slow
def test_a_batch_killed_ten_times_is_the_same_to_the_byte(tmp_path: Path) -> None:
    luck, out = random.Random(3), tmp_path / "out"
    path = tmp_path / "long.yaml"
    path.write_text(DESIGN.replace("seeds: 3", "seeds: 12"), encoding="utf-8")
    study, parts = Study.load(path), []
    for _ in range(10):
        line = [*COMMAND, str(path), "--out", str(out), "--resume"]
        running = subprocess.Popen(line, cwd=ROOT, start_new_session=True, stderr=subprocess.DEVNULL)
        before, until = len(list(out.glob("scalars*"))), time.monotonic() + 60
        while len(list(out.glob("scalars*"))) == before and not ends_within(running, 0.05) and time.monotonic() < until:
            pass
        if not ends_within(running, luck.uniform(0.0, 0.5)):
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
        parts.append(len(Store(str(out)).done()))
    assert parts[0] > 0
    assert parts == sorted(parts)
    run_study(study, str(out), Way(resume=True))
    run_study(study, str(tmp_path / "unbroken"), Way())
    one, other = Results.open(str(out)), Results.open(str(tmp_path / "unbroken"))
    assert parquet(one.scalars()) == parquet(other.scalars())
    assert parquet(one.series()) == parquet(other.series())


def test_another_design_in_the_folder_is_refused(design: Path, whole: Path, tmp_path: Path) -> None:
    other = tmp_path / "small.yaml"
    other.write_text(DESIGN.replace("seeds: 3", "seeds: 2"), encoding="utf-8")
    with pytest.raises(BadInput, match="differs in design"):
        run_study(Study.load(other), str(whole), Way(resume=True))
    with pytest.raises(BadInput, match="--resume"):
        run_study(Study.load(design), str(whole))


def test_a_failing_run_is_kept_and_too_many_end_the_batch(
    design: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, spec = Study.load(design), Study.load(design).runs()[0]
    monkeypatch.setattr(chunk, "simulate", lambda *_: 1 / 0)
    rows = chunk.run_chunk(study, [spec]).scalars
    assert rows.error[0].startswith("ZeroDivisionError")
    assert rows["p.price_response"][0] == spec.parameters["price_response"]
    progress = runner.Progress(0, 100, None)
    with pytest.raises(BadInput, match=r"too many runs fail: 6 of 6; .*ZeroDivisionError"):
        progress.add(pd.concat([rows] * 6))


def test_a_full_disk_leaves_the_earlier_parts_readable(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = Results.open(str(whole)).scalars()
    store = Store(str(tmp_path / "out"))
    store.open(Store(str(whole)).manifest(), resume=False)
    store.write(rows.head(6), None)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.files, "pipe_file", full)
    with pytest.raises(BadInput, match="No space left on device"):
        store.write(rows.tail(6), None)
    assert len(Results.open(str(tmp_path / "out")).scalars()) == 6


def test_what_a_kill_left_half_written_goes_and_counts_for_nothing(design: Path, whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / ".manifest.json.tmp").write_bytes(b"{")
    run_study(Study.load(design), str(out), Way(workers=1, limit=4))
    (out / ".scalars-000-00001-0002.parquet.tmp").write_bytes(b"PAR1 half")
    assert len(Results.open(str(out)).scalars()) == 4
    run_study(Study.load(design), str(out), Way(workers=1, resume=True))
    same(whole, out)
    assert not list(out.glob(".*"))


def test_an_address_that_is_no_folder_holds_a_batch_too(design: Path, whole: Path) -> None:
    run_study(Study.load(design), "memory://batch", Way(workers=1))
    pd.testing.assert_frame_equal(Results.open(str(whole)).scalars(), Results.open("memory://batch").scalars())
    with pytest.raises(BadInput, match="cannot be reached"):
        Store("nowhere://batch")


def test_many_parts_are_merged_and_the_folder_is_not_listed_for_it(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, store = Results.open(str(whole)).scalars(), Store(str(tmp_path / "out"))
    store.open({"a": 1}, resume=False)
    monkeypatch.setattr(store.files, "glob", lambda *_: pytest.fail("listed"))
    for row in range(len(rows)):
        store.write(rows.iloc[[row]], None)
        store.merge(least=5)
    monkeypatch.undo()
    assert len(list((tmp_path / "out").glob("scalars-m*"))) == 2
    pd.testing.assert_frame_equal(store.read("scalars"), rows)


def test_full_series_are_kept_on_request(design: Path, tmp_path: Path) -> None:
    study = dataclasses.replace(Study.load(design), seeds=1, points=1, levers={}, series="full", until="2023-02-28")
    run_study(study, str(tmp_path / "out"), Way(workers=1))
    results = Results.open(str(tmp_path / "out"))
    full = results.full(results.scalars().run_id[0])
    assert {"week", "variable", "value", "unit"} <= set(full.columns)
    with pytest.raises(BadInput, match="holds no full series"):
        results.full("999-00000-0000")


def test_a_folder_that_cannot_be_written_is_refused_before_a_run(design: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(BadInput, match="cannot be written"):
        run_study(Study.load(design), str(tmp_path / "file" / "out"))


def test_a_script_of_three_lines_needs_no_guard(design: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(f"""from experiments import Study
results = Study.load({str(design)!r}).run(out={str(tmp_path / "out")!r}, workers=2)
print(len(results.scalars()))
""")
    told = subprocess.run([sys.executable, script], env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True,
                          text=True, check=True)  # fmt: skip
    assert told.stdout.split() == ["12"]


def test_a_folder_of_something_else_is_refused(design: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(BadInput, match="holds other files"):
        run_study(Study.load(design), str(tmp_path))
    with pytest.raises(BadInput, match="holds no batch"):
        Results.open(str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("output_lost.world", "output_lots.world", "Did you mean 'output_lost'"),
        ("[history-2023]", "[history-2032]", "Did you mean 'history-2023'"),
        ("parameters.hoarding", "parameters.hording", "Did you mean 'hoarding'"),
        ("[0.5, 1.5]", "[1.5, 0.5]", r"expected \[low, high\]"),
        ("seeds: 3", "seed: 3", "Did you mean 'seeds'"),
    ],
)
def test_a_wrong_design_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(DESIGN.replace(old, new), encoding="utf-8")
    with pytest.raises(BadInput, match=said):
        Study.load(path)


def test_queries_and_comparisons_tell_the_same(whole: Path) -> None:
    results = Results.open(str(whole))
    runs = results.scalars()
    asked = results.query('select arm, median("output_lost.world") as m from scalars group by arm order by arm')
    told = tell(results)
    assert asked.set_index("arm").m.to_dict() == pytest.approx(told.bands["median"].to_dict())
    gaps = paired(runs, "output_lost.world")
    wide = runs.pivot(index=["point", "seed"], columns="arm", values="output_lost.world")
    assert gaps.loc[0, "median"] == pytest.approx((wide.iloc[:, 1] - wide.iloc[:, 0]).median())
    assert drivers(runs, "output_lost.world").parameter.tolist() == ["price_response"]
    assert (regret(runs, "output_lost.world") >= 0).all(axis=None)


def test_reading_leaves_no_thread_behind_that_would_abort_the_end_of_the_process(whole: Path) -> None:
    asked = f"""import psutil
from experiments import Results
before = psutil.Process().num_threads()
found = Results.open({str(whole)!r})
found.scalars(), found.series()
print(before, psutil.Process().num_threads())"""
    told = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    before, after = told.stdout.split()
    assert after == before


def test_a_run_that_is_let_go_leaves_memory_without_the_collector() -> None:
    model = Model("baseline", only=["graphite"])
    model.step()
    fork = model.fork(2)
    parts = [weakref.ref(part) for each in (model, fork) for part in (each, each.history, each.cast.agents[0])]
    gc.disable()
    try:
        model.let_go()
        fork.let_go()
        del model, fork
        assert [part() for part in parts] == [None] * len(parts)
    finally:
        gc.enable()


def test_shipped_studies_load() -> None:
    assert {"recommendations", "embargo-length", "late-start"} <= set(Study.names())
    for name in Study.names():
        assert len(Study.load(name).runs()) > 0
