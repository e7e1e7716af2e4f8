"""What can be wrong with what a person gave us."""

from __future__ import annotations


class BadInput(Exception):
    """A problem of what the user gave: its message names the file, row or key in one or two sentences."""

    @classmethod
    def at(cls, file: str, line: int, column: str, problem: str) -> BadInput:
        """Say which cell of a table is wrong; `line` counts as a text editor does, the header being line 1."""
        return cls(f"{file}, line {line}, column '{column}': {problem}")
