"""Crowd: all firms of a run, whose rules run once for all neighbours that share their code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from types import CodeType
from typing import Any

from kit.columns import Actor, Population, is_rule


@cache
def code_of(kind: type[Actor], rule: str) -> dict[str, Any]:
    """What runs when a kind carries out a rule: the rule itself and every rule that it calls, by name.

    Kinds that differ in any of these do not share code, though the rule called be the same.
    """
    found: dict[str, Any] = {}
    left = [rule]
    while left:
        name = left.pop()
        called = getattr(kind, name, None)
        code = getattr(called, "__code__", None)
        if name not in found and is_rule(name, called) and code is not None:
            found[name] = called
            left += names_in(code)
    return found


def names_in(code: CodeType) -> list[str]:
    """Every name that a piece of code looks up, inner functions included."""
    inner = [names_in(each) for each in code.co_consts if isinstance(each, CodeType)]
    return [*code.co_names, *(name for names in inner for name in names)]


class Crowd:
    """All firms in the order of the chain; a rule runs once per run of neighbours that share its code."""

    def __init__(self, populations: list[tuple[type[Actor], Population]], merge: Any) -> None:
        self._populations, self._merge = populations, merge
        self._shared: dict[str, list[Population]] = {}
        self._acts: dict[str, list[Callable[[Any], Any]]] = {}

    def do(self, rule: str, seen: Any) -> None:
        """Carry out a rule for every firm, all sharers of the same code at once."""
        acts = self._acts.get(rule)
        if acts is None:
            acts = self._acts[rule] = [getattr(population, rule) for population in self.sharers(rule)]
        for act in acts:
            act(seen)

    def sharers(self, rule: str) -> list[Population]:
        """Populations merged where neighbours have the same code for the rule."""
        if rule not in self._shared:
            runs: list[list[tuple[type[Actor], Population]]] = []
            for kind, population in self._populations:
                if runs and code_of(runs[-1][0][0], rule) == code_of(kind, rule):  # type: ignore[arg-type]
                    runs[-1].append((kind, population))
                else:
                    runs.append([(kind, population)])
            self._shared[rule] = [self._merge([kind for kind, _ in run], [p for _, p in run]) for run in runs]
        return self._shared[rule]

    def __iter__(self) -> Iterator[Population]:
        return iter(population for _, population in self._populations)
