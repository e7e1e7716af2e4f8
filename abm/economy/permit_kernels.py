"""Kernels of what controls make of supply links: licences, customs holds and quotas; compiled, kept on disk.

Arrays are contiguous, float64 unless said otherwise; amounts in units (stocks) or units a week (flows). `rows` (n,)
uint32 are the links that a control has ever touched, in ascending order. All other links are known to be free.
"""

from __future__ import annotations

import numpy as np

from kit.compile import kernel

TINY, ROUNDING = 1e-300, 1e-9


@kernel
def decide(rows, due, terms, held, results):  # type: ignore[no-untyped-def]
    """Decide the applications that are due (equation 4), release what customs held, and empty both queues of the week.

    What is asked beyond past trade (surge of licensed goods times the usual flow) is sent back: asking for more
    does not help. Where trade was small before, a part of what is asked counts as usual.
    What was held is released in full: a hold delays. All in the order of `rows` (n,), but for tension and past trade.

    due: applications, lots held; terms: (approval, 1 where cases are decided one by one, part that tension leaves of it
    then (link,)), the applicant's draw, 1 where a row stands for many firms and gets the share, usual (link,), (surge,
    use weeks); held: licensed, applied, detained; results: granted, refused, released.
    """
    (approval, discretion, mercy), draw, many, usual, (surge, use_weeks) = terms
    licensed, applied, detained = held
    granted, refused, released = results
    applications, lots = due
    for place in range(len(rows)):
        link = rows[place]
        lot, applications[place] = applications[place], 0.0
        chance = approval[place] * (1 - discretion[place] * (1 - mercy[link]))
        share = chance if many[place] > 0 else (1.0 if draw[place] < chance else 0.0)
        judged = min(lot, max(surge * usual[link], lot / use_weeks))
        granted[place] = judged * share
        refused[place] = judged - granted[place]
        released[place], lots[place] = lots[place], 0.0
        licensed[place] += granted[place] + released[place]
        applied[place] = max(applied[place] - lot, 0.0)
        detained[place] = max(detained[place] - released[place], 0.0)


@kernel
def lodge(rows, pending, control, flows, results):  # type: ignore[no-untyped-def]
    """Lodge applications on the links under control, hold lots at customs, and say what the links may carry today.

    Grades that need no licence cannot stand in for those that do: they leave as their part of a free link's goods.
    Customs look at the usual flow: a part of it passes, the rest is held until its day, and sending more does not help.
    What they release leaves at once, beside what licences let go. What had been declared before a control without
    notice leaves.
    Once neither licence nor hold binds a link, what has been applied for is free to leave.

    In the order of `rows` (n,) where nothing else is said. pending: applications (week, n); control: hold, licence,
    wait, examined, threshold, share of the usual flow declared, open, leak; flows: claim, usual, content (link,), flow
    of the base year, licensed, released and (week, surge of licensed goods, use weeks), released cut to what of it
    leaves; results: wanted (what the link would carry if it were free), leak (link,), applied, what customs stop today,
    part of the wanted that is licensed.
    """
    hold, licence, wait, examined, threshold, declared, opening, leakage = control
    claim, usual, content, flow, licensed, released, (week, licensed_surge, use_weeks) = flows
    wanted, leak, applied, stopped, part = results
    horizon = len(pending)
    for place in range(len(rows)):
        link = rows[place]
        asked, past, free_licence = claim[link], usual[link], licensed[place] * opening[place]
        under = max(licence[place], examined[place] if content[link] > threshold[place] else 0.0)
        spared = declared[place] * min(asked, past)
        lodged = (asked - spared) * under
        fresh = asked if flow[place] <= 0 else 0.0
        most = wanted[link] * (1 - under)
        delayed = min(asked - spared - lodged, (past + fresh) * (1 - under)) * hold[place]
        if lodged > 0:
            pending[(week + int(min(max(wait[place], 1.0), horizon - 1.0))) % horizon, place] += lodged
            applied[place] += lodged
        stopped[place] = delayed
        free = asked - spared - lodged - delayed
        turned_away = free * (1 - opening[place])
        if hold[place] > 0:
            most = min(most, past * (1 - hold[place]) * (1 - under))
        free = min(free - turned_away, most)
        licensed[place] = free_licence
        allowed = min(free_licence, max(licensed_surge * past, free_licence / use_weeks) + released[place])
        if licence[place] + hold[place] + examined[place] == 0 and applied[place] + licensed[place] > 0:
            allowed = licensed[place] = licensed[place] + applied[place] * opening[place]
            pending[:, place] = 0.0
            applied[place] = 0.0
        released[place] = min(released[place], allowed)
        wanted[link] = free + allowed + spared * opening[place]
        leak[link] = turned_away * leakage[place]
        part[place] = allowed / wanted[link] if wanted[link] > 0 else 0.0


@kernel
def detain(lots, wait, week, results):  # type: ignore[no-untyped-def]
    """Customs keep what they stop (n,) until its day; weeks of the hold (n,).

    results: lots held (week, n), detained (n,), in place.
    """
    held, detained = results
    horizon = len(held)
    for place in range(len(lots)):
        if lots[place] > 0:
            held[(week + int(min(max(wait[place], 1.0), horizon - 1.0))) % horizon, place] += lots[place]
            detained[place] += lots[place]


@kernel
def lay_out(queues, week, place, rings):  # type: ignore[no-untyped-def]
    """Copy two rings (week, m) into wider or longer ones of zeros (2, week, n), from the week after `week` on.

    place: where each of their links stands now (m,) int64.
    """
    for ring in range(2):
        before, length, weeks = queues[ring], len(queues[ring]), rings.shape[1]
        for ahead in range(week + 1, week + length):
            for link in range(len(place)):
                rings[ring, ahead % weeks, place[link]] = before[ahead % length, link]


@kernel
def share_out(links, good, bids, worth, shift):  # type: ignore[no-untyped-def]
    """Share of what each good is wanted for that a quota in tonnes lets go (good,), 1 where it does not bind.

    A tonne of quota serves any good, so exporters use it where it earns most: a part of it goes to goods by what a
    tonne earns at the border. links: of the quota (n,) int64; good: of each link (link,) int64; bids: wanted openly
    (n,), tonnes of the quota; worth: outside price over the home one, US$/t (good,); shift: that part.
    """
    wanted, amount = bids
    asked, weight, share = np.zeros(len(worth)), np.ones(len(worth)), np.ones(len(worth))
    for place in range(len(links)):
        asked[good[links[place]]] += wanted[place]
    total = asked.sum()
    mean = (asked * worth).sum() / max(total, TINY)
    if total <= amount:
        return share
    if mean > 0:
        weight = (1 - shift) + shift * worth / mean
    left, full = amount, np.zeros(len(worth))
    for _ in range(len(worth)):
        part = left / max((asked * weight * (1 - full)).sum(), TINY)
        more = False
        for each in range(len(worth)):
            if full[each] == 0 and asked[each] > 0 and part * weight[each] >= 1:
                full[each], more = 1.0, True
                left = max(left - asked[each], 0.0)
        if not more:
            break
    for each in range(len(worth)):
        share[each] = 1.0 if full[each] > 0 else part * weight[each]
    return share


@kernel
def hold_together(rows, good, share, notes):  # type: ignore[no-untyped-def]
    """Note one quota: the least share of its wish that each link keeps, and the largest ratio smuggled.

    rows: its links and their places in the notes (n,) int64; good: of each link (link,) int64; share: of each good
    (good,); notes: share kept, ratio smuggled, in place, and the ratio of this quota.
    """
    kept, smuggled, over = notes
    links, places = rows
    for row in range(len(links)):
        place = places[row]
        kept[place] = min(kept[place], share[good[links[row]]])
        smuggled[place] = max(smuggled[place], over)


@kernel
def cut(rows, notes, bids, customs):  # type: ignore[no-untyped-def]
    """Part what the links carry into what goes openly, at the share noted, and what is smuggled; clear the note.

    Smuggled goods bear neither duty nor rent and so are bought first: they take the place of open ones even where the
    quota does not bind, as much as smugglers can carry, which is a ratio to what goes openly. What customs stop has
    been declared under the quota; what they release needs it no second time. All in place.

    rows: links and their places in notes and customs (n,) int64; notes: share kept, ratio smuggled; bids: wanted, leak
    (link,); customs: stopped, released.
    """
    (ratio, smuggled), (wanted, leak), (stopped, released) = notes, bids, customs
    links, places = rows
    for row in range(len(links)):
        link, place = links[row], places[row]
        kept = (wanted[link] - released[place]) / (1 + smuggled[place]) * ratio[place]
        leak[link] += kept * smuggled[place]
        wanted[link] = kept + released[place]
        stopped[place] *= ratio[place]
        ratio[place] = 1.0
        smuggled[place] = 0.0


@kernel
def tighten(rows, hold, politics, held):  # type: ignore[no-untyped-def]
    """The share that customs hold on links under control, written into `held`: tension lowers what passes unheld.

    hold: share held as announced; politics: 1 where cases are decided one by one, part that tension leaves of what then
    passes (link,); in the order of `rows` (n,) where nothing else is said.
    """
    discretion, mercy = politics
    for place in range(len(rows)):
        passes = (1 - hold[place]) * (1 - discretion[place] * (1 - mercy[rows[place]]))
        held[place] = 1 - passes if hold[place] > 0 else 0.0


@kernel
def control(rows, bids, held, memory, way):  # type: ignore[no-untyped-def]
    """What a shipment means for the links under control: licences used, detours of what leaked, a frozen memory.

    In the order of `rows` (n,) where nothing else is said. bids: wanted, leak, ratio, sent (link,); held: licensed
    part, licensed, applied, detained, leaked; memory: usual (link,), (licence, hold, open, warned and whether control
    freezes the memory); way: buyer, weeks (link,) uint32, transit (week, link), on order (bought,) and (week, weeks of
    detour, weeks of memory).
    """
    wanted, leak, ratio, sent = bids
    part, licensed, applied, detained, leaked = held
    usual, (licence, hold, opening, warned, freezes) = memory
    buyer, weeks, transit, on_order, (week, detour, slow) = way
    for place in range(len(rows)):
        link = rows[place]
        licensed[place] = max(licensed[place] - wanted[link] * ratio[link] * part[place], 0.0)
        waiting = applied[place] + detained[place] + licensed[place]
        on_order[buyer[link]] += waiting
        leaked[place] = leak[link] * ratio[link]
        if leaked[place] > 0:
            transit[(week + weeks[link] + detour) % len(transit), link] += leaked[place]
        bound = licence[place] != 0 or hold[place] != 0 or opening[place] != 1 or warned[place] != 0
        waits = waiting > ROUNDING * (usual[link] + sent[link])
        if not freezes or not (bound or waits):
            usual[link] += (sent[link] - usual[link]) / slow
