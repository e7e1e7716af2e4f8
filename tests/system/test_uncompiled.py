"""The model runs with compilation off and gives the same, but for the last digits of powers and exponentials."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

RUN = """
import datetime, sys
import numpy as np
from abm import Model, Scenario
setting = Scenario.load("embargo-taiwan").until(datetime.date(2025, 3, 3))
history = Model(setting, rng=3, only=("gallium",)).run().history
bought = {f"bought_{name}": values for name, values in history.bought.items()}
np.savez(sys.argv[1], spot=history.spot, sent=history.link["sent"], **history.firm, **bought)
"""


def run(root: Path, kept: Path, disabled: str) -> dict[str, np.ndarray]:
    """What a short run records, its kernels compiled or not; a warning is an error."""
    own = {"NUMBA_DISABLE_JIT": disabled, "PYTHONPATH": str(root)}
    command = [sys.executable, "-P", "-W", "error", "-c", RUN, str(kept)]
    done = subprocess.run(command, cwd=root, env=os.environ | own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with np.load(kept) as found:
        return dict(found)


def test_a_run_without_compilation_gives_the_same(root: Path, tmp_path: Path) -> None:
    compiled, plain = (run(root, tmp_path / f"{disabled}.npz", disabled) for disabled in ("0", "1"))
    assert compiled.keys() == plain.keys()
    assert len(compiled["spot"]) > 50
    for name, values in compiled.items():
        scale = np.abs(values).max()
        np.testing.assert_allclose(plain[name], values, rtol=1e-9, atol=1e-9 * scale, err_msg=name)
