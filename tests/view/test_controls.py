"""Controls of the view: they hold what is written, nothing changes without a gesture, and gestures keep their order."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from abm import Scenario
from app.view.policies import policies_of, stops_of, value_of

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""
REQUIRED = os.environ.get("TECHSHIELD_BROWSER") == "required"
ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update"]  # fmt: skip
PATIENCE, TRIES, KEYS = 60_000, 600, 12
POLICY, SCENARIO = "Any policy of this scenario", "Scenario"
PICK = """([label, key]) => {
    const list = (part) => part.setValue ? part : part.$children.map(list).find(Boolean);
    const named = (field) => field.querySelector("label")?.innerText.startsWith(label);
    const found = list([...document.querySelectorAll(".v-select")].find(named).__vue__);
    if (key !== "") found.setValue(key);
    return found.items.map((item) => item.value);
}"""  # what a list does when one of its items is clicked: opening each of hundreds of lists would take minutes
HELD = """() => [...document.querySelectorAll("[data-policy] [role=slider]")]
    .map((thumb) => Number(thumb.getAttribute("aria-valuenow")))"""
in_a_browser = [
    pytest.mark.slow,
    pytest.mark.skipif(not BROWSER and not REQUIRED, reason="no Chromium here: the browser tests were not run"),
]


@pytest.mark.sample(3)
@pytest.mark.parametrize("scenario", Scenario.names())
def test_a_slider_can_stand_at_the_value_written_and_all_over_its_span(scenario: str) -> None:
    for policy in policies_of(scenario).values():
        for dial in policy.dials:
            stops = sorted(stops_of(policy, dial))
            assert {dial.low, dial.high, dial.written, value_of(policy, dial, {})} <= set(stops)
            assert (stops[0], stops[-1]) == (dial.low, dial.high)
            widest = max(after - before for before, after in itertools.pairwise(stops))
            assert 0 < widest <= (dial.high - dial.low) / 10, dial
            assert all(stop == float(f"{stop:.4g}") or stop == dial.written for stop in stops), dial


@pytest.fixture(scope="module")
def visitor() -> Iterator[Any]:
    """One page of one server, at the address that the server prints; nothing may be wrong in its console."""
    assert BROWSER, "Chromium is required here and was not found"
    from playwright.sync_api import sync_playwright

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    line = [sys.executable, "-m", "app", "view", "calm", "--port", str(port)]
    running = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert running.stdout is not None
        address = re.search(r"http://\S+", running.stdout.readline())
        assert address, "the server printed no address"
        wait_for(running, port)
        with sync_playwright() as playwright:
            page = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS).new_page()
            wrong: list[str] = []
            page.on("console", lambda told: wrong.append(told.text) if told.type == "error" else None)
            page.on("pageerror", lambda told: wrong.append(str(told)))
            page.set_default_timeout(PATIENCE)
            page.goto(address[0])
            page.wait_for_selector("svg[role=img]")
            ready(page)
            yield page
            assert wrong == []
    finally:
        running.terminate()
        running.communicate(timeout=20)


def wait_for(running: subprocess.Popen[str], port: int) -> None:
    """Until the server answers."""
    for _ in range(TRIES):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        try:
            running.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError("the server did not answer")


def ready(page: Any) -> None:
    """Until no run is being made and no week simulated."""
    page.wait_for_selector(".waits", state="detached")
    page.wait_for_selector("button:has-text('One week'):enabled")


def start(page: Any, scenario: str, policy: str = "") -> None:
    """A new run of a scenario, after one with other policies, and one of its policies opened."""
    known = policies_of(scenario).keys()
    for name in ("lapsed" if known == policies_of("calm").keys() else "calm", scenario):
        page.evaluate(PICK, [SCENARIO, name])
        page.wait_for_function(
            f"names => ({PICK})(['{POLICY}', '']).sort().join() === names", arg=",".join(sorted(policies_of(name)))
        )
        ready(page)
    if policy:
        page.evaluate(PICK, [POLICY, policy])
        page.wait_for_selector(f"[data-policy='{policy}'] [role=slider]", state="attached")


def week(page: Any) -> str:
    """The week shown."""
    return str(page.inner_text(".week")).split()[-1]


@pytest.mark.sample(1)
@pytest.mark.parametrize("scenario", Scenario.names())
@in_a_browser[0]
@in_a_browser[1]
def test_looking_at_every_policy_changes_none(visitor: Any, scenario: str) -> None:
    start(visitor, scenario)
    policies = policies_of(scenario)
    assert set(visitor.evaluate(PICK, [POLICY, ""])) == set(policies)
    for name, policy in policies.items():
        visitor.evaluate(PICK, [POLICY, name])
        visitor.wait_for_selector(f"[data-policy='{name}']")
        visitor.wait_for_function(f"count => ({HELD})().length === count", arg=len(policy.dials))
        assert visitor.evaluate(HELD) == [value_of(policy, dial, {}) for dial in policy.dials], name
    visitor.evaluate(PICK, [POLICY, None])
    visitor.wait_for_selector("[data-policy]", state="detached")  # whatever drawing had told was heard before this
    assert visitor.locator("button:has-text('Take back')").count() == 0


@in_a_browser[0]
@in_a_browser[1]
def test_what_is_set_just_before_a_button_goes_with_the_click(visitor: Any, tmp_path: Path) -> None:
    start(visitor, "lapsed", "china-germanium-stockpile")
    first = week(visitor)
    thumb = visitor.locator("[data-policy] [role=slider]").first
    thumb.focus()
    thumb.press("End")
    stops = stops_of(policy := policies_of("lapsed")["china-germanium-stockpile"], policy.dials[0])
    for _ in range(KEYS):
        thumb.press("ArrowLeft")
    visitor.click("button:has-text('One year')")
    visitor.wait_for_function("day => !document.querySelector('.week').innerText.endsWith(day)", arg=first)
    ready(visitor)
    with visitor.expect_download() as waiting:
        visitor.click("button:has-text('Save this state')")
    waiting.value.save_as(tmp_path / "state.json")
    acts = json.loads((tmp_path / "state.json").read_text(encoding="utf-8"))["acts"]
    field, value = policy.dials[0].field, sorted(stops)[-1 - KEYS]
    assert acts == [{"week": 1, "policy": policy.spec.id, "field": field, "value": value}]


@in_a_browser[0]
@in_a_browser[1]
def test_a_seed_and_a_scenario_go_together_and_with_the_button_pressed_next(visitor: Any) -> None:
    start(visitor, "calm")
    before = week(visitor)
    visitor.get_by_label("Seed").fill("7")
    visitor.keyboard.press("Tab")
    visitor.evaluate(PICK, [SCENARIO, "largest-stops"])
    visitor.click("button:has-text('One week')")
    title = Scenario.load("largest-stops").title_en
    visitor.wait_for_function(
        "([day, title]) => !document.querySelector('.week').innerText.endsWith(day)"
        " && document.querySelector('.v-select__selection').innerText === title",
        arg=[before, title],
    )
    ready(visitor)
    assert visitor.get_by_label("Seed").input_value() == "7"
    visitor.get_by_label("Seed").fill("seven")
    visitor.keyboard.press("Enter")
    visitor.wait_for_selector("text='seven' is not a seed")
    assert visitor.get_by_label("Seed").input_value() == "seven"


@in_a_browser[0]
@in_a_browser[1]
def test_a_field_of_text_is_left_alone_while_one_types_in_it(visitor: Any) -> None:
    start(visitor, "calm")
    shown = week(visitor)
    visitor.click("button:has-text('Play')")
    field = visitor.get_by_label("Run to")
    field.click()
    for number, key in enumerate("2030-01-07", start=1):
        field.press(key)
        visitor.wait_for_function("day => !document.querySelector('.week').innerText.endsWith(day)", arg=shown)
        shown = week(visitor)
        assert field.input_value() == "2030-01-07"[:number]
    visitor.click("button:has-text('Pause')")
    ready(visitor)
    assert field.input_value() == "2030-01-07"
