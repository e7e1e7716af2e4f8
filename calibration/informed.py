"""What history says of each parameter, in a word, for every table that shows parameters."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from abm.errors import BadInput
from calibration.free import free
from calibration.posterior import SHIPPED, Posterior

INFORMED, PRIOR = "informed / 史料有據", "prior only / 史料未及"
NOT_ASKED, UNKNOWN = "not asked / 未校準", "posterior is of another version / 後驗屬另一版本"


def labels(path: Path = SHIPPED) -> dict[str, str]:
    """By `name` or `name.family`: whether history informs a free parameter. All others were not asked."""
    keys = [each.key for each in free()[0]]
    try:
        posterior = Posterior.load(path)
    except BadInput:
        return dict.fromkeys(keys, UNKNOWN)
    if "informed" not in posterior.manifest:
        return dict.fromkeys(keys, UNKNOWN)
    return {key: INFORMED if key in posterior.informed() else PRIOR for key in keys}


def column(names: Iterable[str], families: Iterable[object]) -> list[str]:
    """The labels of rows of the parameters table."""
    known = labels()
    keys = [f"{name}.{family}" if family and not pd.isna(family) else name
            for name, family in zip(names, families, strict=True)]  # fmt: skip
    return [known.get(key, NOT_ASKED) for key in keys]


def in_a_line(posterior: Posterior) -> str:
    """How many parameters a posterior settles, and which it leaves at the prior, in both languages."""
    if "informed" not in posterior.manifest:
        return "It does not say which parameters history informs. / 未載明史料及於哪些參數。"
    blind = [name for name in posterior.draws if name not in posterior.informed()]
    named = ", ".join(blind) or "none / 無"
    return (f"History informs {len(posterior.informed())} of {len(posterior.draws.columns)} free parameters; "
            f"prior only: {named}. / 史料及於其中 {len(posterior.informed())} 個；其餘僅有先驗。")  # fmt: skip
