"""Controls that tell what a person does with them, in the order done, and never anything because they are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import solara


@solara.component_vue("slide.vue")
def Slide(label: str, value: float, stops: list[float], told: list[str],
          event_chosen: Callable[[float], None]) -> None:  # fmt: skip
    """A slider that stands at one of its stops; `told` has each stop in words."""


@solara.component_vue("entry.vue")
def Entry(label: str, text: str, event_entered: Callable[[str], None]) -> None:
    """A field of text, told when it is left or Enter is pressed; what is being typed in it stays as it is."""


@solara.component_vue("choice.vue")
def Choice(label: str, items: list[dict[str, str]], value: str | None, event_chosen: Callable[[Any], None],
           kind: str = "") -> None:  # fmt: skip
    """One of a list; by typing too where `kind` is "search" or "optional"; of the latter also none, told as None."""


@solara.component_vue("flip.vue")
def Flip(label: str, on: bool, event_turned: Callable[[bool], None]) -> None:
    """A switch."""


def number(label: str, value: float, stops: Sequence[float], choose: Callable[[Any], None],
           told: Callable[[Any], str] = "{:,g}".format) -> Any:  # fmt: skip
    """A number as a slider: it stands at the value held, be that one of its stops or not."""
    held = sorted({*stops, value})
    return Slide(label=label, value=value, stops=held, told=[told(each) for each in held], event_chosen=choose)
