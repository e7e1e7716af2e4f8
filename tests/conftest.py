"""What all tests share: where the clone is, and reproducible, unhurried property tests."""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("techshield", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("techshield")


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the clone."""
    return Path(__file__).resolve().parents[1]
