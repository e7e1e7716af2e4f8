"""Luck keyed, not drawn in order: a draw is a function of seed, cause, week and entity (Philox 4x32-10)."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np

from kit.compile import kernel

MULTIPLIER_A, MULTIPLIER_B = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
WEYL_A, WEYL_B = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
LOW = np.uint64(0xFFFFFFFF)
SHIFT = np.uint64(32)
HIGH_BITS, LOW_BITS = np.uint64(21), np.uint64(11)
ROUNDS = 10


def stable_hash(text: str) -> int:
    """A 64-bit number for a name, the same on every machine and in every run."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def names_to_entities(names: list[str]) -> np.ndarray:
    """Stable 64-bit numbers for names: entities (n,)."""
    return np.array([stable_hash(name) for name in names], dtype=np.uint64)


@kernel
def scramble(words, first, second):  # type: ignore[no-untyped-def]
    """Ten rounds of Philox on counters, in place: words (4, n) uint64 that hold 32 bits, two 32-bit key words."""
    for entity in range(words.shape[1]):
        one, two, three, four = words[0, entity], words[1, entity], words[2, entity], words[3, entity]
        left, right = first, second
        for _ in range(ROUNDS):
            a, b = MULTIPLIER_A * one, MULTIPLIER_B * three
            one, two, three, four = (b >> SHIFT) ^ two ^ left, b & LOW, (a >> SHIFT) ^ four ^ right, a & LOW
            left, right = (left + WEYL_A) & LOW, (right + WEYL_B) & LOW
        words[0, entity], words[1, entity], words[2, entity], words[3, entity] = one, two, three, four


def philox(counter: list[np.ndarray], key: tuple[int, int]) -> list[np.ndarray]:
    """Four 32-bit outputs for four 32-bit counters (each an array) and two 32-bit key words."""
    words = np.array(counter, dtype=np.uint64)
    scramble(words, np.uint64(key[0]), np.uint64(key[1]))
    return list(words)


@kernel
def draw(entities, key, week, found):  # type: ignore[no-untyped-def]
    """One number in (0, 1) for each entity, written into `found` (n,): 53 bits of Philox. Key, week: 32-bit words."""
    words = np.zeros((4, len(entities)), dtype=np.uint64)
    for entity in range(len(entities)):
        words[0, entity], words[1, entity] = entities[entity] & LOW, entities[entity] >> SHIFT
        words[2, entity] = week
    scramble(words, key[0], key[1])
    for entity in range(len(entities)):
        bits = (words[0, entity] << HIGH_BITS) ^ (words[1, entity] >> LOW_BITS)
        found[entity] = (np.float64(bits) + 0.5) / 2.0**53


@lru_cache(maxsize=256)
def key_of(seed: int, cause: str) -> tuple[np.uint64, np.uint64]:
    """The two 32-bit key words of a cause under a seed."""
    word = stable_hash(f"{seed}/{cause}")
    return np.uint64(word & 0xFFFFFFFF), np.uint64(word >> 32)


class Luck:
    """Draws of one run. `uniform(cause, week, entities)` is the same whatever else is drawn, in whatever order."""

    def __init__(self, seed: int) -> None:
        self.seed = int(seed)

    def uniform(self, cause: str, week: int, entities: np.ndarray) -> np.ndarray:
        """One number in (0, 1) for each entity: (n,)."""
        entities = np.ascontiguousarray(entities, dtype=np.uint64)
        found = np.empty(len(entities))
        draw(entities, key_of(self.seed, cause), np.uint64(int(week) & 0xFFFFFFFF), found)
        return found
