"""A demo Waldur, and desks that name it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from bookings.desk import Desk
from bookings.settings import Settings
from demo.server import RunningDemo, running

MakeDesk = Callable[..., Desk]


@pytest.fixture
def demo() -> Iterator[RunningDemo]:
    """A server of this test's own, with every special offering."""
    with running(offerings=100, queueing=0.05, working=0.02, login=0) as server:
        yield server


@pytest.fixture
def make_desk(tmp_path: Path) -> Iterator[MakeDesk]:
    """Makes open desks: `make_desk(demo.url)`; they are closed after the test."""
    with ExitStack() as closing:

        def make(*servers: str, **settings: Any) -> Desk:
            desk = Desk(
                Settings(
                    waldur_api_url=servers,
                    database_url=f"sqlite:///{tmp_path / 'desk.sqlite'}",
                    _env_file=None,
                    **settings,
                )
            )
            closing.callback(desk.close)
            desk.open()
            return desk

        yield make


@pytest.fixture
def desk(make_desk: MakeDesk, demo: RunningDemo) -> Desk:
    """A desk whose one server is the demo."""
    return make_desk(demo.url)
