"""The word of the command line that opens the live view."""

from __future__ import annotations

import gc
import importlib.util
import os
import socket
from collections.abc import Callable
from typing import Annotated

import typer

from abm.errors import BadInput

NEEDED = ("solara", "solara_assets")
CLOSED_AFTER = "2m"  # a session whose tab is gone without a word is given up after this time
LAST_SECONDS = 2  # an open page is waited for no longer once the server is told to end


def view(
    scenario: Annotated[str, typer.Argument(help="Scenario that the page begins with.")] = "renewed",
    port: Annotated[int, typer.Option(help="Port of the page.", min=1, max=65535)] = 8765,
    host: Annotated[str, typer.Option(help="Address that the server listens on.")] = "127.0.0.1",
    parameters: Annotated[str, typer.Option(help="default, posterior (its mean), or a posterior's file.")] = "default",
    language: Annotated[str, typer.Option(help="en or zh: what the page begins with.")] = "en",
) -> None:
    """Open the live view in a browser: play, pull levers, branch, compare."""
    if language not in WORDS:
        raise BadInput(f"view: --language {language}: expected one of {', '.join(WORDS)}. 語言代碼應為 en 或 zh。")
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise BadInput(WORDS[language]["blank"].format(missing=", ".join(missing)))
    refuse_a_port_in_use(host, port, language)
    os.environ |= {
        "TECHSHIELD_VIEW_SCENARIO": scenario, "TECHSHIELD_VIEW_PARAMETERS": parameters,
        "TECHSHIELD_VIEW_LANGUAGE": language, "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
        "SOLARA_SESSION_SAME_SITE": "lax", "SOLARA_SESSION_HTTPS_ONLY": "False",
        "SOLARA_KERNEL_CULL_TIMEOUT": CLOSED_AFTER, "SOLARA_APP": "app.view.front", "SOLARA_MODE": "production",
        "SERVER_NAME": host, "SERVER_PORT": str(port), "SOLARA_GC_FREEZE": "False",
    }  # fmt: skip
    print(f"Techshield: http://{host}:{port}  ({WORDS[language]['ends']})", flush=True)
    serve(host, port, lambda: check(scenario, parameters, language))


def serve(host: str, port: int, check: Callable[[], None]) -> None:
    """Serve the pages until interrupted, or until `check`, which runs meanwhile, refuses what was asked for.

    Not by Solara's own command, which asks a package index for newer versions of itself.
    """
    from app.view import opening

    opening.lay_large_apart()
    gc.disable()  # until all is loaded, which stays: then the collector is told so, and goes on
    import solara.server.starlette
    import uvicorn

    pages = uvicorn.Config(solara.server.starlette.app, host=host, port=port, log_level="error", access_log=False,
                           timeout_graceful_shutdown=LAST_SECONDS)  # fmt: skip
    server = uvicorn.Server(pages)
    opening.start(check, lambda: setattr(server, "should_exit", True))
    server.run()
    if opening.problems:
        raise opening.problems[0]


def check(scenario: str, parameters: str, language: str) -> None:
    """BadInput, in the chosen language, where the scenario or the posterior is wrong."""
    from abm.scenario import Scenario
    from calibration.draws import settled

    try:
        Scenario.load(scenario).settled(settled(parameters))
    except BadInput as problem:
        raise BadInput(WORDS[language]["wrong"].format(why=problem)) from problem


def refuse_a_port_in_use(host: str, port: int, language: str) -> None:
    """BadInput where something listens there already, or the address is none of this machine."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as problem:
        raise BadInput(WORDS[language]["port"].format(port=port, host=host)) from problem


WORDS = {
    "en": {
        "ends": "Ctrl+C ends it",
        "blank": "view: the page would be blank without {missing}; install techshield[view].",
        "wrong": "{why}",
        "port": "view: port {port} of {host} is in use or not open to this program; name another with --port.",
    },
    "zh": {
        "ends": "按 Ctrl+C 結束",
        "blank": "view：缺少 {missing}，頁面將為空白；請安裝 techshield[view]。",
        "wrong": "view：情境或參數有誤，無法開啟：{why}",
        "port": "view：{host} 的埠號 {port} 已被使用或無法開啟，請以 --port 指定其他埠號。",
    },
}
