"""The paper's ledger: every claim is measured or says why not, every mechanism names code that exists."""

import importlib
import math
from pathlib import Path

import pandas as pd
import pytest

from abm.world.world import shared_tables
from experiments.claim_tables import TABLES, as_lines
from experiments.claim_tables import told as table_told
from experiments.claims import (
    FIGURES,
    SILENT,
    VERDICT_ZH,
    WORLD,
    Figure,
    Finding,
    answer,
    declared,
    find,
    reasons,
    register_all,
    verdict,
)
from experiments.claims_page import as_markdown, mechanisms


def made(low, median, high, said=(0.5, 1.0)) -> Finding:
    return Finding(Figure("F01", "a", "b", "share", said, ("x",), lambda m: 0.0, lambda v: v), low, median, high)


def test_verdicts() -> None:
    assert made(0.4, 0.6, 0.7).verdict == "agrees"
    assert made(0.4, 0.45, 0.7).verdict == "in part"
    assert made(0.1, 0.2, 0.3).verdict == "contradicts"
    assert made(math.nan, math.nan, math.nan).verdict == "not answered"
    assert verdict([made(0.4, 0.6, 0.7), made(0.1, 0.2, 0.3)]) == "in part"
    assert verdict([]) == "not answered"


def test_an_effect_whose_band_holds_both_signs_agrees_with_no_claim_about_its_sign() -> None:
    more, less, either = (0.001, 1000.0), (-1.0, -0.001), (-1.0, 1.0)
    crossing = made(-0.5, 0.07, 0.4, more)
    assert crossing.verdict == "not told apart from nothing"
    assert made(-0.5, -0.07, 0.4, more).verdict == made(-0.5, -0.07, 0.4, less).verdict == crossing.verdict
    assert made(0.02, 0.07, 0.4, more).verdict == made(-0.5, 0.07, 0.4, either).verdict == "agrees"
    assert made(-0.1, 0.0, 0.1).verdict == "contradicts"  # too small, whatever its sign
    assert VERDICT_ZH[crossing.verdict] == "與無效果無法區分"
    assert verdict([crossing]) == crossing.verdict
    assert verdict([crossing, made(0.1, 0.2, 0.3)]) == "contradicts"
    assert verdict([crossing, made(0.6, 0.7, 0.8)]) == "in part"


def test_every_declared_figure_has_a_measure_and_a_claim() -> None:
    register_all()
    ledger = set(shared_tables()["claims"].claim)
    assert len(FIGURES) == len(declared())
    assert {figure.claim for figure in FIGURES} <= ledger
    assert not {figure.claim for figure in FIGURES} & set(SILENT)


def test_every_mechanism_names_code_that_exists() -> None:
    ledger = {name for name in shared_tables()["claims"].claim if name.startswith("M")}
    assert set(mechanisms()) <= ledger
    for names in mechanisms().values():
        for name in names:
            module, _, thing = name.partition(":")
            assert hasattr(importlib.import_module(module), thing), name


def test_facts_of_the_tables_are_answered_and_told() -> None:
    steps = []
    found = find(["F02", "F04", "F17"], 1, 1, lambda done, total: steps.append((done, total)))
    entries = answer(["F02", "F04", "F17"], found)
    assert steps == [(1, 1)]
    assert [len(entry["figures"]) for entry in entries] == [1, 3, 0]
    assert entries[0]["figures"][0]["median"] == pytest.approx(5)
    assert entries[2]["verdict"] == "not answered"
    assert "2050" in entries[2]["why_not"]
    page = as_markdown(entries, 1)
    assert "| F04 |" in page
    assert "abm.policy.licences:Licence" in page


def test_a_figure_that_differs_says_why_and_one_that_agrees_does_not() -> None:
    register_all()
    for each in FIGURES:
        inside = Finding(each, each.said[0], each.said[0], each.said[1])
        outside = Finding(each, each.said[1] + 1, each.said[1] + 1, each.said[1] + 1)
        assert not each.judged or reasons(inside) == {"why_en": "", "why_zh": ""}
        assert each.judged or inside.verdict == "not answered"
        assert reasons(outside) == dict(zip(("why_en", "why_zh"), each.why, strict=True))
        assert (each.why[0] == "") == (each.why[1] == ""), each.claim


def test_every_figure_that_the_page_calls_contradicted_says_why() -> None:
    """The page that ships names no contradiction without its reason."""
    page = (Path(__file__).parents[2] / "docs" / "claims.md").read_text(encoding="utf-8")
    why = {each["name_en"] for each in declared().values() if each.get("why_en")}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) > 8 and cells[8] == "contradicts" and cells[3] in {e["name_en"] for e in declared().values()}:
            assert cells[3] in why, cells[3]


def test_what_stands_on_a_tenth_of_rare_earths_is_what_the_paper_counts() -> None:
    found = find(["F11"], 1, 1, lambda done, total: None)
    stands = next(each for each in found if each.figure.scenarios == (WORLD,))
    held = next(each for each in found if each.figure.scenarios == ("rare-earth-exports-cut",))
    mined = next(each for each in found if each.figure.scenarios == ("rare-earth-cut",))
    assert stands.verdict == "agrees"
    assert stands.median > held.median > mined.median >= 0


def test_tables_add_up_seed_by_seed() -> None:
    """The row of totals is the sum over sectors of each seed; shares by year have no total."""
    names = ["direct.chips", "direct.cars", "indirect.chips", "indirect.cars", "direct.wind", "indirect.wind"]
    values = [[3e9, 1e9, 2e9, 0.0, 0.0, 0.0], [1e9, 2e9, 4e9, 0.0, 0.0, 0.0], [2e9, 3e9, 6e9, 0.0, 0.0, 0.0]]
    runs = pd.DataFrame(values, columns=[f"taiwan_loss_by_sector.{name}" for name in names])
    table = table_told(TABLES[0], runs)
    rows = {row["row"]: row for row in table["rows"]}
    assert set(rows) == {"chips", "cars", "total"}
    assert rows["total"]["direct"]["median"] == pytest.approx(4)
    assert rows["total"]["indirect"]["median"] == pytest.approx(4)
    orders = pd.DataFrame([[0.2, 0.18]], columns=["mid_range_orders.taiwan.2024", "mid_range_orders.taiwan.2025"])
    yearly = table_told(TABLES[1], orders)
    assert [row["row"] for row in yearly["rows"]] == ["2024", "2025"]
    assert yearly["rows"][1]["taiwan"]["median"] == pytest.approx(18)
    assert any("18 (18 to 18)" in line for line in as_lines(yearly))
