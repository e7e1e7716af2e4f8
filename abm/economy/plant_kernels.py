"""Kernels of plants on their way: projects, and the wait for chip tools; compiled, kept on disk.

Arrays are contiguous, float64 unless said otherwise; amounts in units (stocks) or units a week (flows).
"""

from __future__ import annotations

import numpy as np

from kit.compile import kernel

TINY = 1e-300


@kernel
def work_on(due, firms, limits, state, turns):  # type: ignore[no-untyped-def]
    """A week of work on projects that are decided and not yet built; whether any begins or ends, noted in `turns`.

    due: whether it is unbuilt (project,) bool, day of decision (project,) int64, today; firms: row of each project's
    firm (project,) int64, price US$/unit, building time over its usual length (firm,); limits: floor price, weeks of
    work, weeks until it is given up (project,); state: whether it waits, weeks done, in place; turns: bool (project,),
    written anew.
    """
    unbuilt, decided, today = due
    firm, price, build = firms
    floor, work, give_up = limits
    waiting, done = state
    some = False
    for project in range(len(done)):
        turns[project] = False
        if not unbuilt[project] or decided[project] > today:
            continue
        if not waiting[project] or price[firm[project]] >= floor[project]:
            done[project] += 1 / build[firm[project]]
            turns[project] = waiting[project] or done[project] > give_up[project] or done[project] >= work[project]
            some = some or turns[project]
    return some


@kernel
def ramp_up(opened, ramped, plants, capacity):  # type: ignore[no-untyped-def]
    """A week of ramp-up of opened projects: their part that runs (project,) and the firms' capacity (firm,), in place.

    plants: row of the firm int64, size in units/week (project,), and the part added in a week.
    """
    firm, size, pace = plants
    for project in range(len(ramped)):
        if opened[project] and ramped[project] < 1:
            step = min(pace, 1 - ramped[project])
            ramped[project] += step
            capacity[firm[project]] += size[project] * step


@kernel
def quote(tools, orders, sent, settings, results):  # type: ignore[no-untyped-def]
    """Lead time and outlay of each fab, from the backlog of its orders over what is shipped to it (equation 9a).

    tools: links that carry tools and the place of the fab of each (n,), row and shelf of each fab (fab,) int64; orders:
    cover, extra cover, lead in weeks, expected use, stock, on order, price over its base (bought,); sent: shipped this
    week (link,) and remembered (fab,), in place; settings: weeks of memory, longest wait, share of tools in the outlay;
    results: wait (fab,), wait and outlay over its usual one (firm,).
    """
    links, place, fabs, shelves = tools
    cover, extra, lead, use, stock, on_order, paid = orders
    shipped, remembered = sent
    memory, most, share = settings
    wait, tool_wait, outlay = results
    came = np.zeros(len(fabs))
    for row in range(len(links)):
        came[place[row]] += shipped[links[row]]
    for fab in range(len(fabs)):
        shelf = shelves[fab]
        remembered[fab] += (came[fab] - remembered[fab]) / memory
        backlog = use[shelf] * (cover[shelf] + extra[shelf] + lead[shelf]) - stock[shelf] - on_order[shelf]
        wait[fab] = min(max(backlog / max(remembered[fab], TINY), 0.0), most)
        tool_wait[fabs[fab]] = wait[fab]
        outlay[fabs[fab]] = 1 + share * (paid[shelf] - 1)


@kernel
def good_chips(joints, strained, alloy, loss, yields):  # type: ignore[no-untyped-def]
    """Share of good chips (packager,) under the worst strain of what joins them (equation 1a), written into `yields`.

    joints: first joint of each packager (packager,), place of each among the materials (joint,) int64, whether it is
    solder bool, its weight (joint,); strained: of each material (n,); alloy: part of the solder freshly replaced; loss:
    share of chips spoiled at full strain.
    """
    first, place, soldered, weight = joints
    for packager in range(len(first)):
        end = first[packager + 1] if packager + 1 < len(first) else len(place)
        worst = 0.0
        for joint in range(first[packager], end):
            lacking = strained[place[joint]]
            if soldered[joint]:
                lacking = 1 - (1 - lacking) * (1 - alloy)
            worst = max(worst, weight[joint] * lacking)
        yields[packager] = 1 - loss * worst


@kernel
def need_of_chips(inputs, scrap, usual, yields, need):  # type: ignore[no-untyped-def]
    """Input per good chip (equation 1a), written into `need` (bought,): less scrap taken back, more where chips spoil.

    inputs: shelves of packagers, their firms and places among the packagers (n,) int64; scrap: 1 where the input's
    production scrap can be taken back (bought,), part of it that is (firm,), what that spares; usual: input per chip
    that is started (bought,); yields: share of good chips (packager,).
    """
    shelves, owner, place = inputs
    reworked, returned, spares = scrap
    for row in range(len(shelves)):
        shelf = shelves[row]
        spared = reworked[shelf] * spares * returned[owner[row]]
        need[shelf] = usual[shelf] * (1 - spared) / yields[place[row]]


@kernel
def strain(rows, shelves, learned, memory, results):  # type: ignore[no-untyped-def]
    """Strain of joining materials (n,), between 0 and 1 (equation 1a), and the part of it that is freshly replaced.

    rows: their shelves (n,) int64; shelves: thrift, cover in weeks, expected use, stock (bought,); learned: thrift that
    makers have learnt to live with (n,), in place, and its weeks of memory; results: fresh, strain (n,).
    """
    thrift, cover, use, stock = shelves
    fresh, strained = results
    for row in range(len(rows)):
        shelf = rows[row]
        fresh[row] = max(thrift[shelf] - learned[row], 0.0)
        learned[row] += (thrift[shelf] - learned[row]) / memory
        lacking = min(max(1 - stock[shelf] / max(cover[shelf] * use[shelf], TINY), 0.0), 1.0)
        strained[row] = 1 - (1 - lacking) * (1 - fresh[row])


@kernel
def move_demand(index, plants, demand):  # type: ignore[no-untyped-def]
    """Demand of final buyers, written into `demand`, units/week; all (firm,).

    index: of the year before and of the next, over the base year, and the part of the way between them; plants: base
    activity, shift by policies and shocks.
    """
    before, after, part = index
    base, shift = plants
    for firm in range(len(demand)):
        demand[firm] = base[firm] * (before[firm] + (after[firm] - before[firm]) * part) * shift[firm]


@kernel
def move_orders(firms, goods, kinds, moved, demand):  # type: ignore[no-untyped-def]
    """Shift the part of final orders that is moved to makers abroad of the same good, by size, in place (firm,).

    firms: those whose orders may move, and those that may take them (n,) int64; goods: what each of them makes (n,)
    int64; kinds: number of goods; moved: part moved (firm,).
    """
    movers, takers = firms
    left, taken = goods
    shifted, total = np.zeros(kinds), np.zeros(kinds)
    for row in range(len(movers)):
        gone = demand[movers[row]] * moved[movers[row]]
        demand[movers[row]] -= gone
        shifted[left[row]] += gone
    for row in range(len(takers)):
        total[taken[row]] += demand[takers[row]]
    for row in range(len(takers)):
        base = demand[takers[row]]
        demand[takers[row]] += shifted[taken[row]] * base / max(total[taken[row]], TINY)


@kernel
def reach(rows, scrap, mastery, feed):  # type: ignore[no-untyped-def]
    """Scrap that reaches recyclers (equation 10), written into `feed` (firm,), units of the main good a week.

    rows: recyclers (n,) int64; scrap: what is collected for each, what its price makes of it (n,); mastery: scrap
    gathered besides, output from a tonne over the base year (firm,).
    """
    collected, price = scrap
    gathered, gained = mastery
    for place in range(len(rows)):
        row = rows[place]
        feed[row] = collected[place] * price[place] * (1 + gathered[row]) * gained[row]


@kernel
def remember_products(pool, makers, activity, sums):  # type: ignore[no-untyped-def]
    """Add a week's products to the sums of their pools (pool,), in place.

    pool: of each maker, makers: their rows (n,) int64; activity: of all firms (firm,).
    """
    week = np.zeros(len(sums))
    for row in range(len(makers)):
        week[pool[row]] += activity[makers[row]]
    for each in range(len(sums)):
        sums[each] += week[each]
