"""The view in headless Chromium: pictures of each page in both languages, and how many weeks a second it plays.

`python -m benchmarks.view` from the root of a clone; needs Chromium. Writes docs/figures/view-*.png.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

FOLDER = Path("docs/figures")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
PLAYED, PATIENCE = 10.0, 60_000
TABS = {"live": ("Live", "即時模擬"), "compare": ("Compare", "比較"), "evidence": ("Evidence", "證據")}


def main() -> None:
    """Start a server, look at it, end it."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("No Chromium here.")
    from playwright.sync_api import sync_playwright

    begun = time.perf_counter()
    running, address = serve()
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=browser, args=FLAGS)
            page = chromium.new_page(viewport={"width": 1280, "height": 1750})
            page.set_default_timeout(PATIENCE)
            page.goto(address)
            page.wait_for_selector("svg[role=img]")
            print(f"command to first page: {time.perf_counter() - begun:.1f} s")
            measure(page)
            pictures(page)
            rival(chromium)
            chromium.close()
    finally:
        running.terminate()
        running.wait(20)


OURS = ("app", "view", "snap-back")
MESAS = ("solara", "run", "docs/solara_viz.py", "--no-open", "--production", "--host", "127.0.0.1")


def serve(command: tuple[str, ...] = OURS) -> tuple[subprocess.Popen[bytes], str]:
    """A server on a free port, once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    line = [sys.executable, "-m", *command, "--port", str(port)]
    running = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(400):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    return running, f"http://127.0.0.1:{port}"


def shown(page: Any) -> date:
    """The week shown."""
    return date.fromisoformat(page.inner_text(".week").split()[-1])


def measure(page: Any) -> None:
    """Weeks a second with every chart drawn each week, and how fast pause answers."""
    page.click("button:has-text('Play')")
    time.sleep(1)
    first, begun = shown(page), time.perf_counter()
    time.sleep(PLAYED)
    weeks = (shown(page) - first).days / 7
    print(f"weeks a second, all charts drawn each week: {weeks / (time.perf_counter() - begun):.1f} (aim 10)")
    begun = time.perf_counter()
    page.click("button:has-text('Pause')")
    page.wait_for_selector("button:has-text('Play')")
    print(f"pause answers after {time.perf_counter() - begun:.2f} s (aim 0.3)")


def rival(chromium: Any) -> None:
    """Weeks a second of Mesa's own viewer over the same model, one chart drawn each week."""
    running, address = serve(MESAS)
    try:
        page = chromium.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(address)
        page.wait_for_selector("text=/Time: /")
        page.click("button:has-text('▶')")
        time.sleep(1)
        first, begun = played(page), time.perf_counter()
        time.sleep(PLAYED)
        print(f"weeks a second in Mesa's SolaraViz: {(played(page) - first) / (time.perf_counter() - begun):.1f}")
    finally:
        running.terminate()
        running.wait(20)


def played(page: Any) -> float:
    """The week that Mesa's viewer shows."""
    return float(page.inner_text("text=/Time: /").split()[-1])


def pictures(page: Any) -> None:
    """Each page in both languages."""
    for _ in range(2):
        page.click("button:has-text('One year')")
        time.sleep(3)
    for number, tongue in enumerate(("en", "zh")):
        for name, words in TABS.items():
            page.click(f".v-tab:has-text('{words[number]}')")
            time.sleep(2)
            page.screenshot(path=FOLDER / f"view-{name}-{tongue}.png", full_page=name == "live")
        page.click(f".v-tab:has-text('{TABS['live'][number]}')")
        page.click("button:has-text('繁體中文')" if number == 0 else "button:has-text('English')")
        time.sleep(2)


if __name__ == "__main__":
    main()
