"""The one door of the view: every request and websocket shows that it comes from its own page and from its user."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from html import escape
from types import MappingProxyType
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.view.words import LANGUAGES, say

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
ANYWHERE = ("0.0.0.0", "[::]")
REFUSED, UNKNOWN = 403, 404
WEB_PORT = 80  # browsers leave it out
OPEN = {  # all that the page asks for; every other route of the server is closed
    "GET": re.compile(r"/|/(?:static|jupyter/nbextensions|assets)/.+"),
    "HEAD": re.compile(r"/|/(?:static|jupyter/nbextensions|assets)/.+"),
    "POST": re.compile(r"/_solara/api/close/[\w-]+"),
    "websocket": re.compile(r"/jupyter/api/kernels/[\w-]+/channels"),
}
HEADERS = {
    "content-security-policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'self'; object-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # not no-referrer, which makes a browser send `Origin: null` to its own page
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


class Gate:
    """An application that is answered for only where Host, Origin, token and route are right."""

    def __init__(self, app: ASGIApp, token: str, host: str, port: int) -> None:
        self.app, self.token = app, token
        self.cookie = f"techshield-token-{port}"
        self.hosts = None if bracketed(host) in ANYWHERE else own_hosts(host, port)
        self.loopback = own_hosts(LOOPBACK[0], port)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it here."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        answer = self.answer(scope)
        if answer is None:
            await self.app(self.without_token(scope), receive, guarded(send, self.new_cookie(scope)))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close"})  # before it is accepted: the handshake is answered with 403
        else:
            await answer(scope, receive, guarded(send))

    def answer(self, scope: Scope) -> Response | None:
        """What is answered here, or none where the request may go in."""
        headers = Headers(scope=scope)
        if not self.is_ours(headers):
            return refused("gate_foreign", REFUSED)
        if not self.has_token(scope):
            return self.ask(scope, headers)
        kind = scope.get("method", scope["type"])
        if kind not in OPEN or not OPEN[kind].fullmatch(scope["path"]):
            return refused("gate_closed", UNKNOWN)
        return self.arrive(scope, headers) if query_tokens(scope) and scope["path"] == "/" else None

    def is_ours(self, headers: Headers) -> bool:
        """Whether Host names this server, and whatever tells of the asking page tells of our own."""
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or (self.hosts is not None and hosts[0].lower() not in self.hosts):
            return False
        if any(origin.lower() != f"http://{hosts[0].lower()}" for origin in origins):
            return False
        visit = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        return visit or headers.get("sec-fetch-site", "none") in ("same-origin", "none")

    def has_token(self, scope: Scope) -> bool:
        """Whether the token comes with the request: in its address, or in the cookie of this port."""
        cookies = cookie_parser("; ".join(Headers(scope=scope).getlist("cookie")))
        given = (*query_tokens(scope), cookies.get(self.cookie, ""))
        return any(hmac.compare_digest(each.encode(), self.token.encode()) for each in given)

    def ask(self, scope: Scope, headers: Headers) -> Response:
        """The page that asks for the token: 200 at the bare address of this machine, else refused."""
        if scope["type"] == "websocket" or scope["path"] != "/" or scope["method"] not in ("GET", "HEAD"):
            return refused("gate_token", REFUSED)
        bare = not query_tokens(scope) and headers["host"].lower() in self.loopback
        return HTMLResponse(asking(), status_code=200 if bare else REFUSED, headers={"cache-control": "no-store"})

    def arrive(self, scope: Scope, headers: Headers) -> Response | None:
        """A browser that brings the token in its address gets it as a cookie, and moves on to the address without it.

        Not by a redirect: a browser that follows a link of another site keeps a strict cookie back all along redirects.
        None for what is no browser, which may go in at once.
        """
        if scope["method"] != "GET" or "text/html" not in headers.get("accept", ""):
            return None
        onward = escape("/?" + query if (query := without(scope["query_string"])) else "/")
        moving = html(f'<meta http-equiv="refresh" content="0; url={onward}">', "")
        return HTMLResponse(moving, headers=self.new_cookie(scope))

    def new_cookie(self, scope: Scope) -> dict[str, str]:
        """Headers of the cookie that stands for the token from now on, where the token came in the address."""
        cookie = f"{self.cookie}={self.token}; Path=/; HttpOnly; SameSite=Strict"
        return {"set-cookie": cookie, "cache-control": "no-store"} if query_tokens(scope) else {}

    def without_token(self, scope: Scope) -> Scope:
        """The request as the pages see it: nothing behind the gate knows the token."""
        kept = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
        cookies = [each.strip() for value in Headers(scope=scope).getlist("cookie") for each in value.split(";")]
        others = "; ".join(each for each in cookies if each.partition("=")[0].strip() != self.cookie)
        return {**scope, "query_string": without(scope["query_string"]).encode(),
                "headers": [*kept, (b"cookie", others.encode("latin-1"))]}  # fmt: skip


def bracketed(host: str) -> str:
    """An address as it stands in a link: IPv6 in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def own_hosts(host: str, port: int) -> set[str]:
    """What the Host header may say."""
    names = {*LOOPBACK, bracketed(host).lower()}
    return {f"{name}:{port}" for name in names} | (names if port == WEB_PORT else set())


def query_tokens(scope: Scope) -> list[str]:
    """The tokens of an address, right or wrong."""
    return [value for name, value in pairs(scope["query_string"]) if name == "token"]


def pairs(query: bytes) -> list[tuple[str, str]]:
    """The parts of a query."""
    return parse_qsl(query.decode("latin-1"), keep_blank_values=True)


def without(query: bytes) -> str:
    """A query with its token left out."""
    kept = [pair for pair in pairs(query) if pair[0] != "token"]
    return query.decode("latin-1") if len(kept) == len(pairs(query)) else urlencode(kept)


def guarded(send: Send, more: Mapping[str, str] = MappingProxyType({})) -> Send:
    """A way to answer that adds the headers of the gate, and others."""

    async def answered(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(HEADERS)
            for name, value in more.items():  # beside the cookies of the page itself
                headers.append(name, value)
        await send(message)

    return answered


def refused(word: str, status: int) -> Response:
    """A refusal in a sentence, in both languages."""
    return PlainTextResponse("\n".join(sentences(word)) + "\n", status_code=status)


def sentences(word: str) -> Iterable[str]:
    """A sentence in each language."""
    return (say(word, language) for language in LANGUAGES)


def html(head: str, body: str) -> str:
    """A small page without any state."""
    return (f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Techshield</title>'
            f'<link rel="icon" href="data:,">{head}</head><body>{body}</body></html>')  # fmt: skip


def asking() -> str:
    """The page that asks for the token, in both languages."""
    told = "".join(f"<p>{escape(each)}</p>" for each in sentences("gate_ask"))
    name, go = (escape(" / ".join(sentences(word))) for word in ("gate_name", "gate_go"))
    field = f'<input name="token" type="password" autocomplete="off" aria-label="{name}" required autofocus>'
    return html("", f'<h1>Techshield</h1>{told}<form action="/">{field} <button>{go}</button></form>')
