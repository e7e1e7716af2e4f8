"""Kernels of trade, prices and the ledger: loops over supply links, compiled once and kept on disk.

Links stand in the order of their buyers; `seller` and `buyer` give each link's shelves. Arrays are contiguous, float64
unless said otherwise; amounts in units (stocks) or units a week (flows). `marked` (link,) bool says which links a
control has ever touched, `rows` lists them: all others are known to be free, and only these are looked at in detail.
"""

from __future__ import annotations

import numpy as np

from agents.kernels import kernel

TINY = 1e-300
PLENTY = 1 + 1e-12
ROUNDING = 1e-9
RANKS = 4


@kernel
def want(claim, usual, flow, surge, wanted):  # type: ignore[no-untyped-def]
    """What a free link would carry: the claim, at most `surge` times the usual flow; new links start at their claim."""
    for link in range(len(claim)):
        most = surge * usual[link]
        if flow[link] <= 0:
            most += claim[link]
        wanted[link] = min(claim[link], most)


@kernel
def decide(rows, due, terms, held, results):  # type: ignore[no-untyped-def]
    """Decide the applications that are due (equation 4) and empty the queue of the week; all (link,).

    due: amounts; terms: approval, the applicant's draw, 1 where a row stands for many firms and gets the share;
    held: licensed, applied; results: granted, refused.
    """
    approval, draw, many = terms
    licensed, applied = held
    granted, refused = results
    for row in rows:
        lot, due[row] = due[row], 0.0
        share = approval[row] if many[row] > 0 else (1.0 if draw[row] < approval[row] else 0.0)
        granted[row] = lot * share
        refused[row] = lot - granted[row]
        licensed[row] += granted[row]
        applied[row] = max(applied[row] - lot, 0.0)


@kernel
def lodge(rows, pending, control, flows, results):  # type: ignore[no-untyped-def]
    """Lodge applications on the links under control and say what they may carry today.

    pending: ring (week, link); control: licence, wait, hold, hold_wait, examined, threshold, grace, open, leak (link,);
    flows: claim, usual, flow, licensed, content (link,) and (week, surge, surge of licensed goods,
    weeks in which a licence is used up where trade was small);
    results: applied, wanted, leak, part of the wanted that is licensed (link,).
    """
    licence, wait, hold, hold_wait, examined, threshold, grace, opening, leakage = control
    claim, usual, flow, licensed, content, (week, surge, licensed_surge, use_weeks) = flows
    applied, wanted, leak, part = results
    horizon = len(pending)
    for row in rows:
        lodged = 0.0
        if grace[row] <= 0:
            found = examined[row] if content[row] > threshold[row] else 0.0
            lodged = claim[row] * max(licence[row], found)
        delayed = (claim[row] - lodged) * hold[row]
        pending[(week + int(min(max(wait[row], 1.0), horizon - 1.0))) % horizon, row] += lodged
        pending[(week + int(min(max(hold_wait[row], 1.0), horizon - 1.0))) % horizon, row] += delayed
        applied[row] += lodged
        applied[row] += delayed
        free = claim[row] - lodged - delayed
        turned_away = free * (1 - opening[row])
        most = surge * usual[row] + (claim[row] if flow[row] <= 0 else 0.0)
        free = min(free - turned_away, most)
        licensed[row] *= opening[row]
        allowed = min(licensed[row], max(licensed_surge * usual[row], licensed[row] / use_weeks))
        wanted[row] = free + allowed
        leak[row] = turned_away * leakage[row]
        part[row] = allowed / wanted[row] if wanted[row] > 0 else 0.0


@kernel
def hold_together(links, ratio, share, smuggled, smuggling):  # type: ignore[no-untyped-def]
    """Note one quota: the least share of its wish that each link keeps, and the largest share smuggled (link,)."""
    for link in links:
        ratio[link] = min(ratio[link], share)
        smuggled[link] = max(smuggled[link], smuggling)


@kernel
def cut(links, ratio, smuggled, wanted, leak):  # type: ignore[no-untyped-def]
    """Cut what the links carry to the share noted, once, and clear the note; a part of the rest leaks (link,)."""
    for link in links:
        leak[link] += wanted[link] * (1 - ratio[link]) * smuggled[link]
        wanted[link] *= ratio[link]
        ratio[link] = 1.0
        smuggled[link] = 0.0


@kernel
def ration(seller, bids, ties, stock, results):  # type: ignore[no-untyped-def]
    """Share of each link's demand that its seller can serve (equation 7): contracts, then by rank.

    bids: wanted, leak (link,); ties: usual, contract share, rank from 1, the first to be served (link,) int64, and
    whether contracts and ranks hold; stock: what each shelf can give (made,); results: ratio (link,), asked (made,).
    Where there is enough all get all.
    """
    wanted, leak = bids
    usual, contract, rank, by_contract = ties
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
            first = min(bid, usual[link] * contract[link]) if by_contract else bid
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
                first = min(bid, usual[link] * contract[link]) if by_contract else bid
                later = (bid - first) * tiers[rank[link], seller[link]]
                ratio[link] = (first * tiers[0, seller[link]] + later) / bid


@kernel
def ship(ends, transit, bids, links, shelves):  # type: ignore[no-untyped-def]
    """Send what is rationed, land what arrives, and tell buyers and sellers.

    ends: seller, buyer, weeks in transit (link,) int64; transit: ring (week, link); bids: wanted, leak, ratio, claim
    (link,) and (week, weeks of memory); links: sent, filled, under way, usual, marked (link,), the usual flow of marked
    links left alone; shelves: gone, asked (made,), came, coming (bought,), all written anew.
    """
    seller, buyer, weeks = ends
    wanted, leak, ratio, claim, (week, memory) = bids
    sent, filled, under_way, usual, marked = links
    gone, asked, came, coming = shelves
    gone[:] = 0.0
    asked[:] = 0.0
    came[:] = 0.0
    coming[:] = 0.0
    horizon = len(transit)
    today = transit[week % horizon]
    for link in range(len(seller)):
        arrived, today[link] = today[link], 0.0
        openly = wanted[link] * ratio[link]
        leaving = openly + leak[link] * ratio[link]
        transit[(week + weeks[link]) % horizon, link] += openly
        sent[link] = leaving
        filled[link] = min(leaving / claim[link], 1.0) if claim[link] > 1e-12 else 1.0
        under_way[link] += leaving - arrived
        gone[seller[link]] += leaving
        asked[seller[link]] += wanted[link]
        came[buyer[link]] += arrived
        coming[buyer[link]] += under_way[link]
        if not marked[link]:
            usual[link] += (leaving - usual[link]) / memory


@kernel
def control(rows, bids, held, calm, way):  # type: ignore[no-untyped-def]
    """What a shipment means for the links under control: licences used, detours of what leaked, a frozen memory.

    bids: wanted, leak, ratio, licensed part, sent (link,); held: licensed, applied, usual, leaked (link,);
    calm: licence, hold, open, warned (link,) and whether control freezes the memory; way: buyer, weeks (link,) int64,
    transit (week, link), on order (bought,) and (week, weeks of detour, weeks of memory).
    """
    wanted, leak, ratio, part, sent = bids
    licensed, applied, usual, leaked = held
    licence, hold, opening, warned, freezes = calm
    buyer, weeks, transit, on_order, (week, detour, memory) = way
    for row in rows:
        licensed[row] = max(licensed[row] - wanted[row] * ratio[row] * part[row], 0.0)
        on_order[buyer[row]] += applied[row] + licensed[row]
        leaked[row] = leak[row] * ratio[row]
        transit[(week + weeks[row] + detour) % len(transit), row] += leaked[row]
        bound = licence[row] != 0 or hold[row] != 0 or opening[row] != 1 or warned[row] != 0
        waits = applied[row] + licensed[row] > ROUNDING * (usual[row] + sent[row])
        if not freezes or not (bound or waits):
            usual[row] += (sent[row] - usual[row]) / memory


@kernel
def hold_by_cell(cells, stocks, flows, totals):  # type: ignore[no-untyped-def]
    """Sums by zone and good (cell,), written into `totals`: held or on the way, output, expected use.

    cells: of bought and made shelves and of links (n,) int64; stocks: stock (bought,), made_stock (made,), under way
    (link,); flows: expected use (bought,), output (made,).
    """
    bought_cell, made_cell, link_cell = cells
    stock, made_stock, under_way = stocks
    expected_use, output = flows
    held, made, use = totals
    held[:] = 0.0
    made[:] = 0.0
    use[:] = 0.0
    for shelf in range(len(stock)):
        held[bought_cell[shelf]] += stock[shelf]
        use[bought_cell[shelf]] += expected_use[shelf]
    for shelf in range(len(made_stock)):
        held[made_cell[shelf]] += made_stock[shelf]
        made[made_cell[shelf]] += output[shelf]
    for link in range(len(under_way)):
        held[link_cell[link]] += under_way[link]


@kernel
def expect(crossing, cells, trade, control, settings):  # type: ignore[no-untyped-def]
    """Shipments that the market expects between the zones over the horizon: arrivals less departures (cell,), units.

    crossing: links between zones (n,) int64; cells: into, from (link,) int64; trade: usual, licensed, applied, belief,
    marked (link,); control: open, licence, hold, grace (link,); settings: weeks of horizon, surge of licensed goods,
    number of cells.
    """
    into, out_of = cells
    usual, licensed, applied, belief, marked = trade
    opening, licence, hold, grace = control
    horizon, surge, count = settings
    net = np.zeros(count)
    for link in crossing:
        coming = usual[link] * horizon
        if marked[link]:
            flow = usual[link] * min(opening[link], 1.0)
            bound = max(licence[link], hold[link])
            coming = flow * horizon
            if bound > 0:
                before = min(max(grace[link], 0.0), horizon) if np.isfinite(grace[link]) else horizon
                under = min(licensed[link] + belief[link] * applied[link], surge * flow * horizon)
                coming = flow * before * bound + flow * horizon * (1 - bound) + under * (1 - before / horizon)
        net[into[link]] += coming
        net[out_of[link]] -= coming
    return net


@kernel
def show_suppliers(price_cell, seller, prices, able, duties):  # type: ignore[no-untyped-def]
    """Landed cost over its base and capacity of each link's supplier (link,), from prices (cell,) and able (firm,).

    Cells of prices: Chinese, outside and export ones, good by good. duties: tariff, share under licence (link,). What
    is under licence costs the outside price where that is higher: the licence is worth the difference.
    """
    tariff, licence = duties
    goods = len(prices) // 3
    landed, capacity = np.empty(len(seller)), np.empty(len(seller))
    for link in range(len(seller)):
        price = prices[price_cell[link]]
        good = price_cell[link] - 2 * goods
        if good >= 0 and licence[link] > 0:
            price += licence[link] * max(prices[goods + good] - price, 0.0)
        landed[link] = price * (1 + tariff[link])
        capacity[link] = able[seller[link]]
    return landed, capacity


@kernel
def weigh(goods, stocks, totals):  # type: ignore[no-untyped-def]
    """All that is on shelves or on the way by good (good,), written into `totals`.

    goods: of bought and made shelves and of links (n,) int64; stocks: bought, made and under way (n,).
    """
    totals[:] = 0.0
    for level in range(3):
        for row in range(len(goods[level])):
            totals[goods[level][row]] += stocks[level][row]


@kernel
def largest(groups, values, found):  # type: ignore[no-untyped-def]
    """The largest value of each group (n,), at least 0, written into `found`; groups (link,) int64, values (link,)."""
    found[:] = 0.0
    for link in range(len(groups)):
        found[groups[link]] = max(found[groups[link]], values[link])


@kernel
def pass_on(chain, average, share, pushed):  # type: ignore[no-untyped-def]
    """Cost push of each good and zone over its base (2, good), written into `pushed`.

    chain: output good, input good (n,) int64 and the value of the input in the output (n,); share passed on.
    """
    output, entering, weight = chain
    pushed[:, :] = 1.0
    for row in range(len(output)):
        for zone in range(2):
            pushed[zone, output[row]] += share * weight[row] * (average[zone, entering[row]] - 1)


@kernel
def move_premium(cover, premium, makeup, settings):  # type: ignore[no-untyped-def]
    """Move the log premium toward what cover calls for (equation 5), in place.

    cover, premium: (2, good); makeup: response (2, good), log choke price, 1 where the good is bought (good,);
    settings: weeks of lag in China and outside, least cover that counts, deepest slump in logs in China and outside.
    """
    response, choke, bought = makeup
    lag_china, lag_outside, least, slump_china, slump_outside = settings
    for zone in range(2):
        lag, slump = (lag_china, slump_china) if zone == 0 else (lag_outside, slump_outside)
        for good in range(cover.shape[1]):
            aim = -response[zone, good] * np.log(max(cover[zone, good], least)) * bought[good]
            premium[zone, good] += (min(max(aim, -slump), choke[good]) - premium[zone, good]) / lag


@kernel
def set_prices(prices, pressure, makeup, settings):  # type: ignore[no-untyped-def]
    """Spot, export and contract prices of the week (equations 5 and 6), in place.

    prices: spot, average, index (2, good), export (good,); pressure: cost push, premium (2, good), use of capacity over
    its base, export tax, quota rent (good,); makeup: contract share, whether China leads (good,); settings: cost curve,
    freight, weight of the export price in contracts outside, weeks of the contract index.
    """
    spot, average, index, export = prices
    pushed, premium, use, tax, rent = pressure
    contract, led = makeup
    curve, freight, fob, weeks = settings
    for good in range(len(export)):
        china, outside = premium[0, good], premium[1, good]
        if led[good]:
            lift = np.exp(china + outside - max(min(china, outside), 0.0))
            spot[1, good] = (pushed[0, good] * (1 + tax[good]) + freight) / (1 + freight) * lift
            spot[0, good] = pushed[0, good] * np.exp(china)
        else:
            spot[:, good] = pushed[1, good] * use[good] ** curve * np.exp(outside)
        base = spot[0, good] * (1 + tax[good])
        export[good] = base + rent[good] * max(spot[1, good] - base, 0.0)
        weight = fob if led[good] else 0.0
        index[0, good] += (spot[0, good] - index[0, good]) / weeks
        target = weight * export[good] + (1 - weight) * spot[1, good]
        index[1, good] += (target - index[1, good]) / weeks
        for zone in range(2):
            average[zone, good] = contract[good] * index[zone, good] + (1 - contract[good]) * spot[zone, good]
