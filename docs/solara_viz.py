"""Techshield as Mesa's own viewer shows a model: `solara run docs/solara_viz.py`. For our page: `techshield view`."""

from typing import Any

import mesa
import solara
from mesa.visualization import SolaraViz, make_plot_component

from abm import Model


class Shown(Model):
    """The model with what the viewer plots."""

    def __init__(self, scenario: Any = "snap-back", **settings: Any) -> None:
        super().__init__(scenario, **settings)
        gallium = self.world.goods.good.tolist().index("gallium")
        self.datacollector = mesa.DataCollector({"gallium": lambda model: model.market.spot[1, gallium]})

    def step(self) -> None:
        """One week, and its picture."""
        super().step()
        self.datacollector.collect(self)


@solara.component
def Page() -> None:
    """A run for each visitor: what one does, no other sees."""
    model = solara.use_memo(Shown, [])
    SolaraViz(model, components=[make_plot_component("gallium")], name="Techshield", play_interval=1)
