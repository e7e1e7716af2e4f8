"""A run forked on a day, as asked for on the command line: `run A --fork-at DATE --with B`."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from abm.scenario.scenario import Scenario
from kit.errors import BadInput

if TYPE_CHECKING:
    from experiments.branch import Branches
    from experiments.run import Progress, RunRequest


@dataclass(frozen=True)
class Branch:
    """The second future and the day on which it parts."""

    other: Scenario
    date: datetime.date

    @classmethod
    def asked(cls, setting: Scenario, day: str, other: str) -> Branch | None:
        """What was asked for; None where no fork was."""
        if not day and not other:
            return None
        if not day or not other:
            raise BadInput("run: --fork-at DATE and --with SCENARIO belong together.")
        try:
            date = datetime.date.fromisoformat(day)
        except ValueError as problem:
            raise BadInput(f"--fork-at {day}: expected a date in full, such as 2027-01-04.") from problem
        from experiments.branch import check

        branch = cls(Scenario.load(other), date)
        check(setting, branch.other, date)
        return branch

    @property
    def suffix(self) -> str:
        """What the folder's name says of it."""
        return f"-or-{self.other.name}"

    def run(self, request: RunRequest, progress: Progress) -> Branches:
        """Run both futures."""
        from experiments.branch import run_branches

        return run_branches(request, self.other, self.date, progress)

    def show(self, found: Branches, folder: str, as_json: bool, quiet: bool) -> None:
        """Print the table of differences."""
        if as_json:
            rows = json.loads(found.differences.to_json(orient="records"))
            names = dict(zip(("one", "other"), found.names, strict=True))
            print(json.dumps({"out": folder, "futures": names, "differences": rows}, ensure_ascii=False))
        elif not quiet:
            from app.rescue_shown import print_branches

            print_branches(found, self.date.isoformat(), folder)
