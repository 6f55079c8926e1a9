"""What the server was asked, for tests that prove what a client does and does not send."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass
class RecordedRequest:
    """One request. The Authorization header's value is not kept."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    started: float
    """Seconds since the epoch."""
    status: int | None = None
    """None until the answer begins, and for ever when none was sent."""
    username: str | None = None
    """Who asked, when the token was good."""

    def as_item(self) -> dict[str, Any]:
        """The members as JSON."""
        return dict(vars(self))


class Recording:
    """A thread-safe list of requests."""

    def __init__(self) -> None:
        self._requests: list[RecordedRequest] = []
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[RecordedRequest]:
        with self._lock:
            return iter(list(self._requests))

    def __len__(self) -> int:
        return len(self._requests)

    def __getitem__(self, index: int) -> RecordedRequest:
        return self._requests[index]

    def append(self, request: RecordedRequest) -> None:
        """Add one."""
        with self._lock:
            self._requests.append(request)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._requests.clear()


class RecordingMiddleware:
    """Notes every request but those of the control endpoints; the outermost layer."""

    def __init__(self, app: ASGIApp, *, recording: Recording) -> None:
        self._app = app
        self._recording = recording

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note the request, then the status of its answer."""
        if scope["type"] != "http" or scope["path"].startswith("/demo-control/"):
            await self._app(scope, receive, send)
            return
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        if "authorization" in headers:
            headers["authorization"] = "(not recorded)"
        request = RecordedRequest(
            scope["method"], scope["path"], scope["query_string"].decode(), headers, time.time()
        )
        self._recording.append(request)

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                request.status = message["status"]
            await send(message)

        scope["demo.request"] = request
        await self._app(scope, receive, note)
