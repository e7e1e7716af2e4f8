"""What a batch says: tables of its first outcome and of what stands beside it, for words and figures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from abm.measures.headline import METRICS
from calibration.fit.draws import WORDS
from calibration.fit.informed import labels
from calibration.fit.posterior import SHIPPED
from experiments import compare
from experiments.compare import ALLIED, BAND, COST, NONE, OWN
from experiments.discovery import Box, discover, inputs, judged, undefined
from experiments.sampling import EFFECTS
from experiments.sensitivity import effects, point_means
from experiments.store import Results
from kit.errors import BadInput

SURE = 0.9
BILLION, MILLION = 1e9, 1e6
PRICES = ("price.dy_oxide", "price.gallium")
FANS = 4


@dataclass(frozen=True)
class Findings:
    """What moves the first outcome, and under which conditions success comes about, where the design asks for it.

    hinge: correlation of each parameter with the best arm's gain; success: runs that succeed, runs asked, runs left out
    as an outcome of the condition is not defined; history: what history says of each free parameter, in both languages.
    """

    drivers: pd.DataFrame
    effects: pd.DataFrame
    hinge: pd.DataFrame
    box: Box | None
    ranges: pd.DataFrame
    success: tuple[int, int, int]
    history: dict[str, str]


@dataclass(frozen=True)
class Told:
    """Numbers for the sentences, tables and figures of a report; money in `scale` of the unit.

    bands: by arm, with its future and policy; gaps: differences from the base, empty where arms are not compared;
    undefined: runs, and points of the first arm, in which the first outcome is not defined;
    benefit, plane: in NT$ and US$, empty where Taiwan's loss is not what is asked for; fans: column to arm to months.
    """

    manifest: dict[str, Any]
    outcome: str
    unit: str
    scale: float
    runs: int
    failed: int
    undefined: tuple[int, int]
    bands: pd.DataFrame
    second: pd.DataFrame
    gaps: pd.DataFrame
    leaders: pd.Series
    regret: pd.DataFrame
    robustness: pd.DataFrame
    benefit: pd.DataFrame
    plane: pd.DataFrame
    findings: Findings
    fans: dict[str, dict[str, pd.DataFrame]]

    @property
    def best(self) -> pd.Series | None:
        """The arm that differs most for the better from its base."""
        if not len(self.gaps):
            return None
        return self.gaps.sort_values("median", ascending=self.manifest["better"] == "low").iloc[0]

    @property
    def improves(self) -> bool:
        """Whether the best arm is better than its base at the median."""
        return self.best is not None and compare.sign_of(self.manifest["better"]) * self.best["median"] > 0

    @property
    def unsure(self) -> list[str]:
        """Arms that are not better than their base in nine pairs of ten."""
        return list(self.gaps[self.gaps.chance_of_better < SURE].arm)

    @property
    def harmful(self) -> pd.DataFrame:
        """Arms that are worse than their base in nine pairs of ten, the most harmful first."""
        worse = self.gaps[self.gaps.chance_of_worse >= SURE] if len(self.gaps) else self.gaps
        return worse.sort_values("median", ascending=self.manifest["better"] == "high") if len(worse) else worse


def unit_of(outcome: str) -> str:
    """The unit of an outcome."""
    return next(metric.unit for metric in METRICS if metric.name == outcome.partition(".")[0])


def tell(results: Results) -> Told:
    """Work out what a batch says; BadInput where it holds no run that went well."""
    manifest, every = results.manifest, results.scalars()
    runs = every[every.error == ""] if "error" in every else every
    if not len(runs):
        raise BadInput(f"{results.store.address}: holds no run that went well; nothing can be reported.")
    outcome, better = manifest["outcomes"][0], manifest["better"]
    parts = compare.parted(list(dict.fromkeys(runs.arm)))
    table = parts.join(compare.bands(runs, outcome))
    gaps = compare.paired(runs, outcome, better) if comparable(manifest, parts) else pd.DataFrame()
    lacking = (int(compare.outcome_of(runs, outcome).isna().sum()), int(point_means(runs, outcome).isna().sum()))
    scale, unit = scale_of(table, unit_of(outcome))
    several = len(gaps) and parts.future.nunique() > 1 and parts.policy.nunique() > 1
    money = bool(len(gaps)) and outcome == OWN and set(f"{OWN}+{ALLIED}+{COST}".split("+")) <= set(runs)
    costs = compare.benefit(runs, manifest["exchange_rate"]) if money else pd.DataFrame()
    told = Told(
        manifest, outcome, unit, scale, len(runs), len(every) - len(runs), lacking, table,
        second_of(runs, manifest), gaps, leaders(runs, outcome),
        compare.regret(runs, outcome, better) if several else pd.DataFrame(),
        compare.robustness(runs, outcome, better) if several else pd.DataFrame(),
        costs if len(costs) and costs.cost.abs().max() > 0 else pd.DataFrame(),
        parts.join(compare.plane(runs), how="inner") if money else pd.DataFrame(),
        find(manifest, runs, gaps, lacking[1]), {},
    )  # fmt: skip
    told.fans.update(fans(results, runs, told))
    return told


def comparable(manifest: dict[str, Any], parts: pd.DataFrame) -> bool:
    """Whether arms are meant to be held against a base: cases alone are so only if one of them is named `none`."""
    if len(parts) < 2:
        return False
    return len(manifest["packages"]) > 1 or not manifest["cases"] or NONE in manifest["cases"]


def second_of(runs: pd.DataFrame, manifest: dict[str, Any]) -> pd.DataFrame:
    """Bands of the second outcome, where there is one."""
    outcomes = manifest["outcomes"]
    return compare.bands(runs, outcomes[1]) if len(outcomes) > 1 else pd.DataFrame()


def leaders(runs: pd.DataFrame, outcome: str) -> pd.Series:
    """In what share of points and seeds each arm has the highest outcome."""
    table = compare.wide(runs, outcome).dropna()
    return table.idxmax(axis=1).value_counts(normalize=True) if len(table) else pd.Series(dtype=float)


def find(manifest: dict[str, Any], runs: pd.DataFrame, gaps: pd.DataFrame, lacking: int) -> Findings:
    """Effects where the sampling is Sobol's or Morris's, else correlations; a box where the design names a success.

    Where the outcome is not defined at some points (`lacking`), effects are not told.
    """
    outcome, empty = manifest["outcomes"][0], pd.DataFrame()
    special = manifest["sampling"] in EFFECTS
    given, box, count = inputs(runs), None, (0, 0, 0)
    if manifest["success"]:
        wished = manifest["success"]
        _, met = judged(runs, wished)
        count, box = (int(met.sum()), len(met), undefined(runs, wished)), discover(runs, wished)
    return Findings(
        empty if special else compare.drivers(runs, outcome),
        effects(runs, manifest, outcome) if special and not lacking else empty,
        hinge(runs, gaps, manifest),
        box,
        given.agg(["min", "max"]) if len(given.columns) else empty,
        count,
        labels(posterior_of(manifest["uncertain"])),
    )


def posterior_of(uncertain: Any) -> Path:
    """The posterior that tells which parameters history informs: the file that points come from, or the shipped."""
    own = isinstance(uncertain, str) and uncertain not in WORDS
    return Path(uncertain) if own else SHIPPED


def hinge(runs: pd.DataFrame, gaps: pd.DataFrame, manifest: dict[str, Any]) -> pd.DataFrame:
    """Rank correlation of each parameter with the gain of the best arm: above nothing where it is better."""
    if not len(gaps):
        return pd.DataFrame()
    sign = compare.sign_of(manifest["better"])
    best = gaps.sort_values("median", ascending=manifest["better"] == "low").iloc[0]
    table = compare.wide(runs, manifest["outcomes"][0])
    mine = runs[runs.arm == best.arm].set_index(compare.PAIR)
    return compare.drivers(mine.assign(gain=sign * (table[best.arm] - table[best.against])).reset_index(), "gain")


def scale_of(table: pd.DataFrame, unit: str) -> tuple[float, str]:
    """Money in billions or millions, by its size; other units as they are."""
    if "$" not in unit:
        return 1.0, unit
    large = float(table["median"].abs().max()) >= BILLION
    return (BILLION, f"billion {unit}") if large else (MILLION, f"million {unit}")


def fans(results: Results, runs: pd.DataFrame, told: Told) -> dict[str, dict[str, pd.DataFrame]]:
    """Months of Taiwan's loss (million US$) and of a price, of a few arms: bases and the best."""
    if results.manifest["series"] == "none":
        return {}
    bases = list(dict.fromkeys(told.gaps.against)) if len(told.gaps) else list(dict.fromkeys(runs.arm))
    named = [told.best.arm] if told.best is not None else []
    arms = list(dict.fromkeys([*bases[: FANS - len(named)], *named]))
    there = results.store.columns("series")
    found = {}
    for column, size in [("lost.taiwan", MILLION), *((name, 1.0) for name in PRICES if name in there)][:2]:
        rows = results.series([column]).merge(runs.loc[runs.arm.isin(arms), ["run_id", "arm"]], on="run_id")
        bands = (rows.groupby(["arm", "month"])[column].quantile(BAND).unstack() / size).set_axis(
            ["p05", "median", "p95"], axis=1
        )
        found[column] = {arm: bands.loc[arm] for arm in arms}
    return found
