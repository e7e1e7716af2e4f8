"""The word that lets a person into the view: made once, kept in a file that only this user can read."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import tempfile
from pathlib import Path

BYTES = 32  # of chance in a token
FORM = re.compile(r"[A-Za-z0-9_-]{43}")
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def token(new: bool = False) -> str:
    """The token that was kept, so that open pages outlive a restart; another one where none is kept or `new`."""
    kept = None if new else read(file())
    if kept is None:
        kept = secrets.token_urlsafe(BYTES)
        keep(kept, file())
    return kept


def file() -> Path:
    """Where the token is kept: with the user's own state of programs."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "techshield" / "view-token"


def read(path: Path) -> str | None:
    """A token that was kept, or none where there is none or where others could have read or written it."""
    try:
        about = path.lstat()
        mine = os.name == "nt" or (about.st_uid == os.getuid() and not about.st_mode & OTHERS)
        text = path.read_text(encoding="ascii").strip() if mine and stat.S_ISREG(about.st_mode) else ""
    except (OSError, ValueError):
        return None
    return text if FORM.fullmatch(text) else None


def keep(text: str, path: Path) -> None:
    """Keep a token for the next start with mode 0600; where nothing can be written it lasts as long as the server."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(number, "w", encoding="ascii") as out:
            out.write(text + "\n")
        os.replace(name, path)
