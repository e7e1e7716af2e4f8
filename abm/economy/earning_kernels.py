"""Kernels of what firms earn and pay, and of what is under contract; compiled, kept on disk.

Arrays are contiguous, float64 unless said otherwise.
"""

from __future__ import annotations

import numpy as np

from kit.clock import DAYS_PER_WEEK
from kit.compile import kernel

TINY = 1e-300


@kernel
def show_prices(places, prices, earning, paying, results):  # type: ignore[no-untyped-def]
    """What firms earn for all that they make and what their inputs cost, over base values, written into `results`.

    places: price cell (zone, then good) and owner of each bought shelf (bought,) and of each made one (made,) int64;
    prices: average and asked (2, good); earning: guaranteed price (firm,) and base price of the main good (made,)
    US$/unit, subsidy, running cost (firm,); paying: 1 where nothing is sold (firm,), part of each good in what the firm
    makes (made,), duty, part of each input in it (bought,); results: market price and price earned (firm,), price paid
    (bought,), cost of inputs above base (firm,), margin on the next unit at asked prices (firm,).
    """
    bought_cell, buyer, made_cell, maker = places
    average, asked = prices[0].ravel(), prices[1].ravel()
    floor, base_price, subsidy, running_cost = earning
    idle, weight, duty, cost_share = paying
    market, earned, paid, dearer, margin = results
    for firm in range(len(earned)):
        market[firm] = idle[firm]
        earned[firm] = idle[firm] + subsidy[firm] * running_cost[firm]
        dearer[firm] = 0.0
        margin[firm] = earned[firm] - running_cost[firm]
    for shelf in range(len(weight)):
        firm, least = maker[shelf], floor[maker[shelf]] / base_price[shelf]
        market[firm] += weight[shelf] * average[made_cell[shelf]]
        earned[firm] += weight[shelf] * max(average[made_cell[shelf]], least)
        margin[firm] += weight[shelf] * max(asked[made_cell[shelf]], least)
    for shelf in range(len(paid)):
        paid[shelf] = average[bought_cell[shelf]] * (1 + duty[shelf])
        dearer[buyer[shelf]] += cost_share[shelf] * (paid[shelf] - 1)
        margin[buyer[shelf]] -= cost_share[shelf] * (asked[bought_cell[shelf]] * (1 + duty[shelf]) - 1)


@kernel
def offer(cell, average, base, on_top, found):  # type: ignore[no-untyped-def]
    """What a new plant would be paid for its main good, US$/unit, written into `found`; all (firm,).

    cell: zone, then good (firm,) int64; average: price over its base (2, good); base: base price US$/unit; on_top:
    guaranteed price US$/unit, premium over the price.
    """
    prices = average.ravel()
    floor, premium = on_top
    for firm in range(len(found)):
        price = prices[cell[firm]]
        found[firm] = max(price * base[firm], floor[firm]) + premium[firm] * price * base[firm]


@kernel
def put_under_contract(rows, ends, ties, flows, results):  # type: ignore[no-untyped-def]
    """What each link carries under contract (equation 3a), units/week.

    rows: links under contract (n,) int64; ends: made shelf, bought shelf, maker and pair of made shelf and government
    (link,) int64; ties: share of the output under contract to the country, belief (link,); flows: amount per activity
    (made,), activity (firm,), expected use (bought,); results, written anew: use by pair (pair,), output taken (made,),
    what is under contract, on `rows` alone (link,).
    """
    seller, buyer, maker, pair = ends
    share, belief = ties
    amount, activity, use = flows
    used, taken, contracted = results
    used[:] = 0.0
    taken[:] = 0.0
    for link in rows:
        used[pair[link]] += use[buyer[link]]
    for link in rows:
        part = use[buyer[link]] / max(used[pair[link]], TINY)
        contracted[link] = share[link] * (amount[seller[link]] * activity[maker[link]]) * part
        taken[seller[link]] += contracted[link]
    for link in rows:
        made = amount[seller[link]] * activity[maker[link]]
        contracted[link] = contracted[link] * min(1.0, made / max(taken[seller[link]], TINY)) * belief[link]


@kernel
def show_reserves(reserves, policy, held, results, seen):  # type: ignore[no-untyped-def]
    """Targets of public stockpiles and what they release, written into `results`, and what governments see of them.

    reserves: row and made shelf of each (reserve,), shelves of the users of its good at home and the reserve of each
    (n,) int64; policy: days of national use aimed at, units/week released, weeks of users' cover below which it is
    released (firm,); held: expected use, stock (bought,), stock of the main good (firm,), weeks of a release; results:
    target, capacity (firm,), share that may be sold (made,); seen: users' cover and that mark in weeks, units/week that
    a release would bring (reserve,).
    """
    rows, shelves, users, owner = reserves
    days, released, mark = policy
    use, stock, main_stock, weeks = held
    target, capacity, release = results
    cover, below, weekly = seen
    national = np.zeros(len(rows))
    cover[:] = 0.0
    for user in range(len(users)):
        national[owner[user]] += use[users[user]]
        cover[owner[user]] += stock[users[user]]
    for reserve in range(len(rows)):
        row = rows[reserve]
        target[row] = days[row] / DAYS_PER_WEEK * national[reserve]
        capacity[row] = release[shelves[reserve]] = released[row]
        cover[reserve] /= max(national[reserve], TINY)
        below[reserve] = mark[row]
        weekly[reserve] = main_stock[row] / weeks
