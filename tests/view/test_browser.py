"""The view as a person uses it, in headless Chromium; without Chromium these tests say that they were not run."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""
REQUIRED = os.environ.get("TECHSHIELD_BROWSER") == "required"
ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update"]  # fmt: skip
PATIENCE = 60_000
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not BROWSER and not REQUIRED, reason="no Chromium here: the browser tests were not run"),
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server of the view on a free port, ended by its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    line = [sys.executable, "-m", "app", "view", "history-2023", "--port", str(port)]
    running = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(240):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.25)
    yield f"http://127.0.0.1:{port}"
    running.terminate()
    running.wait(20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium."""
    assert BROWSER, "Chromium is required here and was not found"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """A visitor's page of its own, with what it asked for outside and what its console told."""
    context = browser.new_context(viewport={"width": 1280, "height": 1400}, accept_downloads=True)
    shown = context.new_page()
    shown.outside, shown.errors = [], []
    shown.on("request", lambda asked: note(shown.outside, asked.url))
    shown.on("console", lambda told: shown.errors.append(told.text) if told.type == "error" else None)
    shown.set_default_timeout(PATIENCE)
    shown.goto(address)
    shown.wait_for_selector("svg[role=img]")
    yield shown
    context.close()


def note(outside: list[str], url: str) -> None:
    """Keep a request that leaves the machine."""
    if not url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")):
        outside.append(url)


def week(page: Any) -> str:
    """The week shown."""
    return str(page.inner_text(".week"))


def changed(page: Any, before: str) -> str:
    """The week once it has changed."""
    for _ in range(120):
        if week(page) != before:
            return week(page)
        time.sleep(0.25)
    raise AssertionError(f"still {before}")


def test_a_visit_from_play_to_a_saved_state(page: Any, tmp_path: Path) -> None:
    first = week(page)
    page.click("button:has-text('One year')")
    second = changed(page, first)
    page.click("button:has-text('Play')")
    third = changed(page, second)
    page.click("button:has-text('Pause')")
    page.wait_for_selector("button:has-text('Play')")
    time.sleep(1)
    stopped = week(page)
    time.sleep(1)
    assert week(page) == stopped >= third
    page.click("button:has-text('Branch here')")
    page.wait_for_selector("text=Dashed: the branch")
    with page.expect_download() as waiting:
        page.click("button:has-text('Save this state')")
    kept = tmp_path / "state.json"
    waiting.value.save_as(kept)
    assert '"branch": true' in kept.read_text(encoding="utf-8")
    page.click("button:has-text('繁體中文')")
    page.wait_for_selector("text=臺灣累計產出損失")
    page.click("text=證據")
    page.wait_for_selector("text=論文主張")
    assert page.outside == []
    assert page.errors == []


def test_two_visitors_do_not_touch_each_other(page: Any, browser: Any, address: str) -> None:
    other = browser.new_context().new_page()
    other.set_default_timeout(PATIENCE)
    other.goto(address)
    other.wait_for_selector("svg[role=img]")
    before = week(other)
    page.click("button:has-text('One year')")
    changed(page, before)
    assert week(other) == before
    other.close()
