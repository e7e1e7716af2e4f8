"""The example for those who know Mesa's own viewer."""

from __future__ import annotations

import runpy
import warnings
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "solara_viz.py"


@pytest.mark.slow
def test_the_example_steps_plots_and_renders() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import solara

        found = runpy.run_path(str(EXAMPLE))
        model = found["model"]
        model.step()
        assert model.datacollector.get_model_vars_dataframe().gallium.iloc[-1] == pytest.approx(1.0, abs=0.1)
        box, context = solara.render(found["page"], handle_error=False)
        assert box.children
        context.close()
