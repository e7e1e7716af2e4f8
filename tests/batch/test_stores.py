"""Stores that are cut short, damaged or of another make: the file and what to do are named, no good part is lost."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.batch_commands import report, status
from calibration.fit.fingerprint import made_from
from calibration.fit.free import free, prior
from calibration.fit.posterior import Posterior
from experiments import Results, Study
from experiments.batch import Way, run_study
from kit.errors import BadInput

STUDY = Study("small", ("calm",), seeds=3, until="2024-01-31", only=("gallium",), outcomes=("output_lost.world",))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("whole") / "out"
    run_study(STUDY, str(out), Way(workers=1))
    return out


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "out"))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-20:] = bytes(255 - each for each in content[-20:])
    path.write_bytes(bytes(content))


def of_other_columns(path: Path) -> None:
    pd.DataFrame({"a": [1]}).to_parquet(path)


def a_list(path: Path) -> None:
    path.write_text("[1]", encoding="utf-8")


def deep(path: Path) -> None:
    path.write_text("[" * 100_000, encoding="utf-8")


def of_other_types(path: Path) -> None:
    path.write_text(json.dumps(dict.fromkeys(json.loads(path.read_text(encoding="utf-8")), 1)), encoding="utf-8")


@pytest.mark.parametrize("damage", [cut, emptied, flipped, of_other_columns])
def test_a_damaged_part_is_named_and_made_again_without_the_others(folder: Path, damage) -> None:
    good = Results.open(str(folder)).scalars()
    part = sorted(folder.glob("scalars-*.parquet"))[0]
    damage(part)
    for asked in (lambda: status(str(folder)), lambda: report(str(folder)), lambda: again(folder)):
        with pytest.raises(BadInput, match=part.name) as told:
            asked()
        assert "--resume" in str(told.value)
    part.unlink()
    again(folder)
    assert Results.open(str(folder)).scalars().equals(good)


def again(folder: Path) -> None:
    run_study(STUDY, str(folder), Way(workers=1, resume=True))


@pytest.mark.parametrize("damage", [cut, emptied, flipped, a_list, deep, of_other_types])
def test_a_damaged_manifest_is_named(folder: Path, damage) -> None:
    damage(folder / "manifest.json")
    for asked in (lambda: status(str(folder)), lambda: report(str(folder)), lambda: again(folder)):
        with pytest.raises(BadInput, match=r"manifest\.json") as told:
            asked()
        assert len(str(told.value)) < 600


@pytest.fixture
def posterior(tmp_path: Path) -> Path:
    path = tmp_path / "posterior.json"
    Posterior(prior(4), np.ones(4), {**made_from([]), "informed": [], "moved": [], "discrepancy": {}}).save(path)
    return path


def test_a_posterior_of_any_damage_is_refused_in_a_sentence(posterior: Path) -> None:
    text = posterior.read_text(encoding="utf-8")
    told = json.loads(text)
    odd = (None, 1, "x", [], {}, [[]], {"a": 1}, 10**400, [None])
    broken = [text[: len(text) // 3], "", "[]", "[" * 100_000, "\0", text.replace("1.0", "NaN")]
    broken += [json.dumps({key: value for key, value in told.items() if key != gone}) for gone in told]
    broken += [json.dumps(told | {key: value}) for key in told for value in odd if (key, value) != ("manifest", {})]
    inner = told["manifest"]
    for key in ("events", "informed", "moved", "discrepancy"):
        for value in (1, "x", {"a": [None]} if key in ("events", "discrepancy") else [1]):
            broken.append(json.dumps(told | {"manifest": inner | {key: value}}))
    for content in broken:
        posterior.write_text(content, encoding="utf-8")
        try:
            found = Posterior.load(posterior)
        except BadInput as problem:
            said = str(problem)
        else:
            said = f"{posterior} {found.mean()}"  # a manifest that tells little is stale, and its draws are whole
            assert set(found.draws) <= {each.key for each in free()[0]}
        assert str(posterior) in said
        assert len(said) < 3000


def test_a_posterior_in_another_encoding_is_refused(posterior: Path) -> None:
    posterior.write_bytes(posterior.read_text(encoding="utf-8").encode("utf-16"))
    with pytest.raises(BadInput, match=r"posterior\.json"):
        Posterior.load(posterior)
