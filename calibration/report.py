"""The report of a calibration: one page in Markdown, and the same as HTML."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import pandas as pd

from calibration.calibrate import Table, totals

HEAD = (
    "<!doctype html><meta charset='utf-8'><title>Calibration</title><style>body{font:15px/1.5 system-ui;"
    "margin:2em auto;max-width:70em;padding:0 1em}table{border-collapse:collapse;font-size:13px}"
    "td,th{border:1px solid #bbb;padding:.2em .5em;text-align:left}"
    ".bad{color:#a33}@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}}</style>"
)
AIMS = {"hits": 0.70, "covered": 0.80}


def blocks(table: Table, told: dict[str, Any], command: str) -> list[tuple[str, Any]]:
    """The report in order: headings, paragraphs, tables."""
    found: list[tuple[str, Any]] = [("h1", "Calibration: the model against history")]
    found += [("p", line) for line in (*verdicts(told), *basis(table, told, command))]
    found += [("h2", "Parameters"), ("table", parameter_rows(told["parameters"]))]
    found += [("h2", "Targets"), ("p", TARGETS), ("table", target_rows(told["targets"]))]
    found += [("h2", "Each event left out"), ("p", LEFT_OUT), ("table", left_out_rows(told))]
    found += [("h2", "Synthetic twins"), ("p", TWINS), ("table", twin_rows(told))]
    found += [("h2", "Weak figures"), ("p", weak_line(told)), ("table", weak_rows(told))]
    return found


TARGETS = (
    "Bands are over the accepted runs. `beyond` is the discrepancy: what the median misses beyond the tolerance, in "
    "the target's own measure; `nearest` is the best of all runs of the table, in tolerances: above 1, no value of "
    "these parameters reaches the record and a mechanism is missing. The band with discrepancy adds what the "
    "fitted targets of the other events miss (root mean square, in tolerances). Naive rules: their miss in tolerances."
)
LEFT_OUT = (
    "Mean miss in tolerances under the prior, and with parameters fitted to the other events alone; a negative skill "
    "means that the others mislead. Held-out events are never fitted to."
)
TWINS = (
    "Rows of the table are taken for history, with noise, and their parameters sought again: the rank test asks "
    "whether the truth falls anywhere in the posterior as often as it should, coverage how often the 90 % band has it."
)


def verdicts(told: dict[str, Any]) -> list[str]:
    """What holds and what does not, first."""
    lines = []
    for use, name in (("fit", "fitted"), ("hold", "held-out")):
        sums = totals(told["targets"], use)
        best = min(("no_change", "ratchet", "cover"), key=lambda rule: sums[rule])
        better = "better than" if sums["misfit"] < sums[best] else "NOT better than"
        lines.append(
            f"{sums['targets']:.0f} {name} targets: {sums['hits']:.0%} within tolerance at the median (aim 70 %), "
            f"{sums['covered']:.0%} inside the band of the runs (aim 80 %), "
            f"{sums['covered_wide']:.0%} inside it with discrepancy; mean miss {sums['misfit']:.2f} tolerances, "
            f"{better} the best naive rule ({best.replace('_', ' ')}, {sums[best]:.2f})."
        )
    settled = told["parameters"].set_index("parameter").informed
    tried = told["twins"].set_index("parameter")[settled.to_numpy()]
    failing = tried.index[~tried.passes].tolist()
    off = tried.index[~tried.coverage.between(0.85, 0.95)].tolist()
    lines.append(
        "Rank test of the parameters that history informs: "
        + (f"FAILS for {', '.join(failing)}." if failing else "passes.")
    )
    lines.append("Coverage of 90 % bands between 0.85 and 0.95: " + (f"NOT for {', '.join(off)}." if off else "holds."))
    blind = settled.index[~settled].tolist()
    lines.append(f"History does not inform: {', '.join(blind) or 'none of them'}. Their bands are the prior's.")
    return lines


def basis(table: Table, told: dict[str, Any], command: str) -> list[str]:
    """What it was made from."""
    return [
        f"{len(table.frame)} evaluations of {len(table.plan.events)} events by Latin hypercube; {told['accepted']} "
        "nearest accepted, adjusted by local-linear regression.",
        f"Made by `{command}`.",
    ]


def parameter_rows(frame: pd.DataFrame) -> list[list[str]]:
    """Header and rows."""
    rows = [["parameter", "range", "table", "5 %", "median", "95 %", "contraction", "informed by history"]]
    for each in frame.itertuples():
        rows.append([each.parameter, f"{each.low:g} to {each.high:g}", f"{each.value:g}", f"{each.p05:.3g}",
                     f"{each.median:.3g}", f"{each.p95:.3g}", f"{each.contraction:.2f}",
                     "yes" if each.informed else "no"])  # fmt: skip
    return rows


def target_rows(frame: pd.DataFrame) -> list[list[str]]:
    """Header and rows."""
    rows = [["target", "what", "use", "record", "±", "prior", "5 %", "median", "95 %", "verdict", "beyond", "nearest",
             "no change", "ratchet", "cover"]]  # fmt: skip
    for each in frame.itertuples():
        verdict = ("hit" if each.hit else "miss") + (", covered" if each.covered else "")
        tolerance = f"{each.tolerance:g}" + (" log" if each.scale == "log" else "")
        rows.append([each.target, each.title_en, each.use, f"{each.record:g}", tolerance, f"{each.prior:.3g}",
                     f"{each.p05:.3g}", f"{each.median:.3g}", f"{each.p95:.3g}", verdict, f"{each.beyond:.2g}",
                     f"{each.nearest:.2f}",
                     *(f"{getattr(each, rule):.2f}" for rule in ("no_change", "ratchet", "cover"))])  # fmt: skip
    return rows


def left_out_rows(told: dict[str, Any]) -> list[list[str]]:
    """Header and rows, the naive rules beside."""
    naive = told["targets"].groupby("event")[["no_change", "ratchet", "cover"]].mean()
    rows = [
        ["event", "targets", "prior", "fitted to the others", "skill over the prior", "no change", "ratchet", "cover"]
    ]
    for each in told["left_out"].itertuples():
        rules = [f"{naive.loc[each.event, rule]:.2f}" for rule in ("no_change", "ratchet", "cover")]
        rows.append([each.event, str(each.targets), f"{each.prior:.2f}", f"{each.left_out:.2f}",
                     f"{each.skill_over_prior:+.2f}", *rules])  # fmt: skip
    return rows


def twin_rows(told: dict[str, Any]) -> list[list[str]]:
    """Header and rows."""
    rows = [["parameter", "rank test, p", "passes", "coverage of 90 %", "recovery (correlation)"]]
    for each in told["twins"].itertuples():
        rows.append([each.parameter, f"{each.rank_p:.3f}", "yes" if each.passes else "no", f"{each.coverage:.2f}",
                     f"{each.recovery:.2f}"])  # fmt: skip
    return rows


def weak_line(told: dict[str, Any]) -> str:
    """How many figures are weak."""
    weak, derived = int(told["weak"].left_out.iloc[0]), int(told["derived"].left_out.iloc[0])
    return (f"Fitted figures of confidence `memory` or `assumed`: {weak}; with `derived`: {derived}. The table shows "
            "how far each median moves, in posterior standard deviations, when they are left out.")  # fmt: skip


def weak_rows(told: dict[str, Any]) -> list[list[str]]:
    """Header and rows."""
    both = told["weak"].merge(told["derived"], on="parameter", suffixes=("", "_derived"))
    rows = [["parameter", "without memory and assumed", "without derived too"]]
    return rows + [[each.parameter, f"{each.moved:+.2f}", f"{each.moved_derived:+.2f}"] for each in both.itertuples()]


def as_markdown(parts: Sequence[tuple[str, Any]]) -> str:
    """The report for docs/."""
    lines: list[str] = []
    for kind, content in parts:
        if kind == "table":
            head, *rows = content
            lines += ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
            lines += ["| " + " | ".join(row) + " |" for row in rows] + [""]
        else:
            lines += [{"h1": "# ", "h2": "## ", "p": ""}[kind] + content, ""]
    return "\n".join(lines).rstrip() + "\n"


def as_html(parts: Sequence[tuple[str, Any]]) -> str:
    """The report as one page."""
    lines = [HEAD]
    for kind, content in parts:
        if kind == "table":
            head, *rows = [[html.escape(cell) for cell in row] for row in content]
            lines.append("<table><tr>" + "".join(f"<th>{cell}</th>" for cell in head) + "</tr>")
            lines += ["<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows]
            lines.append("</table>")
        else:
            mark = " class='bad'" if any(word in content for word in ("NOT", "FAILS")) else ""
            lines.append(f"<{kind}{mark}>{html.escape(content)}</{kind}>")
    return "\n".join(lines) + "\n"
