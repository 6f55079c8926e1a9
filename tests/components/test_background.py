"""Answers in the background: asked once, waited for by one, raised where they are looked at."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from bookings.waldur.errors import ServerBroken
from components import background, session

SECONDS = 30.0
SERVER = "https://waldur.example/"


class Desk:
    """Does the work that the screens hand over."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(1)
        self.asked: list[str] = []

    def in_background(self, server: str, work: Callable[[], Any]) -> Future[Any]:
        """Begins the work."""
        self.asked.append(server)
        return self.pool.submit(work)


@pytest.fixture
def who() -> Iterator[Any]:
    """Somebody who is signed in, as far as this needs it."""
    desk = Desk()
    session.install(desk)  # type: ignore[arg-type]
    yield SimpleNamespace(
        memo={}, server=SERVER, portfolio=SimpleNamespace(round=0, signed_out=False)
    )
    session.install(None)
    desk.pool.shutdown()


def test_it_is_asked_once_until_refresh(who: Any) -> None:
    """Two looks share an answer; after Refresh it is asked again."""
    asked: list[int] = []

    def ask() -> int:
        asked.append(1)
        return len(asked)

    first = background.answer(who, "name", ask, patience=None)
    second = background.answer(who, "name", ask, patience=None)
    who.portfolio.round = 1
    third = background.answer(who, "name", ask, patience=None)

    assert (first, second, third) == (1, 1, 2)
    assert session.desk().asked == [SERVER, SERVER]  # type: ignore[attr-defined]


def test_tabs_that_come_at_once_share_an_answer(who: Any) -> None:
    """The server is asked by the first of them."""
    tabs = 8
    together = threading.Barrier(tabs)
    desk: Any = session.desk()
    begin = desk.in_background

    def slowly(server: str, work: Callable[[], Any]) -> Future[Any]:
        for _ in range(1000):
            time.sleep(0)  # lets the others come as far as they can
        future: Future[Any] = begin(server, work)
        return future

    desk.in_background = slowly

    def look(_: int) -> str | None:
        together.wait(SECONDS)
        return background.answer(who, "name", lambda: "came", patience=None)

    with ThreadPoolExecutor(tabs) as pool:
        assert set(pool.map(look, range(tabs))) == {"came"}
    assert desk.asked == [SERVER]


def test_who_comes_later_does_not_wait(who: Any) -> None:
    """While it is on its way there is nothing, and the page goes on."""
    go = threading.Event()

    def ask() -> str:
        assert go.wait(SECONDS)
        return "came"

    assert background.answer(who, "name", ask, patience=0.01) is None
    assert background.answer(who, "name", ask, patience=SECONDS * 100) is None
    go.set()
    assert background.answer(who, "name", ask, patience=None) == "came"


def test_a_failure_is_raised_and_can_be_forgotten(who: Any) -> None:
    """An error is no empty answer; forgotten, it is asked again."""

    def fail() -> str:
        raise ServerBroken(status=500)

    with pytest.raises(ServerBroken):
        background.answer(who, "name", fail, patience=None)
    with pytest.raises(ServerBroken):
        background.answer(who, "name", lambda: "not asked", patience=None)
    background.forget(who, "name")
    assert background.answer(who, "name", lambda: "asked", patience=None) == "asked"
