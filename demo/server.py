"""The demo server: routes, the layers around them, and two ways to run it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from demo import calendars, costs, people
from demo.account_endpoints import AccountEndpoints
from demo.booking_endpoints import BookingEndpoints
from demo.control import control_routes
from demo.data import OFFERINGS, SEED, World
from demo.faults import Connections, FaultMiddleware, Faults, protocol_that_knows
from demo.offering_endpoints import OfferingEndpoints
from demo.recording import RecordedRequest, Recording, RecordingMiddleware
from demo.reference_endpoints import ReferenceEndpoints
from demo.routes import Fallback, api_routes

LOGIN = 0.25
"""Seconds a real server takes to check a password."""
START_DEADLINE = 30.0
KEEP_ALIVE = 65
"""Seconds an idle connection stays open, as behind a proxy with its usual settings."""


class LatencyMiddleware:
    """Adds the way to a distant server to every answer."""

    def __init__(self, app: ASGIApp, *, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait, then pass the request on."""
        await asyncio.sleep(self._seconds)
        await self._app(scope, receive, send)


@dataclass
class DemoServer:
    """A demo server that is put together but does not listen yet."""

    app: ASGIApp
    world: World
    faults: Faults
    requests: Recording
    connections: Connections

    def uvicorn(self) -> uvicorn.Server:
        """The HTTP server around the application."""
        return _QuietServer(
            uvicorn.Config(
                self.app,
                http=protocol_that_knows(self.connections),
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE,
                timeout_graceful_shutdown=1,
            )
        )


class _QuietServer(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever runs the server."""
        yield


def build(
    *,
    offerings: int = OFFERINGS,
    seed: int = SEED,
    latency: float = 0.0,
    slow: bool = False,
    queueing: float = calendars.QUEUEING,
    working: float = calendars.WORKING,
    login: float = LOGIN,
    lockout: float = people.LOCKOUT_SECONDS,
    clock: Callable[[], float] = time.time,
    faults: Faults | None = None,
    control: bool = False,
    gzip: bool = False,
) -> DemoServer:
    """Put a server together.

    Args:
        offerings: How many offerings there are.
        seed: What the data is made from.
        latency: Milliseconds added to every answer.
        slow: Whether each field costs what it costs a real server.
        queueing: Seconds before a calendar job starts.
        working: Seconds of one call to Google.
        login: Seconds to check a password.
        lockout: Seconds a username is locked after wrong passwords.
        clock: Seconds since the epoch; calendars, schedules and the lock-out follow it.
        faults: What goes wrong.
        control: Whether `/demo-control/` is served.
        gzip: Whether answers are compressed, as a proxy may do.

    """
    world = World(offerings=offerings, seed=seed, clock=clock)
    script = Faults() if faults is None else faults
    recording = Recording()
    connections: Connections = {}
    worker = calendars.Worker(clock, queueing, working)
    routes = api_routes(
        world,
        offerings=OfferingEndpoints(world, worker, costs.Worker(slow=slow).work),
        bookings=BookingEndpoints(world),
        references=ReferenceEndpoints(world),
        accounts=AccountEndpoints(world, people.Lockout(clock, lockout), seconds=login),
    )
    if control:
        routes += control_routes(world, script, recording)
    app: ASGIApp = Router(routes, redirect_slashes=False, default=Fallback(routes))
    if gzip:
        app = GZipMiddleware(app)
    app = LatencyMiddleware(app, seconds=latency / 1000) if latency else app
    app = FaultMiddleware(app, faults=script, connections=connections)
    app = RecordingMiddleware(app, recording=recording)
    return DemoServer(app, world, script, recording, connections)


def listen(host: str = "127.0.0.1", port: int = 0) -> tuple[socket.socket, str]:
    """A listening socket and the address it answers at; port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle's delay off only for sockets that name their protocol; with the delay
    # every answer would be 40 ms late.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(128)
    shown = f"[{host}]" if ":" in host else host
    return listener, f"http://{shown}:{listener.getsockname()[1]}/"


@dataclass
class RunningDemo:
    """A server that runs in a thread of this process."""

    url: str
    """With a slash at the end."""
    world: World
    faults: Faults
    requests: Recording

    def posts(self, path_part: str = "") -> list[RecordedRequest]:
        """The POST requests so far whose path contains `path_part`."""
        return [r for r in self.requests if r.method == "POST" and path_part in r.path]

    def clear_requests(self) -> None:
        """Forget the requests so far."""
        self.requests.clear()


@contextlib.contextmanager
def running(**options: Any) -> Iterator[RunningDemo]:
    """Serve on a free loopback port while the context lasts; the options are those of `build`."""
    demo = build(**options)
    listener, url = listen()
    server = demo.uvicorn()
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="demo-waldur", daemon=True
    )
    thread.start()
    try:
        deadline = time.monotonic() + START_DEADLINE
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the demo server did not start")
            time.sleep(0.005)
        yield RunningDemo(url, demo.world, demo.faults, demo.requests)
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


async def serve(
    demo: DemoServer,
    listener: socket.socket,
    *,
    announce: Callable[[], None],
    with_parent: bool = False,
) -> None:
    """Serve until SIGINT, SIGTERM or, `with_parent`, the end of standard input.

    Args:
        demo: What to serve.
        listener: Where; it is closed at the end.
        announce: Called once, when connections are accepted.
        with_parent: Whether to end with the process that holds the other end of standard input.

    """
    server = demo.uvicorn()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.should_exit = True

    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop)
    if with_parent:
        threading.Thread(target=_wait_for_end_of_input, args=(stop,), daemon=True).start()
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not task.done():
        await asyncio.sleep(0.005)
    if server.started:
        announce()
    await task


def _wait_for_end_of_input(stop: Callable[[], None]) -> None:
    # The descriptor, not sys.stdin: a thread that holds the buffer's lock would block the exit.
    while os.read(0, 4096):
        pass
    stop()
