"""The figures of a report: which a batch can fill, in which language and at which size."""

from __future__ import annotations

import pandas as pd

from calibration.fit.informed import INFORMED, NOT_ASKED, UNKNOWN
from experiments import study_pictures as pictures
from experiments.study_pictures import HALF, WIDE
from experiments.study_sentences import Speech, number
from experiments.study_tell import Told, scale_of, unit_of

MOST_DRIVERS = {True: 6, False: 14}
BILLION = 1e9


def figures(told: Told, language: str, brief: bool = False) -> dict[str, str]:
    """Every figure that the batch's data can fill, as SVG by name; a brief's are smaller."""
    speech, half = Speech(told, language), HALF if brief else WIDE
    found = bands(told, speech)
    if len(told.plane):
        found["plane"] = plane(told, speech, half)
    if len(told.regret):
        table = told.regret.rename(index=speech.arm, columns=speech.arm) / told.scale * speech.times(told.unit)
        found["regret"] = pictures.regret_map(table, speech.label("regret"), half)
    return found | causes(told, speech, half, MOST_DRIVERS[brief]) | fans(told, speech, half)


def bands(told: Told, speech: Speech) -> dict[str, str]:
    """Outcomes by arm, and differences from the base."""
    table, scale = named(told.bands, speech), told.scale / speech.times(told.unit)
    table[["p05", "median", "p95"]] /= scale
    if not len(told.gaps):
        table = table.sort_values("median", ascending=False)
        return {"bands": pictures.whiskers(table, speech.label("value"))} | second(told, speech)
    gaps = named(told.gaps.set_index("arm").join(told.bands[["future", "policy"]]), speech)
    gaps[["p05", "median", "p95"]] /= scale
    return {"bands": pictures.whiskers(table, speech.label("value")),
            "differences": pictures.whiskers(gaps, speech.label("difference"), zero=True)}  # fmt: skip


def second(told: Told, speech: Speech) -> dict[str, str]:
    """The second outcome by arm, where arms are not compared."""
    if not len(told.second):
        return {}
    table = named(told.second.join(told.bands[["future", "policy"]]).sort_values("median", ascending=False), speech)
    outcome = told.manifest["outcomes"][1]
    scale, unit = scale_of(table, unit_of(outcome))
    table[["p05", "median", "p95"]] /= scale / speech.times(unit)
    return {"second": pictures.whiskers(table, speech.label("value", outcome=outcome, unit=unit))}


def named(table: pd.DataFrame, speech: Speech) -> pd.DataFrame:
    """A table with future and policy in the words of the language."""
    return table.assign(future=table.future.map(speech.arm), policy=table.policy.map(speech.arm))


def plane(told: Told, speech: Speech, width: float) -> str:
    """Taiwan's plane, in billion US$."""
    points = named(told.plane, speech)
    columns = [column for column in points if column not in ("future", "policy")]
    points[columns] = points[columns].astype(float) / BILLION * speech.times("billion US$")
    labels = (speech.label("own", unit="billion US$"), speech.label("allied", unit="billion US$"))
    return pictures.plane(points, labels, width)


def causes(told: Told, speech: Speech, width: float, most: int) -> dict[str, str]:
    """What moves the outcome, and the box of conditions."""
    found, drawn = told.findings, {}
    if len(found.drivers):
        table, note = informed(found.drivers.head(most), speech)
        note += left_out(len(found.drivers) - most, speech)
        drawn["drivers"] = pictures.tornado(table, speech.label("drivers") + note, width)
    if len(found.effects):
        table, note = informed(found.effects.head(most), speech)
        note += left_out(len(found.effects) - most, speech)
        label = speech.label("effects", sampling=told.manifest["sampling"].capitalize())
        drawn["effects"] = pictures.indices(table, label + note, width)
    if found.box is not None and len(found.box.limits):
        english = Speech(told, "en" if speech.language == "both" else speech.language)
        words = [english.limit(row) if row.factor else f"{number(row.low)} – {number(row.high)}"
                 for row in found.box.limits.itertuples()]  # fmt: skip
        names = [english.arm(row.parameter) if row.factor else english.parameter(row.parameter)
                 for row in found.box.limits.itertuples()]  # fmt: skip
        limits = found.box.limits.assign(name=names, words=words)
        drawn["box"] = pictures.box(limits, found.ranges, speech.label("box"), width)
    return drawn


def left_out(number: int, speech: Speech) -> str:
    """A note on how many a figure leaves out; nothing where none."""
    return f"  {speech.label('left_out', number=number)}" if number > 0 else ""


def informed(table: pd.DataFrame, speech: Speech) -> tuple[pd.DataFrame, str]:
    """A table with the names of its parameters, those with a star that history does not narrow, and a note on it."""
    known = [speech.told.findings.history.get(key, NOT_ASKED) for key in table.parameter]
    if UNKNOWN in known:
        return table.assign(parameter=table.parameter.map(speech.parameter)), f"  {speech.label('unread')}"
    names = [f"{speech.parameter(key)}{'' if word == INFORMED else ' *'}"
             for key, word in zip(table.parameter, known, strict=True)]  # fmt: skip
    return table.assign(parameter=names), "" if set(known) == {INFORMED} else f"  {speech.label('blind')}"


def fans(told: Told, speech: Speech, width: float) -> dict[str, str]:
    """Months of some arms: Taiwan's loss, a price."""
    drawn = {}
    for column, tables in told.fans.items():
        kind, _, good = column.partition(".")
        name = "price" if kind == "price" else column
        shown = {speech.arm(arm): table for arm, table in tables.items()}
        label = speech.label(name, good=good) + left_out(len(told.bands) - len(shown), speech)
        drawn[name] = pictures.fan(shown, label, width)
    return drawn
