"""Techshield as Mesa's own viewer shows a model: `solara run docs/solara_viz.py`. For our page: `techshield view`."""

import mesa
from mesa.visualization import SolaraViz, make_plot_component

from abm import Model


class Shown(Model):
    """The model with what the viewer plots."""

    def __init__(self, scenario: str = "snap-back", rng: int = 0) -> None:
        super().__init__(scenario, rng=rng)
        gallium = self.world.goods.good.tolist().index("gallium")
        self.datacollector = mesa.DataCollector({"gallium": lambda model: model.market.spot[1, gallium]})

    def step(self) -> None:
        """One week, and its picture."""
        super().step()
        self.datacollector.collect(self)


model = Shown()
page = SolaraViz(model, components=[make_plot_component("gallium")], name="Techshield", play_interval=1)
