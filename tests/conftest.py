"""What all tests share: where the clone is, unhurried property tests, and sweeps of which a sample is run."""

import os
import random
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import settings

SEED = "TECHSHIELD_SAMPLE"

settings.register_profile("techshield", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("techshield")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--all` runs every case of the sweeps marked `sample`."""
    parser.addoption("--all", action="store_true", help="run every case of the sweeps, not a sample of them")


def pytest_configure(config: pytest.Config) -> None:
    """One seed for all processes of tests."""
    os.environ.setdefault(SEED, str(random.SystemRandom().randrange(10_000)))


def pytest_report_header(config: pytest.Config) -> str:
    """Which cases of the sweeps are run, so that a failure can be had again."""
    return "sweeps: all" if config.getoption("--all") else f"sweeps: a sample, {SEED}={os.environ[SEED]}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep, of each test marked `sample(n)`, the n cases that the seed draws."""
    if config.getoption("--all"):
        return
    sweeps = defaultdict(list)
    for item in items:
        if item.get_closest_marker("sample"):
            sweeps[item.nodeid.partition("[")[0]].append(item)
    luck, left = random.Random(int(os.environ[SEED])), set()
    for cases in sweeps.values():
        kept = luck.sample(cases, min(cases[0].get_closest_marker("sample").args[0], len(cases)))
        left |= {item for item in cases if item not in kept}
    if left:
        config.hook.pytest_deselected(items=sorted(left, key=lambda item: item.nodeid))
        items[:] = [item for item in items if item not in left]


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the clone."""
    return Path(__file__).resolve().parents[1]
