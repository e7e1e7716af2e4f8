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
    line = [sys.executable, "-m", "app", "view", "snap-back", "--port", str(port)]
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


def standing_still(page: Any) -> str:
    """The week once it no longer changes."""
    for _ in range(20):
        before = week(page)
        time.sleep(1.5)
        if week(page) == before:
            return before
    raise AssertionError("pause was pressed and the run goes on")


def test_a_visit_from_play_to_a_saved_state(page: Any, tmp_path: Path) -> None:
    first = week(page)
    page.click("button:has-text('One year')")
    second = changed(page, first)
    page.click("button:has-text('Play')")
    third = changed(page, second)
    page.click("button:has-text('Pause')")
    page.wait_for_selector("button:has-text('Play')")
    assert standing_still(page) >= third
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


def advance(page: Any) -> None:
    """One year further."""
    before = week(page)
    page.click("button:has-text('One year')")
    changed(page, before)


def slide(page: Any, label: str, presses: int) -> None:
    """Move a slider by keyboard."""
    thumb = page.locator(f".v-input:has(label:has-text('{label}')) [role=slider]")
    thumb.focus()
    for _ in range(presses):
        page.keyboard.press("ArrowRight")


def test_a_lever_is_pulled_and_costs_money(page: Any) -> None:
    slide(page, "R1 Transparency", 2)
    for _ in range(4):
        advance(page)
    page.wait_for_selector("text=/Cost so far, NT. billion: (?!0.0)/")
    assert page.errors == []


def test_marks_countries_and_firms_tell_their_story(page: Any) -> None:
    for _ in range(3):
        advance(page)
    page.locator("circle[data-key]").first.click()
    page.wait_for_selector(".picked")
    node = page.locator("g[data-key='refined|CHN']")
    assert node.get_attribute("aria-label") == "China"
    node.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Largest links of refined, China")
    page.get_by_label("Inspect a firm or government").fill("TSMC")
    page.click(".v-list-item:has-text('tsmc_twn')")
    page.wait_for_selector("text=What it holds and who supplies it")
    page.click("button:has-text('Measure the rescue index')")
    page.wait_for_selector(".stand")
    assert page.errors == []


def test_two_scenarios_are_compared(page: Any) -> None:
    page.click("text=Compare")
    page.click("button:has-text('Compute bands')")
    page.wait_for_selector("text=/Computing: [0-9]+ of [0-9]+ runs/")
    page.click("button:has-text('Cancel')")
    page.wait_for_selector("text=/Computing/", state="detached")
    slide(page, "Runs of each", 0)
    page.click("button:has-text('Compute bands')")
    page.wait_for_selector("svg[aria-label^='Price outside China']", timeout=240_000)
    assert page.errors == []


def test_files_are_taken_and_a_state_is_opened_again(page: Any, tmp_path: Path) -> None:
    advance(page)
    reached = week(page)
    kept = {}
    for label in ("Save this state", "Data as CSV", "Data as Parquet", "Price picture as PNG", "Price picture as SVG"):
        with page.expect_download() as waiting:
            page.click(f"button:has-text('{label}')")
        kept[label] = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(kept[label])
    assert kept["Data as Parquet"].read_bytes()[:4] == b"PAR1"
    assert kept["Price picture as PNG"].read_bytes()[1:4] == b"PNG"
    assert kept["Price picture as SVG"].read_text(encoding="utf-8").startswith("<svg")
    page.click("button:has-text('Start again')")
    changed(page, reached)
    page.set_input_files("input[type=file]", kept["Save this state"])
    for _ in range(120):
        if week(page) == reached:
            break
        time.sleep(0.25)
    assert week(page) == reached
    kept["Save this state"].write_text("[]", encoding="utf-8")
    page.set_input_files("input[type=file]", kept["Save this state"])
    page.wait_for_selector("text=is no saved state of Techshield")


def test_every_control_has_a_name_and_is_reached_by_keyboard(page: Any) -> None:
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, input, [role=button], [role=slider], a[href]')]
        .filter(each => each.offsetParent !== null && each.type !== 'hidden')
        .filter(each => !(each.innerText || '').trim() && !each.getAttribute('aria-label')
            && !each.labels?.length && !each.closest('.v-input')?.querySelector('label') && !each.title)
        .map(each => each.outerHTML.slice(0, 120))"""
    )
    assert nameless == []
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.innerText || document.activeElement.value || ''"))
    assert any("Play" in text.title() for text in reached)
