"""Things that go wrong on the way: a script of faults, and the middleware that plays it."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from demo.wire import SERVER_ERROR_PAGE

FaultAction = Literal["status", "html", "delay", "reset", "truncate", "lost", "not_waldur"]
FAULT_ACTIONS: tuple[str, ...] = get_args(FaultAction)
NOT_WALDUR_PAGE = (
    "<!doctype html><html><head><title>Router</title></head><body>Sign in</body></html>"
)
DEFAULT_DETAIL = "Played by the fault script."


@dataclass
class Fault:
    """One rule: which requests it hits, how often, and what happens to them."""

    action: FaultAction
    """status: this status and body. html: the 500 page. delay: the answer is late. reset: the
    connection is reset before anything is done. truncate: half of the body. lost: the work is
    done, the answer never comes. not_waldur: a page of something else."""
    path: str = ""
    """A prefix or a regular expression; empty hits every path."""
    method: str | None = None
    times: int | None = 1
    """How many requests it hits; None hits all."""
    after: int = 0
    """How many matching requests pass first."""
    status: int = 500
    delay: float = 0.0
    """Seconds, before whatever the action does."""
    body: Any = None
    """JSON of a `status` action."""

    def __post_init__(self) -> None:
        if self.action not in FAULT_ACTIONS:
            raise ValueError(f"unknown action {self.action!r}, known: {', '.join(FAULT_ACTIONS)}")

    def matches(self, method: str, path: str) -> bool:
        """Whether the rule is about this request, its counts aside."""
        if self.method not in (None, method):
            return False
        return path.startswith(self.path) or re.search(self.path, path) is not None


def parse_faults(rules: Any) -> list[Fault]:
    """The rules of a JSON list.

    Raises:
        ValueError: It is no list of objects, or an object has a member no rule has.

    """
    known = {member.name for member in fields(Fault)}
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise ValueError("a fault script is a list of objects")
    for rule in rules:
        if unknown := set(rule) - known or {"action"} - set(rule):
            raise ValueError(f"unknown or missing members of a fault: {sorted(unknown)}")
    return [Fault(**rule) for rule in rules]


class Faults:
    """The rules in force; safe to change while the server runs."""

    def __init__(self, rules: Iterable[Fault] = ()) -> None:
        self._rules = list(rules)
        self._lock = threading.Lock()

    @classmethod
    def load(cls, path: Path) -> Faults:
        """The rules of a JSON file."""
        return cls(parse_faults(json.loads(path.read_text(encoding="utf-8"))))

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._rules))

    def add(self, *rules: Fault) -> None:
        """Put rules behind those in force."""
        with self._lock:
            self._rules.extend(rules)

    def replace(self, rules: Iterable[Fault]) -> None:
        """Put these rules in force instead."""
        with self._lock:
            self._rules = list(rules)

    def clear(self) -> None:
        """Let everything pass again."""
        self.replace(())

    def take(self, method: str, path: str) -> Fault | None:
        """The rule that hits this request, with its counts moved on."""
        with self._lock:
            for rule in self._rules:
                if rule.times == 0 or not rule.matches(method, path):
                    continue
                if rule.after > 0:
                    rule.after -= 1
                    continue
                if rule.times is not None:
                    rule.times -= 1
                return rule
        return None


Connections = dict[tuple[str, int], asyncio.Transport]


def protocol_that_knows(connections: Connections) -> type[asyncio.Protocol]:
    """An HTTP protocol that notes its connections by peer, because ASGI cannot break one."""

    class NotedProtocol(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._peer = transport.get_extra_info("peername")[:2]
            connections[self._peer] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            connections.pop(self._peer, None)

    return NotedProtocol


class FaultMiddleware:
    """Plays the script before the application sees a request."""

    def __init__(self, app: ASGIApp, *, faults: Faults, connections: Connections) -> None:
        self._app = app
        self._faults = faults
        self._connections = connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or do to it what the script says."""
        is_control = scope["path"].startswith("/demo-control/")
        fault = None if is_control else self._faults.take(scope["method"], scope["path"])
        if fault is None:
            await self._app(scope, receive, send)
            return
        await asyncio.sleep(fault.delay)
        match fault.action:
            case "delay":
                await self._app(scope, receive, send)
            case "status":
                body = {"detail": DEFAULT_DETAIL} if fault.body is None else fault.body
                await _answer(send, fault.status, "application/json", json.dumps(body).encode())
            case "html":
                await _answer(send, 500, "text/html; charset=utf-8", SERVER_ERROR_PAGE.encode())
            case "not_waldur":
                await _answer(send, 200, "text/html; charset=utf-8", NOT_WALDUR_PAGE.encode())
            case "reset":
                await self._break(scope, receive, reset=True)
            case "lost":
                await self._app(scope, receive, _discard)
                await self._break(scope, receive, reset=False)
            case "truncate":
                await self._app(scope, receive, _half(send))
                await self._break(scope, receive, reset=False)

    async def _break(self, scope: Scope, receive: Receive, *, reset: bool) -> None:
        transport = self._connections.get(tuple(scope["client"]))
        if transport is None:
            return
        if reset:
            # A linger of zero makes the kernel send RST where it would send FIN.
            connection = transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        else:
            transport.close()
        while (await receive())["type"] != "http.disconnect":
            pass


async def _answer(send: Send, status: int, content_type: str, body: bytes) -> None:
    headers = [(b"content-type", content_type.encode()), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _discard(message: Message) -> None:
    del message


def _half(send: Send) -> Send:
    async def send_half(message: Message) -> None:
        if message["type"] == "http.response.body":
            body = message.get("body", b"")
            message = {**message, "body": body[: len(body) // 2], "more_body": True}
        await send(message)

    return send_half
