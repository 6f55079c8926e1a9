"""What a process shares: the demo it starts and ends, and the servers it talks to."""

import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bookings import desk as desks
from bookings.calendars.actions import Action, Outcome
from bookings.calendars.decisions import Decision
from bookings.database import CALENDAR_ACTION
from bookings.desk import ASKERS, DEMO_PASSWORD, DEMO_PERSON, LOADERS, Desk
from bookings.settings import Settings
from bookings.waldur.client import WaldurClient
from bookings.waldur.errors import (
    NotWaldur,
    ServerBroken,
    SignedOut,
    Unreachable,
    WaldurError,
    WrongPassword,
)
from demo.faults import Fault
from demo.people import ACCOUNTS, PASSWORD, TOKENS
from demo.server import RunningDemo, running

MakeDesk = Callable[..., Desk]
SECONDS = 20.0


def answers(url: str) -> bool:
    """Whether somebody listens there."""
    try:
        urllib.request.urlopen(f"{url}api/configuration/", timeout=5).close()
    except OSError:
        return False
    return True


def test_without_a_server_a_demo_is_started_and_ended(make_desk: MakeDesk) -> None:
    """Once, however often the desk is opened, and it is gone when the desk is closed."""
    desk = make_desk(demo_offerings=3)
    (address,) = desk.servers
    desk.open()

    assert desk.servers == (address,)
    assert address.startswith("http://127.0.0.1:")
    assert answers(address)
    who = desk.sign_in_with_password(address, DEMO_PERSON, DEMO_PASSWORD)
    loaded = who.portfolio.wait(lambda s: s.state("light").status == "loaded", SECONDS)
    assert len(loaded.offerings) == 3
    desk.close()
    assert not answers(address)


def test_the_demo_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    """Even if that is killed: nothing is left to listen on the port."""
    code = (
        "import sys; from bookings.desk import Desk; from bookings.settings import Settings\n"
        f"desk = Desk(Settings(database_url='sqlite:///{tmp_path}/desk.sqlite', demo_offerings=1,"
        " _env_file=None))\n"
        "desk.open(); print(desk.servers[0], flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert answers(address)
        process.kill()
    deadline = time.monotonic() + SECONDS
    while answers(address):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_account_of_the_demo_is_one_it_has() -> None:
    """The product imports nothing of the demo, so the names are held together here."""
    assert DEMO_PERSON in ACCOUNTS
    assert DEMO_PASSWORD == PASSWORD


def test_no_demo_where_a_server_is_configured(desk: Desk, demo: RunningDemo) -> None:
    """The configured one is the only one."""
    assert desk.servers == (demo.url,)
    assert not desk.settings.demo


@pytest.mark.parametrize("other", ["http://evil.example/", "", "http://127.0.0.1:1/", "0"])
def test_a_server_that_is_not_configured_is_refused(
    desk: Desk, demo: RunningDemo, other: str
) -> None:
    """A token cannot be sent anywhere else, whoever asks for it."""
    for ask in (
        lambda: desk.client(other, TOKENS["staff"]),
        lambda: desk.sign_in_with_token(other, TOKENS["staff"]),
        lambda: desk.sign_in_with_password(other, "staff", PASSWORD),
    ):
        with pytest.raises(ValueError, match="not one of the configured"):
            ask()

    assert len(demo.requests) == 0
    assert len(desk.sign_ins) == 0


@pytest.mark.parametrize("person", TOKENS)
def test_a_token_tells_who_somebody_is(desk: Desk, person: str) -> None:
    """The sign-in knows person, server and currency, and its list is on the way."""
    who = desk.sign_in_with_token(desk.servers[0], TOKENS[person])

    assert who.person.username == person
    assert who.server == desk.servers[0]
    assert who.facts.currency == "EUR"
    ended = who.portfolio.wait(lambda s: s.state("light").status == "loaded", SECONDS)
    assert ended.state("light").status == "loaded"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(action="not_waldur", times=None), NotWaldur),
        (Fault(action="reset", path="/api/configuration/", times=None), WaldurError),
    ],
)
def test_what_is_not_known_to_be_a_waldur_sees_no_secret(
    desk: Desk, demo: RunningDemo, fault: Fault, error: type[WaldurError]
) -> None:
    """Neither token nor password is sent before the server has said what it is."""
    demo.faults.add(fault)
    with pytest.raises(error):
        desk.sign_in_with_token(desk.servers[0], TOKENS["staff"])
    with pytest.raises(error):
        desk.sign_in_with_password(desk.servers[0], "staff", PASSWORD)

    assert {each.path for each in demo.requests} == {"/api/configuration/"}
    assert not [each for each in demo.requests if "authorization" in each.headers]


def test_refusals_begin_no_sign_in(desk: Desk, make_desk: MakeDesk) -> None:
    """A wrong token, a wrong password and a server that is away each have their own error."""
    with pytest.raises(SignedOut) as wrong_token:
        desk.sign_in_with_token(desk.servers[0], "f" * 40)
    with pytest.raises(WrongPassword):
        desk.sign_in_with_password(desk.servers[0], "nobody", "wrong")
    away = make_desk("http://127.0.0.1:1/")
    with pytest.raises(Unreachable):
        away.sign_in_with_token(away.servers[0], TOKENS["staff"])

    assert "f" * 40 not in str(wrong_token.value) + repr(wrong_token.value)
    assert len(desk.sign_ins) == len(away.sign_ins) == 0


def test_a_sign_in_settles_what_an_earlier_process_left(desk: Desk, demo: RunningDemo) -> None:
    """A decision whose answer nobody heard: its booking is read, and nothing is sent."""
    who = desk.sign_in_with_token(desk.servers[0], TOKENS["staff"])
    held = next(each for each in demo.world.reservations.values() if each.item["state"] == "OK")
    entry = desk.journal.begin(
        server=demo.url, offering_uuid=held.item["offering_uuid"], offering_name="",
        action=Decision.ACCEPT, person_uuid=who.person.uuid, person_name="staff", seen=0,
        before=None, before_known=False, booking_uuid=held.item["uuid"],
    )  # fmt: skip
    desk.journal.note(entry, Outcome.UNKNOWN, open=False)

    desk.sign_in_with_token(desk.servers[0], TOKENS["staff"])
    deadline = time.monotonic() + SECONDS
    while desk.journal.entries(servers=None)[0].outcome is not Outcome.CONFIRMED:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert not [each for each in demo.requests if each.method == "POST"]


def test_a_run_that_cannot_be_read_does_not_hide_single_actions(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ended without a certain end is settled all the same."""

    def fail(*_: object) -> list[int]:
        raise ServerBroken(status=500)

    settled = threading.Event()

    def settle(*_: object, **but_runs: object) -> int:
        settled.set()
        return 0

    monkeypatch.setattr(desk.runs, "look_after_restart", fail)
    monkeypatch.setattr(desks, "settle", settle)
    desk.sign_in_with_token(desk.servers[0], TOKENS["staff"])

    assert settled.wait(SECONDS)


def test_closing_ends_every_sign_in(desk: Desk) -> None:
    """Nobody is signed in at a desk that is closed, and their clients ask nothing more."""
    who = desk.sign_in_with_token(desk.servers[0], TOKENS["staff"])
    desk.close()

    assert desk.sign_ins.get(who.id) is None
    with pytest.raises(SignedOut):
        who.client.me()


def test_a_slow_server_holds_up_nobody(make_desk: MakeDesk, demo: RunningDemo) -> None:
    """Neither people at another server nor questions to its own wait behind its lists."""
    with running(offerings=1, login=0) as slow:
        slow.faults.add(
            Fault(action="delay", path="/api/booking-offerings/", delay=SECONDS * 3, times=None)
        )
        desk = make_desk(slow.url, demo.url)
        held = [desk.sign_in_with_token(slow.url, TOKENS["staff"]) for _ in range(LOADERS)]
        who = desk.sign_in_with_token(demo.url, TOKENS["staff"])
        loaded = who.portfolio.wait(lambda s: s.state("light").status == "loaded", SECONDS)

        assert loaded.state("light").status == "loaded"
        assert all(each.portfolio.snapshot().loading == ("light",) for each in held)
        assert desk.in_background(slow.url, lambda: "came").result(SECONDS) == "came"


def test_questions_to_one_server_wait_for_no_other(make_desk: MakeDesk) -> None:
    """However many of them have no answer yet."""
    desk = make_desk("http://one.example/", "http://other.example/")
    go = threading.Event()
    try:
        asked = [
            desk.in_background("http://one.example/", lambda: go.wait(SECONDS))
            for _ in range(ASKERS + 1)
        ]
        answer = desk.in_background("http://other.example/", lambda: "came")
        assert answer.result(SECONDS) == "came"
        assert not any(each.done() for each in asked)
    finally:
        go.set()


def test_closing_waits_for_questions_before_the_record_is_closed(
    make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a look after a restart still writes comes before; a question that hangs is left."""
    desk = make_desk("http://one.example/")
    asked, go, order = threading.Event(), threading.Event(), list[str]()
    close_sign_ins, close_journal = desk.sign_ins.close, desk.journal.close

    def ask() -> None:
        asked.set()
        assert go.wait(SECONDS)
        order.append("answered")

    def close_the_sign_ins() -> None:
        close_sign_ins()
        go.set()

    def close_the_journal() -> None:
        order.append("closed")
        close_journal()

    monkeypatch.setattr(desk.sign_ins, "close", close_the_sign_ins)
    monkeypatch.setattr(desk.journal, "close", close_the_journal)
    desk.in_background("http://one.example/", ask)
    assert asked.wait(SECONDS)
    desk.close()

    assert order == ["answered", "closed"]


def test_a_question_that_hangs_holds_no_closing_up(
    make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is waited for within a bound."""
    monkeypatch.setattr(desks, "CLOSING_SECONDS", 0.0)
    desk = make_desk("http://one.example/")
    go = threading.Event()
    question = desk.in_background("http://one.example/", lambda: go.wait(SECONDS))
    desk.close()

    assert not question.done()
    go.set()
    assert question.result(SECONDS)


def test_a_sign_in_at_a_desk_that_closes_leaves_no_connection(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else would ever close it."""
    clients: list[WaldurClient] = []
    make = desk.client

    def remember(*asked: Any) -> WaldurClient:
        clients.append(make(*asked))
        return clients[-1]

    monkeypatch.setattr(desk, "client", remember)
    desk.close()
    with pytest.raises(RuntimeError):
        desk.sign_in_with_token(desk.servers[0], TOKENS["staff"])

    for each in clients:
        with pytest.raises(SignedOut):
            each.me()


def test_a_closed_desk_asks_nothing(make_desk: MakeDesk) -> None:
    """Neither a server that it asked before nor another."""
    desk = make_desk("http://one.example/", "http://other.example/")
    desk.in_background("http://one.example/", lambda: None).result(SECONDS)
    desk.close()

    for server in desk.servers:
        with pytest.raises(RuntimeError):
            desk.in_background(server, lambda: None)


def test_a_desk_that_is_opened_by_many_at_once_starts_one_demo(tmp_path: Path) -> None:
    """The first requests of a process can come together."""
    database = f"sqlite:///{tmp_path / 'desk.sqlite'}"
    desk = Desk(Settings(database_url=database, demo_offerings=1, _env_file=None))
    together = threading.Barrier(4)

    def open_and_look(_: int) -> tuple[str, ...]:
        together.wait(SECONDS)
        desk.open()
        return desk.servers

    try:
        with ThreadPoolExecutor(4) as pool:
            found = set(pool.map(open_and_look, range(4)))
    finally:
        desk.close()

    assert len(found) == 1
    assert not answers(desk.servers[0])


def test_a_sign_in_ends_though_nobody_comes(demo: RunningDemo, tmp_path: Path) -> None:
    """Its token does not stay in memory until somebody asks for it."""
    now = [0.0]
    settings = Settings(
        waldur_api_url=(demo.url,), database_url=f"sqlite:///{tmp_path / 'desk.sqlite'}",
        session_idle_minutes=10, _env_file=None,
    )  # fmt: skip
    desk = Desk(settings, clock=lambda: now[0], sweep=0.01)
    try:
        desk.open()
        who = desk.sign_in_with_token(demo.url, TOKENS["staff"])
        ended = threading.Event()
        who.at_end("test", ended.set)
        now[0] += 10 * 60 + 1

        assert ended.wait(SECONDS)
        assert who.ended == "idle"
        assert len(desk.sign_ins) == 0
    finally:
        desk.close()
    assert "sweep" not in {thread.name for thread in threading.enumerate()}


def test_old_entries_are_forgotten_at_the_start(make_desk: MakeDesk, demo: RunningDemo) -> None:
    """Where a retention is set, and by a thread that ends with the desk."""
    desk = make_desk(demo.url)
    for seen in range(2):
        entry = desk.journal.begin(
            server=demo.url, offering_uuid="1" * 32, offering_name="", action=Action.SYNC,
            person_uuid="", person_name="", seen=seen, before=None,
        )  # fmt: skip
        desk.journal.note(entry, Outcome.REFUSED, open=False)
    long_ago = update(CALENDAR_ACTION).values(created=desk.journal.now() - timedelta(days=8))
    with desk.journal.database.writing() as connection:
        connection.execute(long_ago)

    make_desk(demo.url, journal_retention_days=9).close()
    assert len(desk.journal.entries(servers=None)) == 2
    make_desk(demo.url, journal_retention_days=7).close()
    assert len(desk.journal.entries(servers=None)) == 1
    assert "forget" not in {thread.name for thread in threading.enumerate()}
