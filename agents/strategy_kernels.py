"""Kernels of the quarterly choice (equations 13 and 13b): loops over options and firms, compiled and kept on disk.

Arrays are contiguous and float64 unless said otherwise; worths and costs are over a year's value added, (option, firm)
in the order of `OPTIONS`: wait, map, stock, second source, substitute, move, recycle, purify, partner.
"""

from __future__ import annotations

import numpy as np

from kit.compile import kernel

NOTHING, QUARTERS = 1e-9, 4
WAIT, MAP, STOCK, SOURCE, SUBSTITUTE, MOVE, RECYCLE, PURIFY, PARTNER = range(9)


@kernel
def learn_fear(count, shelves, firms, settings, fear):  # type: ignore[no-untyped-def]
    """Belief in a cut (firm,), in place: distrust of controlling countries or own losses, by the worse of them.

    count: shelves of each firm (firm,) int64; shelves: vital, dependence, distrust (bought,); firms: activity, wanted,
    alertness (firm,); settings: speed at which fear rises and fades.
    """
    vital, dependence, distrust = shelves
    activity, wanted, alertness = firms
    rise, fade = settings
    end = 0
    for firm in range(len(fear)):
        first, end = end, end + count[firm]
        least = 1.0
        for shelf in range(first, end):
            least = min(least, 1 - vital[shelf] * dependence[shelf] * distrust[shelf])
        doubt = 1 - least
        if wanted[firm] > NOTHING:
            doubt = max(doubt, 1 - min(activity[firm] / max(wanted[firm], NOTHING), 1.0))
        usual = rise if doubt > fear[firm] else fade
        fear[firm] = fear[firm] + min(usual * (1 + alertness[firm]), 1.0) * (doubt - fear[firm])


@kernel
def next_grade(capability, grade, most):  # type: ignore[no-untyped-def]
    """Mastery that a step of purifying brings into production: no more than a firm has, and than `most`."""
    return min(max(capability - grade, 0.0), most)


@kernel
def output_yield(grade, pilot):  # type: ignore[no-untyped-def]
    """Output of a process over what it gives at full mastery (equation 13b); pilot: yield without any."""
    return pilot + (1 - pilot) * grade


@kernel
def accepted_part(grade, full):  # type: ignore[no-untyped-def]
    """Part of the output that makers who need high purity accept (equation 13b); full: the grade that all accept."""
    return min(max(grade, NOTHING) / full, 1.0)


@kernel
def wanting(plant, output, denied):  # type: ignore[no-untyped-def]
    """Output that want of scrap denies, plant under construction counted, over what is made, written into `denied`.

    plant: capacity, under construction, share available, share idle; output: plan, limit, activity; all (firm,).
    """
    capacity, building, available, idle = plant
    plan, limit, activity = output
    for firm in range(len(denied)):
        able = (capacity[firm] + building[firm]) * available[firm] * (1 - idle[firm])
        denied[firm] = max(min(plan[firm], able) - limit[firm], 0.0) / max(activity[firm], NOTHING)


@kernel
def refined_sales(mastery, plant, settings, found):  # type: ignore[no-untyped-def]
    """Sales that a step of purity adds, over sales now: yield where a firm works scrap, makers where plant is spare.

    mastery: capability, grade, part sold to makers, whether it lives on scrap; plant: capacity, activity; all (firm,);
    settings: step of purity, yield without mastery, grade that makers accept; written into `found` (firm,).
    """
    capability, grade, fine, gleaner = mastery
    capacity, activity = plant
    most, pilot, full = settings
    for firm in range(len(found)):
        now = grade[firm]
        better = now + next_grade(capability[firm], now, most)
        more = output_yield(better, pilot) / output_yield(now, pilot) - 1
        finer = fine[firm] * (accepted_part(better, full) / accepted_part(now, full) - 1)
        spare = max(capacity[firm] / max(activity[firm], NOTHING) - 1, 0.0)
        found[firm] = gleaner[firm] * more + min(finer, spare)


@kernel
def sell_knowledge(prices, output, mastery, settings, found):  # type: ignore[no-untyped-def]
    """What recycling, purifying and partnering earn where they are open, written into `found` (3, firm).

    prices: remembered price and cost above base, running cost, value of output over value added; output: denied, sales
    that purity adds, activity, base activity that plant allows; mastery: provider, capability, grade, gathered,
    engaged, size of partners; all (firm,); settings: (years, extra cost of scrap, fee, price that just pays help),
    steps of (recycling, help, purity), gain of help, and (most gathered, capability needed to help).
    """
    seen_price, dearer, running_cost, weight = prices
    denied, sales, activity, base_capacity = output
    provider, capability, grade, collecting, helping, plants = mastery
    (years, dear, fee, even), (recycle, help_step, purify), gain, (most, able) = settings
    for firm in range(len(activity)):
        price, worth = seen_price[firm], years * provider[firm]
        scrap = recycle * base_capacity[firm] / max(activity[firm], NOTHING)
        margin = max(price - running_cost[firm] - dearer[firm] - dear, 0.0)
        recycled = worth * (min(denied[firm], scrap) * margin * weight[firm])
        purified = worth * (sales[firm] * max(price - 1 - dearer[firm], 0.0) * weight[firm])
        added = gain * min(help_step, 1 - helping[firm]) * capability[firm] * plants[firm]
        helped = worth * (fee * added * (price - even))
        helps = capability[firm] >= able and plants[firm] > 0 and helping[firm] < 1
        found[0, firm] = recycled * (1.0 if collecting[firm] < most else 0.0)
        found[1, firm] = purified * (1.0 if next_grade(capability[firm], grade[firm], purify) > NOTHING else 0.0)
        found[2, firm] = helped * (1.0 if helps else 0.0)


@kernel
def guard_supply(losses, sold, place, room, settings):  # type: ignore[no-untyped-def]
    """Loss that each option saves over the horizon where it is open, and what it earns: (option, firm).

    losses: expected loss a year while waiting, mapped, stocked, with a second source, with less need, with scrap taken
    back (6, firm); sold: see `sell_knowledge`; place: unrest at home, whether orders can move; room: mapping, stocking,
    sourcing, saving, moved, returned (firm,); settings: years, loss by unrest, step of moving, and the most of each of
    `room`.
    """
    unrest, mobile = place
    years, location, step, most = settings
    found = np.zeros((9, len(unrest)))
    for firm in range(len(unrest)):
        now = losses[0, firm]
        moved = now - (now + unrest[firm] * location) * step
        for option in range(MAP, RECYCLE + 1):
            if option == MOVE:
                rest, is_open = moved, mobile[firm] > 0
            else:
                rest, is_open = losses[option if option < MOVE else 5, firm], True
            is_open = is_open and room[option - 1][firm] < most[option - 1]
            found[option, firm] = (now - rest) * years * (1.0 if is_open else 0.0)
        for option in range(3):
            found[RECYCLE + option, firm] += sold[option, firm]
    return found


@kernel
def cost_options(need, firms, named, settings):  # type: ignore[no-untyped-def]
    """Cost of each option (option, firm); credits and research grants bear a part of what providers do.

    need: yearly cost of vital inputs; firms: value added, activity, provider, credit, grant (firm,);
    named: cost of mapping, a second source, substitution, moving; settings: cost of holding a step of stock, of
    recycling, purifying and partnering.
    """
    value_added, activity, provider, credit, grant = firms
    stock, recycle, purify, partner = settings
    found = np.zeros((9, len(need)))
    for firm in range(len(need)):
        left = 1 - provider[firm] * credit[firm]
        paid = provider[firm] * grant[firm] / max(value_added[firm] * activity[firm], NOTHING) / QUARTERS
        found[MAP, firm], found[STOCK, firm] = named[0], stock * need[firm]
        found[SOURCE, firm], found[SUBSTITUTE, firm], found[MOVE, firm] = named[1], named[2], named[3]
        found[RECYCLE, firm] = recycle * left
        found[PURIFY, firm] = max(purify * left - paid, 0.0)
        found[PARTNER, firm] = partner
    return found


@kernel
def lure(values, choice, peers, settings):  # type: ignore[no-untyped-def]
    """Pull of each option, less that of the strongest (option, firm): worth, inertia, imitation; -inf where not open.

    values: worth less cost, cost (option, firm); choice: last one (firm,); peers: share of peers that chose each option
    but waiting (firm,); settings: intensity, cost of switching, weight of imitation, budget.
    """
    value, cost = values
    intensity, switching, imitation, budget = settings
    found = np.zeros_like(value)
    for firm in range(len(choice)):
        most = 0.0
        for option in range(1, len(value)):
            other = switching if option != choice[firm] else 0.0
            pull = intensity * (value[option, firm] - other) + imitation * peers[option - 1][firm]
            is_open = value[option, firm] > 0 and cost[option, firm] <= budget
            found[option, firm] = pull if is_open else -np.inf
            most = max(most, found[option, firm])
        for option in range(len(value)):
            found[option, firm] -= most
    return found


@kernel
def pick(weight, firms, cost, choice):  # type: ignore[no-untyped-def]
    """Option that the luck of each firm falls on by weight, written into `choice`, and what it costs (firm,).

    weight, cost: (option, firm); firms: luck, whether it decides.
    """
    luck, strategic = firms
    spent = np.zeros(len(luck))
    for firm in range(len(luck)):
        total, reached, number = 0.0, 0.0, 0
        for option in range(len(weight)):
            total += weight[option, firm]
        for option in range(len(weight)):
            reached += weight[option, firm]
            number += 1 if reached / total < luck[firm] else 0
        choice[firm] = min(number, len(weight) - 1) if strategic[firm] > 0 else 0.0
        spent[firm] = cost[int(choice[firm]), firm]
    return spent


@kernel
def guard(choice, gleaner, results, settings):  # type: ignore[no-untyped-def]
    """Let the choice to guard its own supply take effect (firm,), in place. Stock is run down while fear fades.

    results: mapping, stocking, sourcing, saving, moved, returned; settings: the step of each, and the decay of stock.
    """
    mapping, stocking, sourcing, saving, moved, returned = results
    (map_step, stock_step, source_step, saving_step, move_step, recycle_step), decay = settings
    for firm in range(len(choice)):
        chosen = choice[firm]
        mapping[firm] = min(mapping[firm] + (map_step if chosen == MAP else 0.0), 1.0)
        sourcing[firm] = min(sourcing[firm] + (source_step if chosen == SOURCE else 0.0), 1.0)
        saving[firm] += saving_step if chosen == SUBSTITUTE else 0.0
        moved[firm] += move_step if chosen == MOVE else 0.0
        taken = (1 - gleaner[firm]) * recycle_step if chosen == RECYCLE else 0.0
        returned[firm] = min(returned[firm] + taken, 1.0)
        kept = 1 - decay if chosen == WAIT else 1.0
        stocking[firm] = stocking[firm] * kept + (stock_step if chosen == STOCK else 0.0)


@kernel
def serve(choice, firms, results, settings):  # type: ignore[no-untyped-def]
    """Let the choice to provide take effect (firm,), in place: scrap, purity, engagement.

    Purity brings more output from plant and scrap at less cost. Help is withdrawn by a step while the price does not
    pay for it.

    firms: provider, whether it lives on scrap, capability, remembered price; results: grade, output from a tonne of
    scrap, capacity, running cost, scrap gathered, engagement; settings: steps of purity, recycling, help, price that
    just pays help, yield without mastery.
    """
    provider, gleaner, capability, price = firms
    grade, gained, capacity, running_cost, collecting, helping = results
    most, recycle, step, even, pilot = settings
    for firm in range(len(choice)):
        chosen, now = choice[firm], grade[firm]
        rise = provider[firm] * next_grade(capability[firm], now, most) if chosen == PURIFY else 0.0
        if gleaner[firm] * rise > 0:
            ratio = output_yield(now + rise, pilot) / output_yield(now, pilot)
            gained[firm] *= ratio
            capacity[firm] *= ratio
            running_cost[firm] /= ratio
        grade[firm] = now + rise
        collecting[firm] += gleaner[firm] * provider[firm] * recycle if chosen == RECYCLE else 0.0
        engaged = provider[firm] * step if chosen == PARTNER else 0.0
        leaving = step if price[firm] < even else 0.0
        helping[firm] = min(max(helping[firm] + engaged - leaving, 0.0), 1.0)


@kernel
def refit(counts, firms, shelves, links, settings):  # type: ignore[no-untyped-def]
    """Need and cover of each shelf and tie of each link after the choice, written anew.

    counts: shelves of each firm (firm,), links of each shelf (bought,) int64; firms: returned, stocking, sourcing
    (firm,); shelves: usual need and cover, reworked, vital, and need, cover (bought,); links: elsewhere, tie, dormant,
    accepted, and affinity (link,); settings: part of scrap that is taken back, gain of a second source.
    """
    returned, stocking, sourcing = firms
    usual_need, usual_cover, reworked, vital, need, cover = shelves
    elsewhere, tie, dormant, accepted, affinity = links
    take_back, gain = settings
    shelf, link = 0, 0
    for firm in range(len(returned)):
        for _ in range(counts[0][firm]):
            spared = reworked[shelf] * take_back
            need[shelf] = usual_need[shelf] * (1 - spared * returned[firm])
            cover[shelf] = usual_cover[shelf] + vital[shelf] * stocking[firm]
            for _ in range(counts[1][shelf]):
                effort = sourcing[firm] * elsewhere[link]
                qualified = tie[link] * (1 + gain * effort) + dormant[link] * effort
                affinity[link] = qualified * accepted[link]
                link += 1
            shelf += 1


@kernel
def accept_more(grade, start, full):  # type: ignore[no-untyped-def]
    """Part of the output that makers accept over what they accepted at the start (n,); grades now and then (n,)."""
    found = np.empty(len(grade))
    for row in range(len(grade)):
        found[row] = accepted_part(grade[row], full) / accepted_part(start[row], full)
    return found
