"""What history says of each parameter, in a word, for every table that shows parameters."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from calibration.fit.free import free
from calibration.fit.posterior import SHIPPED, Posterior
from kit.errors import BadInput

INFORMED, PRIOR = "informed / 史料有據", "prior only / 史料未及"
MOVED = "moved, not narrowed / 分布移動而未收窄"
NOT_ASKED, UNKNOWN = "not asked / 未校準", "posterior is of another version / 後驗屬另一版本"


def labels(path: Path = SHIPPED) -> dict[str, str]:
    """By `name` or `name.family`: whether history informs a free parameter, moves it or leaves it at the prior.

    All others were not asked.
    """
    keys = [each.key for each in free()[0]]
    try:
        posterior = Posterior.load(path)
    except BadInput:
        return dict.fromkeys(keys, UNKNOWN)
    if not {"informed", "moved"} <= set(posterior.manifest):
        return dict.fromkeys(keys, UNKNOWN)
    told = dict.fromkeys(posterior.moved(), MOVED) | dict.fromkeys(posterior.informed(), INFORMED)
    return {key: told.get(key, PRIOR) for key in keys}


def column(names: Iterable[str], families: Iterable[object]) -> list[str]:
    """The labels of rows of the parameters table."""
    known = labels()
    keys = [f"{name}.{family}" if family and not pd.isna(family) else name
            for name, family in zip(names, families, strict=True)]  # fmt: skip
    return [known.get(key, NOT_ASKED) for key in keys]


def in_a_line(posterior: Posterior) -> str:
    """How many parameters a posterior narrows, which it moves alone and which it leaves, in both languages."""
    if "informed" not in posterior.manifest:
        return "It does not say which parameters history informs. / 未載明史料及於哪些參數。"
    blind = [name for name in posterior.draws if name not in posterior.informed()]
    if "moved" not in posterior.manifest:
        return (f"History informs {len(posterior.informed())} of {len(posterior.draws.columns)} free parameters, not: "
                f"{listed(blind)}. / 史料收窄其中 {len(posterior.informed())} 個，其餘見左。")  # fmt: skip
    left = [name for name in blind if name not in posterior.moved()]
    shifted = [name for name in blind if name in posterior.moved()]
    return (f"History informs {len(posterior.informed())} of {len(posterior.draws.columns)} free parameters; "
            f"moved, not narrowed: {listed(shifted)}; prior only: {listed(left)}. / "
            f"史料收窄其中 {len(posterior.informed())} 個；分布移動而未收窄 {len(shifted)} 個；"
            f"僅有先驗 {len(left)} 個。")  # fmt: skip


def listed(names: Iterable[str]) -> str:
    """Names between commas, or that there are none."""
    return ", ".join(names) or "none / 無"
