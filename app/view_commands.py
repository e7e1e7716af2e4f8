"""The word of the command line that opens the live view."""

from __future__ import annotations

import gc
import importlib.util
import os
import socket
import sys
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from app.view import token
from kit.errors import BadInput

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from app.view.session import Session

NEEDED = ("solara", "solara_assets")
ASSETS = "/assets"  # where the front end's own files are served
LOOPBACK = ("127.0.0.1", "localhost", "::1")
CLOSED_AFTER = "2m"  # a session whose tab is gone without a word is given up after this time
LAST_SECONDS = 2  # an open page is waited for no longer once the server is told to end


def view(
    scenario: Annotated[str, typer.Argument(help="Scenario that the page begins with.")] = "renewed",
    port: Annotated[int, typer.Option(help="Port of the page.", min=1, max=65535)] = 8765,
    host: Annotated[str, typer.Option(help="Address that the server listens on.")] = "127.0.0.1",
    parameters: Annotated[str, typer.Option(help="default, posterior (its mean), or a posterior's file.")] = "default",
    language: Annotated[str, typer.Option(help="en or zh: what the page begins with.")] = "en",
    new_token: Annotated[
        bool, typer.Option("--new-token", help="Make another token: open pages are shut out.")
    ] = False,
) -> None:
    """Open the live view in a browser: play, pull levers, branch, compare. The address it prints lets one in."""
    if language not in WORDS:
        raise BadInput(f"view: --language {language}: expected one of {', '.join(WORDS)}. 語言代碼應為 en 或 zh。")
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise BadInput(WORDS[language]["blank"].format(missing=", ".join(missing)))
    refuse_a_port_in_use(host, port, language)
    set_up(scenario, parameters, language)
    word = token.token(new_token)
    tell(host, port, word, language)
    serve(host, port, word, lambda: check(scenario, parameters, language))


def set_up(scenario: str, parameters: str, language: str) -> None:
    """What the page and Solara are told by the environment; nothing is fetched from elsewhere for a visitor."""
    os.environ |= {
        "TECHSHIELD_VIEW_SCENARIO": scenario, "TECHSHIELD_VIEW_PARAMETERS": parameters,
        "TECHSHIELD_VIEW_LANGUAGE": language, "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
        "SOLARA_SESSION_SAME_SITE": "lax", "SOLARA_SESSION_HTTPS_ONLY": "False",
        "SOLARA_KERNEL_CULL_TIMEOUT": CLOSED_AFTER, "SOLARA_APP": "app.view.front", "SOLARA_MODE": "production",
        "SOLARA_GC_FREEZE": "False", "SOLARA_ASSETS_PROXY": "False", "SOLARA_ASSETS_CDN": ASSETS,
    }  # fmt: skip


def serve(host: str, port: int, word: str, check: Callable[[], None]) -> None:
    """Serve the pages until interrupted, or until `check`, which runs meanwhile, refuses what was asked for.

    Not by Solara's own command, which asks a package index for newer versions of itself.
    """
    from app.view import opening

    opening.lay_large_apart()
    gc.disable()  # until all is loaded, which stays: then the collector is told so, and goes on
    import uvicorn

    from app.view.gate import Gate

    behind = Gate(pages(), word, host, port)
    server = uvicorn.Server(uvicorn.Config(behind, host=host, port=port, log_level="error", access_log=False,
                                           proxy_headers=False, timeout_graceful_shutdown=LAST_SECONDS))  # fmt: skip
    opening.start(lambda: first_run(check), lambda: setattr(server, "should_exit", True))
    server.run()
    if opening.problems:
        raise opening.problems[0]


def first_run(check: Callable[[], None]) -> Callable[[], Session]:
    """Check what was asked for and load the pages; gives what makes the first run."""
    check()
    from app.view import page

    return page.first


def pages() -> ASGIApp:
    """Solara's application; the front end's own files come from where they are installed, and nothing is fetched."""
    import solara.server.starlette
    from solara.server import settings
    from starlette.routing import Mount
    from starlette.staticfiles import StaticFiles

    warnings.filterwarnings("ignore", message="Cookies with samesite=none")  # ours is strict; Solara's is no key
    installed = StaticFiles(directory=settings.assets.proxy_cache_dir)
    solara.server.starlette.app.router.routes.insert(0, Mount(ASSETS, app=installed))
    return solara.server.starlette.app


def tell(host: str, port: int, word: str, language: str) -> None:
    """The address that lets one in, alone on standard output; what else there is to say on standard error."""
    if host not in LOOPBACK:
        print(WORDS[language]["wide"].format(host=host), file=sys.stderr)
    named = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    named = f"[{named}]" if ":" in named else named
    print(WORDS[language]["ends"], file=sys.stderr)
    print(f"http://{named}:{port}/?token={word}", flush=True)


def check(scenario: str, parameters: str, language: str) -> None:
    """BadInput, in the chosen language, where the scenario or the posterior is wrong."""
    from abm.scenario.scenario import Scenario
    from calibration.fit.draws import settled

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
        "ends": "Techshield: open this address in a browser; Ctrl+C ends it.",
        "wide": "view: --host {host} lets other machines reach the page, unencrypted: whoever has the token gets in.",
        "blank": "view: the page would be blank without {missing}; install techshield[view].",
        "wrong": "{why}",
        "port": "view: port {port} of {host} is in use or not open to this program; name another with --port.",
    },
    "zh": {
        "ends": "Techshield：請以瀏覽器開啟此網址；按 Ctrl+C 結束。",
        "wide": "view：--host {host} 使其他電腦可連上本頁，且未經加密：持有存取權杖者皆可進入。",
        "blank": "view：缺少 {missing}，頁面將為空白；請安裝 techshield[view]。",
        "wrong": "view：情境或參數有誤，無法開啟：{why}",
        "port": "view：{host} 的埠號 {port} 已被使用或無法開啟，請以 --port 指定其他埠號。",
    },
}
