"""The ledger's answers as Markdown, as docs/claims.md holds them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from abm.world.world import shared_tables
from experiments.claim_tables import as_lines
from kit import yaml_loader

FILE = Path(__file__).parent / "claim_mechanisms.yaml"


@cache
def mechanisms() -> dict[str, list[str]]:
    """Code that carries out each mechanism of the ledger: claim to `module:name`."""
    found: dict[str, list[str]] = yaml_loader.read(FILE)
    return found


def as_markdown(entries: list[dict[str, Any]], seeds: int, tables: Sequence[dict[str, Any]] = ()) -> str:
    """The whole page; `tables` are those of `claim_tables`."""
    lines = [
        "# What the paper says, and what the model and the data give",
        "",
        f"Made by `techshield claims --seeds {seeds} --docs`: so many runs of each, parameters not calibrated. A",
        "figure agrees where its median is in the range read from the paper, in part where only the band of 5 to 95 %",
        "touches it. Where the range has one sign and the band that touches it both, the effect is not told apart from",
        "nothing (與無效果無法區分).",
        "",
        "| claim | what the paper says | figure | unit | paper | median | 5 to 95 % | verdict | runs |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for entry in entries:
        lines += rows_of(entry)
    lines += reasons_of(entries)
    for table in tables:
        lines += as_lines(table)
    lines += ["", "## Mechanisms", "", "| claim | mechanism | code |", "|---|---|---|"]
    ledger = shared_tables()["claims"].set_index("claim").statement_en
    for claim in [name for name in ledger.index if name.startswith("M")]:
        code = ", ".join(f"`{name}`" for name in mechanisms().get(claim, ())) or "not built"
        lines.append(f"| {claim} | {ledger[claim]} | {code} |")
    return "\n".join(lines) + "\n"


def reasons_of(entries: list[dict[str, Any]]) -> list[str]:
    """Why the model does not give what the paper says, figure by figure."""
    differing = [(entry["claim"], each) for entry in entries for each in entry["figures"] if each["why_en"]]
    if not differing:
        return []
    lines = ["", "## Why the model and the paper differ", ""]
    for claim, each in differing:
        lines += [f"- **{claim}**, {each['name_en']}: {each['verdict']}. {each['why_en']}", f"  {each['why_zh']}"]
    return lines


def rows_of(entry: dict[str, Any]) -> list[str]:
    """The rows of one claim: one a figure, or one that says why there is none."""
    said = f"{entry['statement_en']} ({entry['paper']})" if entry["paper"] else entry["statement_en"]
    if not entry["figures"]:
        return [f"| {entry['claim']} | {said} | | | | | | {entry['verdict']}: {entry['why_not'] or 'not built'} | |"]
    lines = []
    for number, each in enumerate(entry["figures"]):
        head = (entry["claim"], said) if number == 0 else ("", "")
        band = "" if each["p05"] == each["p95"] else f"{each['p05']:.3g} to {each['p95']:.3g}"
        paper = f"{each['paper_low']:g} to {each['paper_high']:g}"
        runs = ", ".join(each["scenarios"])
        cells = (*head, each["name_en"], each["unit"], paper, f"{each['median']:.3g}", band, each["verdict"], runs)
        lines.append("| " + " | ".join(cells) + " |")
    return lines
