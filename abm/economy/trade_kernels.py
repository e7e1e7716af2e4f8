"""Kernels of trade and production: loops over firms, shelves and supply links, compiled once and kept on disk.

Links stand in the order of their buyers; `seller` and `buyer` give each link's shelves. Arrays are contiguous, float64
unless said otherwise; amounts in units (stocks) or units a week (flows). Row numbers of links and of their shelves are
uint32 unless said otherwise: less to read, and no loop has to ask whether they count from the end. `marked`
(link,) bool says which links a control has ever touched.
"""

from __future__ import annotations

import numpy as np

from kit.compile import kernel

TINY = 1e-300
PLENTY = 1 + 1e-12
RANKS = 4


@kernel
def want(claim, booked, past, surge, results):  # type: ignore[no-untyped-def]
    """What buyers may look for today and what a free link would carry of it, written into `results`; all (link,).

    The usual flow leaves at once, more of it once it has been booked. claim, and claims as they were some weeks ago,
    which the claims of this week take the place of; past: usual and base flow; surge: what leaves at most, over the
    usual flow. Where nothing went in the base year there is no such bound.
    """
    usual, flow = past
    due, wanted = results
    for link in range(len(claim)):
        due[link] = min(claim[link], max(booked[link], usual[link]))
        booked[link] = claim[link]
        wanted[link] = min(due[link], surge[link] * usual[link]) if flow[link] > 0 else due[link]


@kernel
def ration(seller, bids, ties, stock, results):  # type: ignore[no-untyped-def]
    """Share of each link's demand that its seller can serve (equation 7): contracts, then by rank.

    bids: wanted, leak (link,); ties: usual, (contract share, units/week under off-take or equity), rank from 1, the
    first to be served (link,) uint32, and whether contracts and ranks hold; stock: what each shelf can give (made,);
    results: ratio (link,), asked (made,).
    Where there is enough all get all.
    """
    wanted, leak = bids
    usual, (contract, contracted), rank, by_contract = ties
    ratio, asked = results
    asked[:] = 0.0
    for link in range(len(seller)):
        asked[seller[link]] += wanted[link] + leak[link]
        ratio[link] = 1.0
    short = asked > stock * PLENTY
    if not short.any():
        return
    tiers = np.zeros((1 + RANKS, len(stock)))
    for link in range(len(seller)):
        if short[seller[link]]:
            bid = wanted[link] + leak[link]
            due = usual[link] * max(contract[link], contracted[link] / max(usual[link], TINY))
            first = min(bid, due) if by_contract else bid
            tiers[0, seller[link]] += first
            tiers[rank[link], seller[link]] += bid - first
    left = stock.copy()
    for tier in range(1 + RANKS):
        for shelf in range(len(stock)):
            demand = tiers[tier, shelf]
            tiers[tier, shelf] = min(1.0, left[shelf] / max(demand, TINY))
            left[shelf] = max(left[shelf] - demand * tiers[tier, shelf], 0.0)
    for link in range(len(seller)):
        if short[seller[link]]:
            bid = wanted[link] + leak[link]
            if bid > 0:
                due = usual[link] * max(contract[link], contracted[link] / max(usual[link], TINY))
                first = min(bid, due) if by_contract else bid
                later = (bid - first) * tiers[rank[link], seller[link]]
                ratio[link] = (first * tiers[0, seller[link]] + later) / bid


@kernel
def ship(ends, transit, bids, links, shelves):  # type: ignore[no-untyped-def]
    """Send what is rationed, land what arrives, and tell buyers and sellers.

    ends: seller, weeks in transit (link,) uint32, links of each shelf (bought,) int64; transit: ring (week, link), of
    more weeks than any way takes; bids: wanted, leak, ratio, what is due (link,) and (week, weeks of memory); links:
    sent, filled, under way, usual, marked (link,), the usual flow of marked links left alone; shelves: gone (made,),
    came, coming (bought,), all written anew. What each link needs for itself alone comes first: processors do eight at
    a time.
    """
    seller, weeks, count = ends
    wanted, leak, ratio, asked, (week, memory) = bids
    sent, filled, under_way, usual, marked = links
    gone, came, coming = shelves
    horizon = len(transit)
    now = week % horizon
    today = transit[now]
    for link in range(len(seller)):
        leaving = wanted[link] * ratio[link] + leak[link] * ratio[link]
        sent[link] = leaving
        filled[link] = min(leaving / asked[link], 1.0) if asked[link] > 1e-12 else 1.0
        under_way[link] += leaving - today[link]
        usual[link] = usual[link] if marked[link] else usual[link] + (leaving - usual[link]) / memory
    end = 0
    for shelf in range(len(count)):
        first, end = end, end + count[shelf]
        landed = due = 0.0
        for link in range(first, end):
            landed += today[link]
            due += under_way[link]
        came[shelf], coming[shelf] = landed, due
    gone[:] = 0.0
    for link in range(len(seller)):
        today[link] = 0.0
        place = now + weeks[link]
        transit[place if place < horizon else place - horizon, link] += wanted[link] * ratio[link]
        gone[seller[link]] += sent[link]


@kernel
def weigh(goods, stocks, flows, before, scale):  # type: ignore[no-untyped-def]
    """Largest gap over all goods between what is held and what was held, made and used, over the scale of each good.

    goods: of bought and made shelves and of links (n,) int64; stocks: stock (bought,), made stock (made,), under way
    (link,); flows: used (bought,), made, delivered, dumped (made,); before: held a week ago (good,); scale: the most
    that was ever held of the good or made in a week (good,). `before` and `scale` are renewed.
    """
    used, made, delivered, dumped = flows
    held, change, most = np.zeros(len(before)), np.zeros(len(before)), np.zeros(len(before))
    for level in range(3):
        for row in range(len(goods[level])):
            held[goods[level][row]] += stocks[level][row]
    for shelf in range(len(made)):
        change[goods[1][shelf]] += made[shelf] - delivered[shelf] - dumped[shelf]
        most[goods[1][shelf]] += made[shelf]
    for shelf in range(len(used)):
        change[goods[0][shelf]] -= used[shelf]
    worst = 0.0
    for good in range(len(before)):
        gap = abs(held[good] - before[good] - change[good])
        scale[good] = max(scale[good], held[good], most[good])
        worst = max(worst, gap / scale[good])
        before[good] = held[good]
    return worst


@kernel
def bound(hosts, firms, control, results):  # type: ignore[no-untyped-def]
    """What bounds each firm (firm,): its host's activity, the scrap collected, a mining quota; and what it can run.

    A by-product line takes what its host's ore yields: its capacity by the host's activity over the base year.
    hosts: firms that have a host, and the hosts (n,) int64; firms: activity, base activity, capacity that stands, base
    capacity, scrap units/week; control: ceiling over base capacity, share that can run, gain by partnership, gain by
    help; results: limit units/week, share available, at most 2.
    """
    hosted, host = hosts
    activity, base, standing, base_capacity, feed = firms
    ceiling, capacity, partner, helped = control
    limit, available = results
    for firm in range(len(limit)):
        limit[firm] = feed[firm]
        available[firm] = min(capacity[firm] * (partner[firm] + helped[firm]), 2.0)
    for row in range(len(hosted)):
        most = standing[hosted[row]] * (activity[host[row]] / max(base[host[row]], TINY))
        limit[hosted[row]] = min(limit[hosted[row]], most)
    for firm in range(len(limit)):
        if np.isfinite(ceiling[firm]):
            limit[firm] = min(limit[firm], ceiling[firm] * base_capacity[firm])


@kernel
def use_up(used, stock):  # type: ignore[no-untyped-def]
    """Take what is used from the shelves of inputs, units (bought,), in place."""
    for shelf in range(len(stock)):
        stock[shelf] -= used[shelf]


@kernel
def put_on_shelves(makers, shelves, results):  # type: ignore[no-untyped-def]
    """Put the week's products on the shelves, hand over final goods, dump what has no room; (made,), units.

    makers: firm (made,) int64, amount per unit of activity (made,), activity (firm,); shelves: whether final buyers
    take it, whether surplus is dumped, room; results: stock, in place, and made, delivered, dumped, written anew.
    """
    firm, amount, activity = makers
    final, sink, room = shelves
    stock, made, delivered, dumped = results
    for shelf in range(len(stock)):
        made[shelf] = amount[shelf] * activity[firm[shelf]]
        held = stock[shelf] + made[shelf]
        delivered[shelf] = held if final[shelf] else 0.0
        kept = held - delivered[shelf]
        dumped[shelf] = max(kept - room[shelf], 0.0) if sink[shelf] else 0.0
        stock[shelf] = kept - dumped[shelf]


@kernel
def look(rows, shelves, results):  # type: ignore[no-untyped-def]
    """Stock of each firm's main good and orders for it (firm,), in `results`, from its shelf.

    rows: shelves of main goods (n,), firm of each shelf (made,) int64; shelves: stock, asked, amount (made,).
    """
    main, firm = rows
    stock, asked, amount = shelves
    main_stock, requested = results
    for shelf in main:
        main_stock[firm[shelf]] = stock[shelf]
        requested[firm[shelf]] = asked[shelf] / max(amount[shelf], TINY)
