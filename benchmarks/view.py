"""The view in headless Chromium: time to the first page, weeks a second, pause, memory, and pictures of each page.

From the root of a clone, with Chromium: `python -m benchmarks.view` measures and writes docs/figures/view-*.png;
`--pictures` writes them alone, `--figures` measures alone, `--minutes 60` plays an hour for the growth of memory.
Set-up (what `./techshield view` does once) comes first. The times to a page count from the command, in a browser that
is open already, as a visitor's is: all that the server does and all that the browser does to show the page, but not
the start of Chromium itself.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

FOLDER = Path("docs/figures")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update"]  # fmt: skip
PLAYED, PATIENCE, SECONDS = 10.0, 120_000, 60
PAUSES, WARM_RUNS, LEAST_RUNS = 6, 2, 4
PAUSE = """() => new Promise(done => {
  const named = word => [...document.querySelectorAll('button')].find(each => word.test(each.innerText.trim()));
  const week = () => document.querySelector('.week').innerText;
  const begun = performance.now();
  let told = 0, last = 0, seen = week();
  named(/^pause/i).click();
  const look = () => {
    const now = (performance.now() - begun) / 1000;
    if (!told && named(/^play/i)) told = now;
    if (week() !== seen) [seen, last] = [week(), now];
    if (told && now > 2) done([told, last]); else requestAnimationFrame(look);
  };
  look();
})"""
TABS = {"live": ("Live", "即時模擬"), "compare": ("Compare", "比較"), "evidence": ("Evidence", "證據")}
OURS = ("app", "view", "snap-back")
MESAS = ("solara", "run", "docs/solara_viz.py", "--no-open", "--production", "--host", "127.0.0.1")
WORDS = {
    "year": ("One year", "前進一年"), "branch": ("Branch here", "由此分支"),
    "measure": ("Measure the rescue", "立即衡量"),
    "compute": ("Compute bands", "計算區間"), "R3": ("R3 International", "R3 國際合作"),
}  # fmt: skip


def main() -> None:
    """Start a server, look at it, end it."""
    asked = parsed()
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("No Chromium here.")
    from playwright.sync_api import sync_playwright

    subprocess.run([sys.executable, "-m", "app.view.worlds", OURS[-1]], check=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=FLAGS)
        page = chromium.new_page(viewport={"width": 1280, "height": 3600})
        begun = time.perf_counter()
        running, address = serve()
        try:
            visit(page, address, begun)
            if not asked.pictures:
                measure(page, running.pid)
                memory(page, running.pid, asked.minutes)
                rival(chromium)
            if not asked.figures:
                for number, tongue in enumerate(("en", "zh")):
                    pictures(visit(chromium.new_page(viewport=page.viewport_size), address, None), number, tongue)
        finally:
            running.terminate()
            running.wait(20)
        chromium.close()


def parsed() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="how long to play for the growth of memory")
    parser.add_argument("--pictures", action="store_true", help="pictures alone")
    parser.add_argument("--figures", action="store_true", help="figures alone")
    return parser.parse_args()


def visit(page: Any, address: str, begun: float | None) -> Any:
    """A page once its run is there; with the time since the command began, told."""
    page.set_default_timeout(PATIENCE)
    page.goto(address)  # moves on by itself to the address without the token
    page.wait_for_selector(".loading, .techshield")
    if begun is not None:
        print(f"command to first page (what is being done is told): {time.perf_counter() - begun:.1f} s")
    page.wait_for_selector("button:has-text('Play'):enabled, button:has-text('播放'):enabled")
    page.wait_for_selector("svg[role=img]")
    page.wait_for_selector(".waits", state="detached")
    if begun is not None:
        spent = time.perf_counter() - begun
        print(
            f"command to first usable page (controls there, a run ready to play, charts drawn): {spent:.1f} s (aim 5)"
        )
    return page


def serve(command: tuple[str, ...] = OURS) -> tuple[subprocess.Popen[str], str]:
    """A server on a free port, once it answers, and its address: of our view with the token."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    line = [sys.executable, "-m", *command, "--port", str(port)]
    ours = command == OURS
    told = subprocess.PIPE if ours else subprocess.DEVNULL  # Mesa's viewer goes on talking, ours says its address alone
    running = subprocess.Popen(line, stdout=told, stderr=subprocess.DEVNULL, text=True)
    address = running.stdout.readline().strip() if ours else f"http://127.0.0.1:{port}"
    for _ in range(3000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.02)
    return running, address


def shown(page: Any) -> date:
    """The week shown."""
    return date.fromisoformat(page.inner_text(".week").split()[-1])


def measure(page: Any, pid: int) -> None:
    """Weeks a second with every chart drawn each week, and how fast pause answers, several times."""
    waits, begun = [], time.perf_counter()
    weeks = spent = 0.0
    for number in range(PAUSES):
        page.click("button:has-text('Play')")
        page.wait_for_selector("button:has-text('Pause')")
        first, begun, busy = shown(page), time.perf_counter(), processor(pid)
        page.wait_for_timeout(1000 * (PLAYED if number == 0 else 1))
        if number == 0:
            weeks, spent, busy = (shown(page) - first).days / 7, time.perf_counter() - begun, processor(pid) - busy
            print(f"weeks a second, all charts drawn each week: {weeks / spent:.1f} (aim 10; "
                  f"{1000 * busy / weeks:.0f} ms of the server's processor a week)")  # fmt: skip
        waits.append(page.evaluate(PAUSE))
    told = [f"{max(each[at] for each in waits):.2f}" for at in (0, 1)]
    print(f"pause, slowest of {PAUSES}: told after {told[0]} s, the last week drawn after {told[1]} s (aim 0.3)")


def memory(page: Any, pid: int, minutes: float) -> None:
    """Growth of the server's memory while a run is played, and started again whenever it ends.

    A run fills its record as it goes and gives it back when another begins: like is held against like, the server at
    the end of each run and at the beginning of each. The first two runs are not counted: caches fill.
    """
    ends, starts, begun, weeks, last = [], [], time.perf_counter(), 0.0, shown(page)
    page.click("button:has-text('Play')")
    while len(ends) < LEAST_RUNS or time.perf_counter() - begun < SECONDS * minutes:
        page.wait_for_timeout(500)
        now = shown(page)
        weeks, last = weeks + max((now - last).days / 7, 0), now
        if page.locator("button:has-text('Play')").count() == 0:
            continue
        ends.append(resident(pid))
        again(page)
        starts.append(resident(pid))
        last = shown(page)
        if len(ends) == WARM_RUNS:
            weeks, begun = 0.0, time.perf_counter()
    spent = (time.perf_counter() - begun) / SECONDS
    grown = max(max(each[WARM_RUNS:]) - each[WARM_RUNS - 1] for each in (ends, starts))
    print(f"memory, MB, at the end of each run: {ends[:: max(len(ends) // 12, 1)]}")
    print(f"memory, MB, once the next began:    {starts[:: max(len(starts) // 12, 1)]}")
    print(f"memory: {grown:+d} MB at most beyond the second run, in {spent:.1f} minutes and {weeks:.0f} weeks of play "
          "(aim 50 in an hour)")  # fmt: skip


def again(page: Any) -> None:
    """Start the run again, and play it quickly."""
    page.click("button:has-text('Start again')")
    page.wait_for_selector("button:has-text('Play'):enabled")
    page.wait_for_selector(".waits", state="detached")
    thumb = page.locator(".v-input:has(label:has-text('Weeks a picture')) [role=slider]")
    thumb.focus()
    page.keyboard.press("End")
    page.click("button:has-text('Play')")
    page.wait_for_selector("button:has-text('Pause')")


def resident(pid: int) -> int:
    """Memory of a process, MB (Linux)."""
    told = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(next(line.split()[1] for line in told.splitlines() if line.startswith("VmRSS"))) // 1024


def processor(pid: int) -> float:
    """Processor time of a process, s (Linux)."""
    told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def rival(chromium: Any) -> None:
    """Weeks a second of Mesa's own viewer over the same model, one chart drawn each week."""
    running, address = serve(MESAS)
    try:
        page = chromium.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(address)
        page.wait_for_selector("text=/Time: /")
        page.click("button:has-text('▶')")
        page.wait_for_timeout(1000)
        first, begun = played(page), time.perf_counter()
        page.wait_for_timeout(1000 * PLAYED)
        print(f"weeks a second in Mesa's SolaraViz: {(played(page) - first) / (time.perf_counter() - begun):.1f}")
    finally:
        running.terminate()
        running.wait(20)


def played(page: Any) -> float:
    """The week that Mesa's viewer shows."""
    return float(page.inner_text("text=/Time: /").split()[-1])


def pictures(page: Any, number: int, tongue: str) -> None:
    """Each page in one language: three years, a branch with a lever pulled, where Taiwan stands; bands of two runs."""
    told = {name: words[number] for name, words in WORDS.items()}
    if number:
        page.click("button:has-text('繁體中文')")
        page.wait_for_selector(f".v-tab:has-text('{TABS['live'][1]}')")
    a_story(page, told)
    for name, words in TABS.items():
        page.click(f".v-tab:has-text('{words[number]}')")
        if name == "compare":
            page.click(f"button:has-text('{told['compute']}'):enabled")
            page.wait_for_selector("[data-figure=bands] svg", timeout=5 * PATIENCE)
        page.wait_for_timeout(1500)
        page.evaluate("window.scrollTo(0, 0)")
        whole = page if name == "evidence" else page.locator(".techshield")
        whole.screenshot(path=FOLDER / f"view-{name}-{tongue}.png")
    page.close()


def a_story(page: Any, told: dict[str, str]) -> None:
    """Two years, a branch with a lever pulled, a third year, and where Taiwan stands."""
    for step in ("year", "year", "branch", "year"):
        before = page.inner_text(".week")
        page.click(f"button:has-text('{told[step]}'):enabled")
        if step == "branch":
            page.wait_for_selector(".branched")
            thumb = page.locator(f".v-input:has(label:has-text('{told['R3']}')) [role=slider]")
            thumb.focus()
            page.keyboard.press("End")
        else:
            page.wait_for_function("was => document.querySelector('.week').innerText !== was", arg=before)
    page.click(f"button:has-text('{told['measure']}'):enabled")
    page.wait_for_selector(".stand")
    page.locator("g[data-key='refined|CHN']").first.click()


if __name__ == "__main__":
    main()
