"""The ODD page is what the code and the tables say today."""

from pathlib import Path

from app.odd import render

ROOT = Path(__file__).resolve().parents[2]


def test_page_is_current() -> None:
    template = (ROOT / "docs/odd.in.md").read_text(encoding="utf-8")
    current = (ROOT / "docs/odd.md").read_text(encoding="utf-8")
    assert render(template) == current, "run `techshield odd --docs`"
