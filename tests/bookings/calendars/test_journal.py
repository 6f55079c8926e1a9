"""The record: one entry per number, leases, what survives a crash, what is said on failure."""

import contextlib
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import StatementError

from bookings import database as databases
from bookings.calendars import journal as journals
from bookings.calendars.actions import Action, Outcome
from bookings.calendars.decisions import Decision
from bookings.calendars.journal import (
    ABANDONED_REMARK,
    LEASE_SECONDS,
    NOT_WRITTEN,
    DatabaseError,
    Entry,
    Journal,
    Superseded,
)
from bookings.calendars.processes import this_process
from bookings.database import CALENDAR_ACTION, METADATA, VERSION_TABLE, Database
from bookings.waldur.models import GoogleCalendar

ROOT = Path(__file__).resolve().parents[3]
SERVER = "https://waldur.example/"
UUID = "0123456789abcdef0123456789abcdef"
OTHER = "f" * 32
PERSON = "a" * 32
PLACE = this_process().partition(":")[0]


def begin(journal: Journal, seen: int = 0, **changes: Any) -> Entry:
    """Begins a share as Olivia would."""
    given: dict[str, Any] = {
        "server": SERVER,
        "offering_uuid": UUID,
        "offering_name": "Laser lab",
        "action": Action.SHARE,
        "person_uuid": PERSON,
        "person_name": "olivia",
        "before": GoogleCalendar(backend_id="t02", public=False),
    }
    return journal.begin(**given | changes, seen=seen)


def confirm(journal: Journal) -> Entry:
    """Looks, and sees the change."""
    latest = journal.latest(SERVER, UUID)
    assert latest is not None
    return journal.revise(latest, Outcome.CONFIRMED, remark="It is public.")


def change(database_url: str, statement: str) -> None:
    """Does something to the database behind the journal's back."""
    database = Database(database_url)
    with database.writing() as connection:
        connection.exec_driver_sql(statement)
    database.close()


def test_an_empty_journal_has_no_entries(journal: Journal) -> None:
    """Nothing happened is no error."""
    assert journal.latest(SERVER, UUID) is None
    assert journal.entries(servers=None) == []


def test_an_entry_is_read_as_it_was_written(journal: Journal, wall: Any) -> None:
    """Every field survives the database, moments in UTC and to the microsecond."""
    entry = begin(journal)

    assert entry == journal.latest(SERVER, UUID)
    assert (entry.sequence, entry.outcome, entry.open) == (1, Outcome.SENDING, True)
    assert (entry.offering_name, entry.person_uuid, entry.person_name) == (
        "Laser lab",
        PERSON,
        "olivia",
    )
    assert entry.before == GoogleCalendar(backend_id="t02", public=False)
    assert entry.before_known
    assert entry.created == wall.now
    assert entry.created.tzinfo is UTC
    assert entry.finished is None
    assert entry.lease_until == wall.now + timedelta(seconds=LEASE_SECONDS)
    assert entry.holder.split(":")[1] == str(os.getpid())


@pytest.mark.parametrize(
    ("before", "known"),
    [
        (None, True),
        (None, False),
        (GoogleCalendar(backend_id=None, public=False), True),
        (GoogleCalendar(backend_id="t02", public=True), True),
    ],
)
def test_no_calendar_is_told_from_not_known(
    journal: Journal, before: GoogleCalendar | None, known: bool
) -> None:
    """What the person saw is on record, and whether they saw it."""
    entry = begin(journal, before=before, before_known=known)

    assert (entry.before, entry.before_known) == (before, known)


def test_a_naive_moment_is_refused(database_url: str) -> None:
    """A clock without a time zone is a mistake, not a guess."""
    naive = Journal(database_url, clock=lambda: datetime(2026, 11, 24))  # noqa: DTZ001

    with pytest.raises(DatabaseError) as failed:
        begin(naive)

    assert isinstance(failed.value.__cause__, StatementError)
    naive.close()


def test_any_time_zone_becomes_utc(database_url: str) -> None:
    """A clock may run in any zone."""
    tallinn = timezone(timedelta(hours=2))
    journal = Journal(database_url, clock=lambda: datetime(2026, 11, 24, 12, tzinfo=tallinn))

    created = begin(journal).created

    assert created == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert created.utcoffset() == timedelta(0)
    journal.close()


# --- once -----------------------------------------------------------------------------------


def test_the_second_to_press_on_one_sight_is_told_who_was_first(journal: Journal) -> None:
    """A number is given once, even when the first action is long finished."""
    first = journal.note(begin(journal), Outcome.CONFIRMED, open=False)

    with pytest.raises(Superseded) as late:
        begin(journal, person_name="otto")

    assert late.value.latest == first
    assert journal.entries(servers=None) == [first]


def test_nothing_begins_while_an_action_is_worked_on(journal: Journal) -> None:
    """Whoever sees an open entry, and presses all the same, does not get a second one."""
    first = begin(journal)

    with pytest.raises(Superseded) as late:
        begin(journal, seen=1, action=Action.SYNC)

    assert late.value.latest == first


def test_an_action_can_follow_a_finished_one(journal: Journal) -> None:
    """Numbers count up per calendar."""
    journal.note(begin(journal), Outcome.REFUSED, open=False)

    assert begin(journal, seen=1).sequence == 2
    assert begin(journal, offering_uuid=OTHER).sequence == 1
    assert begin(journal, server="https://other.example/").sequence == 1


def test_an_old_page_does_not_fill_a_gap_in_the_numbers(journal: Journal) -> None:
    """A page that outlived its database counts on from what it saw; older pages stay too late."""
    newest = journal.note(begin(journal, seen=5), Outcome.REFUSED, open=False)

    with pytest.raises(Superseded) as late:
        begin(journal, seen=2)

    assert newest.sequence == 6
    assert late.value.latest == newest


def test_the_dashes_of_a_uuid_do_not_matter(journal: Journal) -> None:
    """Two spellings of one offering are one calendar."""
    dashed = "01234567-89ab-cdef-0123-456789ABCDEF"
    entry = begin(journal, offering_uuid=dashed)

    with pytest.raises(Superseded):
        begin(journal)

    assert entry.offering_uuid == UUID
    assert journal.latest(SERVER, dashed) == entry
    assert journal.entries(servers=None, offering_uuids=[dashed]) == [entry]


def test_of_many_threads_one_begins(database_url: str) -> None:
    """Eight clicks at one moment in two replicas get one number between them."""
    replicas = [Journal(database_url), Journal(database_url)]
    barrier = threading.Barrier(8)

    def press(number: int) -> str:
        barrier.wait()
        try:
            return f"began {begin(replicas[number % 2]).sequence}"
        except Superseded as late:
            return f"after {late.latest.sequence}"

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(press, range(8)))

    assert sorted(got) == ["after 1"] * 7 + ["began 1"]
    for replica in replicas:
        replica.close()


def test_the_database_itself_lets_one_begin(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where finer locks let two see the same latest entry at once, one of them wins."""
    first = begin(journal)
    real = journals._latest
    stale = iter([None])
    monkeypatch.setattr(journals, "_latest", lambda *asked: next(stale, real(*asked)))

    with pytest.raises(Superseded) as late:
        begin(journal)

    assert late.value.latest == first
    assert journal.entries(servers=None) == [first]


@pytest.mark.parametrize("kept", [True, False])
def test_whoever_writes_at_the_same_moment_waits_for_the_first(
    postgresql_url: str, kept: bool
) -> None:
    """PostgreSQL lets two see the same latest entry; the second gets to write if the first fails.

    The first transaction is still open when the second presses, as on two replicas.
    """
    journal, replica = Journal(postgresql_url), Database(postgresql_url)
    first = journal.note(begin(journal), Outcome.CONFIRMED, open=False)
    columns = [column for column in CALENDAR_ACTION.columns if column.name != "id"]
    values = [sa.literal(2) if each.name == "sequence" else each for each in columns]
    copy = sa.select(*values).where(CALENDAR_ACTION.c.id == first.id)

    def write() -> None:
        with replica.writing() as connection:
            connection.execute(sa.insert(CALENDAR_ACTION).from_select(columns, copy))
            pressed.append(pool.submit(begin, journal, 1))
            until_somebody_waits(postgresql_url)
            if not kept:
                raise LookupError

    pressed: list[Future[Entry]] = []
    with ThreadPoolExecutor(1) as pool:
        with contextlib.nullcontext() if kept else pytest.raises(LookupError):
            write()
        if kept:
            with pytest.raises(Superseded) as late:
                pressed[0].result(60)
            assert late.value.latest.sequence == 2
        else:
            assert pressed[0].result(60).sequence == 2

    assert [each.sequence for each in journal.entries(servers=None)] == [2, 1]
    journal.close()
    replica.close()


def until_somebody_waits(database_url: str) -> None:
    """Returns when a connection waits for a lock of another one."""
    deadline = time.monotonic() + 60
    with psycopg.connect(database_url, autocommit=True) as connection:
        while not connection.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchall():
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_of_many_processes_one_begins(database_url: str) -> None:
    """Processes that start at once on a new database make its table together, and one begins."""
    code = f"""
import sys
from bookings.calendars.actions import Action
from bookings.calendars.journal import Journal, Superseded
print("ready", flush=True)
sys.stdin.readline()
journal = Journal({database_url!r})
try:
    journal.begin(server={SERVER!r}, offering_uuid={UUID!r}, offering_name="", action=Action.SYNC,
        person_uuid="", person_name="", seen=0, before=None)
    print("began")
except Superseded:
    print("superseded")
"""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[0] for process in processes]

    assert sorted(said) == ["began\n", "superseded\n", "superseded\n"]


# --- leases ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("noted", "read"),
    [
        (None, Outcome.UNKNOWN),
        (Outcome.ACCEPTED, Outcome.NOT_CONFIRMED),
        (Outcome.UNKNOWN, Outcome.UNKNOWN),
    ],
)
def test_an_entry_whose_lease_ran_out_is_read_as_closed(
    journal: Journal, wall: Any, noted: Outcome | None, read: Outcome
) -> None:
    """The holder is dead or cut off: what can still be said is said, and no more."""
    entry = begin(journal)
    if noted:
        entry = journal.note(entry, noted, open=True, http_status=202)
    wall.move(LEASE_SECONDS)

    left = journal.latest(SERVER, UUID)

    assert left is not None
    assert (left.outcome, left.open, left.remark) == (read, False, ABANDONED_REMARK)
    assert left.finished == entry.lease_until
    assert journal.entries(servers=[SERVER]) == [left]


def test_a_renewed_lease_keeps_others_out(journal: Journal, wall: Any) -> None:
    """A holder that is alive is not overtaken, however long it takes."""
    entry = begin(journal)
    for _ in range(3):
        wall.move(LEASE_SECONDS - 1)
        entry = journal.renew(entry)
    wall.move(LEASE_SECONDS - 1)

    with pytest.raises(Superseded) as late:
        begin(journal, seen=1)

    assert late.value.latest == entry


def test_an_abandoned_action_makes_room(journal: Journal, wall: Any) -> None:
    """After the lease another may begin; the old entry is closed for good, its holder shut out."""
    lost = begin(journal)
    wall.move(LEASE_SECONDS)

    following = begin(journal, seen=1)

    newest, old = journal.entries(servers=None)
    assert newest == following
    assert (old.outcome, old.open) == (Outcome.UNKNOWN, False)
    with pytest.raises(Superseded) as late:
        journal.renew(lost)
    assert late.value.latest == following


def test_an_abandoned_action_still_has_to_be_seen(journal: Journal, wall: Any) -> None:
    """A lease that ran out does not let an old page send again."""
    begin(journal)
    wall.move(LEASE_SECONDS)

    with pytest.raises(Superseded) as late:
        begin(journal, seen=0)

    assert late.value.latest.outcome is Outcome.UNKNOWN


def test_an_outcome_that_comes_late_is_recorded(journal: Journal, wall: Any) -> None:
    """A holder that was only slow corrects what was read in the meantime."""
    entry = begin(journal)
    wall.move(LEASE_SECONDS * 2)

    journal.note(entry, Outcome.CONFIRMED, open=False, remark="It is public.")

    latest = journal.latest(SERVER, UUID)
    assert latest is not None
    assert (latest.outcome, latest.remark) == (Outcome.CONFIRMED, "It is public.")


def test_what_was_closed_meanwhile_is_not_opened_again(journal: Journal, wall: Any) -> None:
    """An acceptance that comes late to the record is not waited for beside a newer action."""
    lost = begin(journal)
    wall.move(LEASE_SECONDS)
    following = begin(journal, seen=1)
    closed = journal.entries(servers=None)[1]

    with pytest.raises(Superseded) as late:
        journal.note(lost, Outcome.ACCEPTED, open=True, http_status=202)

    assert late.value.latest == following
    assert journal.entries(servers=None) == [following, closed]
    assert not closed.open


def test_what_a_look_has_closed_is_not_opened_again(journal: Journal, wall: Any) -> None:
    """Without a newer action too; the closed entry itself is what counts."""
    lost = begin(journal)
    wall.move(LEASE_SECONDS)
    closed = journal.revise(lost, lost.outcome, remark="")

    with pytest.raises(Superseded) as late:
        journal.note(lost, Outcome.UNKNOWN, open=True)

    assert late.value.latest == closed == journal.latest(SERVER, UUID)


@pytest.mark.parametrize("seen", [Outcome.SENDING, Outcome.CONFIRMED])
def test_a_newer_action_does_not_confirm_an_older_one(
    journal: Journal, wall: Any, seen: Outcome
) -> None:
    """A change may be its work; what was confirmed before it was begun stays confirmed."""
    lost = begin(journal)
    wall.move(LEASE_SECONDS)
    if seen is Outcome.CONFIRMED:
        journal.note(lost, seen, open=False)
    following = begin(journal, seen=1)

    with contextlib.nullcontext() if seen is Outcome.CONFIRMED else pytest.raises(Superseded):
        journal.note(lost, Outcome.CONFIRMED, open=False, http_status=202)

    newest, old = journal.entries(servers=None)
    assert newest == following
    assert (old.outcome is Outcome.CONFIRMED, old.open) == (seen is Outcome.CONFIRMED, False)


@pytest.mark.parametrize("newer", [False, True])
@pytest.mark.parametrize("late", [Outcome.NOT_CONFIRMED, Outcome.UNKNOWN, Outcome.ACCEPTED])
def test_a_late_end_does_not_take_back_what_a_look_has_seen(
    journal: Journal, wall: Any, late: Outcome, newer: bool
) -> None:
    """Whoever waited knows less; another action that was begun since changes nothing of that."""
    lost = begin(journal)
    wall.move(LEASE_SECONDS)
    seen = confirm(journal)
    following = [begin(journal, seen=1)] if newer else []

    assert journal.note(lost, late, open=False, http_status=202, remark="Not seen.") == seen

    assert journal.entries(servers=None) == [*following, seen]


def test_a_refusal_takes_back_what_a_look_has_seen(journal: Journal, wall: Any) -> None:
    """The server's own no is certain: the change was somebody else's."""
    lost = begin(journal)
    wall.move(LEASE_SECONDS)
    confirm(journal)

    refused = journal.note(lost, Outcome.REFUSED, open=False, http_status=400, remark="No.")

    assert (refused.outcome, refused) == (Outcome.REFUSED, journal.latest(SERVER, UUID))


# --- notes ----------------------------------------------------------------------------------


def test_a_note_keeps_what_it_is_not_given(journal: Journal, wall: Any) -> None:
    """The server's answer stays on record when the verification adds its remark."""
    entry = begin(journal)
    wall.move(1)
    journal.note(entry, Outcome.ACCEPTED, open=True, http_status=202, words="OK")
    entry = journal.latest(SERVER, UUID) or entry
    wall.move(4)

    closed = journal.note(entry, Outcome.CONFIRMED, open=False, remark="It is public.")

    assert closed == journal.latest(SERVER, UUID)
    assert (closed.http_status, closed.words, closed.remark) == (202, "OK", "It is public.")
    assert closed.finished == wall.now
    assert closed.created == wall.now - timedelta(seconds=5)


@pytest.mark.parametrize("outcome", [o for o in Outcome if o.final])
def test_an_end_cannot_be_open(journal: Journal, outcome: Outcome) -> None:
    """A word that is an end, on an entry that is worked on, is a mistake of ours."""
    entry = begin(journal)

    with pytest.raises(ValueError, match="end of an action"):
        journal.note(entry, outcome, open=True)


def test_a_note_on_an_entry_that_is_gone_says_so(journal: Journal, database_url: str) -> None:
    """An outcome is never written into nothing."""
    entry = begin(journal)
    change(database_url, "DELETE FROM calendar_action")

    with pytest.raises(DatabaseError, match="no longer in the activity record"):
        journal.note(entry, Outcome.CONFIRMED, open=False)


@given(st.text(st.characters()))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_any_text_can_be_recorded(journal: Journal, text: str) -> None:
    """Names and sentences come from a server, half characters and NULs included."""
    seen = len(journal.entries(servers=None))
    entry = begin(journal, seen, offering_name=text, person_name=text)

    journal.note(entry, Outcome.REFUSED, open=False, words=text, remark=text)

    latest = journal.latest(SERVER, UUID)
    assert latest is not None
    assert latest.sequence == seen + 1
    assert "\0" not in latest.words


def test_a_token_is_never_recorded(sqlite_url: str, tmp_path: Path) -> None:
    """Forty hex digits in a server's sentence do not reach the file."""
    journal = Journal(sqlite_url)
    token = "0123456789abcdef0123" * 2
    entry = begin(journal)

    noted = journal.note(
        entry, Outcome.REFUSED, open=False, words=f"Token {token} is bad.", remark=f"({token})"
    )

    journal.close()
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert noted.words == "Token … is bad."
    assert token.encode() not in written


def test_entries_are_newest_first_and_of_what_was_asked_for(journal: Journal) -> None:
    """The record can be asked by server, by offering, and for the newest few."""
    one = begin(journal)
    two = begin(journal, offering_uuid=OTHER)
    three = begin(journal, server="https://other.example/")

    assert journal.entries(servers=None) == [three, two, one]
    assert journal.entries(servers=[SERVER]) == [two, one]
    assert journal.entries(servers=None, offering_uuids={UUID}) == [three, one]
    assert journal.entries(servers=[SERVER], offering_uuids=[OTHER]) == [two]
    assert journal.entries(servers=None, limit=2) == [three, two]
    assert journal.entries(servers=[]) == []
    assert journal.entries(servers=None, offering_uuids=[]) == []


def test_a_whole_portfolio_can_be_asked_for(journal: Journal) -> None:
    """Thousands of offerings fit in one question."""
    entry = begin(journal)

    many = [f"{number:032x}" for number in range(6000)] + [UUID]

    assert journal.entries(servers=[SERVER], offering_uuids=many) == [entry]


# --- crashes --------------------------------------------------------------------------------

_DIES_WHILE_SENDING = """
import os, signal, sys
from bookings.calendars.actions import Action
from bookings.calendars.journal import Journal
from bookings.calendars.runner import Runner
from bookings.waldur.models import Offering, Person

class Client:
    root = {server!r}
    def act(self, uuid, action):
        print("POST", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    def calendar(self, uuid):
        return offering

offering = Offering(uuid={uuid!r}, name="Laser lab", googlecalendar=None)
person = Person(uuid="a" * 32, username="olivia")
runner = Runner(Journal({url!r}))
runner.submit(Client(), offering, Action.SHARE, person, seen=0)
runner.drain(60)
"""


def test_an_action_cut_off_by_a_kill_is_unknown_after_the_restart(database_url: str) -> None:
    """The entry was written before the POST left; the next start closes it at once."""
    code = _DIES_WHILE_SENDING.format(server=SERVER, uuid=UUID, url=database_url)
    killed = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    restarted = Journal(database_url)
    left = restarted.latest(SERVER, UUID)

    assert (killed.returncode, killed.stdout) == (-9, "POST\n")
    assert left is not None
    assert (left.outcome, left.open) == (Outcome.SENDING, True)
    assert restarted.recover() == 1
    assert restarted.recover() == 0
    found = restarted.latest(SERVER, UUID)
    assert found is not None
    assert (found.outcome, found.open, found.remark) == (Outcome.UNKNOWN, False, ABANDONED_REMARK)
    assert found.next_step
    restarted.close()


def test_what_a_dead_process_had_accepted_is_not_confirmed(database_url: str, wall: Any) -> None:
    """A 202 that was on record is not forgotten."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait(timeout=60)
    dead = Journal(database_url, clock=wall, holder=f"{PLACE}:{process.pid}:1")
    dead.note(begin(dead), Outcome.ACCEPTED, open=True, http_status=202, words="OK")
    dead.close()
    alive = Journal(database_url, clock=wall)

    assert alive.recover() == 1
    left = alive.latest(SERVER, UUID)
    assert left is not None
    assert (left.outcome, left.http_status, left.words) == (Outcome.NOT_CONFIRMED, 202, "OK")
    alive.close()


@pytest.mark.parametrize(
    "holder",
    ["elsewhere:1:1", f"{PLACE}1:999999999:1", f"{socket.gethostname()}/:999999999:1"],
    ids=["host", "container", "boot"],
)
def test_the_living_and_the_far_are_left_alone(
    database_url: str, journal: Journal, wall: Any, holder: str
) -> None:
    """Another replica's start does not close what this process, or another one, works on."""
    begin(journal)
    far = Journal(database_url, clock=wall, holder=holder)
    theirs = begin(far, offering_uuid=OTHER)
    neighbour = Journal(database_url, clock=wall)

    assert neighbour.recover() == 0
    with pytest.raises(Superseded) as late:
        begin(neighbour, seen=1, offering_uuid=OTHER)
    assert late.value.latest == theirs
    far.close()
    neighbour.close()


# --- the database ---------------------------------------------------------------------------


def test_a_locked_file_is_one_sentence(sqlite_url: str, tmp_path: Path) -> None:
    """Nothing is begun while another program holds the file; it goes on afterwards."""
    journal = Journal(f"{sqlite_url}?timeout=0.01")
    other = sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(DatabaseError) as failed:
        begin(journal)

    assert str(failed.value) == NOT_WRITTEN
    assert DatabaseError.next_step
    other.execute("ROLLBACK")
    other.close()
    assert begin(journal).sequence == 1
    journal.close()


def test_a_locked_table_is_one_sentence(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same on PostgreSQL, which would wait for ever by itself."""
    monkeypatch.setattr(databases, "BUSY_SECONDS", 1.0)
    journal = Journal(postgresql_url)
    with psycopg.connect(postgresql_url) as other:
        other.execute("LOCK TABLE calendar_action IN EXCLUSIVE MODE")

        with pytest.raises(DatabaseError) as failed:
            begin(journal)

        assert str(failed.value) == NOT_WRITTEN
    assert begin(journal).sequence == 1
    journal.close()


def test_readers_do_not_wait_for_a_writer(database_url: str, journal: Journal) -> None:
    """A page can be drawn while an action is being written."""
    entry = begin(journal)
    other = Database(database_url)
    with other.writing() as connection:
        connection.exec_driver_sql("UPDATE calendar_action SET words = 'not yet'")

        assert journal.latest(SERVER, UUID) == entry
    other.close()


def test_a_reader_sees_one_moment(database_url: str, journal: Journal) -> None:
    """What is written between two questions of one reader is seen by the next reader."""
    entry = begin(journal)
    query = sa.select(CALENDAR_ACTION.c.words)
    with journal.database.reading() as connection:
        before = connection.execute(query).scalars().all()
        change(database_url, "UPDATE calendar_action SET words = 'between'")

        assert connection.execute(query).scalars().all() == before == [""]
    latest = journal.latest(SERVER, UUID)
    assert latest is not None
    assert latest.words == "between"
    assert journal.note(entry, Outcome.REFUSED, open=False, words="after").words == "after"


def test_connections_that_the_server_has_closed_are_made_anew(postgresql_url: str) -> None:
    """A restart of the database server between two pages is not noticed."""
    journal = Journal(postgresql_url)
    entry = begin(journal)
    with psycopg.connect(postgresql_url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    assert journal.latest(SERVER, UUID) == entry
    journal.close()


def test_a_table_that_is_gone_is_one_sentence(journal: Journal, database_url: str) -> None:
    """Reading fails as writing does: clearly, and without the statement's values."""
    change(database_url, "DROP TABLE calendar_action")

    with pytest.raises(DatabaseError, match="cannot be read"):
        journal.latest(SERVER, UUID)
    with pytest.raises(DatabaseError, match="nothing was sent") as failed:
        begin(journal, person_name="olivia-the-owner")
    assert "olivia-the-owner" not in str(failed.value.__cause__)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "nobody://knows/this",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory&uri=true",
        "sqlite:////proc/none/journal.sqlite",
        "sqlite:////",
        "oracle+cx_oracle://scott:tiger-secret@db/x",
        "postgresql://scott:tiger-secret@127.0.0.1:1/x",
        "postgresql://scott:tiger-secret@127.0.0.1:none/x",
    ],
)
def test_an_address_that_cannot_serve_is_one_sentence(url: str) -> None:
    """A wrong DATABASE_URL is said at the start, and its password is not."""
    with pytest.raises(DatabaseError) as failed:
        Journal(url)

    assert str(failed.value).endswith(".")
    assert "tiger-secret" not in str(failed.value)


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    """Some other file at the address is left as it is."""
    path = tmp_path / "notes.txt"
    path.write_text("These are my notes, and they are longer than a header of SQLite.\n" * 20)
    before = path.read_bytes()

    with pytest.raises(DatabaseError, match="cannot be opened"):
        Journal(f"sqlite:///{path}")

    assert path.read_bytes() == before


def test_the_folder_is_made(tmp_path: Path) -> None:
    """A first start needs no preparation."""
    Journal(f"sqlite:///{tmp_path / 'new' / 'folder' / 'journal.sqlite'}").close()

    assert (tmp_path / "new" / "folder" / "journal.sqlite").exists()


def test_the_migrations_make_the_declared_table(database_url: str) -> None:
    """The steps and the declaration describe the same database."""
    database = Database(database_url)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        differences = compare_metadata(context, METADATA)
    database.close()

    assert differences == []


def test_a_database_of_a_newer_version_is_refused(database_url: str) -> None:
    """An old program does not write into tables it does not know."""
    change(database_url, f"UPDATE {VERSION_TABLE} SET version_num = '9999'")  # noqa: S608

    with pytest.raises(DatabaseError, match="another version"):
        Journal(database_url)


def test_a_journal_outlives_its_process(database_url: str, journal: Journal) -> None:
    """What was recorded is there at the next start."""
    entry = journal.note(begin(journal), Outcome.CONFIRMED, open=False)
    again = Journal(database_url)

    assert again.entries(servers=None) == [entry]
    again.close()


def test_a_period_can_be_asked_for(journal: Journal, wall: Any) -> None:
    """From a moment on, up to and without another."""
    moments, entries = [], []
    for seen in range(3):
        moments.append(wall.now)
        entries.append(journal.note(begin(journal, seen), Outcome.REFUSED, open=False))
        wall.move(60)

    assert journal.entries(servers=None, since=moments[1]) == [entries[2], entries[1]]
    assert journal.entries(servers=None, until=moments[1]) == [entries[0]]
    assert journal.entries(servers=None, since=moments[1], until=moments[2]) == [entries[1]]


def test_the_newest_few_of_very_many_offerings(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked in portions, and in order all the same."""
    monkeypatch.setattr(journals, "KEYS_AT_ONCE", 2)
    uuids = [f"{number:032x}" for number in (3, 1, 2, 5, 4)]
    entries = [begin(journal, offering_uuid=uuid) for uuid in uuids]

    found = journal.entries(servers=[SERVER], offering_uuids=uuids, limit=3)
    assert found == [entries[4], entries[3], entries[2]]


def test_what_ended_since_a_moment_is_asked_for(
    journal: Journal, wall: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By offering, newest first; what is worked on has not ended, what was abandoned has."""
    monkeypatch.setattr(journals, "KEYS_AT_ONCE", 1)
    journal.note(begin(journal), Outcome.CONFIRMED, open=False)
    begin(journal, offering_uuid=OTHER)
    wall.move(1)
    moment = wall.now
    shared = journal.note(begin(journal, seen=1), Outcome.CONFIRMED, open=False)
    synced = journal.note(begin(journal, seen=2, action=Action.SYNC), Outcome.ACCEPTED, open=False)
    begin(journal, seen=3)
    decided = begin(journal, action=Decision.ACCEPT, booking_uuid="b" * 32)
    journal.note(decided, Outcome.CONFIRMED, open=False)

    asked = [UUID, OTHER, "1" * 32]
    assert journal.ended_since(SERVER, asked, moment) == {UUID: [synced, shared]}
    assert journal.ended_since("https://other.example/", asked, moment) == {}
    assert journal.ended_since(SERVER, [OTHER], moment) == {}
    wall.move(LEASE_SECONDS)
    abandoned = journal.latest(SERVER, OTHER)
    assert journal.ended_since(SERVER, [OTHER], moment) == {OTHER: [abandoned]}
