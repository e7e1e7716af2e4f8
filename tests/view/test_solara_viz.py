"""The example for those who know Mesa's own viewer."""

from __future__ import annotations

import importlib.util
import warnings
from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "solara_viz.py"


@pytest.fixture
def example() -> Any:
    """The example as a module, whose models of gallium alone are noted as they are made."""
    spec = importlib.util.spec_from_file_location("solara_viz_example", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        spec.loader.exec_module(module)

    class Noted(module.Shown):
        made: list[Any] = []  # noqa: RUF012

        def __init__(self, scenario: Any = "snap-back", **settings: Any) -> None:
            super().__init__(scenario, **{"only": "gallium"} | settings)
            self.made.append(self)

    module.Shown = Noted
    return module


@pytest.mark.slow
def test_visitors_have_runs_of_their_own_and_reset_begins_the_same_run_again(example: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import ipyvuetify
        import solara

        def press(page: Any, label: str) -> None:
            page.find(ipyvuetify.Btn, children=[label]).widget.click()

        pages = [solara.render(solara.AppLayout(children=[example.Page()]), handle_error=False) for _ in range(2)]
        one, two = example.Shown.made
        press(pages[0][1], "Step")
        assert (one.steps, two.steps) == (1, 0)
        assert one.datacollector.get_model_vars_dataframe().gallium.iloc[-1] == pytest.approx(1.0, abs=0.1)
        press(pages[0][1], "Reset")
        again = example.Shown.made[-1]
        assert (again.setting.name, again.seed_number, again.steps) == ("snap-back", one.seed_number, 0)
        assert len(example.Shown.made) == 3
        press(pages[0][1], "Step")
        assert (again.steps, two.steps) == (1, 0)
        for _, page in pages:
            page.close()
