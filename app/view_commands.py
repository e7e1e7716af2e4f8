"""The word of the command line that opens the live view."""

from __future__ import annotations

import importlib.util
import os
import socket
from typing import Annotated

import typer

from abm.errors import BadInput

NEEDED = ("solara", "solara_assets")


def view(
    scenario: Annotated[str, typer.Argument(help="Scenario that the page begins with.")] = "renewed",
    port: Annotated[int, typer.Option(help="Port of the page.", min=1, max=65535)] = 8765,
    host: Annotated[str, typer.Option(help="Address that the server listens on.")] = "127.0.0.1",
    parameters: Annotated[str, typer.Option(help="default, posterior (its mean), or a posterior's file.")] = "default",
) -> None:
    """Open the live view in a browser: play, pull levers, branch, compare."""
    from abm.scenario import Scenario
    from calibration.draws import settled

    Scenario.load(scenario).settled(settled(parameters))
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise BadInput(f"view: the page would be blank without {', '.join(missing)}; install techshield[view].")
    refuse_a_port_in_use(host, port)
    os.environ |= {
        "TECHSHIELD_VIEW_SCENARIO": scenario, "TECHSHIELD_VIEW_PARAMETERS": parameters,
        "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False", "SOLARA_SESSION_SAME_SITE": "lax",
        "SOLARA_SESSION_HTTPS_ONLY": "False",
    }  # fmt: skip
    from solara.__main__ import cli

    print(f"Techshield: http://{host}:{port}  (Ctrl+C ends it)", flush=True)
    cli(["run", "app.view.page", "--host", host, "--port", str(port), "--no-open", "--production"])


def refuse_a_port_in_use(host: str, port: int) -> None:
    """BadInput where something listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise BadInput(f"view: port {port} of {host} is in use; name another with --port. "
                           f"埠號 {port} 已被使用，請以 --port 指定其他埠號。") from problem  # fmt: skip
