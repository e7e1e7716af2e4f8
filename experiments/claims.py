"""The ledger answered: for each row of the paper what it says, what tables and runs give, and whether that agrees.

A `Figure` measures one number of one claim on a run (or on the world of 2024) and names the range that the paper gives.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from abm import Model, Scenario
from abm.engine.model import world_for
from abm.world.world import shared_tables
from kit import yaml_loader
from kit.processes import Pool

WORLD = "world of 2024"
AGREES, IN_PART, CONTRADICTS, UNANSWERED = "agrees", "in part", "contradicts", "not answered"
UNTOLD = "not told apart from nothing"
VERDICT_ZH = {
    AGREES: "相符", IN_PART: "部分相符", CONTRADICTS: "不符", UNTOLD: "與無效果無法區分", UNANSWERED: "無法回答",
}  # fmt: skip
BAND = (5, 50, 95)
MODULES = ("experiments.claim_facts", "experiments.claim_judgements")
Measure = Callable[[Model], float]


@dataclass(frozen=True)
class Figure:
    """One number of a claim: what it is, the range that the paper gives, and how it is measured on each scenario.

    `measure` takes a finished model (of `WORLD`: a model that has not run) and returns a number; with several
    scenarios `combine` takes one number of each, of the same seed. `why` says, in English and Chinese, why the model
    does not give what the paper says; what is not `judged` is another quantity, told beside the paper's.
    """

    claim: str
    name_en: str
    name_zh: str
    unit: str
    said: tuple[float, float]
    scenarios: tuple[str, ...]
    measure: Measure
    combine: Callable[..., float]
    why: tuple[str, str] = ("", "")
    judged: bool = True


FIGURES: list[Figure] = []
FILE = Path(__file__).parent / "claim_figures.yaml"
SILENT: dict[str, tuple[str, str]] = {}
"""Claims that the model cannot answer, and why (English, Chinese)."""


@cache
def declared() -> dict[str, dict[str, Any]]:
    """The figures as the file declares them, by their key."""
    return {entry["figure"]: entry for entry in yaml_loader.read(FILE)}


def figure(key: str, combine: Callable[..., float] = lambda value: value) -> Callable[[Measure], Measure]:
    """Register the measure of a figure that the file declares under the key `claim.name`."""
    entry = declared()[key]

    def register(measure: Measure) -> Measure:
        said, runs = (float(entry["low"]), float(entry["high"])), tuple(entry["scenarios"]) or (WORLD,)
        names = entry["name_en"], entry["name_zh"], entry["unit"]
        why = entry.get("why_en", ""), entry.get("why_zh", "")
        claim, judged = key.split(".", maxsplit=1)[0], entry.get("judged", True)
        FIGURES.append(Figure(claim, *names, said, runs, measure, combine, why, judged))
        return measure

    return register


@dataclass(frozen=True)
class Finding:
    """A figure measured: median and 5 to 95 % over the seeds, and whether the paper's range holds."""

    figure: Figure
    low: float
    median: float
    high: float

    @property
    def verdict(self) -> str:
        """Agrees where the median is in the paper's range; in part where only the band touches it.

        Not told apart from nothing where the band touches the range but holds both signs and the range one alone.
        """
        first, last = self.figure.said
        if math.isnan(self.median) or not self.figure.judged:
            return UNANSWERED
        if self.low > last or self.high < first:
            return CONTRADICTS
        if self.low < 0 < self.high and not first < 0 < last:
            return UNTOLD
        return AGREES if first <= self.median <= last else IN_PART


def register_all() -> None:
    """Load the modules that register figures (in a fresh worker process too)."""
    for name in MODULES:
        importlib.import_module(name)


def measure_run(job: tuple[str, int, tuple[int, ...]]) -> dict[int, float]:
    """Run one scenario with one seed and measure the figures numbered; figure number to value."""
    register_all()
    name, seed, numbers = job
    scenario = Scenario.load("calm" if name == WORLD else name)
    model = Model(scenario, rng=seed, world=world_for(scenario))
    if name != WORLD:
        model.run()
    found = {number: float(FIGURES[number].measure(model)) for number in numbers}
    model.let_go()
    return found


def jobs_for(numbers: Iterable[int], seeds: int) -> list[tuple[str, int, tuple[int, ...]]]:
    """The runs that the figures need: the tables once, every scenario with every seed."""
    wanted: dict[str, list[int]] = {}
    for number in numbers:
        for name in FIGURES[number].scenarios:
            wanted.setdefault(name, []).append(number)
    return [
        (name, seed, tuple(found)) for name, found in wanted.items() for seed in range(1 if name == WORLD else seeds)
    ]


def find(claims: Sequence[str], seeds: int, workers: int, tell: Callable[[int, int], None]) -> list[Finding]:
    """Measure all figures of the claims; `tell` hears (runs done, runs in all)."""
    register_all()
    numbers = [number for number, each in enumerate(FIGURES) if each.claim in claims]
    jobs = jobs_for(numbers, seeds)
    values: dict[tuple[int, str], list[float]] = {}
    with Pool(workers) as pool:
        for done, (job, found) in enumerate(zip(jobs, pool.map(measure_run, jobs), strict=True)):
            for number, value in found.items():
                values.setdefault((number, job[0]), []).append(value)
            tell(done + 1, len(jobs))
    return [finding(number, values) for number in numbers]


def finding(number: int, values: dict[tuple[int, str], list[float]]) -> Finding:
    """Combine the scenarios of a figure seed by seed and take the band."""
    each = FIGURES[number]
    series = zip(*(values[number, name] for name in each.scenarios), strict=True)
    combined = np.array([each.combine(*row) for row in series])
    low, median, high = np.percentile(combined, BAND) if np.isfinite(combined).all() else [math.nan] * 3
    return Finding(each, float(low), float(median), float(high))


def verdict(findings: Sequence[Finding]) -> str:
    """The verdict on a claim from those on its figures: all, some or none; where none agrees, what can be told."""
    verdicts = {found.verdict for found in findings} - {UNANSWERED}
    if not verdicts:
        return UNANSWERED
    if verdicts == {CONTRADICTS, UNTOLD}:
        return CONTRADICTS
    return verdicts.pop() if len(verdicts) == 1 else IN_PART


def answer(
    claims: Sequence[str], found: Sequence[Finding], tables: Sequence[dict[str, Any]] = ()
) -> list[dict[str, Any]]:
    """One entry a claim in the order of the ledger: statement, what the paper says, figures, verdict, why if silent.

    `tables` are those of `claim_tables`; each stands in the entry of its claim.
    """
    ledger = shared_tables()["claims"].set_index("claim")
    entries = []
    for claim in claims:
        own = [each for each in found if each.figure.claim == claim]
        row = ledger.loc[claim]
        entries.append(
            {
                "claim": claim, "statement_en": row.statement_en, "statement_zh": row.statement_zh,
                "paper": row.figure if isinstance(row.figure, str) else "", "figures": [told(each) for each in own],
                "verdict": verdict(own), "verdict_zh": VERDICT_ZH[verdict(own)],
                "why_not": SILENT.get(claim, ("", ""))[0], "command": f"techshield claims {claim}",
                "tables": [table for table in tables if table["claim"] == claim],
            }
        )  # fmt: skip
    return entries


def reasons(found: Finding) -> dict[str, str]:
    """Why the model and the paper differ, where they do."""
    differs = found.verdict != AGREES
    return {name: text if differs else "" for name, text in zip(("why_en", "why_zh"), found.figure.why, strict=True)}


def told(found: Finding) -> dict[str, Any]:
    """A finding as plain words and numbers."""
    each = found.figure
    return {
        "name_en": each.name_en, "name_zh": each.name_zh, "unit": each.unit, "paper_low": each.said[0],
        "paper_high": each.said[1], "median": found.median, "p05": found.low, "p95": found.high,
        "verdict": found.verdict, "scenarios": list(each.scenarios), **reasons(found),
    }  # fmt: skip
