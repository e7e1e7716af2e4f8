"""The quick reader of YAML where the machine has it, else the plain one; both read the same."""

import re
from typing import Any

import yaml

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def explained(error: Exception) -> str:
    """What is wrong with a text in YAML, and where, in one line; it quotes nothing of the text beyond two signs."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return " ".join(str(error).split()).rstrip(".")
    told = re.sub(r"'[^']{3,}'", "a word", str(getattr(error, "problem", "")))
    return f"{told} (line {mark.line + 1}, column {mark.column + 1})"
