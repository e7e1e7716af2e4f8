"""Which parameters a replay uses: the tables' own, draws of the prior, or of a posterior."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from calibration.fit.fingerprint import listed
from calibration.fit.free import prior
from calibration.fit.posterior import SHIPPED, Posterior
from kit.errors import BadInput
from kit.nearest import did_you_mean, shortened
from kit.yaml_loader import is_file

SHOWN = 2  # of what has moved since a posterior was made, so much is named in its line
WORDS = ("default", "prior", "posterior")


@dataclass(frozen=True)
class Draws:
    """One row a draw; no columns where the tables' own values are meant (then draws differ in luck alone).

    `posterior` is the one that they come from, if any.
    """

    name: str
    table: pd.DataFrame
    posterior: Posterior | None = None

    def lack(self, event: str) -> float:
        """Discrepancy that a prediction of an event allows for, in tolerances; 0 where no posterior tells it."""
        return self.posterior.lack(event) if self.posterior else 0.0


def settled(name: str) -> dict[str, float]:
    """One value a parameter: nothing for the tables' own, a posterior's mean for `posterior` or its file."""
    return {} if name == "default" else named(name, ("default", "posterior")).mean()


def named(name: str, words: tuple[str, ...] = WORDS) -> Posterior:
    """The posterior that comes with the project, or that of a file; BadInput for neither."""
    path = SHIPPED if name == "posterior" else Path(name)
    if name != "posterior" and not is_file(path):
        raise BadInput(f"--parameters: '{shortened(name)}' is no file and no word.{did_you_mean(name, words)}")
    if not path.is_file():
        raise BadInput("--parameters posterior: no posterior comes with this version; use default or prior.")
    found = Posterior.load(path)
    warn(name, found.moved_since)
    return found


@cache
def warn(name: str, moved: tuple[str, ...]) -> None:
    """Say on standard error, once in a process, that a posterior is stale and since what."""
    if moved:
        print(f"--parameters {name}: stale until the next fit: {listed(moved, SHOWN)}. / 後驗已過時，待重新校準。",
              file=sys.stderr)  # fmt: skip


def draws_of(name: str, count: int) -> Draws:
    """The draws that a word or a posterior's file stands for; BadInput for neither."""
    if name == "default":
        return Draws(name, pd.DataFrame(index=range(count)))
    if name == "prior":
        return Draws(name, prior(count))
    posterior = named(name)
    return Draws(name, posterior.sample(count), posterior)
