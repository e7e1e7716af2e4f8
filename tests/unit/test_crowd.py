"""Kinds of firms that share a rule run as one only where all that the rule calls is shared too."""

from __future__ import annotations

from agents import FIRMS, Mine
from kit.crowd import code_of


class Stubborn(Mine):
    """Makes the same whatever buyers want: it inherits `aim` and differs in what that calls."""

    def wish(self, seen: object) -> object:
        return self.base_activity


def test_a_kind_that_differs_in_what_a_rule_calls_runs_by_itself() -> None:
    assert Stubborn.aim is Mine.aim
    assert code_of(Stubborn, "aim") != code_of(Mine, "aim")
    assert code_of(Mine, "order") == code_of(FIRMS["recycler"], "order") == code_of(Stubborn, "order")
