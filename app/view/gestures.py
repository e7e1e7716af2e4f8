"""Controls that tell what a person does with them, in the order done, and never anything because they are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import solara


@solara.component_vue("slide.vue")
def Slide(label: str, value: float, stops: list[tuple[float, str]], answered: int,
          event_chosen: Callable[[tuple[float, int]], None]) -> None:  # fmt: skip
    """A slider at one of its stops, each with its words; while gestures are not `answered` it stays where they led."""


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


@solara.component
def Slider(label: str, value: float, stops: Sequence[float], choose: Callable[[Any], None],
           told: Callable[[Any], str] = "{:,g}".format) -> None:  # fmt: skip
    """A number as a slider: it stands at the value held, be that one of its stops or not, until a person moves it."""
    answered, answer = solara.use_state(0)
    held = [(each, told(each)) for each in sorted({*stops, value})]

    def chosen(gesture: tuple[float, int]) -> None:
        choose(gesture[0])
        answer(gesture[1])

    Slide(label=label, value=value, stops=held, answered=answered, event_chosen=chosen)
