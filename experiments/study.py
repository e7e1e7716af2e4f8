"""Studies: one question and its design, from a file or from Python, checked, and run."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import InitVar, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.scenario import checks
from abm.scenario.checks import Place
from abm.scenario.files import named_file
from experiments import study_checks
from experiments.design import KEYS, LISTS, TEXTS, Design
from experiments.provenance import manifest_of
from experiments.sampling import lever_values
from kit import yaml_loader

if TYPE_CHECKING:
    from experiments.store import Results

FOLDER = Path(__file__).parent / "studies"
NEEDED = ("scenarios", "packages", "outcomes")  # lists that hold something
OPTIONAL = ("uncertain", "success", "names_zh", "until")  # may be left empty


@dataclass(frozen=True)
class Study(Design):
    """A question and its design, refused where no run could be made of it."""

    place: InitVar[Place | None] = None

    @classmethod
    def load(cls, name: str | Path) -> Study:
        """A shipped study by name or one of the user's by path; BadInput if anything in it is wrong."""
        path = find(str(name))
        raw = yaml_loader.read(path)
        place = Place(path.name)
        checks.keys(raw, KEYS, place)
        for key in TEXTS:
            checks.text(raw.get(key), place.at(key))
        if "scenarios" not in raw:
            raise place.at("scenarios").refuse("is missing: expected a list of scenarios.")
        given = {key: value for key, value in raw.items() if value is not None or key not in OPTIONAL}
        return cls(path.stem, **given, place=place)

    @staticmethod
    def names() -> list[str]:
        """The studies that come with the project."""
        return sorted(path.stem for path in FOLDER.glob("*.yaml"))

    def __post_init__(self, place: Place | None) -> None:
        """Refuse what no run could be made of, however the study is made.

        One word where a list is meant is a list of one; ranges of levers become values.
        """
        place = place or Place(checks.text(self.name, Place("study", "name")))
        for key in LISTS:
            given = getattr(self, key)
            empty = isinstance(given, list | tuple) and not given and key not in NEEDED
            object.__setattr__(self, key, () if empty else checks.words(given, place.at(key)))
        if isinstance(self.levers, Mapping):
            own = place.at("levers")
            values = {path: lever_values(given, own.at(path)) for path, given in self.levers.items()}
            object.__setattr__(self, "levers", values)
        object.__setattr__(self, "until", "" if self.until is None else str(self.until))
        study_checks.check(self, place)

    def run(self, executor: Executor | None = None, *, out: str = "", workers: int = 2) -> Results:
        """Run what is missing, on this machine or on any `concurrent.futures` executor, and give what was found.

        Results are kept in `out`, or in `results/<name>`; a folder that holds this study is gone on with.
        """
        from experiments.batch import Way, run_study
        from experiments.store import Results

        folder = out or f"results/{self.name}"
        run_study(self, folder, Way(workers, executor, resume=True))
        return Results.open(folder)

    def manifest(self) -> dict[str, Any]:
        """What a folder of results must agree with: the design, a hash of it, and what its runs are computed from."""
        return manifest_of(self)


def find(name: str) -> Path:
    """The file of a shipped study or of a path."""
    return named_file(name, "study", FOLDER)
