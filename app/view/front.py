"""The page that the server opens with: there at once; the pages of the view follow when the model is loaded."""

from __future__ import annotations

import os
from collections.abc import Callable
from html import escape

import solara
import solara.lab

from app.view import opening
from app.view.words import say


@solara.component
def Page() -> None:
    """The view, or what is waited for."""
    waited = solara.lab.use_task(opening.ready.wait, dependencies=[], prefer_threaded=True)
    if opening.ready.is_set() or waited.finished:
        Whole()
    else:
        Loading()


@solara.component
def Whole() -> None:
    """The pages of the view."""
    from app.view import page

    page.Page()


@solara.component
def Loading() -> None:
    """What is done meanwhile."""
    language = os.environ.get("TECHSHIELD_VIEW_LANGUAGE", "en")
    solara.Title("Techshield")
    with solara.Column(style="padding:12px 20px", classes=["loading"]):
        solara.HTML(tag="h1", unsafe_innerHTML=escape(say("title", language)), style="font-size:20px")
        solara.Text(say("loading", language))
        solara.ProgressLinear(True)


def forget() -> Callable[[], None]:
    """Give a visitor's memory back when the tab is closed."""
    return opening.give_back


solara.lab.on_kernel_start(forget)
