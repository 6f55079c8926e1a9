"""Calendar actions in a shell: what is chosen, what is asked, what is sent, and what is said."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from bookings.calendars.actions import Action, Outcome
from bookings.calendars.journal import Journal
from bookings.calendars.preflight import HAD_BY_ANOTHER, Verdict
from bookings.calendars.run_record import Item, RunRecord
from bookings.cli import app, calendars
from bookings.database import DatabaseError
from bookings.waldur.errors import Forbidden, Gone, ServerBroken, WaldurError
from bookings.waldur.models import GoogleCredentials
from tests.bookings.calendars.counting_server import (
    TOKEN,
    CountingServer,
    Fault,
    Point,
    counting,
)
from tests.bookings.calendars.processes import ROOT, Commands, environment
from tests.bookings.cli.commands import run

FIRST, SECOND, THIRD = (f"{n:032x}" for n in (1, 2, 3))
DASHED = "00000000-0000-0000-0000-000000000002"
ALL = ("--all-matching", "state=Active&calendar=private")


@pytest.fixture
def waldur(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[CountingServer]:
    """Three private calendars, and a person who may act on them."""
    with counting(3) as server:
        monkeypatch.setenv("WALDUR_API_URL", server.url)
        monkeypatch.setenv("WALDUR_API_TOKEN", TOKEN)
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'desk.sqlite'}")
        yield server


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """Where commands are run as processes."""
    commands = Commands(tmp_path_factory.mktemp("commands"))
    yield commands
    commands.close()


def test_what_is_named_is_sent_once(waldur: CountingServer) -> None:
    """With or without dashes, and named twice; accepted is what is known of it."""
    status, items, said = run("calendar", "share", FIRST, DASHED, FIRST, "--yes")

    assert status == 0
    assert said == "will do 2\nbecomes public: 2\n  Laser 1 · Centre\n  Laser 2 · Centre\n"
    assert [(item["offering_uuid"], item["state"]) for item in items] == [
        (FIRST, "Accepted"),
        (SECOND, "Accepted"),
    ]
    assert list(items[0]) == [
        "offering_uuid", "offering", "action", "state", "http_status", "words", "remark",
        "next_step", "time", "attempts", "asked_by", "run",
    ]  # fmt: skip
    assert (items[0]["action"], items[0]["http_status"], items[0]["words"]) == (
        "share_google_calendar", 202, "OK",
    )  # fmt: skip
    assert items[0]["remark"] == "Its end was not waited for."
    assert [each.posts for each in waldur.calendars.values()] == [1, 1, 0]


def test_the_receipt_finds_out_what_was_not_waited_for(waldur: CountingServer) -> None:
    """A look later, and nothing is sent."""
    run("calendar", "share", *ALL, "--yes")
    waldur.finish_work()
    status, items, _ = run("calendar", "receipt")

    assert (status, {item["state"] for item in items}) == (0, {"Confirmed"})
    assert waldur.posts == 3


def test_a_late_failure_is_not_called_done(waldur: CountingServer) -> None:
    """Accepted stays accepted while nothing more is seen."""
    waldur.calendars[FIRST].faults = [Fault.FAILS]
    run("calendar", "share", FIRST, "--yes")
    _, items, _ = run("calendar", "receipt", "1")

    assert [item["state"] for item in items] == ["Accepted"]


def test_named_and_matching_add_up(waldur: CountingServer) -> None:
    """The union, each once."""
    matching = ("--all-matching", "q=laser+3")
    status, items, _ = run("calendar", "share", FIRST, *matching, "--dry-run")

    assert status == 0
    assert [item["offering_uuid"] for item in items] == [FIRST, THIRD]


@pytest.mark.parametrize(
    "expression",
    [
        "http://desk.example:8501/calendars?calendar=private&q=laser",
        "https://desk.example/offerings?state=Active#top",
        "/offerings?provider=Centre",
        "?outcome=&provider=Centre",
        "credentials=unknown",
        "next=none",
        "outcome=Not+confirmed&outcome=",
        "action=Share+calendar&action=",
        "placement=half&placement=missing",
        "access=read+only&access=act",
    ],
)
def test_a_copied_link_is_understood(waldur: CountingServer, expression: str) -> None:
    """A whole one, its query, and the filters of either page."""
    status, items, _ = run("calendar", "share", "--all-matching", expression, "--dry-run")

    assert (status, len(items)) == (0, 3)
    assert items[0] == {
        "offering_uuid": FIRST,
        "offering": "Laser 1",
        "calendar": "private",
        "verdict": "will be done",
        "reason": "",
    }
    assert waldur.posts == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name offerings by UUID, or give --all-matching"),
        (("--all-matching", ""), "is no query"),
        (("--all-matching", "Active"), "is no query"),
        (("--all-matching", "state=Active&colour=red"), "there is no filter colour"),
        (("--all-matching", "state=Active&calendar=pivate"), "calendar cannot be 'pivate'"),
        (("--all-matching", "calendar=private&calendar=pubic"), "calendar cannot be"),
        (("--all-matching", "q="), "q cannot be ''"),
        (("--all-matching", "q=%E2%80%8B"), "q cannot be"),
        (("--all-matching", "q=" + "x" * 201), "q cannot be"),
        (("--all-matching", "q=%ff"), "is no query"),
        (("--all-matching", "q=a&q=b"), "q cannot be 'a' and 'b'"),
        (("--all-matching", "shared=perhaps"), "shared cannot be 'perhaps'"),
        (("--all-matching", "shared=no&shared=yes"), "shared cannot be"),
        (("--all-matching", "price=0.5..nan"), "price cannot be"),
        (("--all-matching", "price=cheap"), "price cannot be"),
        (("--all-matching", "http://desk.example/calendars"), "is no query"),
        (("--all-matching", "http://desk.example/plans?q=a"), "must be to the page of offerings"),
        (("no-uuid",), "no-uuid is not a UUID"),
        ((FIRST, "f" * 32), f"{'f' * 32} is the UUID of no booking offering that you may see"),
    ],
)
def test_what_is_not_understood_whole_sends_nothing(
    waldur: CountingServer, arguments: tuple[str, ...], words: str
) -> None:
    """A filter that is left out would make everything fit."""
    status, items, said = run("calendar", "share", *arguments, "--yes")

    assert (status, items) == (2, [])
    assert words in said
    assert waldur.posts == 0


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("state=Archived", "no offering has the state Archived"),
        ("calendar=public", "no offering has the calendar public"),
        ("state=", "no offering has the state (not recorded)"),
    ],
)
def test_a_choice_that_no_offering_has_today_is_said(
    waldur: CountingServer, expression: str, words: str
) -> None:
    """It fits nothing, which is all right for a job that runs every night."""
    status, items, said = run("calendar", "share", "--all-matching", expression, "--yes")

    assert (status, items, waldur.posts) == (0, [], 0)
    assert words in said


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("state=active", "no offering has the state active; there are Active"),
        ("state=Active&state=Actve", "no offering has the state Actve; there are Active"),
        ("state=Active;calendar=private", "no offering has the state Active;calendar=private"),
        ("provider=Foo", "no offering has the provider Foo; there are Centre"),
        ("country=EE", "no offering has the country EE; there are (not recorded)"),
    ],
)
def test_a_choice_that_no_offering_can_have_ends_the_command(
    waldur: CountingServer, expression: str, words: str
) -> None:
    """It is a slip of the pen, and those that there are are named."""
    status, items, said = run("calendar", "share", "--all-matching", expression, "--yes")

    assert (status, items, waldur.posts) == (2, [], 0)
    assert said.startswith(f"error: --all-matching: {words}")


def test_a_choice_that_another_filter_rules_out_fits_nothing(waldur: CountingServer) -> None:
    """The provider is there, with nothing archived."""
    matching = ("--all-matching", "provider=Centre&state=Archived")

    assert run("calendar", "share", *matching, "--yes")[:2] == (0, [])


def test_sharing_without_a_terminal_needs_a_yes(waldur: CountingServer) -> None:
    """Nothing is read or sent."""
    status, items, said = run("calendar", "share", *ALL)

    assert (status, items) == (2, [])
    assert "--yes" in said
    assert not waldur.counts[Point.LISTED]


@pytest.mark.parametrize(("answer", "status", "posts"), [("y\n", 0, 3), ("n\n", 1, 0)])
def test_sharing_at_a_terminal_asks(
    waldur: CountingServer,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    status: int,
    posts: int,
) -> None:
    """It says what becomes readable by whom, and names the calendars."""
    monkeypatch.setattr(calendars, "_can_ask", lambda: True)
    result = CliRunner().invoke(app, ["calendar", "share", *ALL], input=answer)

    assert (result.exit_code, waldur.posts) == (status, posts)
    assert "Anyone on the web will be able to read" in result.stderr
    assert "Laser 2" in result.stderr


def test_a_second_request_finds_nothing_to_do(waldur: CountingServer) -> None:
    """What is public already is skipped, leaves no run, and is no failure."""
    run("calendar", "share", FIRST, "--yes")
    waldur.finish_work()
    status, items, said = run("calendar", "share", FIRST, "--yes")

    assert (status, waldur.posts) == (0, 1)
    assert said == "will do 0, skip 1 (already public)\n"
    assert [(item["state"], item["remark"]) for item in items] == [
        ("Left out", "The calendar is public already.")
    ]
    assert [item["run"] for item in run("calendar", "receipt", "--list")[1]] == [1]


def test_what_another_run_has_is_left_to_it(waldur: CountingServer, tmp_path: Path) -> None:
    """The plan says so, where somebody else's run is not at its end."""
    journal = Journal(f"sqlite:///{tmp_path / 'desk.sqlite'}")
    item = Item(0, SECOND, "", Verdict.WILL_DO, "", chosen=True, ended=False)
    RunRecord(journal).begin(
        request="r1", server=waldur.url, action=Action.SYNC, person_uuid="b" * 32,
        person_name="olivia", items=[item],
    )  # fmt: skip
    status, items, _ = run("calendar", "share", *ALL, "--yes")
    journal.close()

    assert (status, [each.posts for each in waldur.calendars.values()]) == (1, [1, 0, 1])
    assert [each["state"] for each in items] == ["Accepted", "Left out", "Accepted"]
    assert items[1]["remark"] == HAD_BY_ANOTHER


def test_a_progress_that_cannot_be_read_ends_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is only shown; what was shown before stays."""

    def away(_run_id: int) -> Any:
        raise DatabaseError("The record is away.")

    runs: Any = SimpleNamespace(record=SimpleNamespace(run=away))
    monkeypatch.setattr("sys.stderr", SimpleNamespace(isatty=lambda: True))

    assert calendars._show_progress(runs, 1, "1 of 3 have ended") == "1 of 3 have ended"


@pytest.mark.parametrize("synced", [False, True])
def test_what_somebody_did_while_the_list_came_is_not_done_again(
    waldur: CountingServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, synced: bool
) -> None:
    """The list that was read is older than their action, and looks as if nothing was done.

    A sync after it hides nothing.
    """
    load = calendars.load

    def load_slowly(*asked: Any) -> Any:
        snapshot = load(*asked)
        monkeypatch.setattr(calendars, "load", load)
        assert run("calendar", "share", FIRST, "--yes", "--wait")[0] == 0
        if synced:
            journal = Journal(f"sqlite:///{tmp_path / 'desk.sqlite'}")
            entry = journal.begin(
                server=waldur.url, offering_uuid=FIRST, offering_name="", action=Action.SYNC,
                person_uuid="b" * 32, person_name="olivia", seen=1, before=None,
            )  # fmt: skip
            journal.note(entry, Outcome.ACCEPTED, open=False)
            journal.close()
        return snapshot

    monkeypatch.setattr(calendars, "load", load_slowly)
    status, items, _ = run("calendar", "share", *ALL, "--yes")

    assert status == 0
    assert [item["state"] for item in items] == ["Left out", "Accepted", "Accepted"]
    assert "The calendar is public already: shared by mari at" in items[0]["remark"]
    assert [each.posts for each in waldur.calendars.values()] == [1, 1, 1]


def test_a_refusal_is_status_1(waldur: CountingServer) -> None:
    """With the server's words."""
    waldur.calendars[SECOND].faults = [Fault.NO]
    status, items, _ = run("calendar", "share", *ALL, "--yes", "--wait")

    assert status == 1
    assert [item["state"] for item in items] == ["Confirmed", "Refused", "Confirmed"]
    assert items[1]["words"] == "Google credentials do not exist."


def test_a_provider_without_a_google_account_is_not_tried(
    waldur: CountingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan knows it beforehand."""
    row = GoogleCredentials(uuid="b" * 32, customer_uuid="c" * 32, connected=False)
    monkeypatch.setattr(
        "bookings.waldur.client.WaldurClient.google_credentials", lambda _client: [row]
    )
    status, items, said = run("calendar", "share", *ALL, "--yes")

    assert (status, waldur.posts) == (1, 0)
    assert said == "will do 0, will be refused 3\n"
    assert {item["state"] for item in items} == {"Left out"}


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ServerBroken(status=500), "whether Google accounts are connected could not be read: "),
        (Forbidden(status=403), ""),
        (Gone(status=404), ""),
    ],
)
def test_accounts_that_cannot_be_read_are_said(
    waldur: CountingServer, monkeypatch: pytest.MonkeyPatch, error: WaldurError, words: str
) -> None:
    """The plan is made without; that a role does not show them is nothing to tell."""

    def ask(_client: Any) -> Any:
        raise error

    monkeypatch.setattr("bookings.waldur.client.WaldurClient.google_credentials", ask)
    status, items, said = run("calendar", "share", *ALL, "--dry-run")

    assert (status, len(items)) == (0, 3)
    assert said == (f"{words}{error}\n" if words else "") + "will do 3\n"


@pytest.mark.parametrize("number", ["7", "0"])
def test_a_run_that_is_not_theirs_is_not_shown(waldur: CountingServer, number: str) -> None:
    """Nor told from one that never was."""
    status, items, said = run("calendar", "receipt", number)

    assert (status, items, said) == (2, [], f"error: no run {number} of yours\n")


def test_without_a_server_nothing_is_begun() -> None:
    """One line says what is to be set."""
    status, _, said = run("calendar", "share", FIRST, "--yes")

    assert status == 2
    assert said == "error: set WALDUR_API_URL to one address and WALDUR_API_TOKEN to your token\n"


def test_a_token_that_is_none_is_one_line(
    waldur: CountingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a traceback, and without the token."""
    monkeypatch.setenv("WALDUR_API_TOKEN", "no token")
    status, _, said = run("calendar", "share", FIRST, "--yes")

    assert status == 2
    assert "no token" not in said


def test_a_database_that_cannot_be_written_sends_nothing(
    waldur: CountingServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The record comes first."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}")
    status, _, said = run("calendar", "share", FIRST, "--yes")

    assert (status, waldur.posts) == (2, 0)
    assert said.startswith("error: ")


def test_a_record_that_is_lost_on_the_way_is_no_bad_use(
    waldur: CountingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something was sent, which status 2 would deny."""

    def away(*_: Any) -> None:
        raise DatabaseError("The record is away.")

    monkeypatch.setattr(calendars, "_found", away)
    status, items, said = run("calendar", "share", FIRST, "--yes")

    assert (status, items, waldur.posts) == (1, [], 1)
    assert "The record is away. calendar receipt 1 says what is known" in said


def test_a_receipt_that_cannot_be_written_is_no_bad_use(
    waldur: CountingServer, tmp_path: Path
) -> None:
    """The same, where the output is full."""
    command = [sys.executable, "-m", "bookings", "calendar", "share", FIRST, "--yes"]
    env = environment(waldur.url, tmp_path / "desk.sqlite")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        )  # fmt: skip

    assert (done.returncode, waldur.posts) == (1, 1)
    assert "standard output: No space left on device" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("wait", [(), ("--wait",)], ids=["not waiting", "waiting"])
def test_a_stop_finishes_what_was_sent(
    commands: Commands, tmp_path: Path, number: signal.Signals, wait: tuple[str, ...]
) -> None:
    """Ctrl-C: nothing more is sent, the record is whole, and the status is 1."""
    with counting(20) as waldur:
        database = tmp_path / "desk.sqlite"
        pid = commands.start(
            "calendar", "share", *ALL, "--yes", *wait, url=waldur.url, database=database
        )

        def stop(point: Point, count: int) -> bool:
            if point is Point.ARRIVED and count == 4:
                os.kill(pid, number)
            if point is Point.ARRIVED and count >= 4:
                deadline = time.monotonic() + 20
                while "sending no more" not in commands.words and time.monotonic() < deadline:
                    time.sleep(0.01)
            return False

        waldur.hook = stop
        status, items = commands.status(pid), commands.items

        assert status == 1
        assert 4 <= waldur.posts < 20
        assert "Stopped by mari at the terminal." in commands.words
        assert len(items) == 20
        for item in items:
            sent = waldur.calendars[item["offering_uuid"]].posts == 1
            done = "Confirmed" if wait else "Accepted"
            assert item["state"] == (done if sent else "Not sent")
