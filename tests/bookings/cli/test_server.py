"""How commands meet a server: what it gets to see, and what is said where it cannot be asked."""

from collections.abc import Iterator

import pytest

from demo.faults import Fault
from demo.people import TOKENS
from demo.server import RunningDemo, running
from tests.bookings.cli.commands import run

COMMANDS = (
    ("audit",),
    ("partitions",),
    ("prices", "--basket", "-"),
    ("calendar", "sync", "1" * 32),
    ("calendar", "receipt"),
)


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningDemo]:
    """A server of a few offerings, and the token of somebody who sees them all."""
    with running(offerings=20, login=0) as server:
        monkeypatch.setenv("WALDUR_API_URL", server.url)
        monkeypatch.setenv("WALDUR_API_TOKEN", TOKENS["staff"])
        monkeypatch.setenv("DATABASE_URL", "sqlite:///desk.sqlite")
        yield server


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_is_no_waldur_gets_no_token(demo: RunningDemo, command: tuple[str, ...]) -> None:
    """It is asked what it is, without one, and nothing more."""
    demo.faults.add(Fault("not_waldur", times=None))
    code, lines, said = run(*command, stdin="cpu_hours 1")

    assert (code, lines) == (2, [])
    assert said.startswith("error: What answers at this address is not a Waldur server.")
    assert [each.path for each in demo.requests] == ["/api/configuration/"]
    assert not any("authorization" in each.headers for each in demo.requests)
