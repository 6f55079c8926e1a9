"""Demo servers to ask, and a clock to move instead of waiting."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from demo.people import TOKENS
from demo.server import RunningDemo, running

ClientOf = Callable[..., httpx.Client]
Start = Callable[..., RunningDemo]


class Clock:
    """Seconds since the epoch that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


@pytest.fixture(scope="session")
def shared_demo() -> Iterator[RunningDemo]:
    """One server for the tests that change nothing."""
    with running(login=0) as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    """A clock to hand to a server."""
    return Clock()


@pytest.fixture
def start(clock: Clock) -> Iterator[Start]:
    """Starts a server of a test's own, on the test's clock, with all special offerings."""
    with ExitStack() as stack:

        def start_server(**options: Any) -> RunningDemo:
            settings = {"offerings": 100, "login": 0, "clock": clock} | options
            return stack.enter_context(running(**settings))

        yield start_server


@pytest.fixture
def client_of() -> Iterator[ClientOf]:
    """Makes HTTP clients of a server, with a person's token or with none."""
    with ExitStack() as stack:

        def make(server: RunningDemo, username: str | None = "staff") -> httpx.Client:
            headers = {"Authorization": f"Token {TOKENS[username]}"} if username else {}
            client = httpx.Client(base_url=server.url, headers=headers, timeout=30)
            return stack.enter_context(client)

        yield make


@pytest.fixture
def staff(shared_demo: RunningDemo, client_of: ClientOf) -> httpx.Client:
    """A client of the shared server that sees everything."""
    return client_of(shared_demo)
