"""The one reader of YAML, JSON with it: limits, then the rules; what was read is kept by the hash of its text.

The reader is slow, so that each command would wait for some sixty files. What is kept is found by a hash of the text
and of the rules themselves, so it is never out of date; what is broken or cannot be written is done without.
"""

from __future__ import annotations

import contextlib
import hashlib
import marshal
import os
import sys
import tempfile
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from kit.errors import BadInput
from kit.limits import FILE_BYTES, NAME_CHARACTERS, VALUE_CHARACTERS
from kit.nearest import shortened

MOST_KEPT = 500  # texts; the oldest go first
RULES = ("limits.py", "yaml_rules.py", "yaml_loader.py")


def read(path: Path) -> Any:
    """What a file says; BadInput names it where it cannot be read, is too large or is not YAML."""
    return value_of(text_of(path), path.name)


def is_file(path: Path) -> bool:
    """Whether there is a file; a name that the system does not allow names none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def text_of(path: Path) -> str:
    """The text of a file of people's; BadInput names it."""
    name = shortened(path.name)
    if len(path.name) > NAME_CHARACTERS:
        raise BadInput(f"{name}: the name of a file has at most {NAME_CHARACTERS} characters.")
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES + 1)
    except (OSError, ValueError) as problem:
        raise BadInput(f"{name}: cannot be read: {getattr(problem, 'strerror', None) or problem}.") from None
    if len(content) > FILE_BYTES:
        raise BadInput(f"{name}: has more than {FILE_BYTES:,} bytes, which no file here needs.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise BadInput(f"{name}: line {line} is not in UTF-8; save the file as UTF-8.") from None
    if "\0" in text:
        raise BadInput(f"{name}: line {text[: text.index(chr(0))].count(chr(10)) + 1} holds a NUL; "
                       "save the file as UTF-8.")  # fmt: skip
    return text


def value_of(text: str, name: str) -> Any:
    """What a file's text says, kept for the next time; BadInput names the file."""
    try:
        return marshal.loads(_packed(text))
    except ValueError as problem:
        raise BadInput(f"{shortened(name)}: is not valid YAML: {problem}.") from None


def parse(text: str) -> Any:
    """One value of a command line; ValueError says what is wrong with it."""
    if len(text) > VALUE_CHARACTERS:
        raise ValueError(f"it has more than {VALUE_CHARACTERS:,} characters")
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("it holds characters that are not in UTF-8")
    return _parsed(text)


def _parsed(text: str) -> Any:
    from kit.yaml_rules import parsed  # takes long to import, and is seldom needed: what was read is kept

    return parsed(text)


def write(told: Any) -> str:
    """A text in YAML that says so."""
    from kit.yaml_rules import written

    return written(told)


@lru_cache(maxsize=256)
def _packed(text: str) -> bytes:
    """What a text says, packed; from where it is kept, or read and kept."""
    place = _folder() / hashlib.sha256(_salt() + text.encode("utf-8")).hexdigest()
    with contextlib.suppress(OSError):
        kept = place.read_bytes()
        if kept[:32] == hashlib.sha256(kept[32:]).digest():
            return kept[32:]
    packed = marshal.dumps(_parsed(text))
    _keep(place, hashlib.sha256(packed).digest() + packed)
    return packed


def _keep(place: Path, content: bytes) -> None:
    """Keep it whole or not at all, and no more than so many; a place that cannot be written is done without."""
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as draft:
            draft.write(content)
        Path(draft.name).replace(place)
        kept = sorted(place.parent.iterdir(), key=lambda each: each.stat().st_mtime)
        for old in kept[:-MOST_KEPT]:
            old.unlink(missing_ok=True)


def _folder() -> Path:
    """Where it is kept: the user's own cache."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    with contextlib.suppress(RuntimeError):  # a user without a home
        base = base or str(Path.home() / ".cache")
    return Path(base or tempfile.gettempdir()) / "techshield" / "yaml"


@cache
def _salt() -> bytes:
    """What the meaning of a text depends on besides itself: the rules, and this Python's way of packing."""
    here = Path(__file__).parent
    return sys.version.encode() + b"".join((here / name).read_bytes() for name in RULES)
