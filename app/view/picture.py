"""What the page draws itself: SVG whose marked parts (`data-key`) can be picked, and a field that opens a file."""

from __future__ import annotations

from collections.abc import Callable

import solara


@solara.component_vue("picture.vue")
def Clickable(svg: str, look: str, event_picked: Callable[[str], None]) -> None:
    """An SVG that tells which marked part was picked."""


def picture(svg: str, picked: Callable[[str], None] | None = None, look: str = "width:100%") -> None:
    """An SVG on the page; `picked` hears the key of a part that a visitor chooses."""
    if picked is None:
        solara.HTML(tag="div", unsafe_innerHTML=svg, style=look)
    else:
        Clickable(svg=svg, look=look, event_picked=picked)


@solara.component_vue("opener.vue")
def Opener(label: str, event_opened: Callable[[str], None]) -> None:
    """A field for one small text file; its text is told."""


@solara.component_vue("beat.vue")
def Beat(tick: int, event_seen: Callable[[int], None]) -> None:
    """Tells which picture the browser has drawn, so that play does not run ahead of it."""
