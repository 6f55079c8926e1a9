"""How commands meet a server: what it gets to see, and what is said where it cannot be asked."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.faults import Fault
from demo.people import TOKENS
from demo.server import RunningDemo, running
from tests.bookings.calendars.counting_server import SLOW_SECONDS, Point, counting
from tests.bookings.calendars.processes import Commands
from tests.bookings.cli.commands import run

AGAIN = 4
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


@pytest.mark.parametrize("token", ["f" * 40, "no token"])
def test_a_token_that_is_none_is_named(
    demo: RunningDemo, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    """By its variable, as there is nowhere to sign in."""
    monkeypatch.setenv("WALDUR_API_TOKEN", token)
    code, lines, said = run("audit")

    assert (code, lines) == (2, [])
    assert said.startswith(
        "error: The Waldur server does not accept the token in WALDUR_API_TOKEN."
    )
    assert "Sign in" not in said
    assert token not in said


def test_what_the_server_failed_at_is_said(demo: RunningDemo) -> None:
    """Its administrator is to be told the path."""
    demo.faults.add(Fault("html", path="/api/users/me/", times=None))
    code, _, said = run("audit")

    assert code == 2
    assert "(GET /api/users/me/ → 500)" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    "command", [("audit", "--fail-on", "warning"), ("partitions", "--format", "json")]
)
def test_who_sees_no_offering_is_told(
    demo: RunningDemo, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """A review of nothing must not look like one that found nothing."""
    monkeypatch.setenv("WALDUR_API_TOKEN", TOKENS["nobody"])
    code, _, said = run(*command)

    assert code == 0
    assert said.startswith("This account (nobody) sees no booking offering: the server shows them")
    assert said.endswith("service managers.\n")


def test_who_sees_offerings_is_told_nothing(demo: RunningDemo) -> None:
    """Nor is anything else said."""
    assert run("audit")[2] == ""


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("CALENDAR_PATIENCE_SECONDS", "abc", "Input should be a valid integer"),
        ("SESSION_HOURS", "0", "Input should be greater than or equal to 1"),
        ("WALDUR_CA_BUNDLE", "/missing.pem", "there is no file /missing.pem"),
        ("WALDUR_API_URL", "ftp://waldur.example.org", ""),
    ],
)
def test_a_setting_that_is_wrong_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    """As an operator spells it, and without words of a library."""
    monkeypatch.setenv(name, value)
    code, lines, said = run("audit")

    assert (code, lines, said.count("\n")) == (2, [], 1)
    assert said.startswith(f"error: {name}: {words}")
    assert "Value error" not in said


def test_ctrl_c_ends_loading_in_the_middle_of_a_request(tmp_path: Path) -> None:
    """With the status of an interrupted command, and not a word."""
    answered = threading.Event()
    with counting(1) as waldur, contextlib.closing(Commands(tmp_path)) as commands:
        pid = commands.start("audit", url=waldur.url, database=tmp_path / "desk.sqlite")

        def interrupt(point: Point, _count: int) -> bool:
            if point is not Point.LISTED:
                return False
            # One that comes just before Python begins to wait is heard when the wait is over, and
            # here it comes just then: a person presses again.
            for _ in range(AGAIN):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGINT)
                if waldur.late.wait(SLOW_SECONDS / AGAIN):
                    return False
            answered.set()
            return False

        waldur.hook = interrupt
        status = commands.status(pid)

        assert not answered.is_set()
        waldur.late.set()
        assert (status, commands.words) == (130, "")
