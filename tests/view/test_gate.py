"""The door of the view: who is let in, who is not, and what nobody is told."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, unquote

import pytest

from abm import Scenario
from app import view_commands
from app.view import token
from app.view.gate import Gate
from app.view.session import Session
from app.view.words import LANGUAGES, say
from experiments import Study
from kit.errors import BadInput

WORD, PORT = "w" * 43, 8765
OWN, COOKIE = f"127.0.0.1:{PORT}", {"cookie": f"other=1; techshield-token-{PORT}={'w' * 43}; more=2"}
SOCKET = "/jupyter/api/kernels/1a-2b/channels?session_id=3"
BROWSER = {"accept": "text/html,*/*"}
FOREIGN = (
    {"host": "evil.example"}, {"host": "127.0.0.1"}, {"host": "127.0.0.1:80"},
    {"host": f"127.0.0.1.evil.example:{PORT}"},
    {"host": f"evil.example:{PORT}"}, {"host": ""}, {"origin": "http://evil.example"}, {"origin": "null"},
    {"origin": "http://127.0.0.1"}, {"origin": "http://127.0.0.1:9"}, {"origin": f"https://{OWN}"},
    {"origin": f"http://{OWN}.evil.example"}, {"origin": f"http://localhost:{PORT}"},
    {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"},
    {"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script"},
    {"sec-fetch-site": "same-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"},
)  # fmt: skip


@dataclass
class Reply:
    """What came back: status, headers, text."""

    status_code: int
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)


async def pages(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Pages that tell all that they are told."""
    await receive()
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    told = json.dumps([scope["path"], scope["query_string"].decode(), headers])
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": told})
    else:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": told.encode()})


class Client:
    """One who asks."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.gate = Gate(pages, WORD, host, PORT)

    def asked(self, kind: str, method: str, address: str, headers: Mapping[str, str]) -> list[dict[str, Any]]:
        """All that is sent back."""
        path, _, query = address.partition("?")
        every = {"host": OWN, **headers}
        scope = {"type": kind, "method": method, "path": unquote(path), "query_string": query.encode(),
                 "headers": [(name.encode(), value.encode()) for name, value in every.items()]}  # fmt: skip
        if kind == "websocket":
            del scope["method"]
        got: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "websocket.connect" if kind == "websocket" else "http.request"}

        async def send(message: dict[str, Any]) -> None:
            got.append(message)

        asyncio.run(self.gate(scope, receive, send))
        return got

    def request(self, method: str, address: str, headers: Mapping[str, str] = MappingProxyType({})) -> Reply:
        """Ask for a page."""
        begun, *rest = self.asked("http", method, address, headers)
        told = {name.decode().lower(): value.decode() for name, value in begun["headers"]}
        return Reply(begun["status"], b"".join(each["body"] for each in rest).decode(), told)

    def get(self, address: str, headers: Mapping[str, str] = MappingProxyType({})) -> Reply:
        """Ask for a page by GET."""
        return self.request("GET", address, headers)


def handshake(client: Client, address: str, **headers: str) -> Any:
    """What the pages are told by a websocket, or none where it is refused."""
    got = client.asked("websocket", "", address, {"origin": f"http://{OWN}", **headers})
    return None if got == [{"type": "websocket.close"}] else json.loads(got[1]["text"])


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.mark.parametrize("headers", FOREIGN, ids=lambda headers: " ".join(headers.values()))
def test_what_is_foreign_is_refused_whatever_it_brings(client: Client, headers: dict[str, str]) -> None:
    for address in ("/", f"/?token={WORD}", "/static/main.js"):
        for more in ({}, COOKIE):
            got = client.get(address, headers={**headers, **more})
            assert got.status_code == 403
            assert WORD not in got.text + str(got.headers)
    assert handshake(client, f"{SOCKET}&token={WORD}", **headers) is None
    assert handshake(client, SOCKET, **headers, **COOKIE) is None


@pytest.mark.parametrize("host", [OWN, f"localhost:{PORT}", f"LOCALHOST:{PORT}", f"[::1]:{PORT}"])
@pytest.mark.parametrize("way", ["cookie", "address"])
def test_the_own_page_is_let_in_and_nothing_behind_the_gate_knows_the_token(
    client: Client, host: str, way: str
) -> None:
    headers = {"host": host, "origin": f"http://{host}", **(COOKIE if way == "cookie" else {})}
    query = f"token={WORD}" if way == "address" else ""
    got = client.get(f"/?a=1&{query}&b=%C3%A9&token=", headers=headers)
    spoken = handshake(client, f"{SOCKET}&{query}", **headers)
    assert got.status_code == 200
    assert "a=1" in got.text
    assert "b=%C3%A9" in got.text
    assert "session_id=3" in spoken[1]
    assert "token" not in got.text + json.dumps(spoken)
    if way == "cookie":
        jar = SimpleCookie(spoken[2]["cookie"])
        assert {name: morsel.value for name, morsel in jar.items()} == {"other": "1", "more": "2"}


@pytest.mark.parametrize("given", ["", "w", "w" * 42, "w" * 44, "é", "%00", "w" * 42 + "x"])
def test_without_the_token_there_is_a_page_that_asks_and_holds_nothing(client: Client, given: str) -> None:
    bare, wrong = client.get("/"), client.get(f"/?token={quote(given)}x")
    assert (bare.status_code, wrong.status_code) == (200, 403)
    for got in (bare, wrong):
        assert all(say("gate_ask", language) in got.text for language in LANGUAGES)
        assert "set-cookie" not in got.headers
    for address in ("/static/main.js", "/assets/x.js", "/other", "/_solara/cdn/x", "/resourcez"):
        assert client.get(address).status_code == 403
    assert client.request("POST", "/_solara/api/close/1").status_code == 403
    assert handshake(client, SOCKET) is None
    assert handshake(client, f"{SOCKET}&token={quote(given)}x") is None
    assert handshake(client, SOCKET, cookie=f"techshield-token-{PORT + 1}={WORD}") is None  # of another view


def test_a_browser_keeps_the_token_as_a_cookie_and_its_address_loses_it(client: Client) -> None:
    got = client.get(f"/?a=%22%3E%3Cb%3E&token={WORD}&c=2", headers=BROWSER | {"sec-fetch-site": "none"})
    name, *terms = got.headers["set-cookie"].split("; ")
    assert name == f"techshield-token-{PORT}={WORD}"
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(terms)
    assert 'content="0; url=/?a=%22%3E%3Cb%3E&amp;c=2"' in got.text
    assert WORD not in got.text
    there = client.get("/?c=2", headers=BROWSER | {"cookie": name})
    assert there.status_code == 200
    assert "set-cookie" not in there.headers


def test_a_link_from_elsewhere_that_holds_the_token_opens_the_page(client: Client) -> None:
    visit = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert "set-cookie" in client.get(f"/?token={WORD}", headers=BROWSER | visit).headers


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "address",
    ["/_solara/cdn/lodash@4.17.21/lodash.js", "/readyz", "/resourcez?verbose=1", "/jupyter/api/kernels/1", "/static",
     "/jupyter/api/kernels/1/channels", "/_solara/api/evict/1", "/_solara/auth/login", "/docs", "//evil.example/"],
)  # fmt: skip
def test_what_the_page_does_not_need_is_closed_to_everybody(client: Client, method: str, address: str) -> None:
    assert client.request(method, address, COOKIE).status_code == 404


def test_every_answer_tells_the_browser_what_the_page_may_do(client: Client) -> None:
    for address, headers in (("/", {}), ("/", COOKIE), ("/x", COOKIE), ("/x", {}), ("/", {"host": "evil.example"})):
        policy = client.get(address, headers=headers).headers["content-security-policy"]
        rules = dict(each.strip().split(" ", 1) for each in policy.split(";"))
        assert [rules[name] for name in ("default-src", "connect-src", "form-action")] == ["'self'"] * 3
        assert [rules[name] for name in ("object-src", "frame-ancestors")] == ["'none'"] * 2
        assert not [rule for rule in rules.values() if "http" in rule or "*" in rule]


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_open_to_other_machines_every_host_is_answered_with_the_token_alone(host: str) -> None:
    client = Client(host)
    far = {"host": "view.example:8765"}
    assert client.get("/", headers=far).status_code == 403
    assert client.get("/", headers=far | COOKIE).status_code == 200
    assert client.get(f"/?token={WORD}", headers=far).status_code == 200
    assert client.get("/", headers=far | COOKIE | {"origin": "http://evil.example"}).status_code == 403
    assert handshake(client, SOCKET, **far, **COOKIE, origin="http://view.example:8765") is not None
    assert handshake(client, SOCKET, **far, origin="http://view.example:8765") is None
    assert handshake(client, SOCKET, **far, **COOKIE) is None


def test_the_address_that_a_view_listens_on_is_its_own() -> None:
    client = Client("192.168.1.5")
    assert client.get("/", headers=COOKIE | {"host": f"192.168.1.5:{PORT}"}).status_code == 200
    assert client.get("/", headers=COOKIE | {"host": f"192.168.1.6:{PORT}"}).status_code == 403


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("host", "named", "warned"),
    [("127.0.0.1", "127.0.0.1", False), ("0.0.0.0", "127.0.0.1", True), ("::", "[::1]", True), ("h", "h", True)],
)
def test_the_address_is_alone_on_standard_output(
    host: str, named: str, warned: bool, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    view_commands.tell(host, PORT, WORD, language)
    out, told = capsys.readouterr()
    assert out == f"http://{named}:{PORT}/?token={WORD}\n"
    assert (f"--host {host}" in told) == warned
    assert WORD not in told


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return token.file()


def test_the_token_outlives_a_restart_and_is_made_anew_where_others_may_know_it(kept: Path) -> None:
    first = token.token()
    assert len(first) * 6 >= 128
    assert token.token() == first
    assert os.name == "nt" or kept.stat().st_mode & 0o777 == 0o600
    second = token.token(new=True)
    assert second not in (first, "")
    assert token.token() == second
    for spoil in (lambda: kept.chmod(0o644), lambda: kept.write_text("short"), kept.unlink,
                  lambda: kept.write_bytes(b"\xff")):  # fmt: skip
        before = token.token()
        spoil()
        assert token.token() != before
        assert kept.stat().st_mode & 0o777 == 0o600


def test_where_nothing_can_be_kept_there_is_a_token_all_the_same(kept: Path) -> None:
    kept.parent.write_text("no folder", encoding="utf-8")
    assert len(token.token()) >= 22


OWN_SCENARIO = ("extends: snap-back\nend: 2024-06-01\ntitle_en: 'Own: yes'\ntitle_zh: 自\n"
                "causes: [{id: mine, instrument: tariff, by: USA, goods: [gallium], 'on': [CHN], rate: 0.1, "
                "start: 2024-01-15, source: x, confidence: assumed, title_en: a, title_zh: b}]\n")  # fmt: skip


def test_a_saved_state_carries_its_scenario_and_no_path(kept: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(OWN_SCENARIO, encoding="utf-8")
    live = Session(str(file), 3)
    live.step(4)
    state = live.saved()
    file.unlink()
    again = Session.opened(state, "en")
    assert str(tmp_path) not in state + again.saved()
    assert again.main.setting.causes == live.main.setting.causes
    assert (again.main.history.spot == live.main.history.spot).all()
    assert json.loads(again.saved()) == json.loads(state)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("how", ["path", "packages", "dots", "text", "list", "number"])
def test_a_state_that_names_a_file_is_refused_and_the_file_is_not_told(
    kept: Path, tmp_path: Path, how: str, language: str
) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("-----BEGIN-----\nsecretword\n", encoding="utf-8")
    named = {"path": str(secret), "packages": f"{secret}+R1", "dots": "secret.yaml", "list": [str(secret)],
             "number": 3, "text": {"text": f"extends: {secret}\n"}}[how]  # fmt: skip
    state = json.loads(Session("largest-stops").saved()) | {"scenario": named}
    with pytest.raises(BadInput) as told:
        Session.opened(json.dumps(state), language)
    assert "secretword" not in str(told.value)
    assert str(told.value) in {say("state_path", language), say("no_file", language)}


@pytest.mark.parametrize("read", [Scenario.load, Study.load])
@pytest.mark.parametrize(
    "content",
    ["secretword\n", "- secretword\n", "'secretword", "a: [secretword\n", "\tsecretword", "a: 1\n--b: c: secretword\n",
     "a: *secretword\n", "a: !secretword x\n"],
)  # fmt: skip
def test_errors_never_quote_a_file(tmp_path: Path, content: str, read: Callable[[Path], object]) -> None:
    file = tmp_path / "key.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput, match=r"key\.yaml") as told:
        read(file)
    assert "secretword" not in str(told.value)
