"""What the page draws itself: SVG whose marked parts (`data-key`) can be picked, files in and out, and the beat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import solara


@solara.component_vue("picture.vue")
def Clickable(svg: str, look: str, name: str, kind: str, event_picked: Callable[[str], None]) -> None:
    """Our own markup that tells which marked part was picked; `name` is the figure's own."""


def picture(svg: str, picked: Callable[[str], None] | None = None, look: str = "width:100%", name: str = "",
            kind: str = "") -> None:  # fmt: skip
    """An SVG on the page; `picked` hears the key of a part that a visitor chooses; `kind` is a class of its look."""
    Clickable(svg=svg, look=look, name=name, kind=kind, event_picked=picked or nothing)


def nothing(_key: Any) -> None:
    """Where no part can be picked."""


@solara.component_vue("painter.vue")
def Painter(label: str, figure: str, file: str) -> None:
    """A button that saves a figure of the page as PNG, painted by the browser."""


@solara.component_vue("opener.vue")
def Opener(label: str, event_opened: Callable[[str], None]) -> None:
    """A field for one small text file; its text is told."""


@solara.component_vue("beat.vue")
def Beat(tick: int, event_seen: Callable[[int], None]) -> None:
    """Tells which picture the browser has drawn, so that play does not run ahead of it."""
