"""Kernels of the market: what is there against what is wanted, and the prices that follow; compiled, kept on disk.

Arrays are contiguous, float64 unless said otherwise; amounts in units (stocks) or units a week (flows).
"""

from __future__ import annotations

import numpy as np

from kit.compile import kernel

ROUNDING, LEAST_BUSY, TINY = 1e-9, 1e-9, 1e-300
SHARED_USE, LEAST_USE = 1e-3, 1e-12  # keep the cover of a zone that uses next to nothing finite


@kernel
def add_up(cells, stocks, use, makers, totals):  # type: ignore[no-untyped-def]
    """Sums by zone and good (2, good), written into `totals`: held or on the way, output, expected use, extra wanted.

    The fourth sum is the stock that buyers want beyond their usual cover.

    cells: of bought and made shelves, int64, and of links, uint32 (n,); stocks: stock (bought,), made stock (made,),
    under way (link,); use: expected, and weeks of cover wanted beyond the usual (bought,); makers: firm (made,) int64,
    amount (made,), activity (firm,), remembered output (made,), in place, and its weeks of memory.
    """
    bought_cell, made_cell, link_cell = cells
    stock, made_stock, under_way = stocks
    firm, amount, activity, output, memory = makers
    expected, beyond = use
    held, made, used, extra = totals[0].ravel(), totals[1].ravel(), totals[2].ravel(), totals[3].ravel()
    held[:] = 0.0
    made[:] = 0.0
    used[:] = 0.0
    extra[:] = 0.0
    for shelf in range(len(stock)):
        held[bought_cell[shelf]] += stock[shelf]
        used[bought_cell[shelf]] += expected[shelf]
        extra[bought_cell[shelf]] += expected[shelf] * beyond[shelf]
    for shelf in range(len(made_stock)):
        output[shelf] += (amount[shelf] * activity[firm[shelf]] - output[shelf]) / memory
        held[made_cell[shelf]] += made_stock[shelf]
        made[made_cell[shelf]] += output[shelf]
    cell, total = 0, held[0]  # neighbours often share their cell
    for link in range(len(under_way)):
        if link_cell[link] != cell:
            held[cell] = total
            cell = link_cell[link]
            total = held[cell]
        total += under_way[link]
    held[cell] = total


@kernel
def set_aside(stores, shelves, release, results):  # type: ignore[no-untyped-def]
    """Stocks and use as the market sees them, and what public stockpiles will bring to it by cell (2 goods,), units.

    What a stockpile holds is off the market, and what it orders is use: goods that nobody else will have. It brings no
    more than it holds. stores: its bought and made shelves (n,), firm and cell of made shelves (made,) int64; shelves:
    stock (bought,), made stock (made,), expected use, order (bought,); release: capacity (firm,), weeks of horizon,
    number of cells; results: stock (bought,), made stock (made,), use (bought,), written anew.
    """
    store_in, store, firm, cell = stores
    stock, made_stock, expected, ordered = shelves
    capacity, horizon, cells = release
    seen, seen_made, use = results
    seen[:] = stock
    seen_made[:] = made_stock
    use[:] = expected
    for shelf in store_in:
        seen[shelf], use[shelf] = 0.0, ordered[shelf]
    coming = np.zeros(cells)
    for shelf in store:
        seen_made[shelf] = 0.0
        coming[cell[shelf]] += min(capacity[firm[shelf]] * horizon, made_stock[shelf])
    return coming


@kernel
def cover_of(totals, net, base, horizon):  # type: ignore[no-untyped-def]
    """Expected stock over what is wanted (2, good): E / (c* D + X) of equation 5; 1 where nothing is held at rest.

    totals: held, output, expected use, stock wanted beyond the usual cover (2, good); net: arrivals less departures
    over the horizon (2, good), weeks.
    """
    held, output, use, extra = totals
    cover = np.ones_like(held)
    for good in range(held.shape[1]):
        world = use[0, good] + use[1, good]
        for zone in range(2):
            if base[zone, good] > ROUNDING:
                forward = held[zone, good] + horizon * (output[zone, good] - use[zone, good]) + net[zone, good]
                demand = use[zone, good] + SHARED_USE * world + LEAST_USE
                cover[zone, good] = forward / (demand * base[zone, good] + extra[zone, good])
    return cover


@kernel
def share_cover(cover, totals, base, makeup):  # type: ignore[no-untyped-def]
    """Let the zones share one cover where China does not lead, as far as trade between them is open (equation 5).

    Written into `cover` (2, good): the world's cover to the power of the open part, the zone's own to that of the
    closed part. What leaves a zone under open trade is not missing in it.

    totals: as in `cover_of`; base: usual cover (2, good); makeup: whether China leads (good,), part of the trade that
    is closed on its way out of China and into it (2, good).
    """
    use, extra = totals[2], totals[3]
    led, apart = makeup
    for good in range(cover.shape[1]):
        if not led[good] and base[0, good] > ROUNDING and base[1, good] > ROUNDING:
            world = use[0, good] + use[1, good]
            had = wanted = 0.0
            for zone in range(2):
                demand = use[zone, good] + SHARED_USE * world + LEAST_USE
                want = demand * base[zone, good] + extra[zone, good]
                wanted += want
                had += cover[zone, good] * want
            joint = max(had / wanted, TINY)
            for zone in range(2):
                closed = min(apart[1 - zone, good], 1.0)
                cover[zone, good] = joint ** (1 - closed) * max(cover[zone, good], TINY) ** closed


@kernel
def expect(crossing, cells, trade, permits, settings):  # type: ignore[no-untyped-def]
    """Shipments that the market expects between the zones over the horizon: arrivals less departures (2, good), units.

    crossing: links between zones (n,) uint32, in ascending order; cells: into, from (link,) uint32; trade: usual,
    belief, marked (link,); permits: the links marked, in ascending order, uint32, and in their order (licensed, applied
    for, held), (open, licence, hold, licence announced, weeks until it is in force); settings: weeks of horizon, surge
    of licensed goods, number of goods.
    """
    into, out_of = cells
    usual, belief, marked = trade
    rows, (licensed, applied, detained), (opening, licence, hold, announced, grace) = permits
    horizon, surge, goods = settings
    net = np.zeros((2, goods))
    sums = net.ravel()
    here, there, coming_in, going_out = 0, goods, 0.0, 0.0  # neighbours often share their cells
    place = 0
    for link in crossing:
        coming = usual[link] * horizon
        if marked[link]:
            while rows[place] < link:
                place += 1
            flow = usual[link] * min(opening[place], 1.0)
            bound = max(licence[place], hold[place])
            later = max(bound, announced[place])
            coming = flow * horizon
            if later > 0:
                before = min(grace[place], horizon)
                waiting = belief[link] * (applied[place] + detained[place])
                under = min(licensed[place] + waiting, surge * flow * horizon)
                under *= 1.0 if bound > 0 else 1 - before / horizon
                coming = flow * (before * (1 - bound) + (horizon - before) * (1 - later)) + under
        if into[link] != here:
            sums[here], sums[there] = coming_in, going_out
            here, there = into[link], out_of[link]
            coming_in, going_out = sums[here], sums[there]
        coming_in += coming
        going_out -= coming
    sums[here], sums[there] = coming_in, going_out
    return net


@kernel
def show_suppliers(of_link, prices, able, control, results):  # type: ignore[no-untyped-def]
    """Landed cost over its base and capacity of each link's supplier, units/week, written into `results` (link,).

    of_link: price cell (China, outside or export, then good) and selling firm (link,) uint32; prices: spot (2, good),
    export (good,); able: capacity, share available, share idle (firm,); control: tariff, share under licence (link,).
    """
    price_cell, seller = of_link
    spot, export = prices
    capacity, available, idle = able
    tariff, licence = control
    landed, supply = results
    goods = len(export)
    can, flat = capacity * available * (1 - idle), spot.ravel()
    for link in range(len(seller)):
        cell = price_cell[link]
        good = np.int64(cell) - 2 * goods
        price = export[good] + licence[link] * max(spot[1, good] - export[good], 0.0) if good >= 0 else flat[cell]
        landed[link] = price * (1 + tariff[link])
        supply[link] = can[seller[link]]


@kernel
def show_controls(control, results):  # type: ignore[no-untyped-def]
    """What controls in force, or announced, mean for the buyers on each link, written into `results` (link,).

    control: share under licence and weeks until it is decided, share held and weeks of the hold, share and weeks as
    announced, weeks until an announced control is in force; results: weeks that they add, share under control, 1 where
    a control is near.
    """
    licence, licence_wait, hold, hold_wait, announced, announced_wait, grace = control
    wait, controlled, closing = results
    for link in range(len(wait)):
        now = licence[link] * licence_wait[link] + hold[link] * hold_wait[link]
        wait[link] = max(now, announced[link] * announced_wait[link])
        controlled[link] = max(licence[link], hold[link])
        closing[link] = 1.0 if 0 < grace[link] < np.inf else 0.0


@kernel
def weigh_in(rows, buyer, share, values, found):  # type: ignore[no-untyped-def]
    """What some links mean for their buyers by their share of the orders, written into `found` (bought,).

    rows: the links (n,) int64, nothing on the others; buyer int64, share, values (link,).
    """
    found[:] = 0.0
    for link in rows:
        found[buyer[link]] += share[link] * values[link]


@kernel
def largest(groups, values, found):  # type: ignore[no-untyped-def]
    """The largest value of each group (n,), at least 0, written into `found`; groups (link,) int64, values (link,)."""
    found[:] = 0.0
    for link in range(len(groups)):
        found[groups[link]] = max(found[groups[link]], values[link])


@kernel
def gap_at_border(spot, tax, base, worth):  # type: ignore[no-untyped-def]
    """What the outside market pays above the Chinese price with its tax, US$/unit, written into `worth` (good,).

    spot: (2, good); tax: export tax, base: US$/unit (good,).
    """
    for good in range(len(worth)):
        worth[good] = max(spot[1, good] - spot[0, good] * (1 + tax[good]), 0.0) * base[good]


@kernel
def pass_on(chain, average, share, cuts, pushed):  # type: ignore[no-untyped-def]
    """Cost push of each good and zone over its base (2, good), written into `pushed`.

    chain: output good, input good (n,) int64 and the value of the input in the output (n,); share passed on; cuts: cut
    of the Chinese price, China's part in the offers that set the price outside (good,).
    """
    output, entering, weight = chain
    undercut, abroad = cuts
    pushed[:, :] = 1.0
    for row in range(len(output)):
        for zone in range(2):
            pushed[zone, output[row]] += share * weight[row] * (average[zone, entering[row]] - 1)
    pushed[0] *= 1 - undercut
    pushed[1] *= 1 - undercut * abroad


@kernel
def move_premium(cover, premium, makeup, settings):  # type: ignore[no-untyped-def]
    """Move the log premium toward what cover calls for (equation 5), in place.

    cover, premium: (2, good); makeup: response (2, good), log choke price, 1 where the good is bought (good,);
    settings: weeks of lag and deepest slump in logs by zone (2,), least cover that counts.
    """
    response, choke, bought = makeup
    lag, slump, least = settings
    for zone in range(2):
        for good in range(cover.shape[1]):
            aim = -response[zone, good] * np.log(max(cover[zone, good], least)) * bought[good]
            premium[zone, good] += (min(max(aim, -slump[zone]), choke[good]) - premium[zone, good]) / lag[zone]


@kernel
def set_prices(prices, pressure, makeup, settings):  # type: ignore[no-untyped-def]
    """Spot, export and contract prices of the week (equations 5 and 6), in place.

    Where China does not lead, both zones stand on the marginal cost of the world, each with its own cost push and
    premium; prices apart by more than `arbitrage` are evened out by the part of the trade that is open.

    prices: spot, average, index (2, good), export (good,); pressure: cost push, premium (2, good), (output (2, good),
    capacity, use of it in the base year (good,)), (export tax, quota rent (good,)); makeup: contract share, whether
    China leads (good,), part of the trade that is closed on its way out of China and into it (2, good); settings: cost
    curve, freight, weight of the export price in contracts outside, weeks of the contract index, arbitrage in logs.
    """
    spot, average, index, export = prices
    pushed, premium, (output, capacity, base_use), (tax, rent) = pressure
    contract, led, apart = makeup
    curve, freight, fob, weeks, arbitrage = settings
    for good in range(len(export)):
        china, outside = premium[0, good], premium[1, good]
        if led[good]:
            lift = np.exp(china + outside - max(min(china, outside), 0.0))
            spot[1, good] = (pushed[0, good] * (1 + tax[good]) + freight) / (1 + freight) * lift
            spot[0, good] = pushed[0, good] * np.exp(china)
        else:
            used = (output[0, good] + output[1, good]) / max(capacity[good], TINY)
            use = max(used, LEAST_BUSY) / base_use[good]
            spot[1, good] = pushed[1, good] * use ** curve[good] * np.exp(outside)
            gap = np.log(max(pushed[0, good] / pushed[1, good], TINY)) + china - outside
            least = -arbitrage / max(1 - apart[0, good], TINY)
            most = arbitrage / max(1 - apart[1, good], TINY)
            spot[0, good] = spot[1, good] * np.exp(min(max(gap, least), most))
        base = spot[0, good] * (1 + tax[good])
        export[good] = base + rent[good] * max(spot[1, good] - base, 0.0)
        weight = fob if led[good] else 0.0
        index[0, good] += (spot[0, good] - index[0, good]) / weeks
        target = weight * export[good] + (1 - weight) * spot[1, good]
        index[1, good] += (target - index[1, good]) / weeks
        for zone in range(2):
            average[zone, good] = contract[good] * index[zone, good] + (1 - contract[good]) * spot[zone, good]
