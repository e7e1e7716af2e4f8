"""The report of a calibration: one page in Markdown, and the same as HTML."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import pandas as pd

from calibration.judge.calibrate import Table, totals
from calibration.record.baselines import RULES

REACH = 1.645  # standard deviations of a normal to the ends of its 90 % band
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
    found += [("h2", "Parameters"), ("p", PARAMETERS), ("table", parameter_rows(told["parameters"]))]
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
PARAMETERS = (
    "`prior` is the median of the draws before the fit. Contraction is one less the variance that is left, on the line "
    "that ranges are mapped to: where it is large, history narrows the parameter (informs it). Shift is the largest "
    "distance between the distributions before and after (Kolmogorov and Smirnov, 0 to 1): a parameter may be moved "
    "towards an edge of its range without being narrowed, and its band is then neither settled nor the prior's."
)
TARGETS = (
    "All events are run again under draws of the posterior. Bands are those of a prediction: these runs and a "
    "discrepancy, normal, from what they miss at the fitted targets of the other events. Its standard deviation is "
    "1.48 times the median of these misses in tolerances, which for normal misses is their standard deviation, and "
    "1.13 times that, since so few misses leave it in doubt (Student's t of eight degrees of freedom at the ends of "
    "the band). It is the median and not the mean square, because a few figures that no value of the parameters "
    "reaches (a peak whose mechanism is missing) would else set the width of every other band, and wide bands hold "
    "any record: coverage means little without the width beside it. So bands are for figures like most of the others;"
    " they promise nothing of peaks of that sort, and the lines above name every target that is missed by more than "
    "its event's discrepancy reaches. The misses hold errors of the record and of the parameters too, which makes "
    "bands wider than need be; they are those of targets that were fitted to, which makes them narrower. `half-width`"
    " is half the width of the band in tolerances, before its lower end is cut at nothing. `runs alone` is the band "
    "of the runs without the discrepancy. `beyond` is what the median misses beyond the tolerance, in the target's "
    "own measure; `nearest` is the best of all runs of the table, in tolerances: above 1, no value of these "
    "parameters reaches the record and a mechanism is missing. Naive rules: their miss in tolerances."
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
    return [*tested(told), *scored(told), *lacking(told), *transferred(told)]


def tested(told: dict[str, Any]) -> list[str]:
    """Rank test and coverage of the parameters that history informs, and which it does not inform."""
    frame = told["parameters"].set_index("parameter")
    settled = frame.informed
    tried = told["twins"].set_index("parameter")[settled.to_numpy()]
    failing = tried.index[~tried.passes].tolist()
    off = tried.index[~tried.coverage.between(0.85, 0.95)].tolist()
    return [
        "Rank test of the parameters that history informs: "
        + (f"FAILS for {', '.join(failing)}." if failing else "passes."),
        f"Coverage of 90 % bands, {tried.coverage.mean():.3f} in the mean, between 0.85 and 0.95: "
        + (f"NOT for {', '.join(off)}." if off else "holds."),
        f"History narrows {settled.sum()} of {len(settled)} parameters. " + told_of_moved(frame),
    ]


def told_of_moved(frame: pd.DataFrame) -> str:
    """Which parameters are moved without being narrowed, with their medians before and after, and which are neither."""
    shifted, left = frame[frame.moved], frame.index[~frame.informed & ~frame.moved].tolist()
    told = [f"{each.Index} (median {each.prior:.3g} before, {each.median:.3g} after)" for each in shifted.itertuples()]
    return (f"Moved, not narrowed: {', '.join(told) or 'none'}. Left about where the prior has them: "
            f"{', '.join(left) or 'none'}.")  # fmt: skip


def lacking(told: dict[str, Any]) -> list[str]:
    """How wide the discrepancy is, which targets are missed by more than it reaches, which no fit was asked for."""
    wide, targets = told["lacks"], told["targets"]
    beyond = ", ".join(name.partition("/")[2] for name in told["beyond"])
    far = targets[targets.median_gap.abs() > REACH * targets.event.map(wide)]
    named = [f"{each.target} ({each.use}, {abs(each.median_gap):.1f})" for each in far.itertuples()]
    return [
        f"Discrepancy, from the median miss of the other events: standard deviation {min(wide.values()):.2f} to "
        f"{max(wide.values()):.2f} tolerances. Missed by more than {REACH:.2f} of it, in tolerances: "
        f"{', '.join(named) or 'none'}. The bands promise nothing of figures like these.",
        "Out of reach, so that the fit leaves them out (fewer than one run in forty within the tolerance; they count "
        f"in every score): {beyond or 'none'}.",
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
            f"{sums['covered']:.0%} inside the band of runs and discrepancy (aim 80 %; half the band is "
            f"{sums['half_width']:.1f} tolerances wide at the median, {sums['cut']:.0f} lower ends cut at nothing), "
            f"{sums['covered_runs']:.0%} inside that of the runs alone (half-width "
            f"{sums['runs_half_width']:.1f}); mean miss {sums['misfit']:.2f} tolerances, "
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
    rows = [["parameter", "range", "table", "prior", "5 %", "median", "95 %", "contraction", "shift",
             "informed by history"]]  # fmt: skip
    for each in frame.itertuples():
        rows.append([each.parameter, f"{each.low:g} to {each.high:g}", f"{each.value:g}", f"{each.prior:.3g}",
                     f"{each.p05:.3g}", f"{each.median:.3g}", f"{each.p95:.3g}", f"{each.contraction:.2f}",
                     f"{each.shift:.2f}",
                     "yes" if each.informed else "moved, not narrowed" if each.moved else "no"])  # fmt: skip
    return rows


def target_rows(frame: pd.DataFrame) -> list[list[str]]:
    """Header and rows."""
    rows = [["target", "what", "use", "record", "±", "prior", "5 %", "median", "95 %", "half-width", "runs alone",
             "verdict",
             "beyond", "nearest", *(rule.replace("_", " ") for rule in RULES)]]  # fmt: skip
    for each in frame.itertuples():
        verdict = ("hit" if each.hit else "miss") + (", covered" if each.covered else "")
        tolerance = f"{each.tolerance:g}" + (" log" if each.scale == "log" else "")
        rows.append([each.target, each.title_en, each.use, f"{each.record:g}", tolerance, f"{each.prior:.3g}",
                     f"{each.p05:.3g}", f"{each.median:.3g}", f"{each.p95:.3g}",
                     f"{each.half_width:.1f}", f"{each.runs_p05:.3g} to {each.runs_p95:.3g}", verdict,
                     f"{each.beyond:.2g}", f"{each.nearest:.2f}",
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
    return rows + [[each.parameter, move(each.moved), move(each.moved_derived)] for each in both.itertuples()]


def move(value: float) -> str:
    """How far a median moves; nothing to tell where no figure is left to fit to."""
    return "no figure is left" if pd.isna(value) else f"{value:+.2f}"


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
