"""The report of a batch: one page with figures, and a two-page brief in Traditional Chinese and in English."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from jinja2 import Environment, FileSystemLoader, select_autoescape

from abm.errors import BadInput
from abm.metrics import METRICS
from experiments import study_pictures as pictures
from experiments import study_queries as queries
from experiments.compare import bands, drivers, family, paired, plane, policy, regret
from experiments.discovery import Box, discover, inputs
from experiments.sampling import EFFECTS
from experiments.sensitivity import effects
from experiments.store import Results

TEMPLATES = Path(__file__).parent / "templates"
WORDS = Path(__file__).parent / "study_words.yaml"
COMMA = {"en": ", ", "zh": "、"}
SURE = 0.9
BILLION, MILLION = 1e9, 1e6


OWN, ALLIED = "taiwan_loss.direct+taiwan_loss.indirect", "output_lost.allies"


@dataclass(frozen=True)
class Findings:
    """What drives the first outcome, and under which conditions success comes about, where the design asks for it."""

    effects: pd.DataFrame
    box: Box | None
    ranges: pd.DataFrame


@dataclass(frozen=True)
class Told:
    """What a batch says of its first outcome: numbers for the sentences, tables, and figures as SVG."""

    manifest: dict[str, Any]
    outcome: str
    unit: str
    bands: pd.DataFrame
    paired: pd.DataFrame
    best: dict[str, Any] | None
    runs: int
    failed: int
    figures: dict[str, str]
    scale: float
    findings: Findings

    @property
    def sentences(self) -> dict[str, list[str]]:
        """The answer in three sentences, in both languages, from measured values alone."""
        return {language: sentences(self, language) for language in COMMA}

    @property
    def queries(self) -> list[str]:
        """The query behind each sentence."""
        found = [queries.bands(self.outcome)]
        if len(self.paired):
            found += [queries.differences(self.paired, self.outcome, self.manifest["better"])] * 2
        return found


def unit_of(outcome: str) -> str:
    """The unit of an outcome."""
    return next(metric.unit for metric in METRICS if metric.name == outcome.partition(".")[0])


def tell(results: Results) -> Told:
    """Work out what a batch says; BadInput where it holds no run that went well."""
    manifest, every = results.manifest, results.scalars()
    runs = every[every.error == ""] if "error" in every else every
    if not len(runs):
        raise BadInput(f"{results.store.address}: holds no run that went well; nothing can be reported.")
    outcome, better = manifest["outcomes"][0], manifest["better"]
    unit = unit_of(outcome)
    table = bands(runs, outcome)
    gaps = paired(runs, outcome, better) if comparable(manifest) else pd.DataFrame()
    size, word = scale_of(table, unit)
    best = None
    if len(gaps):
        order = gaps.sort_values("median", ascending=better == "low")
        best = order.iloc[0].to_dict()
    findings = find(manifest, runs, outcome)
    drawn = figures(results, runs, (table, gaps), (size, word)) | figures_of(findings, manifest, outcome)
    if len(gaps) and set(f"{OWN}+{ALLIED}".split("+")) <= set(runs):
        labels = (f"Taiwan's loss avoided, {word}", f"allies' loss avoided, {word}")
        drawn["plane"] = pictures.plane(plane(runs, OWN, ALLIED), labels, size) if "$" in unit else ""
    return Told(manifest, outcome, word, table, gaps, best, len(runs), len(every) - len(runs), drawn, size, findings)


def comparable(manifest: dict[str, Any]) -> bool:
    """Whether arms are meant to be held against a base: cases are so only if one of them is named `none`."""
    return not manifest["cases"] or "none" in manifest["cases"]


def find(manifest: dict[str, Any], runs: pd.DataFrame, outcome: str) -> Findings:
    """Effects where the sampling is Sobol's or Morris's, a box where the design names a success."""
    table = effects(runs, manifest, outcome) if manifest["sampling"] in EFFECTS else pd.DataFrame()
    given = inputs(runs)
    found = discover(runs, manifest["success"]) if manifest["success"] and len(given.columns) else None
    return Findings(table, found, given.agg(["min", "max"]) if len(given.columns) else pd.DataFrame())


def figures_of(findings: Findings, manifest: dict[str, Any], outcome: str) -> dict[str, str]:
    """Figures of what was found."""
    drawn = {}
    if len(findings.effects):
        drawn["effects"] = pictures.indices(findings.effects, f"effect on {outcome} ({manifest['sampling']})")
    if findings.box is not None and len(findings.box.limits):
        label = f"conditions under which {manifest['success']}"
        drawn["box"] = pictures.box(findings.box.limits, findings.ranges, label)
    return drawn


def scale_of(table: pd.DataFrame, unit: str) -> tuple[float, str]:
    """Money in billions or millions, by its size; other units as they are."""
    if "$" not in unit:
        return 1.0, unit
    large = float(table["median"].abs().max()) >= BILLION
    return (BILLION, f"billion {unit}") if large else (MILLION, f"million {unit}")


def figures(
    results: Results, runs: pd.DataFrame, tables: tuple[pd.DataFrame, pd.DataFrame], measure: tuple[float, str]
) -> dict[str, str]:
    """Every figure that the batch's data can fill."""
    (table, gaps), (scale, unit) = tables, measure
    outcome, better = results.manifest["outcomes"][0], results.manifest["better"]
    label = f"{named('outcomes', outcome, 'en')}, {unit}"
    found = {"bands": pictures.whiskers(table, label, scale)}
    if len(gaps):
        differing = gaps.set_index("arm")
        found["differences"] = pictures.whiskers(differing, f"difference in {label}", scale, zero=True)
    causes = drivers(runs, outcome)
    if len(causes) and results.manifest["sampling"] not in EFFECTS:
        found["drivers"] = pictures.tornado(causes.head(12), f"rank correlation with {outcome}")
    arms = list(dict.fromkeys(runs.arm))
    if len({family(arm) for arm in arms}) > 1 and len({policy(arm) for arm in arms}) > 1:
        found["regret"] = pictures.regret_map(regret(runs, outcome, better), f"regret, {label}", scale)
    series = results.series()
    price = next((name for name in ("price.dy_oxide", "price.gallium") if name in series), "")
    if price:
        found["fan"] = pictures.fan(series, runs, price, f"{price[6:]} outside China, over base")
    return found


@cache
def words() -> dict[str, Any]:
    """The sentences in both languages."""
    found: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return found


def named(kind: str, word: str, language: str) -> str:
    """An outcome or a unit in the words of a language, as it stands where there are none."""
    found = words()[kind]
    return str(found[word][language]) if word in found else word


def sentences(told: Told, language: str) -> list[str]:
    """Up to three sentences: the range over arms, the largest improvement, and what is not sure."""

    def say(name: str, **values: Any) -> str:
        return str(words()[name][language].format(**values))

    worst, least = told.bands["median"].idxmax(), told.bands["median"].idxmin()
    unit = named("units", told.unit, language)
    first = say("range", runs=told.runs, outcome=named("outcomes", told.outcome, language), least=least, worst=worst,
                least_row=row(told, least, unit), worst_row=row(told, worst, unit))  # fmt: skip
    if told.best is None:
        return [first, say("alone")]
    values = {name: gap(told, name) for name in ("median", "p05", "p95")}
    best = say("best", arm=told.best["arm"], unit=unit, chance=told.best["chance_of_better"],
               pairs=told.best["pairs"], **values)  # fmt: skip
    none = COMMA[language].join(unsure(told))
    last = say("unsure", arms=none) if none else say("sure")
    return [first, best if improves(told) else say("no_gain"), last]


def improves(told: Told) -> bool:
    """Whether the best arm is better than its base at the median."""
    sign = 1 if told.manifest["better"] == "high" else -1
    return told.best is not None and sign * told.best["median"] > 0


def unsure(told: Told) -> list[str]:
    """Arms that are not better than their base in nine pairs of ten."""
    return list(told.paired[told.paired.chance_of_better < SURE].arm)


def gap(told: Told, name: str) -> str:
    """A number of the best arm's difference."""
    return f"{(told.best or {})[name] / told.scale:.3g}"


def row(told: Told, arm: str, unit: str) -> str:
    """Median and band of an arm."""
    low, median, high = (told.bands.loc[arm, name] / told.scale for name in ("p05", "median", "p95"))
    return f"{median:.3g} {unit}, {low:.3g} – {high:.3g}"


def changes(told: Told) -> dict[str, str]:
    """What would change the answer: how many pairs the smallest difference needs."""
    if told.best is None:
        return words()["more_arms"]
    short = told.paired[told.paired.enough > told.paired.pairs]
    if not len(short):
        return words()["enough"]
    most, arms = int(short.enough.max()), ", ".join(short.arm)
    return {language: text.format(arms=arms, most=most) for language, text in words()["more_seeds"].items()}


def write(results: Results, folder: Path, command: str) -> list[Path]:
    """report.html, brief-en.html and brief-zh.html in a folder."""
    told = tell(results)
    pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(default=True))
    shared = {"told": told, "command": command, "changes": changes(told), "manifest": told.manifest}
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for name, template, language in (("report.html", "study.html", "en"), ("brief-en.html", "brief.html", "en"),
                                     ("brief-zh.html", "brief.html", "zh")):  # fmt: skip
        page = pages.get_template(template).render(**shared, language=language)
        (folder / name).write_text(page + "\n", encoding="utf-8")
        found.append(folder / name)
    return found
