"""The report of a calibration: one page in Markdown, and the same as HTML."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import pandas as pd

from calibration.baselines import RULES
from calibration.calibrate import Table, totals

HEAD = (
    "<!doctype html><meta charset='utf-8'><title>Calibration</title><style>body{font:15px/1.5 system-ui;"
    "margin:2em auto;max-width:70em;padding:0 1em}table{border-collapse:collapse;font-size:13px}"
    "td,th{border:1px solid #bbb;padding:.2em .5em;text-align:left}"
    ".bad{color:#a33}@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}}</style>"
)
COMPARED = {"figures": "their figures", "regressed": "what a regression on their figures says of each parameter",
            "learned": "what a network says of each parameter"}  # fmt: skip


def blocks(table: Table, told: dict[str, Any], command: str) -> list[tuple[str, Any]]:
    """The report in order: headings, paragraphs, tables."""
    found: list[tuple[str, Any]] = [("h1", "Calibration: the model against history")]
    found += [("p", line) for line in (*verdicts(told), *basis(table, told, command))]
    found += [("h2", "Parameters"), ("table", parameter_rows(told["parameters"]))]
    found += [("h2", "Targets"), ("p", TARGETS), ("table", target_rows(told["targets"]))]
    found += [("h2", "Each event left out"), ("p", LEFT_OUT), ("table", left_out_rows(told))]
    found += [("h2", "Synthetic twins"), ("p", TWINS), ("table", twin_rows(told))]
    found += [("h2", "Ways of fitting"), ("p", FITTING), ("table", trial_rows(told, table))]
    found += [("h2", "Weak figures"), ("p", weak_line(told)), ("table", weak_rows(told))]
    return found


FITTING = (
    "Tried on other twins, never on the record: which summaries the distance is taken over (the figures, what a "
    "regression or a network says of each parameter) and how many of the nearest draws are accepted. The sharpest "
    "posterior is taken (lowest score, CRPS over the prior's standard deviation) among those with a mean coverage of "
    "85 to 95 % and the fewest failed rank tests."
)
TARGETS = (
    "Bands are those of a prediction: the runs accepted and the discrepancy, which is what the fitted targets of the "
    "other events miss (root mean square, in tolerances); beside them the band of the runs alone. `beyond` is what "
    "the median misses beyond the tolerance, in the target's own measure; `nearest` is the best of all runs of the "
    "table, in tolerances: above 1, no value of these parameters reaches the record and a mechanism is missing. Naive "
    "rules: their miss in tolerances."
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
    """What holds and what does not, first: the test of the fit itself, then the record, then each event left out."""
    return [*tested(told), *scored(told), *transferred(told)]


def tested(told: dict[str, Any]) -> list[str]:
    """Rank test and coverage of the parameters that history informs, and which it does not inform."""
    settled = told["parameters"].set_index("parameter").informed
    tried = told["twins"].set_index("parameter")[settled.to_numpy()]
    failing = tried.index[~tried.passes].tolist()
    off = tried.index[~tried.coverage.between(0.85, 0.95)].tolist()
    blind = settled.index[~settled].tolist()
    return [
        "Rank test of the parameters that history informs: "
        + (f"FAILS for {', '.join(failing)}." if failing else "passes."),
        f"Coverage of 90 % bands, {tried.coverage.mean():.3f} in the mean, between 0.85 and 0.95: "
        + (f"NOT for {', '.join(off)}." if off else "holds."),
        f"History does not inform: {', '.join(blind) or 'none of them'}. Their bands are the prior's.",
    ]


def scored(told: dict[str, Any]) -> list[str]:
    """Hits, cover and mean miss of fitted and of held-out targets, beside the best naive rule."""
    lines = []
    for use, name in (("fit", "fitted"), ("hold", "held-out")):
        sums = totals(told["targets"], use)
        if not sums["targets"]:
            continue
        best = min(RULES, key=lambda rule: sums[rule])
        better = "better than" if sums["misfit"] < sums[best] else "NOT better than"
        lines.append(
            f"{sums['targets']:.0f} {name} targets: {sums['hits']:.0%} within tolerance at the median (aim 70 %), "
            f"{sums['covered']:.0%} inside the band of runs and discrepancy (aim 80 %), "
            f"{sums['covered_runs']:.0%} inside that of the runs alone; mean miss {sums['misfit']:.2f} tolerances, "
            f"{better} the best naive rule ({best.replace('_', ' ')}, {sums[best]:.2f})."
        )
    return lines


def transferred(told: dict[str, Any]) -> list[str]:
    """For which events what the others teach helps, and for which it does not."""
    table = told["left_out"]
    if not len(table):
        return []
    naive = told["targets"].groupby("event")[list(RULES)].mean().min(axis=1)
    worse = table.event[table.skill_over_prior < 0].tolist()
    beaten = table.event[table.left_out >= naive.loc[table.event].to_numpy()].tolist()
    return [
        f"Events left out one by one: fitted to the others, {len(table) - len(worse)} of {len(table)} are met better "
        f"than under the prior" + (f", NOT {', '.join(worse)}" if worse else "")
        + f"; {len(table) - len(beaten)} better than by the best naive rule"
        + (f", NOT {', '.join(beaten)}." if beaten else "."),
    ]  # fmt: skip


def basis(table: Table, told: dict[str, Any], command: str) -> list[str]:
    """What it was made from."""
    return [
        f"{len(table.frame)} evaluations of {len(table.plan.events)} events by Latin hypercube; {told['accepted']} "
        f"nearest accepted, compared by {COMPARED[table.way]}, adjusted by local-linear regression.",
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
    rows = [["target", "what", "use", "record", "±", "prior", "5 %", "median", "95 %", "runs alone", "verdict",
             "beyond", "nearest", *(rule.replace("_", " ") for rule in RULES)]]  # fmt: skip
    for each in frame.itertuples():
        verdict = ("hit" if each.hit else "miss") + (", covered" if each.covered else "")
        tolerance = f"{each.tolerance:g}" + (" log" if each.scale == "log" else "")
        rows.append([each.target, each.title_en, each.use, f"{each.record:g}", tolerance, f"{each.prior:.3g}",
                     f"{each.p05:.3g}", f"{each.median:.3g}", f"{each.p95:.3g}",
                     f"{each.runs_p05:.3g} to {each.runs_p95:.3g}", verdict, f"{each.beyond:.2g}",
                     f"{each.nearest:.2f}",
                     *(f"{getattr(each, rule):.2f}" for rule in RULES)])  # fmt: skip
    return rows


def left_out_rows(told: dict[str, Any]) -> list[list[str]]:
    """Header and rows, the naive rules beside."""
    naive = told["targets"].groupby("event")[list(RULES)].mean()
    rows = [["event", "targets", "prior", "fitted to the others", "skill over the prior",
             "skill over the best naive rule", *(rule.replace("_", " ") for rule in RULES)]]  # fmt: skip
    for each in told["left_out"].itertuples():
        rules = naive.loc[each.event]
        rows.append([each.event, str(each.targets), f"{each.prior:.2f}", f"{each.left_out:.2f}",
                     f"{each.skill_over_prior:+.2f}", f"{1 - each.left_out / max(rules.min(), 1e-9):+.2f}",
                     *(f"{rules[rule]:.2f}" for rule in RULES)])  # fmt: skip
    return rows


def trial_rows(told: dict[str, Any], table: Table) -> list[list[str]]:
    """Header and rows; the way that was taken is marked."""
    rows = [["summaries", "accepted", "failed rank tests", "coverage of 90 %", "least", "most", "CRPS", "taken"]]
    for each in told["trials"].itertuples():
        taken = each.way == table.way and each.share == table.share
        rows.append([each.way, f"{each.accepted}", f"{each.failing}", f"{each.coverage:.3f}", f"{each.least:.2f}",
                     f"{each.most:.2f}", f"{each.crps:.4f}", "yes" if taken else ""])  # fmt: skip
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
