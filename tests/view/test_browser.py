"""The view as a person uses it, in headless Chromium; without Chromium these tests say that they were not run."""

from __future__ import annotations

import datetime
import http.server
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""
REQUIRED = os.environ.get("TECHSHIELD_BROWSER") == "required"
ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update"]  # fmt: skip
PATIENCE, TRIES = 60_000, 600
WEEK = datetime.timedelta(weeks=1)
EVIL = (  # a short run whose words are no markup of ours
    "extends: snap-back\nend: 2026-06-01\ntitle_en: \"Short <script>window.caught = 1</script>\"\n"
    "title_zh: \"短 <script>window.caught = 1</script>\"\ncauses:\n  - {id: evil, instrument: tariff, by: USA, "
    "goods: [gallium], 'on': [CHN], rate: 0.1, start: 2024-01-15, source: x, confidence: assumed,\n"
    "     title_en: \"<img src=x onerror='window.caught = 1'>\", title_zh: \"<img onerror='window.caught = 1'>\"}\n"
)  # fmt: skip
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not BROWSER and not REQUIRED, reason="no Chromium here: the browser tests were not run"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """A server of the view on a free port, ended by its process: address and process id."""
    file = tmp_path_factory.mktemp("scenario") / "short.yaml"
    file.write_text(EVIL, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    line = [sys.executable, "-m", "app", "view", str(file), "--port", str(port)]
    own = os.environ | {"XDG_STATE_HOME": str(tmp_path_factory.mktemp("state"))}
    running = subprocess.Popen(line, cwd=ROOT, env=own, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    with running.stdout:
        address = running.stdout.readline().strip()
    assert address, "the server ended before it told its address"
    for _ in range(TRIES):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        try:
            running.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError("the server ended before it answered")
    yield address, running.pid
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


def opened(browser: Any, address: str) -> Any:
    """A visitor's page of its own, with what it asked for outside and what its console told."""
    shown = browser.new_context(viewport={"width": 1280, "height": 1600}, accept_downloads=True).new_page()
    shown.outside, shown.errors = [], []
    shown.on("request", lambda asked: note(shown.outside, asked.url))
    shown.on("console", lambda told: shown.errors.append(told.text) if told.type == "error" else None)
    shown.on("pageerror", lambda told: shown.errors.append(str(told)))
    shown.set_default_timeout(PATIENCE)
    shown.goto(address)
    shown.wait_for_selector("svg[role=img]")
    shown.wait_for_selector(".waits", state="detached")
    return shown


@pytest.fixture
def page(browser: Any, server: tuple[str, int]) -> Iterator[Any]:
    """One visitor; nothing may leave the machine and nothing may be wrong in the console, whatever is done."""
    shown = opened(browser, server[0])
    yield shown
    assert "token" not in shown.url
    told = shown.outside, shown.errors, shown.evaluate("window.caught")
    shown.context.close()
    assert told == ([], [], None)


def note(outside: list[str], url: str) -> None:
    """Keep a request that leaves the machine."""
    if not url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")):
        outside.append(url)


def week(page: Any) -> datetime.date:
    """The week shown."""
    return datetime.date.fromisoformat(page.inner_text(".week").split()[-1])


def changed(page: Any, before: datetime.date) -> datetime.date:
    """The week once it has changed."""
    page.wait_for_function(
        "before => { const e = document.querySelector('.week'); return e && !e.innerText.endsWith(before) }",
        arg=str(before),
    )
    return week(page)


def press(page: Any, words: str) -> datetime.date:
    """Press a button that moves the run on, once it can be pressed; the week it comes to."""
    before = week(page)
    page.click(f"button:has-text('{words}'):enabled")
    return changed(page, before)


def slide(page: Any, label: str, key: str) -> None:
    """Move a slider to an end (Home, End) or by a step, by keyboard."""
    thumb = page.locator(f".v-input:has(label:has-text('{label}')) [role=slider]")
    thumb.focus()
    page.keyboard.press(key)


def choose(page: Any, field: str, words: str) -> None:
    """Pick from a list by typing."""
    page.get_by_label(field).click()
    page.get_by_label(field).fill(words)
    page.locator(f".v-list-item:visible:has-text('{words}')").first.click()


def test_play_pause_and_run_to_a_day(page: Any) -> None:
    assert "Short <script>" in page.inner_text(".v-select__selection")
    first = week(page)
    page.click("button:has-text('Play')")
    changed(page, changed(page, first))
    page.click("button:has-text('Pause')")
    page.wait_for_selector("button:has-text('Play')")
    page.wait_for_selector("button:has-text('One week'):enabled")
    before = week(page)
    assert before < press(page, "One week") <= before + 2 * WEEK  # at most the week that was under way
    page.get_by_label("Run to").fill("2024-12-30")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.click("button:has-text('Run'):not(:has-text('again'))")
    page.wait_for_function("() => document.querySelector('.week').innerText.endsWith('2024-12-30')")
    page.wait_for_selector("button:has-text('One week'):enabled")  # the run to that day is over
    page.get_by_label("Run to").fill("tomorrow")
    page.keyboard.press("Tab")
    page.click("button:text-is('Run'):enabled, button:has-text('Run'):not(:has-text('again')):enabled")
    page.wait_for_selector("text=is not a day of this run")


def test_a_lever_is_pulled_taken_back_and_two_futures_part(page: Any) -> None:
    press(page, "One year")
    page.click("button:has-text('Branch here')")
    page.wait_for_selector(".branched")
    slide(page, "R1 Transparency", "End")
    page.wait_for_selector("text=/R1 Transparency and substitutes: 2 of the paper/")
    choose(page, "Any policy of this scenario", "Licence for antimony")
    slide(page, "Approval", "Home")
    page.wait_for_selector("text=/China . Licence for antimony: Approval/")
    press(page, "One year")
    page.wait_for_selector("svg >> text=branch less main")
    assert page.locator(".dials .card:has-text('branch less main')").count() == 6
    assert page.locator("[data-figure=map_figure] svg").count() == 2
    page.click("button[aria-label='Take back: Licence for antimony']")
    page.wait_for_selector("text=/China . Licence for antimony: Approval/", state="detached")
    page.click("button:has-text('End the branch')")
    page.wait_for_selector("text=/R1 Transparency and substitutes: 0 of the paper/")


def test_marks_countries_and_firms_tell_their_story_in_both_languages(page: Any) -> None:
    press(page, "One year")
    page.locator("circle[data-key]").first.click()
    page.wait_for_selector(".picked")
    node = page.locator("g[data-key='refined|CHN']")
    assert node.get_attribute("aria-label") == "China"
    node.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Largest links of refined, China")
    page.locator("tr[data-key]").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Inputs: what it holds")
    choose(page, "Inspect a firm or government", "tsmc_twn")
    page.wait_for_selector("text=Strategy now")
    page.click("button:has-text('Measure the rescue index')")
    page.wait_for_selector(".stand")
    page.click("button:has-text('繁體中文')")
    for words in ("台灣累計產出損失", "目前策略", "投入：庫存、信任與供應來源", "救援指數"):
        page.wait_for_selector(f"text={words}")
    page.click(".v-tab:has-text('證據')")
    page.wait_for_selector("text=論文主張")
    page.wait_for_selector("svg[role=img] >> text=未用於校準")
    page.click("button:has-text('深色')")
    page.wait_for_selector(".theme--dark")


def test_two_scenarios_are_compared(page: Any) -> None:
    page.click(".v-tab:has-text('Compare')")
    for field, words in (("First", "The largest exporter stops"), ("Other", "A tenth of rare-earth mining stops")):
        page.click(f".v-select:has(label:has-text('{field} scenario')) .v-select__slot")
        page.click(f".v-menu__content.menuable__content__active .v-list-item:has-text('{words}')")
    slide(page, "Runs of each", "Home")
    page.wait_for_selector("text=Runs of each: 2")
    page.click("button:has-text('Compute bands')")
    page.wait_for_selector("text=/Computing: [0-9]+ of 4 runs/")
    page.click("button:has-text('Cancel')")
    page.wait_for_selector("text=Cancelled")
    page.wait_for_selector("button:has-text('Compute bands'):enabled")
    page.click("button:has-text('Compute bands')")
    page.wait_for_selector("svg[aria-label^='Price outside China']", timeout=4 * PATIENCE)
    page.wait_for_selector("button:has-text('Compute bands'):enabled", timeout=4 * PATIENCE)
    slide(page, "Month shown", "Home")
    page.wait_for_selector("text=Month shown: 2024-01")
    page.wait_for_selector("text=/2024-01 . The largest exporter stops/")


def test_files_are_taken_and_a_state_is_opened_again(page: Any, tmp_path: Path) -> None:
    reached = press(page, "One year")
    kept = {}
    for label in ("Save this state", "Data as CSV", "Data as Parquet", "Figure as PNG", "Figure as SVG"):
        with page.expect_download() as waiting:
            page.click(f"button:has-text('{label}')")
        kept[label] = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(kept[label])
    assert kept["Data as Parquet"].read_bytes()[:4] == b"PAR1"
    assert kept["Figure as PNG"].read_bytes()[1:4] == b"PNG"
    assert kept["Figure as SVG"].read_text(encoding="utf-8").startswith("<svg")
    press(page, "Start again")
    page.set_input_files("input[type=file]", kept["Save this state"])
    page.wait_for_function("day => document.querySelector('.week').innerText.endsWith(day)", arg=str(reached))
    older = kept["Save this state"].read_text(encoding="utf-8").replace('"techshield": 2', '"techshield": 1')
    for text, said in (("[]", "is no saved state of Techshield"), (older, "another version of Techshield")):
        kept["Save this state"].write_text(text, encoding="utf-8")
        page.set_input_files("input[type=file]", kept["Save this state"])
        page.wait_for_selector(f"text={said}")


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


ATTACK = """async (view) => {
  const tried = {};
  for (const [name, options] of [["plain", {}], ["cookies", {credentials: "include"}],
                                 ["opaque", {mode: "no-cors", credentials: "include"}]])
    tried[name] = await fetch(view, options).then(got => got.text()).catch(() => "");
  tried.frame = await new Promise(done => {
    const frame = document.body.appendChild(document.createElement("iframe"));
    frame.onload = () => { try { done(frame.contentDocument?.body?.innerText || ""); } catch { done(""); } };
    frame.src = view;
  });
  const address = view.replace("http", "ws") + "jupyter/api/kernels/a/channels?session_id=b";
  tried.socket = await new Promise(done => {
    const socket = new WebSocket(address);
    socket.onopen = () => done("open");
    socket.onerror = () => done("");
  });
  return tried;
}"""


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """A page of someone else."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title><link rel=icon href='data:,'><body>")

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])  # the same site as the view to a browser, and another
def test_a_page_from_elsewhere_gets_nothing_while_the_own_page_works(
    page: Any, server: tuple[str, int], host: str
) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as elsewhere:
        threading.Thread(target=elsewhere.serve_forever, daemon=True).start()
        foreign = page.context.new_page()  # beside the open view, with its cookie
        foreign.goto(f"http://{host}:{elsewhere.server_port}/")
        tried = foreign.evaluate(ATTACK, server[0].partition("?")[0])
        foreign.close()
        elsewhere.shutdown()
    assert set(tried.values()) == {""}, tried
    press(page, "One week")


def resident(pid: int) -> int:
    """Memory of a process, MB."""
    told = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(next(line.split()[1] for line in told.splitlines() if line.startswith("VmRSS"))) // 1024


def test_two_visitors_do_not_touch_each_other_and_a_closed_tab_frees_its_memory(
    page: Any, browser: Any, server: tuple[str, int]
) -> None:
    address, pid = server
    after = []
    for number in range(4):
        other = opened(browser, address)
        before = week(other)
        if number == 0:
            press(page, "One year")
            assert week(other) == before
        press(other, "One year")
        other.context.close()
        press(page, "One week")
        after.append(resident(pid))
    assert after[-1] - after[1] < 2 * 40, after  # two more visitors came and went; each run holds about 90 MB
