"""The report of a batch: one page with figures, and a two-page brief in Traditional Chinese and in English."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, select_autoescape

from experiments import study_queries as queries
from experiments.design import KEYS
from experiments.study import Study
from experiments.study_figures import figures
from experiments.study_sentences import BOTH, LANGUAGES, Speech, number
from experiments.study_tell import Told
from kit import yaml_loader

TEMPLATES = Path(__file__).parent / "templates"
BILLION = 1e9


def write(told: Told, folder: Path) -> list[Path]:
    """report.html, brief-en.html and brief-zh.html in a folder."""
    pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(default=True))
    folder.mkdir(parents=True, exist_ok=True)
    shared = {"told": told, "manifest": told.manifest, "command": command(told.manifest), "number": number,
              "design": design(told.manifest), "query": query(told)}  # fmt: skip
    made = [("report.html", "study.html", BOTH)] + [(f"brief-{one}.html", "brief.html", one) for one in LANGUAGES]
    for name, template, language in made:
        own = {"figures": figures(told, language, language != BOTH), "language": language,
               "speeches": [Speech(told, one) for one in LANGUAGES if language in (one, BOTH)],
               "head": lambda key, language=language: head(told, language, key),
               "benefit": benefit(told, language)}  # fmt: skip
        page = pages.get_template(template).render(**shared, **own)
        (folder / name).write_text(page + "\n", encoding="utf-8")
    return [folder / name for name, _, _ in made]


def head(told: Told, language: str, key: str) -> str:
    """A heading; money that levers cost is in NT$."""
    return Speech(told, language).label(key, "heads", **({"unit": "billion NT$"} if key == "benefit" else {}))


def command(manifest: dict[str, Any]) -> list[str]:
    """The lines that make it again."""
    name = manifest["name"]
    shipped = name in Study.names() and Study.load(name).manifest()["design"] == manifest["design"]
    file = name if shipped else f"{name}.yaml"
    return [f"techshield batch {file} --out results/{name}", f"techshield report results/{name}"]


def design(manifest: dict[str, Any]) -> str:
    """The design as a study's file."""
    told = {key: manifest[key] for key in KEYS if manifest.get(key) not in (None, "", [], {})}
    return yaml_loader.write(told)


def query(told: Told) -> dict[str, str]:
    """The query behind each figure and table."""
    outcome, better = told.outcome, told.manifest["better"]
    found = {"bands": queries.bands(outcome), "differences": queries.differences(outcome, better),
             "regret": queries.regret(outcome, better), "benefit": queries.benefit(told.manifest["exchange_rate"]),
             "plane": queries.plane()}  # fmt: skip
    if len(told.second):
        found["second"] = queries.bands(told.manifest["outcomes"][1])
    return found | {("price" if name.startswith("price") else name): queries.months(name) for name in told.fans}


def benefit(told: Told, language: str) -> dict[str, pd.DataFrame]:
    """Cost and benefit as texts in billion NT$ (Chinese: 億): policies by futures for each of cost, avoided, net."""
    if not len(told.benefit):
        return {}
    times = Speech(told, language).times("billion NT$")
    table = told.bands[["future", "policy"]].join(told.benefit * times / BILLION, how="inner")
    found, to = {}, "至" if language == "zh" else "to"
    for name in ("cost", "avoided", "net"):
        texts = [f"{number(row[name])} ({number(row[f'{name}_p05'])} {to} {number(row[f'{name}_p95'])})"
                 for _, row in table.iterrows()]  # fmt: skip
        pivot = table.assign(text=texts).pivot(index="policy", columns="future", values="text")
        found[name] = pivot.reindex(index=table.policy.unique(), columns=table.future.unique()).fillna("")
    return found
