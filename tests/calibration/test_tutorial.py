"""The tutorial's commands do what it says."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "event-format.md").read_text(encoding="utf-8")
COMMANDS = [line.split("#")[0].strip() for line in PAGE.split("```")[1].splitlines() if line.startswith("./")]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_runs(command: str) -> None:
    words = shlex.split(command)[1:]
    more = ["--draws", "1", "--workers", "1", "--json"] if words[0] == "replay" else []
    line = [sys.executable, "-m", "app", *words, *more]
    told = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    if more:
        row = json.loads(told.stdout)["targets"][0]
        assert {"event", "target", "record", "tolerance", "median", "p05", "p95", "hit", "baselines"} <= set(row)


def test_the_example_file_is_the_one_on_the_page() -> None:
    shown = re.search(r"```yaml\n(.*?)```", PAGE, re.S)
    assert shown is not None
    assert (ROOT / "docs" / "my-event.yaml").read_text(encoding="utf-8") == shown.group(1)
