"""Laws of projects: how long they take, how they ramp up, what slows them."""

from __future__ import annotations

import numpy as np
import pytest


def building(model, done, work):
    """The projects of a run, of which the first is being built, with so many weeks of work done."""
    projects = model.projects
    projects._turn(0, "building")
    projects.decided[0] = model.clock.start.toordinal()
    projects.done[0], projects.work[0], projects.cancel_after[0] = done, work, 1000.0
    return projects


def test_a_project_ramps_up_to_its_capacity_over_its_weeks(calm):
    model = calm(projects=True)
    projects, columns = model.projects, model.columns
    for number in range(len(projects.table)):
        projects._turn(number, "open" if number == 0 else "cancelled")
    projects.ramped[:] = 0.0
    firm, before = projects.firm[0], columns["capacity"].copy()
    whole, ramp = float(projects.table.capacity.iloc[0]) / 52, int(model.rules["ramp_weeks"])
    for week in range(2 * ramp):
        projects.advance(model.clock.week(week), columns, model.conditions, model.observer.offered)
        added = columns["capacity"][firm] - before[firm]
        part = min((week + 1) / ramp, 1.0)
        assert added == pytest.approx(part * whole), (
            "a plant reaches a week's part of its yearly capacity over ramp_weeks"
        )


def test_a_technology_ban_slows_work_and_faster_permits_speed_it_up(calm):
    for factor in (2.0, 0.5):
        model = calm(projects=True)
        projects = building(model, 10.0, 1000.0)
        model.conditions["build"][:] = factor
        projects.advance(model.clock.week(0), model.columns, model.conditions, model.observer.offered)
        assert projects.done[0] == pytest.approx(10 + 1 / factor), (
            "building time times a factor is work over that factor"
        )


def test_a_project_opens_once_its_work_is_done(calm):
    model = calm(projects=True)
    projects = building(model, 10.0, 12.0)
    states = []
    for week in range(3):
        projects.advance(model.clock.week(week), model.columns, model.conditions, model.observer.offered)
        states.append(str(projects.state[0]))
    assert states == ["building", "open", "open"], "a project opens in the week in which its work is done"


def test_a_project_needs_its_lead_and_what_it_slips(calm):
    projects = calm(projects=True).projects
    assert (projects.work >= 52 * projects.lead).all(), "no project takes less than its lead in years of 52 weeks"
    assert np.median(projects.work / 52 - projects.lead) < 5, "slip is counted in years"
