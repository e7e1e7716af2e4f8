"""Kernels of the rules: loops over shelves and supply links, compiled once and kept on disk.

A rule hands over its own columns, so a kernel serves one firm and all firms alike. Arrays are contiguous and float64
unless said otherwise; the links of a shelf stand together, `count[shelf]` of them, in the order of the shelves.
"""

from __future__ import annotations

import math

import numpy as np

from kit.compile import kernel

TINY = float(np.finfo(float).tiny)
PLACES, MIX = 64, np.uint64(0x9E3779B9)  # bits of a number, mixed, name one of so many places
MIDDLE, WORD, TOP, LAST = np.uint64(20), np.uint64(0xFFFFFFFF), np.uint64(26), np.uint64(PLACES - 1)


@kernel
def called_for(expected, cover, stock, weeks):  # type: ignore[no-untyped-def]
    """Output that buyers call for, units/week: expected sales, and the gap to the stock aimed at, closed over `weeks`.

    cover: weeks of expected sales aimed at as stock.
    """
    return expected + (cover * expected - stock) / weeks


@kernel
def wish(demand, sales, weeks, found):  # type: ignore[no-untyped-def]
    """Output that buyers want of each firm, written into `found`; all (firm,), units/week.

    demand: 1 where final buyers take it, their demand; sales: expected sales, weeks of them aimed at as stock, stock of
    the main good, activity, largest cut of output in a week; weeks in which a gap of the stock is closed.
    """
    final, asked = demand
    expected, cover, stock, activity, pace = sales
    for firm in range(len(found)):
        called = called_for(expected[firm], cover[firm], stock[firm], weeks)
        found[firm] = asked[firm] if final[firm] > 0 else max(called, activity[firm] * (1 - pace[firm]))


@kernel
def wish_to_work(charge, sales, weeks, found):  # type: ignore[no-untyped-def]
    """The same of refiners, cut while ore costs more than its products earn; both ways at their pace.

    charge: margin on the next unit, part of what is called for that they are willing to work, in place (firm,).
    """
    margin, runs = charge
    expected, cover, stock, activity, pace = sales
    for firm in range(len(found)):
        step = -pace[firm] if margin[firm] < 0 else pace[firm]
        runs[firm] = min(max(runs[firm] + step, 0.0), 1.0)
        called = called_for(expected[firm], cover[firm], stock[firm], weeks)
        found[firm] = max(called * runs[firm], activity[firm] * (1 - pace[firm]))


@kernel
def produce(count, able, shelves, results):  # type: ignore[no-untyped-def]
    """Activity of each firm (equation 1): what is wanted, as far as the scarcest input allows (equation 12).

    count: shelves of each firm (firm,) int64; able: plan, capacity, share available, share idle, limit (firm,);
    shelves: need, thrift, criticality, stock (bought,); results: wanted, activity (firm,), desired, used (bought,),
    units/week, written anew.
    """
    plan, capacity, available, idle, limit = able
    need, thrift, criticality, stock = shelves
    wanted, activity, desired, used = results
    end = 0
    for firm in range(len(count)):
        first, end = end, end + count[firm]
        wanted[firm] = min(plan[firm], capacity[firm] * available[firm] * (1 - idle[firm]), limit[firm])
        least = 1.0
        for shelf in range(first, end):
            desired[shelf] = wanted[firm] * (need[shelf] * (1 - thrift[shelf]))
            asked = max(desired[shelf], TINY)
            least = min(least, 1 - criticality[shelf] * (1 - min(stock[shelf], asked) / asked))
        activity[firm] = wanted[firm] * least
        for shelf in range(first, end):
            used[shelf] = min(activity[firm] * (need[shelf] * (1 - thrift[shelf])), stock[shelf])


@kernel
def use_apart(count, demand, shelves, answer, results):  # type: ignore[no-untyped-def]
    """Activity of other users, each of whose inputs serves a purpose of its own (equation 8).

    count: shelves of each firm (firm,) int64; demand: demand of final buyers, share available (firm,); shelves: need,
    thrift, stock, value weight (bought,); answer: price paid over base, elasticity (bought,); results: plan, wanted,
    activity (firm,), desired, used (bought,), units/week, written anew.
    """
    asked, available = demand
    need, thrift, stock, weight = shelves
    paid, elasticity = answer
    plan, wanted, activity, desired, used = results
    end = 0
    for firm in range(len(count)):
        first, end = end, end + count[firm]
        plan[firm] = asked[firm]
        wanted[firm] = asked[firm] * available[firm]
        served = 0.0
        for shelf in range(first, end):
            use = wanted[firm] * (need[shelf] * (1 - thrift[shelf])) * paid[shelf] ** elasticity[shelf]
            desired[shelf] = use
            used[shelf] = min(use, stock[shelf])
            served += weight[shelf] * (used[shelf] / max(use, TINY) if use > 0 else 1.0)
        activity[firm] = wanted[firm] * served


@kernel
def remember(week, results, settings):  # type: ignore[no-untyped-def]
    """Expected sales, remembered price and cost of inputs, and money of each firm after the week, in place (firm,).

    week: orders, price ratio, cost of inputs above its base, activity, base activity, value added US$/unit; results:
    sales, seen price, seen cost above base, cash; settings: weeks of memory of sales and of prices.
    """
    requested, price, dearer, activity, base, value_added = week
    sales, seen_price, seen_dearer, cash = results
    sales_memory, price_memory = settings
    for firm in range(len(sales)):
        sales[firm] += (requested[firm] - sales[firm]) / sales_memory
        seen_price[firm] += (price[firm] - seen_price[firm]) / price_memory
        seen_dearer[firm] += (dearer[firm] - seen_dearer[firm]) / price_memory
        cash[firm] += value_added[firm] * (activity[firm] * price[firm] - base[firm])


@kernel
def order_inputs(now, aims, results, settings):  # type: ignore[no-untyped-def]
    """Orders of each shelf (equation 2), written into `results`; all (bought,).

    now: use wished this week, stock, on order, share of suppliers who are about to come under control, weeks left until
    then; aims: cover, lead and licence delay in weeks, hoarding, trust; results: expected use, order, units a week,
    weeks of cover wanted beyond the usual; settings: weeks of memory, weeks in which a gap is closed. Where a licence
    lengthens the way, that wait is covered too. What suppliers about to close can fill is ordered by the last day.
    """
    desired, stock, on_order, closing, left = now
    cover, lead, delay, hoarding, trust = aims
    expected_use, ordered, extra = results
    memory, adjustment = settings
    for shelf in range(len(desired)):
        use = expected_use[shelf] + (desired[shelf] - expected_use[shelf]) / memory
        extra[shelf] = cover[shelf] * hoarding[shelf] * (1 - trust[shelf]) + delay[shelf]
        aim = use * (cover[shelf] + extra[shelf] + lead[shelf])
        gap = aim - stock[shelf] - on_order[shelf]
        pace = (1 - closing[shelf]) / adjustment + closing[shelf] / min(adjustment, max(left[shelf], 1.0))
        expected_use[shelf] = use
        ordered[shelf] = max(use + gap * pace, 0.0)


@kernel
def fill_up(count, firms, shelves, weeks, ordered):  # type: ignore[no-untyped-def]
    """Orders of public stockpiles, units a week, written into `ordered` (bought,): the gap to the target, over weeks.

    count: shelves of each firm (firm,) int64; firms: target, stock that can be released, capacity, which is what is
    being released: nothing is bought then (firm,); shelves: stock, on order (bought,).
    """
    target, main_stock, capacity = firms
    stock, on_order = shelves
    end = 0
    for firm in range(len(count)):
        first, end = end, end + count[firm]
        held = 0.0
        for shelf in range(first, end):
            held += stock[shelf] + on_order[shelf]
        gap = 0.0 if capacity[firm] > 0 else max(target[firm] - (main_stock[firm] + held), 0.0)
        for shelf in range(first, end):
            ordered[shelf] = gap / weeks


@kernel
def some(values):  # type: ignore[no-untyped-def]
    """Whether any of these (n,) is above 0; all are looked at, eight at a time."""
    found = 0
    for row in range(len(values)):
        found += values[row] > 0
    return found > 0


@kernel
def weigh_costs(sensitivity, landed, weight):  # type: ignore[no-untyped-def]
    """Weight of each link by its landed cost, exp(-sensitivity (cost - 1)), written into `weight`; all (link,).

    Few costs differ: the weights met last are kept, each in the place that the bits of its cost name.
    """
    known, kept = np.ones(PLACES), np.ones(PLACES)
    bits = landed.view(np.uint64)
    for link in range(len(landed)):
        place = ((((bits[link] >> MIDDLE) & WORD) * MIX) >> TOP) & LAST
        if known[place] != landed[link]:
            known[place] = landed[link]
            kept[place] = math.exp(-sensitivity * (landed[link] - 1))
        weight[link] = kept[place]


@kernel
def stock_ahead(count, closing, shelves, results):  # type: ignore[no-untyped-def]
    """Claim what is ordered beyond the use of the week (to build stock) on links about to come under control.

    As `split_orders`, which it ends; closing: 1 where a control is about to begin (link,); shelves: order, expected use
    (bought,); results: share, claim (link,), which is written anew where any such link has a share.
    """
    ordered, expected_use = shelves
    share, claim = results
    end = 0
    for shelf in range(len(count)):
        first, end = end, end + count[shelf]
        hurried = 0.0
        for link in range(first, end):
            hurried += share[link] * closing[link]
        stocking = ordered[shelf] - expected_use[shelf]
        if hurried > 0 and stocking > 0:
            for link in range(first, end):
                part = share[link] * closing[link] / hurried
                claim[link] = expected_use[shelf] * share[link] + stocking * part


@kernel
def split_orders(count, pull_of, shelves, results, settings):  # type: ignore[no-untyped-def]
    """Split the order of each shelf over its links (equation 3), written into `results`.

    Links that are about to come under control are still open: they keep their pull, and what is ordered beyond the
    use of the week (to build stock) goes to them. count: links of each shelf (bought,) int64; pull_of: tie, supplier's
    capacity, landed cost, belief, favour, 1 where a control is about to begin (link,); shelves: order, expected use,
    alertness of the firm (bought,); results: share, claim (link,); settings: cost sensitivity, least belief, weeks of
    inertia. The pull of all links is worked out first, in the place of the claims: processors do eight at a time.
    """
    affinity, capacity, landed, belief, favour, closing = pull_of
    ordered, expected_use, alertness = shelves
    share, claim = results
    sensitivity, least_belief, inertia = settings
    weigh_costs(sensitivity, landed, claim)
    for link in range(len(claim)):
        hope = max(belief[link], closing[link]) + least_belief
        claim[link] = affinity[link] * capacity[link] * claim[link] * hope * (1 + favour[link])
    end = 0
    for shelf in range(len(count)):
        first, end = end, end + count[shelf]
        total = 0.0
        for link in range(first, end):
            total += claim[link]
        total = max(total, TINY)
        haste = min((1 + alertness[shelf]) / inertia, 1.0)
        for link in range(first, end):
            share[link] += (claim[link] / total - share[link]) * haste
            claim[link] = ordered[shelf] * share[link]
    if some(closing):
        stock_ahead(count, closing, (ordered, expected_use), (share, claim))


@kernel
def honour(count, shelves, contracted, results):  # type: ignore[no-untyped-def]
    """Order at least what is under contract, as far as the shelf's order goes (equation 3a); the rest keeps its parts.

    count: links of each shelf (bought,) int64; shelves: order (bought,); contracted: units/week (link,); results:
    share, claim (link,), in place.
    """
    share, claim = results
    end = 0
    if not some(contracted):
        return
    for shelf in range(len(count)):
        first, end = end, end + count[shelf]
        held = 0.0
        for link in range(first, end):
            held += contracted[link]
        if held <= 0 or shelves[shelf] <= 0:
            continue
        cut, lack, spare = min(shelves[shelf] / held, 1.0), 0.0, 0.0
        for link in range(first, end):
            gap = contracted[link] * cut - claim[link]
            lack += max(gap, 0.0)
            spare += max(-gap, 0.0)
        kept = max(1 - lack / spare, 0.0) if spare > 0 else 0.0
        for link in range(first, end):
            least = contracted[link] * cut
            claim[link] = max(least, least + (claim[link] - least) * kept)
            share[link] = claim[link] / shelves[shelf]


@kernel
def learn(count, told, alertness, results, settings):  # type: ignore[no-untyped-def]
    """Belief in links and trust in shelves after the week's deliveries (equation 2), written into `results`.

    While goods need a licence each shipment hangs on a new decision: deliveries restore belief no further than
    `licensed_belief`. count: links of each shelf (bought,) int64; told: share filled, warning, share under control,
    share of the order (link,); alertness (bought,); results: belief (link,), trust (bought,); settings: speed, belief
    in a link just warned of, most belief in a link under licence.
    """
    filled, warned, controlled, share = told
    belief, trust = results
    usual_speed, warned_belief, licensed_belief = settings
    end = 0
    for shelf in range(len(count)):
        first, end = end, end + count[shelf]
        speed = min(usual_speed * (1 + alertness[shelf]), 1.0)
        total = 0.0
        for link in range(first, end):
            learnt = belief[link] + (filled[link] - belief[link]) * speed
            if warned[link] > 0:
                learnt = min(learnt, warned_belief)
            learnt = min(learnt, 1 - controlled[link] * (1 - licensed_belief))
            belief[link] = learnt
            total += share[link] * learnt
        trust[shelf] = total


@kernel
def expected_losses(count, fear, shelves, options, found):  # type: ignore[no-untyped-def]
    """Expected loss a year of each firm over its value added (equation 13) under each option, written into `found`.

    Each class of shock counts by its share and the part of a year lost to it at the scarcest vital input. count:
    shelves of each firm (firm,) int64; fear: belief in a cut (firm,); shelves: vital, criticality, dependence, cover in
    weeks, part of its use that production scrap can spare (bought,); options: weeks and share of each class of shock
    (n,), weeks of a year, and what each option changes (4, option): weeks of cover added, parts taken off dependence,
    off need and off need by scrap; found: (option, firm).
    """
    vital, need, dependence, cover, spared = shelves
    weeks, share, year, (added, sourced, saved, reworked) = options
    end = 0
    for firm in range(len(count)):
        first, end = end, end + count[firm]
        for option in range(len(found)):
            total = 0.0
            for shock in range(len(weeks)):
                least = 1.0
                for shelf in range(first, end):
                    if vital[shelf] > 0:
                        short = max(weeks[shock] - (cover[shelf] + added[option]), 0.0) / year
                        needed = need[shelf] * (1 - (saved[option] + spared[shelf] * reworked[option]))
                        hangs = dependence[shelf] * (1 - sourced[option])
                        least = min(least, 1 - vital[shelf] * needed * hangs * short)
                total += share[shock] * (1 - least)
            found[option, firm] = fear[firm] * total


@kernel
def invest(prices, plant, results, settings):  # type: ignore[no-untyped-def]
    """Lay up, restart and expand capacity of each firm by what it earns (equation 9), in place; all (firm,).

    prices: remembered, running cost, what dear inputs take, outlay over its usual one, part that the state pays, value
    today of a year's earnings once the plant stands; plant: 1 where final buyers take the product, activity, weeks that
    tools add, weeks to build, over their usual length; results: part laid up, capacity, under construction, week of its
    first product, net present value of new capacity; settings: this week, step of laying up, activity over capacity
    that calls for more, step of expansion, (years of earnings in an outlay, hurdle price).
    """
    price, running_cost, burden, outlay_ratio, credit, later = prices
    final, activity, tool_wait, build_weeks, build_ratio = plant
    idle, capacity, building, ready, worth = results
    week, idling, busy, expansion, (annuity, hurdle) = settings
    for firm in range(len(worth)):
        losing = price[firm] < running_cost[firm] + burden[firm] and final[firm] == 0
        idle[firm] = min(max(idle[firm] + (idling if losing else -idling), 0.0), 1.0)
        if ready[firm] + tool_wait[firm] <= week and building[firm] > 0:
            capacity[firm] += building[firm]
            building[firm] = 0.0
        margin = price[firm] - running_cost[firm] - burden[firm]
        outlay = (hurdle - running_cost[firm]) * annuity
        worth[firm] = margin * annuity * later[firm] - outlay * outlay_ratio[firm] * (1 - credit[firm])
        if worth[firm] > 0 and building[firm] == 0 and activity[firm] > busy * capacity[firm]:
            building[firm] = capacity[firm] * expansion
            ready[firm] = week + build_weeks[firm] * build_ratio[firm]
