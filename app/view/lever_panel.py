"""The panel of levers: Taiwan's packages, any single policy with its switch and numbers, and what has been changed."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import solara

from abm.scenario.checks import instruments
from app.view import gestures, policies, series
from app.view.policies import PACKAGES, Dial, Policy
from app.view.session import Session
from app.view.state import guarded, language, moved, places, policy, run, slowly, t, tick
from app.view.words import large, meaning, of_group, unit

BUDGETS = (0.0, 0.5, 1.0, 1.5, 2.0)


@solara.component
def Levers() -> None:
    """Budgets of Taiwan's packages, one policy in detail, and the changes so far."""
    _ = moved.value
    live: Session = run.value
    if live.levers:
        with solara.Row(style="flex-wrap:wrap;align-items:center", gap="16px"):
            for name in PACKAGES:
                Package(name)
    Spent()
    items = [{"text": label(each), "value": name} for name, each in sorted(live.policies.items(), key=in_order)]
    if not items:
        return
    gestures.Choice(label=t("policy"), items=items, value=policy.value or None, kind="optional",
                    event_chosen=lambda key: policy.set(key or ""))  # fmt: skip
    if policy.value in live.policies:
        One(live.policies[policy.value]).key(policy.value)  # a gesture on one policy is never taken for another's
    Changed()


@solara.component
def Package(name: str) -> None:
    """The budget of one package."""
    _ = moved.value
    size = round(run.value.budget(name), 2)
    with solara.Column(style="flex:1 1 330px;min-width:280px", gap="0px"):
        gestures.Slider(t("budget", name=t(name), size=f"{size:g}"), size, BUDGETS,
                        lambda value: guarded(lambda: run.value.pull(name, float(value))))  # fmt: skip


@solara.component
def Spent() -> None:
    """What Taiwan's measures have cost so far."""
    _ = tick.value
    live: Session = run.value
    if live.main.setting.base_year >= policies.FIRST_LEVERS:
        cost = slowly("cost", lambda: series.spent(live)) / large(language.value)
        solara.Text(t("cost", cost=f"{cost:.1f}"), classes=["why", "cost"])


def title(each: Policy) -> str:
    """A policy's title in the language of the page."""
    return each.spec.title_en if language.value == "en" else each.spec.title_zh


def who(each: Policy) -> str:
    """Who acts."""
    return places().get(each.spec.by or "", each.spec.by or "–")


def label(each: Policy) -> str:
    """A policy in the list."""
    package = f"{each.package} · " if each.package else ""
    return f"{package}{who(each)} · {title(each)}"


def in_order(entry: tuple[str, Policy]) -> tuple[bool, str, str, str]:
    """Taiwan's levers first, then by who acts and when."""
    each = entry[1]
    return not each.package, each.package, str(each.spec.by), str(each.spec.start)


@solara.component
def One(each: Policy) -> None:
    """The switch and the numbers of one policy, with what it is, from when to when, and what it costs."""
    _ = moved.value
    live: Session = run.value
    spec, change = each.spec, live.changes.get(each.spec.id)
    entry = instruments()[spec.instrument]
    span = t("policy_span", first=spec.start, last=spec.end) if spec.end else t("policy_from", first=spec.start)
    with solara.Div(classes=["policy"], attributes={"data-policy": spec.id}):
        solara.Text(t("policy_told", instrument=entry[f"name_{language.value}"], by=who(each), span=span,
                      source=spec.source, confidence=of_group("confidences", spec.confidence, language.value)),
                    classes=["why"])  # fmt: skip
        gestures.Flip(label=t("policy_on"), on=policies.pulled(each, live.changes),
                      event_turned=lambda on: guarded(lambda: run.value.change(spec.id, {"on": on})))  # fmt: skip
        for dial in each.dials:
            Number(each, dial)
        with live.lock:
            cost = series.yearly_cost(live, sized(each)) / large(language.value)
        if math.isfinite(cost):
            solara.Text(t("policy_cost", cost=f"{cost:.2f}"), classes=["why"])
        if change is not None:
            solara.Button(t("take_back"), on_click=lambda: guarded(lambda: run.value.take_back(spec.id)))


@solara.component
def Number(each: Policy, dial: Dial) -> None:
    """One number of a policy as a slider with its unit, its span and the value written."""
    _ = moved.value
    live: Session = run.value
    entry = instruments()[each.spec.instrument]["fields"][dial.field]
    value = policies.value_of(each, dial, live.changes)
    told = t("policy_range", meaning=meaning(entry["meaning"], language.value), value=f"{value:,g}",
             unit=unit(dial.unit, language.value), written=f"{dial.written:,g}", low=f"{dial.low:,g}",
             high=f"{dial.high:,g}")  # fmt: skip

    def move(at: float) -> None:
        guarded(lambda: run.value.change(each.spec.id, {"field": dial.field, "value": float(at)}))

    with solara.Column(gap="0px", style="max-width:760px"):
        gestures.Slider(of_group("fields", dial.field, language.value), value, policies.stops_of(each, dial), move)
        solara.Text(told, classes=["why"])


def sized(each: Policy) -> Any:
    """A policy as it is set now; a lever that is not pulled as it is written, so that its cost can be told."""
    live: Session = run.value
    change = live.changes.get(each.spec.id)
    return (
        each.spec if change is None else dataclasses.replace(each.spec, fields=each.spec.fields | dict(change.values))
    )


@solara.component
def Changed() -> None:
    """What has been changed, each with a button that takes it back."""
    _ = moved.value
    live: Session = run.value
    if not live.changes:
        return
    solara.Text(t("changed"), style="font-weight:600")
    for name, change in live.changes.items():
        each = live.policies[name]
        what = [f"{of_group('fields', field, language.value)} {value:,g}" for field, value in change.values.items()]
        what += [t("change_off")] if change.off else []
        text = t("change_told", title=label(each), what=", ".join(what), since=change.off or change.since)
        with solara.Row(style="align-items:center;flex-wrap:wrap", gap="8px"):
            solara.Text(text, classes=["why"])
            solara.Button(t("take_back"), small=True, attributes={"aria-label": f"{t('take_back')}: {title(each)}"},
                          on_click=lambda name=name: guarded(lambda: run.value.take_back(name)))  # fmt: skip
