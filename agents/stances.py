"""Stances: the standing intentions of a free government, and how one of them becomes a decision (equation 11).

A stance names an instrument, what the government watches before it takes it up, and the mark at which it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kit.columns import Decision

PRESSURE = "pressure"
MINED, REFINED, RECYCLED = "home_mined", "home_refined", "home_recycled"
SHARES = (MINED, REFINED, RECYCLED)
LARGEST, KEPT = "largest_source", "ore_kept"
WATCHED = (*SHARES, KEPT, LARGEST)


@dataclass(frozen=True)
class Stance:
    """One intention: `watches` tension, a price, a share of output or pressure; acts `above` or below its `mark`.

    A measure stands for at least `weeks` and is withdrawn when what is watched has come back by `gap`.
    `about` names the goods watched, where they are not those of the instrument. Pressure is a yearly rate: acts that
    arise from politics at home, more often the higher the tension.
    """

    id: str
    government: str
    toward: str
    watches: str
    above: bool
    mark: float
    gap: float
    weeks: float
    instrument: str
    fields: dict[str, Any]
    about: tuple[str, ...] = ()


def weigh(stance: Stance, view: Any) -> Decision | None:
    """Take the measure up, withdraw it, or leave things as they are."""
    stood = view.stood(stance)
    signal = view.signal(stance)
    if stood is None:
        if not begins(stance, signal):
            return None
        cost = view.cost(stance)
        if cost > view.budget:
            return None
        view.spend(cost)
        return taken(stance, view, signal)
    if stood >= stance.weeks and ends(stance, signal, view):
        return withdrawn(stance, view, signal)
    return None


def begins(stance: Stance, signal: float) -> bool:
    """Whether the mark is reached."""
    return signal >= stance.mark if stance.above else signal <= stance.mark


def ends(stance: Stance, signal: float, view: Any) -> bool:
    """Whether what was watched has come back past the mark by the gap; pressure ends with talks."""
    if stance.watches == PRESSURE:
        return bool(view.talks(stance.toward))
    return signal < stance.mark - stance.gap if stance.above else signal > stance.mark + stance.gap


def taken(stance: Stance, view: Any, signal: float) -> Decision:
    """The decision to act."""
    values = {"signal": signal, "mark": stance.mark, "toward": stance.toward, "tension": view.tension(stance.toward)}
    return Decision(
        stance.instrument, {**stance.fields, "measure": stance.id}, view.date, None, f"begins_{stance.watches}", values
    )


def withdrawn(stance: Stance, view: Any, signal: float) -> Decision:
    """The decision to end a measure."""
    values = {"signal": signal, "mark": stance.mark, "toward": stance.toward, "tension": view.tension(stance.toward)}
    return Decision(
        stance.instrument, {**stance.fields, "measure": stance.id}, view.date, None, f"ends_{stance.watches}", values,
        withdraws=stance.id,
    )  # fmt: skip
