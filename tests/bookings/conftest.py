"""A demo Waldur, desks that name it, and databases."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from bookings.desk import Desk
from bookings.settings import Settings
from demo.server import RunningDemo, running
from tests import postgresql as servers

MakeDesk = Callable[..., Desk]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[servers.Server]:
    """A PostgreSQL server, started when the first test asks for it."""
    with servers.running() as server:
        yield server


@pytest.fixture
def postgresql_url(postgresql: servers.Server) -> Iterator[str]:
    """A database of this test's own, with nothing in it."""
    with postgresql.database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'journal.sqlite'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database without tables, once of each kind; only tests on PostgreSQL start its server."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


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
