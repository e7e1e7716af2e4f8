"""Routes of harm that work through cost, delay and yield rather than through a missing input (equations 9 and 1)."""

from __future__ import annotations

from operator import itemgetter

import numpy as np

from abm.economy import plant_kernels
from abm.economy.trade import Trade
from abm.tables.parameters import Parameters
from abm.world.labels import RAW_STAGES
from abm.world.world import World, kept_in
from kit.clock import MONTH
from kit.columns import Columns

TOOLS, PACKAGED, JOINT = "chip_tools", "packaged_chips", "solder"
of_orders = itemgetter("cover", "extra", "lead", "expected_use", "stock", "on_order", "paid_ratio")
of_shelves = itemgetter("thrift", "cover", "expected_use", "stock")
TINY = 1e-300


class Tools:
    """Chip tools: their lead time and price delay the growth of fabs and raise its outlay (equation 9a).

    `fabs` (fab,) are the rows of the firms that buy tools, `shelf` their shelves of tools. `wait` (fab,) weeks is what
    the backlog of orders adds to the usual lead time; `pending` (fab,) units/week is growth of capacity that follows
    the outlook and waits for tools.
    """

    def __init__(self, world: World, parameters: Parameters, trade: Trade) -> None:
        self.rules = parameters.shared()
        self.shelf, self.fabs, self.links, self.fab_of_link = kept_in(world, "fabs", lambda: fabs_of(world))
        self.sent = self._by_fab(trade.flow)
        self.wait, self.pending = np.zeros(len(self.fabs)), np.zeros(len(self.fabs))

    def _by_fab(self, flow: np.ndarray) -> np.ndarray:
        """Sums of a flow on the links (link,) by the fab that receives it (fab,)."""
        return np.bincount(self.fab_of_link, weights=flow[self.links], minlength=len(self.fabs)).astype(float)

    def quote(self, columns: Columns, sent: np.ndarray) -> None:
        """Lead time and price of tools for each fab: the backlog of its orders over what is shipped to it.

        sent: (link,) units/week, what left in the week before.
        """
        if not len(self.fabs):
            return
        rules = self.rules
        plant_kernels.quote(
            (self.links, self.fab_of_link, self.fabs, self.shelf),
            of_orders(columns),
            (sent, self.sent),
            (rules["sales_memory"], rules["tool_wait_most"], rules["tool_outlay_share"]),
            (self.wait, columns["tool_wait"], columns["outlay_ratio"]),
        )

    def install(self, growth: np.ndarray) -> np.ndarray:
        """Capacity that stands after a month (firm,), of the growth due (firm,): what waits for tools comes late.

        What waits is fitted out at a rate that makes the mean delay equal the added lead time.
        """
        self.pending += growth[self.fabs]
        fitted = self.pending / (1 + self.wait / MONTH)
        self.pending -= fitted
        growth[self.fabs] = fitted
        return growth

    def delayed(self, columns: Columns, week: int) -> np.ndarray:
        """Capacity that would stand but for the wait for tools (fab,), units/week."""
        due = columns["ready"][self.fabs] <= week
        return self.pending + np.where(due, columns["building"][self.fabs], 0.0)


class Packaging:
    """Packaging: short or newly replaced joining material spoils part of the chips (equation 1a).

    Strain of a material, between 0 and 1, is the stock lacking from the base cover, or the share of its use lately
    saved or replaced, which makers learn to live with; each weighs by its criticality. What makers of solder replace
    in it strains those who join with it. `yields` (packager,) is the share of good chips.
    """

    def __init__(self, world: World, parameters: Parameters, columns: Columns) -> None:
        self.rules = parameters.shared()
        firm = world.array("bought", "firm")
        found = kept_in(world, "joining materials", lambda: joining_of(world))
        self.rows, self.melted, self.joined, self.solder = found
        self.solder_rows = self.joined[self.solder]
        self.packagers, self.first = np.unique(firm[self.rows[self.joined]], return_index=True)
        self.solderers, self.first_melted = np.unique(firm[self.rows[self.melted]], return_index=True)
        self.all_inputs = np.nonzero(np.isin(firm, self.packagers))[0]
        self.place = np.searchsorted(self.packagers, firm[self.all_inputs])
        self.owner = firm[self.all_inputs]
        self.learned = columns["thrift"][self.rows].copy()
        self.weight = columns["criticality"][self.rows]
        self.fresh, self.strained = np.zeros(len(self.rows)), np.zeros(len(self.rows))
        soldered = np.zeros(len(self.joined), dtype=bool)
        soldered[self.solder] = len(self.solderers) > 0
        self.joints = (self.first, self.joined, soldered, self.weight[self.joined])
        self.yields = np.ones(len(self.packagers))

    def spoil(self, columns: Columns) -> None:
        """Set this week's yield: inputs used per good chip and what the plant can make of them."""
        if not len(self.packagers):
            return
        memory = self.rules["yield_learning_weeks"]
        plant_kernels.strain(self.rows, of_shelves(columns), self.learned, memory, (self.fresh, self.strained))
        loss, alloy = self.rules["packaging_yield_loss"], self._alloy(columns)
        plant_kernels.good_chips(self.joints, self.strained, alloy, loss, self.yields)
        inputs = (self.all_inputs, self.owner, self.place)
        scrap = (columns["reworked"], columns["returned"], self.rules["take_back"])
        plant_kernels.need_of_chips(inputs, scrap, columns["usual_need"], self.yields, columns["need"])
        columns["available"][self.packagers] *= self.yields

    def _alloy(self, columns: Columns) -> float:
        """Part of the solder on the market that its makers have freshly replaced, each by what it makes."""
        if not len(self.solderers):
            return 0.0
        replaced = np.maximum.reduceat((self.weight * self.fresh)[self.melted], self.first_melted)
        made = columns["activity"][self.solderers]
        return float(np.add.reduce(replaced * made)) / max(float(np.add.reduce(made)), TINY)


class Routes:
    """The two routes, in the order of the week."""

    def __init__(self, world: World, parameters: Parameters, trade: Trade, columns: Columns) -> None:
        self.tools = Tools(world, parameters, trade)
        self.packaging = Packaging(world, parameters, columns)

    def record(self, columns: Columns, week: int) -> dict[str, np.ndarray]:
        """What history keeps of a week: wait, outlay and delayed capacity (fab,), share of good chips (packager,)."""
        tools = self.tools
        return {
            "tool_wait": tools.wait,
            "outlay_ratio": columns["outlay_ratio"][tools.fabs],
            "delayed": tools.delayed(columns, week),
            "yields": self.packaging.yields,
        }


def fabs_of(world: World) -> tuple[np.ndarray, ...]:
    """Shelves of tools and their fabs (fab,), the links that carry tools and the place of the fab of each (n,)."""
    makers = ~world.firms.kind.isin(["industry", "reserve"]).to_numpy()[world.bought.firm]
    shelf = np.nonzero((world.bought.good == TOOLS).to_numpy() & makers)[0]
    buyer = world.links.buyer.to_numpy(dtype=np.int64)
    links = np.nonzero(np.isin(buyer, shelf))[0]
    return shelf, world.bought.firm.to_numpy(dtype=np.int64)[shelf], links, np.searchsorted(shelf, buyer[links])


def joining_of(world: World) -> tuple[np.ndarray, ...]:
    """Shelves of raw inputs of packagers and solder makers (n,); places in it: of solder makers, of packagers.

    The last are the places of solder among the inputs of packagers.
    """
    firm, firms = world.bought.firm.to_numpy(dtype=np.int64), world.firms
    raw = world.bought.good.map(world.goods.set_index("good").stage).isin(RAW_STAGES).to_numpy()
    joins, melts = ((firms.good == good).to_numpy()[firm] & raw for good in (PACKAGED, JOINT))
    rows = np.nonzero(joins | melts)[0]
    joined = np.nonzero(joins[rows])[0]
    solder = np.nonzero((world.bought.good == JOINT).to_numpy()[rows[joined]])[0]
    return rows, np.nonzero(melts[rows])[0], joined, solder
