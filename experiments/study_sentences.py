"""The words of a report in a language: templates filled with measured values, and names of arms and outcomes."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from calibration.fit.informed import NOT_ASKED
from experiments import study_names
from experiments import study_queries as queries
from experiments.discovery import condition
from experiments.sampling import EFFECTS
from experiments.study_tell import SURE, Told
from kit import yaml_loader

WORDS = Path(__file__).parent / "study_words.yaml"
LANGUAGES = ("en", "zh")
BOTH = "both"
COMMA = {"en": ", ", "zh": "、"}
MOST_NAMED = 4
FIRM = 0.5
LARGE = 1000
TENFOLD = 10.0


@cache
def words() -> dict[str, Any]:
    """All templates and names, in both languages."""
    found: dict[str, Any] = yaml_loader.read(WORDS)
    return found


class Speech:
    """What is told, in one language, or in `both` side by side for labels."""

    def __init__(self, told: Told, language: str, beside: bool = False) -> None:
        """`beside`: whether the words stand beside English ones, on the same numbers."""
        self.told, self.language, self.beside = told, language, beside

    def say(self, name: str, **values: Any) -> str:
        """A template filled."""
        return str(words()[name][self.language].format(**values))

    def label(self, name: str, kind: str = "labels", **values: str) -> str:
        """A short text of the labels or heads; in both languages where that is asked for.

        `values` are put in the words of the language; outcome and unit are those of the first outcome if left out. A
        `good` is told by its name in the tables.
        """
        if self.language == BOTH:
            texts = (Speech(self.told, one, beside=True).label(name, kind, **values) for one in LANGUAGES)
            return "  ".join(dict.fromkeys(texts))
        told = {"outcome": self.told.outcome, "unit": self.told.unit} | values
        told["outcome"], told["unit"] = self.named("outcomes", told["outcome"]), self.named("units", told["unit"])
        told["good"] = study_names.good(told.get("good", ""), self.language)
        return str(words()[kind][name][self.language].format(**told))

    def named(self, kind: str, word: str) -> str:
        """An outcome or a unit in the words of the language, as it stands where there are none."""
        found = words()["beside" if kind == "units" and self.beside and word in words()["beside"] else kind]
        return str(found[word][self.language]) if word in found else word

    def times(self, unit: str) -> float:
        """By how much a number in a unit is multiplied where it is told: Chinese counts in 億, tenths of a billion."""
        return TENFOLD if self.language == "zh" and not self.beside and unit.startswith("billion ") else 1.0

    def scaled(self, value: float) -> str:
        """A value of the first outcome in the unit of the report, in three figures."""
        return number(value / self.told.scale * self.times(self.told.unit))

    def parameter(self, key: str) -> str:
        """A parameter by its key, in Chinese by its name."""
        return study_names.parameter(key, words()) if self.language == "zh" else key

    def history(self, key: str) -> str:
        """What history says of a parameter, in a word."""
        told = self.told.findings.history.get(key, NOT_ASKED).split(" / ")
        return told[-1 if self.language == "zh" else 0]

    @property
    def unit(self) -> str:
        """The unit of the first outcome."""
        return self.named("units", self.told.unit)

    def arm(self, name: str) -> str:
        """The name of an arm, a future or a policy: without the paths of levers; in Chinese word by word.

        Where all arms share one future, an arm is named by its policy alone.
        """
        table = self.told.bands
        if name in table.index and table.future.nunique() == 1 and len(table) > 1:
            name = str(table.policy[name])
        short = re.sub(r"(^|, )[\w-]+\.([\w.]+=)", r"\1\2", name)
        if self.language != "zh":
            return short
        known = words()["names"] | (self.told.manifest.get("names_zh") or {})
        return "".join(study_names.part(word, known) for word in re.split(r"(, |\+|@[\d.]+)", short))

    def arms(self, names: list[str]) -> str:
        """Some arms, and how many more."""
        comma = COMMA[self.language]
        return comma.join(self.arm(name) for name in names[:MOST_NAMED]) + self.more(len(names) - MOST_NAMED)

    def more(self, left: int) -> str:
        """How many a list leaves out; nothing where none."""
        return self.say("more", number=left) if left > 0 else ""

    def row(self, arm: str) -> str:
        """Median and band of an arm."""
        low, median, high = self.three(self.told.bands.loc[arm])
        return self.say("row", low=low, median=median, high=high, unit=self.unit)

    def three(self, row: pd.Series) -> list[str]:
        """5 %, median and 95 % in the unit of the report."""
        return [self.scaled(row[name]) for name in ("p05", "median", "p95")]

    def gap(self, best: pd.Series) -> dict[str, Any]:
        """A difference from a base, ready for a template."""
        parts = dict(zip(("p05", "median", "p95"), self.three(best), strict=True))
        told = {"arm": self.arm(best.arm), "unit": self.unit, "chance": best.chance_of_better, "pairs": best.pairs}
        return parts | told

    def answer(self) -> list[tuple[str, str]]:
        """The answer in three sentences, each with its query."""
        return self.compared() if len(self.told.gaps) else self.ranked()

    def compared(self) -> list[tuple[str, str]]:
        """Range over arms, the largest improvement, and what is sure."""
        told, best = self.told, self.told.best
        outcome, better = told.outcome, told.manifest["better"]
        assert best is not None
        worst, least = told.bands["median"].idxmax(), told.bands["median"].idxmin()
        first = self.say("range", runs=told.runs, outcome=self.named("outcomes", outcome), least=self.arm(least),
                         worst=self.arm(worst), least_row=self.row(least), worst_row=self.row(worst))  # fmt: skip
        kind = "no_gain" if not told.improves else "best" if best.chance_of_better >= SURE else "best_unsure"
        unsure, count = told.unsure, len(told.gaps)
        last = "sure" if not unsure else "unsure_all" if len(unsure) == count else "unsure"
        return [
            (first, queries.bands(outcome)),
            (self.say(kind, **self.gap(best)), queries.differences(outcome, better, best.arm)),
            (self.say(last, all=count, sure=count - len(unsure), arms=self.arms(unsure)),
             queries.unsure(outcome, better, SURE)),
        ]  # fmt: skip

    def harm(self) -> list[tuple[str, str]]:
        """Which arms are worse than their base in nine pairs of ten."""
        told, worse = self.told, self.told.harmful
        if not len(worse):
            return []
        most = self.gap(worse.iloc[0])
        line = self.say("harm", number=len(worse), all=len(told.gaps), arms=self.arms(list(worse.arm)), **most)
        return [(line, queries.harmful(told.outcome, told.manifest["better"], SURE))]

    def ranked(self) -> list[tuple[str, str]]:
        """The order of arms, how sure its first place is, and the order by the second outcome."""
        told, outcomes = self.told, self.told.manifest["outcomes"]
        if len(told.bands) < 2:
            only = told.bands.index[0]
            return [(f"{self.arm(only)}: {self.row(only)}", queries.bands(told.outcome))]
        order = list(told.bands.sort_values("median", ascending=False).index)
        first, *rest = (self.say("with_row", arm=self.arm(arm), row=self.row(arm)) for arm in order[:3])
        shares = list(told.leaders.items())
        after = "".join(self.say("leader_next", arm=self.arm(str(arm)), share=share) for arm, share in shares[1:2])
        after += self.more(len(shares) - 2)
        draws = int(told.bands.runs.max())
        found = [
            (self.say("ranking", runs=told.runs, outcome=self.named("outcomes", told.outcome), first=first,
                      rest=COMMA[self.language].join(rest) + self.more(len(order) - 3)), queries.bands(told.outcome)),
            (self.say("leader", arm=self.arm(str(shares[0][0])), share=shares[0][1], draws=draws, next=after),
             queries.leaders(told.outcome)),
        ]  # fmt: skip
        if len(told.second):
            order = list(told.second.sort_values("median", ascending=False).index)
            rest = COMMA[self.language].join(self.arm(arm) for arm in order[1:3]) + self.more(len(order) - 3)
            found.append((self.say("second", outcome=self.named("outcomes", outcomes[1]), first=self.arm(order[0]),
                                   rest=rest), queries.bands(outcomes[1])))  # fmt: skip
        return found

    def changes(self) -> list[tuple[str, str]]:
        """What would change the answer, each with its query where it is a claim about runs."""
        told, found = self.told, self.left_out()
        if len(told.gaps):
            pairs = int(told.gaps.pairs.max())
            short = told.gaps[told.gaps.enough > told.gaps.pairs]
            more = {"arms": self.arms(list(short.arm)), "most": short.enough.max(), "pairs": pairs}
            line = self.say("more_seeds", **more) if len(short) else self.say("enough", pairs=pairs)
            found.append((line, queries.enough(told.outcome)))
            found += self.hinges()
        elif len(told.leaders) > 1:
            arm, share = next(iter(told.leaders.items()))
            kind = "firm_order" if share > FIRM else "more_points"
            found.append((self.say(kind, arm=self.arm(str(arm)), share=share), queries.leaders(told.outcome)))
        found.append((self.say("doubt" if told.manifest["uncertain"] else "luck_alone"), ""))
        if told.manifest.get("stale"):
            found.append((self.say("stale"), ""))
        return found

    def left_out(self) -> list[tuple[str, str]]:
        """In how many runs the outcome is not defined; that effects are not told where a point has none that is."""
        (runs, points), told = self.told.undefined, self.told
        line = self.say("undefined", left=runs, all=told.runs, outcome=self.named("outcomes", told.outcome))
        kind = told.manifest["sampling"]
        line += self.say("no_effects", points=points) if points and kind in EFFECTS else ""
        return [(line, queries.undefined(told.outcome))] if runs else []

    def hinges(self) -> list[tuple[str, str]]:
        """Which parameter the best arm's gain goes with, or that none can be told from luck; nothing without a gain."""
        table, best = self.told.findings.hinge, self.told.best
        if not len(table) or best is None or not self.told.improves:
            return []
        first = table.iloc[0]
        query = queries.hinge(self.told.outcome, self.told.manifest["better"], best.arm, first.parameter)
        kind = "hinge" if abs(first.rank_correlation) > first.sure else "no_hinge"
        way = self.say("hinge_more" if first.rank_correlation > 0 else "hinge_less")
        values = {"parameter": self.parameter(first.parameter), "history": self.history(first.parameter),
                  "value": first.rank_correlation, "sure": first.sure,
                  "asked": len(table), "way": way}  # fmt: skip
        return [(self.say(kind, arm=self.arm(best.arm), **values), query)]

    def success(self) -> list[tuple[str, str]]:
        """In how many runs the condition is met, and the box of conditions where one was found."""
        told, wished = self.told, self.told.manifest["success"]
        if not wished:
            return []
        met, count, left = told.findings.success
        line = self.say("success_count", condition=self.wish(wished), met=met, all=count)
        line += self.say("success_left_out", left=left) if left else ""
        found = [(line, queries.success(wished))]
        box = told.findings.box
        if box is None or not len(box.limits):
            return [*found, (self.say("success_few" if box is None else "success_any"), "")]
        limits = COMMA[self.language].join(map(self.limit, box.limits.itertuples()))
        inside = {"density": box.density, "base": box.base, "coverage": box.coverage, "limits": limits}
        return [*found, (self.say("success_box", **inside), queries.inside(wished, box.limits))]

    def wish(self, text: str) -> str:
        """A condition in words."""
        asked = condition(text)
        outcome = self.named("outcomes", asked.outcome)
        bound = self.named("outcomes", asked.value) if isinstance(asked.value, str) else number(asked.value)
        return f"{self.say('saved', outcome=outcome) if asked.saved else outcome} {asked.sign} {bound}"

    def limit(self, row: Any) -> str:
        """One condition of a box in words."""
        if row.factor:
            return self.say("with" if row.low > 0 else "without", word=self.arm(row.parameter))
        return self.say("limit", name=self.parameter(row.parameter), low=number(row.low), high=number(row.high))

    def robust(self) -> list[tuple[str, str]]:
        """Which policy has the least worst regret, and which are level with it; costs are no part of regret."""
        table = self.told.robustness
        if not len(table):
            return []
        first, level = table.iloc[0], [str(name) for name in table.index[table.level]]
        others = self.say("robust_level", arms=self.arms(level[1:])) if len(level) > 1 else ""
        values = {"worst": self.scaled(first.worst), "mean": self.scaled(first["mean"]), "best": first.best}
        told = self.say("robust", policy=self.arm(str(first.name)), unit=self.unit, level=others, **values)
        return [(told, queries.regret(self.told.outcome, self.told.manifest["better"]))]


def number(value: float) -> str:
    """A number in three figures."""
    if pd.isna(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= LARGE else f"{value:.3g}"
