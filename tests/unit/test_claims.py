"""The paper's ledger: every claim is measured or says why not, every mechanism names code that exists."""

import importlib
import math

import pytest

from abm.world import shared_tables
from experiments.claims import FIGURES, SILENT, Figure, Finding, answer, declared, find, register_all, verdict
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
    assert "abm.licences:Licence" in page
