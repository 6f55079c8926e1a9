"""Pages without a browser: the real shell, desk and portfolio, against a demo Waldur."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from bookings.desk import Desk
from bookings.settings import Settings
from bookings.sign_ins import SignIn
from components import session
from components.navigation import ENTRIES
from demo.people import TOKENS
from demo.server import RunningDemo, running

ROOT = Path(__file__).parents[2]
SHELL = ROOT / "components" / "shell.py"
OFFERINGS = 100
"""Enough for every special offering of the demo."""
SECONDS = 30.0
"""How long a page, or the loading behind it, may take before a test fails."""
GROUPS = ("partitions", "plans")

Query = Mapping[str, str | Sequence[str]]
OpenApp = Callable[..., AppTest]


def _script_of(path: str) -> str:
    """The script of the page at this address, as the shell names it."""
    return next(f"../pages/{each.key}.py" for each in ENTRIES if each.path == path.strip("/"))


def _open(path: str, query: Query | None) -> AppTest:
    at = AppTest.from_file(SHELL, default_timeout=SECONDS)
    for name, value in (query or {}).items():
        at.query_params[name] = value if isinstance(value, str) else list(value)
    if path.strip("/"):
        # Before the first run a page is known by its file's name; it is the address here.
        at.switch_page(_script_of(path))
    at.run()

    assert not at.exception, [each.value for each in at.exception]
    return at


@pytest.fixture(scope="session")
def shared_demo() -> Iterator[RunningDemo]:
    """One server for all pages; ask for `demo` instead."""
    with running(offerings=OFFERINGS, queueing=0.05, working=0.02, login=0) as server:
        yield server


@pytest.fixture
def demo(shared_demo: RunningDemo) -> Iterator[RunningDemo]:
    """The server, with no faults and no requests noted. Offerings that a test alters stay so."""
    shared_demo.clear_requests()
    yield shared_demo
    shared_demo.faults.clear()


@pytest.fixture
def desk(demo: RunningDemo, tmp_path: Path) -> Iterator[Desk]:
    """What the process shares: settings that name the demo, an empty journal, nobody signed in."""
    settings = Settings(
        waldur_api_url=demo.url,
        database_url=f"sqlite:///{tmp_path / 'desk.sqlite'}",
        calendar_patience_seconds=5,
        _env_file=None,
    )
    with ExitStack() as closing:
        desk = Desk(settings)
        closing.callback(desk.close)
        desk.open()
        closing.callback(session.install, None)
        session.install(desk, identify=lambda: None)
        yield desk


@pytest.fixture
def sign_in(desk: Desk) -> Callable[..., SignIn]:
    """Signs a person in for all that runs after it: `sign_in("owner")`.

    `groups` are loaded to their end first, so that the first run of a page shows everything.
    """

    def begin(person: str = "staff", groups: Sequence[str] = GROUPS) -> SignIn:
        who = desk.sign_in_with_token(desk.servers[0], TOKENS[person])
        who.portfolio.want(*groups)
        wanted = ("light", *groups)
        loaded = who.portfolio.wait(
            lambda s: all(s.state(group).status in {"loaded", "failed"} for group in wanted),
            SECONDS,
        )

        assert [loaded.state(group).status for group in wanted] == ["loaded"] * len(wanted)
        session.install(desk, identify=lambda: who.id)
        return who

    return begin


@pytest.fixture
def app(sign_in: Callable[..., SignIn]) -> OpenApp:
    """Opens a page for a person who is signed in: `app("/plans", "owner", {"q": "lab"})`.

    The result has run once without an exception; `groups` says what is loaded before.
    """

    def open_app(
        path: str = "/",
        person: str = "staff",
        query: Query | None = None,
        *,
        groups: Sequence[str] = GROUPS,
    ) -> AppTest:
        sign_in(person, groups)
        return _open(path, query)

    return open_app


@pytest.fixture
def signed_out_app(desk: Desk) -> OpenApp:
    """Opens a page for a browser that nobody is signed in at."""

    def open_app(path: str = "/", query: Query | None = None) -> AppTest:
        return _open(path, query)

    return open_app
