"""The nearest known word to one that is not known, and lists that say what they leave out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from reprlib import Repr
from typing import Any

from kit.limits import NAME_CHARACTERS, QUOTED_CHARACTERS

SHORT_LIST = 12  # at most so many known words are told in one sentence
MORE = {"en": "and {left} more", "zh": "另有 {left} 項"}


def and_more(left: int, language: str = "en") -> str:
    """How many a list leaves out, in words; nothing where it leaves out none."""
    return MORE[language].format(left=left) if left > 0 else ""


def first_of(texts: Sequence[str], most: int, language: str = "en") -> list[str]:
    """The first of some texts; the last tells how many are left out, where some are."""
    left = len(texts) - most
    return [*texts[:most], and_more(left, language)] if left > 0 else list(texts)


def shortened(text: str) -> str:
    """A text of which a message quotes the beginning alone where it is long; signs that cannot be printed are told."""
    plain = "".join(sign if sign.isprintable() else "\ufffd" for sign in text[: QUOTED_CHARACTERS + 1])
    return plain if len(plain) <= QUOTED_CHARACTERS else plain[: QUOTED_CHARACTERS - 1] + "\u2026"


def quoted(value: Any) -> str:
    """What was given, as a message quotes it: in full where it is short."""
    brief = Repr()
    brief.maxstring = brief.maxlong = brief.maxother = QUOTED_CHARACTERS
    return shortened(brief.repr(value))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that `word` most likely meant, or "" when none is near."""
    if len(word) > NAME_CHARACTERS:
        return ""
    by_folded: dict[str, str] = {}
    for candidate in sorted(set(known)):
        by_folded.setdefault(candidate.casefold(), candidate)
    folded = word.strip().casefold()
    close = get_close_matches(folded, by_folded, n=1, cutoff=0.6)
    if close:
        return by_folded[close[0]]
    longer = [candidate for candidate in by_folded if len(folded) >= 3 and candidate.startswith(folded)]
    return by_folded[min(longer, key=len)] if longer else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a sentence that names the nearest known word, or else a short list of the known ones."""
    words = sorted({candidate for candidate in known if candidate})
    match = nearest(word, words)
    if match:
        return f" Did you mean '{match}'?"
    if not words:
        return " None is known."
    told = ", ".join(words[:SHORT_LIST])
    rest = and_more(len(words) - SHORT_LIST)
    return f" Known: {told} {rest}." if rest else f" Known: {told}."
