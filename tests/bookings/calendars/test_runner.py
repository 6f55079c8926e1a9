"""An action is sent once, and its outcome is told truly whatever the server does."""

import contextlib
import gc
import logging
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.calendars.actions import Action, CalendarStatus, Outcome, status_of
from bookings.calendars.journal import LEASE_SECONDS, DatabaseError, Entry, Journal
from bookings.calendars.runner import LOST_ANSWER_SECONDS, NOTHING_SENT, PATIENCE_SECONDS, Runner
from bookings.waldur.errors import (
    Busy,
    CalendarBusy,
    Forbidden,
    Gone,
    Refused,
    ServerBroken,
    SignedOut,
    TooSlow,
    Unreachable,
    UnreadableAnswer,
    WaldurError,
)
from bookings.waldur.models import Offering, Person
from bookings.waldur.protocol import Accepted

SERVER = "https://waldur.example/"
UUID = "0123456789abcdef0123456789abcdef"
OLIVIA = Person(uuid="a" * 32, username="olivia", full_name="Olivia Owner")

NONE: dict[str, Any] = {"googlecalendar": None}
WITHOUT_ID: dict[str, Any] = {"googlecalendar": {"backend_id": None, "public": False}}
PRIVATE: dict[str, Any] = {"googlecalendar": {"backend_id": "t02", "public": False}}
PUBLIC: dict[str, Any] = {"googlecalendar": {"backend_id": "t02", "public": True}}
NOT_SAID: dict[str, Any] = {}

SECONDS = 30.0
"""No test comes near this; it ends one that hangs."""


def offering(fields: dict[str, Any], uuid: str = UUID) -> Offering:
    """An offering whose calendar is as the person sees it."""
    return Offering.model_validate({"uuid": uuid, "name": "Laser lab", **fields})


class FakeClient:
    """A server that answers as it is told, and counts what reaches it.

    `answer` is the word of acceptance, an error, or something to call. `states` are what is
    read one after the other, the last one for ever. Before the first POST `now` is read instead.
    """

    def __init__(self, answer: Any = "OK", *states: Any, root: str = SERVER) -> None:
        self.root = root
        self.answer = answer
        self.states = list(states) or [PRIVATE]
        self.now: Any = None
        self.posts: list[tuple[str, str]] = []
        self.reads = 0
        self.reads_before = 0
        self._lock = threading.Lock()

    def act(self, uuid: str, action: str) -> Accepted:
        """Counts, then answers."""
        with self._lock:
            self.posts.append((uuid, action))
        answer = self.answer() if callable(self.answer) else self.answer
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Accepted) else Accepted(202, str(answer))

    def calendar(self, uuid: str) -> Offering:
        """The next state."""
        if not self.posts:
            return self._before(uuid)
        with self._lock:
            self.reads += 1
            state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if isinstance(state, Exception):
            raise state
        return offering(state, uuid)

    def _before(self, uuid: str) -> Offering:
        with self._lock:
            self.reads_before += 1
        state = PRIVATE if self.now is None else self.now
        if isinstance(state, Exception):
            raise state
        return offering(state, uuid)


Press = Callable[..., Entry]


@pytest.fixture
def press(runner: Runner) -> Press:
    """Presses a button and waits for the end. The page shows `before`, and it is so still."""

    def press(client: FakeClient, action: Action, before: dict[str, Any], seen: int = 0) -> Entry:
        client.now = before if client.now is None else client.now
        started = runner.submit(client, offering(before), action, OLIVIA, seen=seen)
        assert runner.drain(SECONDS)
        ended = runner.latest(client.root, UUID)
        assert ended is not None
        assert ended.id == started.id
        assert not ended.open
        return ended

    return press


# --- accepted -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "before", "states", "remark"),
    [
        (Action.SHARE, PRIVATE, [PRIVATE, PUBLIC], "The calendar is public. Seen 4 s after"),
        (Action.UNSHARE, PUBLIC, [PUBLIC, PUBLIC, PRIVATE], "The calendar is private. Seen 7 s"),
        (Action.SYNC, NONE, [WITHOUT_ID, PRIVATE], "The calendar is private. Seen 4 s"),
        (Action.SYNC, WITHOUT_ID, [PRIVATE], "The calendar is private. Seen 2 s"),
        (Action.SHARE, NONE, [WITHOUT_ID, PRIVATE, PUBLIC], "The calendar is public. Seen 7 s"),
        # The page was old: the acceptance itself shows that the calendar was private.
        (Action.SHARE, PUBLIC, [PRIVATE, PUBLIC], "The calendar is public. Seen 4 s"),
        # The server had not said what the calendar is.
        (Action.SHARE, NOT_SAID, [PUBLIC], "The calendar is public. Seen 2 s"),
        (Action.SYNC, NOT_SAID, [WITHOUT_ID, PRIVATE], "The calendar is private. Seen 4 s"),
    ],
)
def test_a_visible_change_confirms(
    press: Press,
    action: Action,
    before: dict[str, Any],
    states: list[dict[str, Any]],
    remark: str,
) -> None:
    """Accepted turns into Confirmed when the change is read back, and not before."""
    client = FakeClient("OK", *states)

    entry = press(client, action, before)

    assert entry.outcome is Outcome.CONFIRMED
    assert entry.remark.startswith(remark)
    assert (entry.http_status, entry.words) == (202, "OK")
    assert client.posts == [(UUID, action.value)]
    assert client.reads == len(states)


@pytest.mark.parametrize(("before", "reads"), [(PRIVATE, 0), (PUBLIC, 0), (NOT_SAID, 1)])
def test_a_sync_of_an_existing_calendar_ends_as_accepted(
    press: Press, before: dict[str, Any], reads: int
) -> None:
    """Its end cannot be seen, so it is not waited for and not claimed."""
    client = FakeClient("OK", PRIVATE)

    entry = press(client, Action.SYNC, before)

    assert entry.outcome is Outcome.ACCEPTED
    assert "no end that could be seen" in entry.remark
    assert (len(client.posts), client.reads) == (1, reads)


def test_no_change_within_the_patience_is_not_confirmed(press: Press, pauses: Any) -> None:
    """A failure at Google looks like a job that has not run: neither is claimed."""
    client = FakeClient("OK", PRIVATE)

    entry = press(client, Action.SHARE, PRIVATE)

    assert entry.outcome is Outcome.NOT_CONFIRMED
    assert "No change was seen" in entry.remark
    assert "The calendar is private." in entry.remark
    assert entry.words == "OK"
    assert len(client.posts) == 1
    assert PATIENCE_SECONDS <= sum(pauses.slept) < PATIENCE_SECONDS + 10
    assert all(longer >= shorter for shorter, longer in pairwise(pauses.slept))


def test_patience_ends_even_when_the_clock_stands_still(journal: Journal) -> None:
    """A clock that was set back does not make a job run for ever."""
    runner = Runner(journal, settle=0, sleep=lambda _: None, clock=lambda: 0.0)
    client = FakeClient("OK", PRIVATE)

    runner.submit(client, offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)

    assert runner.drain(SECONDS)
    assert client.reads < 20
    runner.close()


def test_a_slow_server_uses_up_the_patience(journal: Journal, pauses: Any) -> None:
    """The time that reads take counts as waiting."""
    runner = Runner(journal, settle=0, sleep=pauses.sleep, clock=pauses.clock)

    class SlowClient(FakeClient):
        def calendar(self, uuid: str) -> Offering:
            pauses.now += 50
            return super().calendar(uuid)

    client = SlowClient("OK", PRIVATE)
    runner.submit(client, offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)

    assert runner.drain(SECONDS)
    assert client.reads == 2
    runner.close()


def test_reading_errors_are_borne_within_the_patience(press: Press) -> None:
    """A server that is away for a while does not hide the end."""
    client = FakeClient("OK", ServerBroken(status=502), Unreachable(), TooSlow(), PUBLIC)

    assert press(client, Action.SHARE, PRIVATE).outcome is Outcome.CONFIRMED


def test_a_state_that_stays_unreadable_is_said(press: Press) -> None:
    """Not confirmed, and why: the state could not be read."""
    client = FakeClient("OK", PRIVATE, ServerBroken(status=502))

    entry = press(client, Action.SHARE, PRIVATE)

    assert entry.outcome is Outcome.NOT_CONFIRMED
    assert "could not be read" in entry.remark
    assert "No change" not in entry.remark


@pytest.mark.parametrize(
    "error", [SignedOut(status=401), Gone(status=404), Forbidden(status=403)], ids=repr
)
def test_reading_stops_when_it_is_no_longer_allowed(press: Press, error: WaldurError) -> None:
    """A token that ended does not come back, so nothing is waited for."""
    client = FakeClient("OK", error)

    entry = press(client, Action.SHARE, PRIVATE)

    assert (entry.outcome, entry.error_code) == (Outcome.NOT_CONFIRMED, error.code)
    assert client.reads == 1


def test_reading_stops_when_the_server_does_not_say(press: Press) -> None:
    """An answer without the field will not have it a second later."""
    client = FakeClient("OK", NOT_SAID)

    entry = press(client, Action.SHARE, PRIVATE)

    assert entry.outcome is Outcome.NOT_CONFIRMED
    assert "does not tell" in entry.remark
    assert client.reads == 1


def test_the_servers_own_status_is_on_record(press: Press) -> None:
    """Any 2xx takes the action."""
    entry = press(FakeClient(Accepted(200, "Done."), PUBLIC), Action.SHARE, PRIVATE)

    assert (entry.outcome, entry.http_status, entry.words) == (Outcome.CONFIRMED, 200, "Done.")


# --- before ---------------------------------------------------------------------------------


def test_a_calendar_that_somebody_created_meanwhile_is_not_our_work(press: Press) -> None:
    """The page showed none; a sync of one that exists leaves nothing to see."""
    client = FakeClient("OK", PRIVATE)
    client.now = PRIVATE

    entry = press(client, Action.SYNC, NONE)

    assert (entry.outcome, entry.before_known) == (Outcome.ACCEPTED, True)
    assert entry.before is not None
    assert entry.before.backend_id == "t02"
    assert (len(client.posts), client.reads_before, client.reads) == (1, 1, 0)


def test_a_calendar_that_somebody_shared_meanwhile_is_not_our_work(
    press: Press, runner: Runner
) -> None:
    """It is sent all the same; after a lost answer nothing can confirm it, then or later."""
    client = FakeClient(TooSlow(), PUBLIC)
    client.now = PUBLIC

    entry = press(client, Action.SHARE, PRIVATE)

    assert entry.outcome is Outcome.UNKNOWN
    assert len(client.posts) == 1
    assert runner.look_again(client, entry) == entry


def test_a_calendar_that_cannot_be_read_before_is_not_known(press: Press, runner: Runner) -> None:
    """It is sent; that it is public afterwards proves nothing after a lost answer."""
    client = FakeClient(TooSlow(), PUBLIC)
    client.now = ServerBroken(status=502)

    entry = press(client, Action.SHARE, PRIVATE)

    assert (entry.outcome, entry.before_known) == (Outcome.UNKNOWN, False)
    assert len(client.posts) == 1
    assert runner.look_again(client, entry) == entry


def test_a_sign_in_that_ended_before_sends_nothing(press: Press) -> None:
    """The reading tells it, and the POST would be refused too."""
    client = FakeClient("OK")
    client.now = SignedOut(status=401)

    entry = press(client, Action.SHARE, PRIVATE)

    assert (entry.outcome, entry.error_code) == (Outcome.REFUSED, SignedOut.code)
    assert entry.remark == f"{NOTHING_SENT} {SignedOut.what}"
    assert (client.posts, entry.http_status) == ([], None)


@pytest.mark.parametrize(("action", "before"), [(Action.SYNC, PRIVATE), (Action.SHARE, PUBLIC)])
def test_what_nothing_could_confirm_is_not_read_before(
    press: Press, action: Action, before: dict[str, Any]
) -> None:
    """A request that nobody needs is not made."""
    client = FakeClient("OK", PUBLIC)

    press(client, action, before)

    assert (len(client.posts), client.reads_before) == (1, 0)


def test_a_dashboard_that_is_stopped_during_the_reading_sends_nothing(
    press: Press, runner: Runner
) -> None:
    """What is asked last before the POST is whether it may go."""

    class Stopping(FakeClient):
        def calendar(self, uuid: str) -> Offering:
            runner.closing.set()
            return super().calendar(uuid)

    client = Stopping("OK", PUBLIC)

    entry = press(client, Action.SHARE, PRIVATE)

    assert (entry.outcome, client.posts) == (Outcome.REFUSED, [])
    assert entry.remark == f"{NOTHING_SENT} The dashboard was stopped."


def test_a_reading_that_outlasts_the_lease_sends_nothing(
    journal: Journal, wall: Any, runner: Runner
) -> None:
    """Another action was begun meanwhile, and only that one is sent."""
    other = FakeClient("OK", PUBLIC)

    class Slow(FakeClient):
        def calendar(self, uuid: str) -> Offering:
            wall.move(LEASE_SECONDS)
            runner.submit(other, offering(PRIVATE), Action.SHARE, OLIVIA, seen=1)
            return super().calendar(uuid)

    late = Slow("OK", PUBLIC)
    runner.submit(late, offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)

    assert runner.drain(SECONDS)
    newest, oldest = journal.entries(servers=None)
    assert (newest.outcome, len(other.posts)) == (Outcome.CONFIRMED, 1)
    assert (oldest.outcome, late.posts) == (Outcome.REFUSED, [])
    assert "waited too long" in oldest.remark


# --- refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [
        Refused(status=400, words="Google credentials do not exist."),
        CalendarBusy(status=400, words="The calendar cannot be updated."),
        SignedOut(status=401, words="Token has expired."),
        Forbidden(status=403, words="You do not have permission."),
        Gone(status=404, words="No Offering matches the given query."),
        Refused(status=405, words="Method not allowed."),
        Busy(status=429, words="Slow down."),
    ],
    ids=lambda error: str(error.status),
)
def test_a_refusal_is_told_in_the_servers_words(press: Press, error: WaldurError) -> None:
    """A clear no closes the entry at once; nothing is read and nothing repeated."""
    client = FakeClient(error)

    entry = press(client, Action.SHARE, PRIVATE)

    assert entry.outcome is Outcome.REFUSED
    assert (entry.http_status, entry.words) == (error.status, error.words)
    assert entry.next_step
    assert (len(client.posts), client.reads) == (1, 0)


def test_a_server_that_was_not_reached_has_done_nothing(press: Press) -> None:
    """A refused connection is certain: nothing was sent."""
    entry = press(FakeClient(Unreachable(sent=False, words="It refused.")), Action.SYNC, NONE)

    assert entry.outcome is Outcome.REFUSED
    assert entry.remark.startswith(NOTHING_SENT)
    assert entry.words == "It refused."


# --- lost answers ---------------------------------------------------------------------------

LOST = [
    ServerBroken(status=500),
    ServerBroken(status=502),
    Busy(status=503),
    TooSlow(),
    Unreachable(),
    UnreadableAnswer(status=202),
]


@pytest.mark.parametrize("error", LOST, ids=repr)
def test_a_lost_answer_is_settled_by_the_state(press: Press, error: WaldurError) -> None:
    """The server did the work and the answer was lost: the state shows it, no second POST."""
    client = FakeClient(error, PRIVATE, PUBLIC)

    entry = press(client, Action.SHARE, PRIVATE)

    assert entry.outcome is Outcome.CONFIRMED
    assert entry.remark.startswith(error.what)
    assert "The change is there all the same. The calendar is public." in entry.remark
    assert len(client.posts) == 1


@pytest.mark.parametrize("error", LOST, ids=repr)
def test_a_lost_answer_without_a_change_stays_unknown(
    press: Press, pauses: Any, error: WaldurError
) -> None:
    """It may still be queued, so it is not called refused."""
    client = FakeClient(error, PRIVATE)

    entry = press(client, Action.SHARE, PRIVATE)

    assert (entry.outcome, entry.http_status) == (Outcome.UNKNOWN, error.status)
    assert "No change was seen" in entry.remark
    assert len(client.posts) == 1
    assert LOST_ANSWER_SECONDS <= sum(pauses.slept) < LOST_ANSWER_SECONDS + 10


@pytest.mark.parametrize(("before", "reads"), [(PUBLIC, 1), (NOT_SAID, 1)])
def test_a_state_that_was_there_before_proves_nothing(
    press: Press, before: dict[str, Any], reads: int
) -> None:
    """It is public, and by whom is not known: that is what is said."""
    client = FakeClient(TooSlow(), PUBLIC)

    entry = press(client, Action.SHARE, before)

    assert entry.outcome is Outcome.UNKNOWN
    assert entry.remark.endswith("The calendar is public. Whether by this action is not known.")
    assert (len(client.posts), client.reads) == (1, reads)


def test_a_change_that_is_watched_proves_the_action(press: Press) -> None:
    """Even where nobody saw the calendar before, a change under our eyes counts."""
    client = FakeClient(TooSlow(), PRIVATE, PUBLIC)

    assert press(client, Action.SHARE, NOT_SAID).outcome is Outcome.CONFIRMED


def test_a_lost_sync_of_an_existing_calendar_stays_unknown(press: Press) -> None:
    """A sync leaves no trace, so that one look is enough."""
    client = FakeClient(Unreachable(), PRIVATE)

    entry = press(client, Action.SYNC, PRIVATE)

    assert entry.outcome is Outcome.UNKNOWN
    assert "leaves nothing to see" in entry.remark
    assert (len(client.posts), client.reads) == (1, 1)


def test_a_lost_answer_and_an_unreadable_state_are_both_said(press: Press) -> None:
    """When the server is away, nothing is claimed."""
    client = FakeClient(Unreachable(), Unreachable(sent=False))

    entry = press(client, Action.SHARE, PRIVATE)

    assert entry.outcome is Outcome.UNKNOWN
    assert "could not be read" in entry.remark


# --- once -----------------------------------------------------------------------------------


def test_eight_clicks_at_one_moment_send_one_post(runner: Runner) -> None:
    """Threads that press on the same sight get the same entry, and one POST leaves."""
    client = FakeClient("OK", PUBLIC)
    barrier = threading.Barrier(8)

    def click(_: int) -> Entry:
        barrier.wait()
        return runner.submit(client, offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)

    with ThreadPoolExecutor(8) as pool:
        entries = list(pool.map(click, range(8)))

    assert runner.drain(SECONDS)
    assert client.posts == [(UUID, Action.SHARE.value)]
    assert {entry.id for entry in entries} == {entries[0].id}


def test_two_replicas_send_one_post(database_url: str, pauses: Any) -> None:
    """Two dashboards on one database act as one."""
    journals = [Journal(database_url) for _ in range(2)]
    replicas = [
        Runner(journal, settle=0, sleep=pauses.sleep, clock=pauses.clock) for journal in journals
    ]
    clients = [FakeClient("OK", PUBLIC) for _ in replicas]
    barrier = threading.Barrier(8)

    def click(number: int) -> Entry:
        barrier.wait()
        side = number % 2
        return replicas[side].submit(clients[side], offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)

    with ThreadPoolExecutor(8) as pool:
        entries = list(pool.map(click, range(8)))

    assert all(replica.drain(SECONDS) for replica in replicas)
    assert sum(len(client.posts) for client in clients) == 1
    assert {entry.sequence for entry in entries} == {1}
    for replica, journal in zip(replicas, journals, strict=True):
        replica.close()
        journal.close()


def test_a_click_during_the_action_joins_it(runner: Runner) -> None:
    """Another button, another person, a page that saw the open entry: nothing is sent."""
    reached, answer = threading.Event(), threading.Event()

    def wait() -> str:
        reached.set()
        assert answer.wait(SECONDS)
        return "OK"

    client, second = FakeClient(wait, PUBLIC), FakeClient("OK")
    first = runner.submit(client, offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)
    assert reached.wait(SECONDS)
    joined = runner.submit(second, offering(PRIVATE), Action.SYNC, OLIVIA, seen=1)
    answer.set()

    assert runner.drain(SECONDS)
    assert (joined.id, joined.action, joined.outcome) == (first.id, Action.SHARE, Outcome.SENDING)
    assert (len(client.posts), len(second.posts)) == (1, 0)


def test_a_click_on_an_old_page_is_shown_what_happened(runner: Runner, press: Press) -> None:
    """The action is over, but this page has not seen it: nothing is sent."""
    ended = press(FakeClient("OK", PUBLIC), Action.SHARE, PRIVATE)
    client = FakeClient("OK")

    shown = runner.submit(client, offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)

    assert shown == ended
    assert client.posts == []


def test_a_page_that_has_seen_the_end_can_act_again(press: Press) -> None:
    """An action and its opposite follow each other."""
    press(FakeClient("OK", PUBLIC), Action.SHARE, PRIVATE)

    entry = press(FakeClient("OK", PRIVATE), Action.UNSHARE, PUBLIC, seen=1)

    assert (entry.sequence, entry.outcome) == (2, Outcome.CONFIRMED)


def test_the_entry_is_written_before_the_post_leaves(runner: Runner, journal: Journal) -> None:
    """At the moment of the POST the record names it already."""
    found: list[Entry | None] = []

    def look() -> str:
        found.append(journal.latest(SERVER, UUID))
        return "OK"

    entry = runner.submit(FakeClient(look, PUBLIC), offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)

    assert runner.drain(SECONDS)
    assert [(f.id, f.outcome, f.person_name) for f in found if f] == [
        (entry.id, Outcome.SENDING, "olivia")
    ]


def test_a_refusal_is_told_before_it_is_on_record(runner: Runner, journal: Journal) -> None:
    """Whoever sends more beside it can leave a busy server alone while the database is slow."""
    told: list[tuple[bool, Outcome, float | None, bool]] = []

    def follow(entry: Entry, done: bool, retry_after: float | None) -> None:
        on_record = journal.latest(SERVER, UUID)
        assert on_record is not None
        told.append((done, entry.outcome, retry_after, on_record.open))

    client = FakeClient(Busy(status=429, retry_after=7.0))
    runner.submit(client, offering(PRIVATE), Action.SHARE, OLIVIA, seen=0, follow=follow)

    assert runner.drain(SECONDS)
    # That nothing more will come is told after the job is forgotten.
    assert told[:2] == [
        (False, Outcome.REFUSED, 7.0, True),
        (False, Outcome.REFUSED, 7.0, False),
    ]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["OK", Refused(status=400), TooSlow(), Unreachable(sent=False), RuntimeError("x")]
            ),
            st.integers(0, 2),
        ),
        max_size=6,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_every_entry_is_one_post_or_none(
    runner: Runner, journal: Journal, clicks: list[tuple[Any, int]]
) -> None:
    """Whatever the server answers and however old the page is, a POST has an entry of its own."""
    before = len(journal.entries(servers=None))
    posts = 0
    for answer, age in clicks:
        latest = runner.latest(SERVER, UUID)
        newest = latest.sequence if latest else 0
        seen = max(0, newest - age)
        client = FakeClient(answer, PUBLIC)

        entry = runner.submit(client, offering(PRIVATE), Action.SHARE, OLIVIA, seen=seen)

        assert runner.drain(SECONDS)
        assert len(client.posts) == (1 if seen == newest else 0)
        assert entry.sequence == newest + len(client.posts)
        posts += len(client.posts)

    entries = journal.entries(servers=None)
    assert len(entries) == before + posts
    assert not any(entry.open for entry in entries)


# --- trouble of our own ---------------------------------------------------------------------


class FailingJournal(Journal):
    """A journal whose database goes away for the next few writes."""

    failures = 0
    attempts = 0
    renewals_fail = False

    def note(self, *args: Any, **kwargs: Any) -> Entry:
        """Fails as often as it is told to."""
        self.attempts += 1
        if self.failures:
            self.failures -= 1
            raise DatabaseError("The activity record cannot be written.")
        return super().note(*args, **kwargs)

    def renew(self, entry: Entry) -> Entry:
        """Fails while writes do, or when it is told to."""
        if self.failures or self.renewals_fail:
            raise DatabaseError("The activity record cannot be written.")
        return super().renew(entry)


def test_nothing_is_sent_that_cannot_be_recorded(
    sqlite_url: str, tmp_path: Path, pauses: Any
) -> None:
    """A database that another program holds stops the action before the POST."""
    journal = Journal(f"{sqlite_url}?timeout=0.01")
    runner = Runner(journal, settle=0, sleep=pauses.sleep, clock=pauses.clock)
    client = FakeClient("OK")
    other = sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(DatabaseError, match="nothing was sent"):
        runner.submit(client, offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)

    other.close()
    assert runner.drain(SECONDS)
    assert client.posts == []
    assert runner.latest(SERVER, UUID) is None
    runner.close()
    journal.close()


def test_nothing_is_sent_when_the_record_fails_just_before(database_url: str, pauses: Any) -> None:
    """A database that goes away between the entry and the POST stops it too."""
    journal = FailingJournal(database_url)
    runner = Runner(journal, settle=0, sleep=pauses.sleep, clock=pauses.clock)
    client = FakeClient("OK")
    journal.failures = 3

    runner.submit(client, offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)

    assert runner.drain(SECONDS)
    entry = journal.latest(SERVER, UUID)
    assert entry is not None
    assert (entry.outcome, client.posts) == (Outcome.REFUSED, [])
    assert entry.remark.startswith(NOTHING_SENT)
    runner.close()
    journal.close()


def test_an_outcome_waits_for_the_database_to_come_back(database_url: str, pauses: Any) -> None:
    """The POST is out: its outcome is written as soon as that is possible."""
    journal = FailingJournal(database_url)
    runner = Runner(journal, settle=0, sleep=pauses.sleep, clock=pauses.clock)

    def break_the_database() -> str:
        journal.failures = 4
        return "OK"

    client = FakeClient(break_the_database, PUBLIC)
    runner.submit(client, offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)

    assert runner.drain(SECONDS)
    entry = journal.latest(SERVER, UUID)
    assert entry is not None
    assert (entry.outcome, entry.http_status) == (Outcome.CONFIRMED, 202)
    assert len(client.posts) == 1
    runner.close()
    journal.close()


def test_a_lease_that_cannot_be_renewed_does_not_end_the_watch(
    database_url: str, pauses: Any
) -> None:
    """The POST is out, so its end is looked for as long as there is patience."""
    journal = FailingJournal(database_url)
    runner = Runner(journal, settle=0, sleep=pauses.sleep, clock=pauses.clock)

    def break_the_renewals() -> str:
        journal.renewals_fail = True
        return "OK"

    client = FakeClient(break_the_renewals, PRIVATE, PUBLIC)
    runner.submit(client, offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)

    assert runner.drain(SECONDS)
    entry = journal.latest(SERVER, UUID)
    assert entry is not None
    assert entry.outcome is Outcome.CONFIRMED
    runner.close()
    journal.close()


def test_an_outcome_that_cannot_be_recorded_is_read_as_unknown(
    database_url: str, wall: Any, pauses: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """When the database stays away the lease runs out, and nothing false is claimed."""
    journal = FailingJournal(database_url, clock=wall)
    runner = Runner(journal, settle=0, sleep=pauses.sleep, clock=pauses.clock)

    def break_the_database() -> str:
        journal.failures = 1000
        return "OK"

    runner.submit(FakeClient(break_the_database), offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)

    assert runner.drain(SECONDS)
    assert journal.attempts < 20
    wall.move(LEASE_SECONDS)
    entry = journal.latest(SERVER, UUID)
    assert entry is not None
    assert (entry.outcome, entry.open) == (Outcome.UNKNOWN, False)
    assert "DatabaseError" in caplog.text
    runner.close()
    journal.close()


@pytest.mark.parametrize(
    ("answer", "states", "outcome"),
    [
        (RuntimeError("Authorization: Token 1234"), [PRIVATE], Outcome.UNKNOWN),
        ("OK", [ValueError("Authorization: Token 1234")], Outcome.NOT_CONFIRMED),
        (TooSlow(), [KeyError("Authorization: Token 1234")], Outcome.UNKNOWN),
    ],
)
def test_a_mistake_of_ours_closes_the_entry(
    press: Press,
    caplog: pytest.LogCaptureFixture,
    answer: Any,
    states: list[Any],
    outcome: Outcome,
) -> None:
    """An unexpected exception is logged by its kind only, and the entry does not stay open."""
    with caplog.at_level(logging.DEBUG):
        entry = press(FakeClient(answer, *states), Action.SHARE, PRIVATE)

    assert entry.outcome is outcome
    assert "failed while it worked on this" in entry.remark
    assert "Error" in caplog.text
    assert "1234" not in caplog.text + entry.remark + entry.words


def test_an_action_that_waited_too_long_is_not_sent(journal: Journal, wall: Any) -> None:
    """Its lease ran out in the queue and another was begun: only the other one is sent."""
    reached, answer = threading.Event(), threading.Event()

    def wait() -> str:
        reached.set()
        assert answer.wait(SECONDS)
        return "OK"

    runner = Runner(journal, settle=0, sleep=lambda _: None, workers=1)
    blocking, late, other = FakeClient(wait, PUBLIC), FakeClient("OK"), FakeClient("OK", PUBLIC)
    runner.submit(blocking, offering(PRIVATE, "b" * 32), Action.SHARE, OLIVIA, seen=0)
    assert reached.wait(SECONDS)
    runner.submit(late, offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)
    wall.move(LEASE_SECONDS)
    runner.submit(other, offering(PRIVATE), Action.SHARE, OLIVIA, seen=1)
    answer.set()

    assert runner.drain(SECONDS)
    newest, oldest, _ = journal.entries(servers=None)
    assert (newest.outcome, len(other.posts)) == (Outcome.CONFIRMED, 1)
    assert (oldest.outcome, late.posts) == (Outcome.REFUSED, [])
    assert "waited too long" in oldest.remark
    runner.close()


def test_a_calendar_rests_after_an_action(journal: Journal, wall: Any, pauses: Any) -> None:
    """A second press right after a quick answer sends nothing, and a later one is sent."""
    runner = Runner(journal, settle=3.0, sleep=pauses.sleep, clock=pauses.clock)
    client = FakeClient("OK", PRIVATE)
    first = runner.submit(client, offering(PRIVATE), Action.SYNC, OLIVIA, seen=0)
    assert runner.drain(SECONDS)
    second = runner.submit(client, offering(PRIVATE), Action.SYNC, OLIVIA, seen=first.sequence)

    assert second.id == first.id
    assert len(client.posts) == 1
    assert runner.in_motion(second)

    wall.move(3.0)
    third = runner.submit(client, offering(PRIVATE), Action.SYNC, OLIVIA, seen=first.sequence)
    assert runner.drain(SECONDS)
    assert third.id != first.id
    assert len(client.posts) == 2
    runner.close()


def test_watching_ends_when_another_action_began(database_url: str, wall: Any, pauses: Any) -> None:
    """A change that a later action may have made does not confirm an earlier one."""
    journal = Journal(database_url, clock=wall)

    class Overtaken(FakeClient):
        def calendar(self, uuid: str) -> Offering:
            if self.posts and not self.reads:
                wall.move(LEASE_SECONDS)
                journal.begin(
                    server=SERVER,
                    offering_uuid=UUID,
                    offering_name="",
                    action=Action.SYNC,
                    person_uuid="",
                    person_name="",
                    seen=1,
                    before=None,
                )
            return super().calendar(uuid)

    runner = Runner(journal, settle=0, sleep=pauses.sleep, clock=pauses.clock)
    client = Overtaken("OK", PRIVATE, PUBLIC)
    runner.submit(client, offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)

    assert runner.drain(SECONDS)
    overtaken = journal.entries(servers=None)[1]
    assert overtaken.outcome is Outcome.NOT_CONFIRMED
    assert "Another action was begun" in overtaken.remark
    assert client.reads == 1
    runner.close()
    journal.close()


@pytest.mark.parametrize("answer", ["OK", TooSlow()])
def test_what_a_look_has_confirmed_stays_so_though_another_action_began(
    database_url: str, wall: Any, pauses: Any, answer: Any
) -> None:
    """The wait that was given up has less to say of it, and ends."""
    journal = Journal(database_url, clock=wall)

    class Overtaken(FakeClient):
        def calendar(self, uuid: str) -> Offering:
            if self.posts and not self.reads:
                wall.move(LEASE_SECONDS)
                confirm(journal)
                begin_another(journal)
            return super().calendar(uuid)

    runner = Runner(journal, settle=0, sleep=pauses.sleep, clock=pauses.clock)
    client = Overtaken(answer, PRIVATE, PUBLIC)
    runner.submit(client, offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)

    assert runner.drain(SECONDS)
    newest, ended = journal.entries(servers=None)
    assert (newest.outcome, newest.open) == (Outcome.SENDING, True)
    assert (ended.outcome, ended.remark) == (Outcome.CONFIRMED, "Seen by mari.")
    runner.close()
    journal.close()


Interlude = Callable[[Journal], object]
"""What a replica does while the record is away for this process."""


def begin_another(journal: Journal) -> Entry:
    """Begins the next action."""
    return journal.begin(
        server=SERVER, offering_uuid=UUID, offering_name="", action=Action.SHARE,
        person_uuid="", person_name="mari", seen=1, before=None,
    )  # fmt: skip


def close(journal: Journal) -> Entry:
    """Looks, and sees no change."""
    latest = journal.latest(SERVER, UUID)
    assert latest is not None
    return journal.revise(latest, latest.outcome, remark="")


def confirm(journal: Journal) -> Entry:
    """Looks, and sees the change."""
    latest = journal.latest(SERVER, UUID)
    assert latest is not None
    return journal.revise(latest, Outcome.CONFIRMED, remark="Seen by mari.")


@pytest.mark.parametrize(
    ("answer", "meanwhile", "outcome", "remark"),
    [
        (
            "OK", begin_another, Outcome.NOT_CONFIRMED,
            "The server accepted it. Another action was begun before the end was seen.",
        ),
        (
            "OK", close, Outcome.NOT_CONFIRMED,
            "The server accepted it. It was given up before the end was seen.",
        ),
        ("OK", confirm, Outcome.CONFIRMED, "Seen by mari."),
        (
            TooSlow(), begin_another, Outcome.UNKNOWN,
            f"{TooSlow.what} Another action was begun before the end was seen.",
        ),
        (Refused(status=400, words="No."), begin_another, Outcome.REFUSED, Refused.what),
    ],
)  # fmt: skip
def test_an_answer_that_comes_late_to_the_record_ends_the_action(
    database_url: str,
    wall: Any,
    pauses: Any,
    caplog: pytest.LogCaptureFixture,
    answer: Any,
    meanwhile: Interlude,
    outcome: Outcome,
    remark: str,
) -> None:
    """What the server said is not lost, and the action is not begun to be waited for again."""
    journal, replica = Journal(database_url, clock=wall), Journal(database_url, clock=wall)
    runner = Runner(journal, settle=0, sleep=pauses.sleep, clock=pauses.clock)

    def answer_late() -> Any:
        wall.move(LEASE_SECONDS)
        meanwhile(replica)
        return answer

    client = FakeClient(answer_late, PUBLIC)
    runner.submit(client, offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)

    assert runner.drain(SECONDS)
    *newer, ended = journal.entries(servers=None)
    assert (ended.outcome, ended.open, ended.remark) == (outcome, False, remark)
    if answer == "OK":
        assert (ended.http_status, ended.words) == (202, "OK")
    assert (len(client.posts), client.reads) == (1, 0)
    assert all(each.open and each.outcome is Outcome.SENDING for each in newer)
    assert "ended with" not in caplog.text
    runner.close()
    journal.close()
    replica.close()


@pytest.mark.parametrize(
    ("answer", "outcome"), [("OK", Outcome.NOT_CONFIRMED), (TooSlow(), Outcome.UNKNOWN)]
)
def test_a_change_is_not_claimed_that_a_newer_action_may_have_made(
    database_url: str, wall: Any, pauses: Any, answer: Any, outcome: Outcome
) -> None:
    """The record was away while the end was waited for, and a replica began another."""
    journal, replica = FailingJournal(database_url, clock=wall), Journal(database_url, clock=wall)
    runner = Runner(journal, settle=0, sleep=pauses.sleep, clock=pauses.clock)

    class Overtaken(FakeClient):
        def calendar(self, uuid: str) -> Offering:
            if self.posts and not self.reads:
                journal.renewals_fail = True
                wall.move(LEASE_SECONDS)
                begin_another(replica)
            return super().calendar(uuid)

    client = Overtaken(answer, PRIVATE, PUBLIC)
    runner.submit(client, offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)

    assert runner.drain(SECONDS)
    newest, overtaken = journal.entries(servers=None)
    assert (newest.outcome, newest.open) == (Outcome.SENDING, True)
    assert (overtaken.outcome, overtaken.open) == (outcome, False)
    assert overtaken.remark.endswith("Another action was begun before the end was seen.")
    runner.close()
    journal.close()
    replica.close()


# --- looking again --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "outcome"), [("OK", Outcome.NOT_CONFIRMED), (TooSlow(), Outcome.UNKNOWN)]
)
def test_a_later_look_can_confirm(
    runner: Runner, press: Press, answer: Any, outcome: Outcome
) -> None:
    """The job was only slow: a look after the wait finds it done, without a POST."""
    client = FakeClient(answer, PRIVATE)
    entry = press(client, Action.SHARE, PRIVATE)
    client.states = [PUBLIC]

    looked = runner.look_again(client, entry)

    assert entry.outcome is outcome
    assert looked.outcome is Outcome.CONFIRMED
    assert "looked at again: The calendar is public." in looked.remark
    assert looked == runner.latest(SERVER, UUID)
    assert len(client.posts) == 1


@pytest.mark.parametrize(
    ("answer", "before", "states", "now"),
    [
        ("OK", PRIVATE, [PRIVATE], PRIVATE),
        ("OK", PRIVATE, [PRIVATE], NOT_SAID),
        (TooSlow(), PUBLIC, [PUBLIC], PUBLIC),
        (TooSlow(), NOT_SAID, [PUBLIC], PUBLIC),
    ],
)
def test_a_later_look_claims_no_more_than_it_sees(
    runner: Runner,
    press: Press,
    answer: Any,
    before: dict[str, Any],
    states: list[dict[str, Any]],
    now: dict[str, Any],
) -> None:
    """No change, or one that cannot be told apart, leaves the entry as it is."""
    client = FakeClient(answer, *states)
    entry = press(client, Action.SHARE, before)
    client.states = [now]

    assert runner.look_again(client, entry) == entry


def test_a_sync_that_was_accepted_stays_accepted(runner: Runner, press: Press) -> None:
    """A look cannot show the end of a sync."""
    client = FakeClient("OK", PRIVATE)
    entry = press(client, Action.SYNC, PRIVATE)

    assert runner.look_again(client, entry) == entry


@pytest.mark.parametrize("answer", ["OK", Refused(status=400)])
def test_an_end_is_not_looked_at_again(runner: Runner, press: Press, answer: Any) -> None:
    """Confirmed and Refused are certain, so nothing is read."""
    client = FakeClient(answer, PUBLIC)
    entry = press(client, Action.SHARE, PRIVATE)
    reads = client.reads

    assert runner.look_again(client, entry) == entry
    assert client.reads == reads


def test_only_the_latest_action_can_be_confirmed(runner: Runner, press: Press) -> None:
    """A state that a later action made says nothing about an earlier one."""
    client = FakeClient("OK", PRIVATE)
    first = press(client, Action.SHARE, PRIVATE)
    client.states = [PUBLIC]
    press(client, Action.SHARE, PRIVATE, seen=1)

    assert runner.look_again(client, first) == first


class Meanwhile(FakeClient):
    """A server during whose reading something else is done, once."""

    def __init__(self, now: dict[str, Any], do: Callable[[], object]) -> None:
        super().__init__("OK", now)
        self.posts = [(UUID, "")]
        self._do = [do]

    def calendar(self, uuid: str) -> Offering:
        """Does it, and gives what was so before."""
        found = super().calendar(uuid)
        if self._do:
            self._do.pop()()
        return found


def test_an_action_that_is_begun_during_a_look_is_not_taken_for_the_older(
    runner: Runner, press: Press
) -> None:
    """What the look saw may be the newer one's work."""
    first = press(FakeClient("OK", PRIVATE), Action.SHARE, PRIVATE)
    client = Meanwhile(PUBLIC, lambda: press(FakeClient("OK", PUBLIC), Action.SHARE, PRIVATE, 1))

    looked = runner.look_again(client, first, occasion="now")

    assert looked == first
    assert runner.journal.entries(servers=None)[1] == first


def test_a_look_that_comes_late_does_not_undo_a_confirmation(runner: Runner, press: Press) -> None:
    """Two people look; the one whose reading is older hears what the other one saw."""
    first = press(FakeClient("OK", PRIVATE), Action.SHARE, PRIVATE)
    quick = Meanwhile(PUBLIC, lambda: None)
    slow = Meanwhile(PRIVATE, lambda: runner.look_again(quick, first))

    looked = runner.look_again(slow, first, occasion="now")

    assert looked.outcome is Outcome.CONFIRMED
    assert looked == runner.latest(SERVER, UUID)


def test_looks_that_show_no_change_do_not_pile_up(runner: Runner, press: Press, wall: Any) -> None:
    """The last one is told, and the outcome is as old as it was."""
    client = FakeClient("OK", PRIVATE)
    entry = press(client, Action.SHARE, PRIVATE)
    wall.move(60)

    for occasion in ("after the dashboard was restarted", "when it was looked at again"):
        looked = runner.look_again(client, entry, occasion=occasion)

    assert looked.remark == f"{entry.remark} Read {occasion}: The calendar is private."
    assert (looked.outcome, looked.finished) == (entry.outcome, entry.finished)
    assert looked == runner.latest(SERVER, UUID)
    client.states = [PUBLIC]
    assert runner.look_again(client, entry).finished == wall.now


def test_a_look_closes_what_its_holder_left(runner: Runner, journal: Journal, wall: Any) -> None:
    """The lease of an accepted action ran out."""
    left = journal.begin(
        server=SERVER, offering_uuid=UUID, offering_name="", action=Action.SHARE, person_uuid="",
        person_name="", seen=0, before=None,
    )  # fmt: skip
    journal.note(left, Outcome.ACCEPTED, open=True)
    wall.move(LEASE_SECONDS)
    abandoned = journal.latest(SERVER, UUID)
    assert abandoned is not None

    looked = runner.look_again(Meanwhile(PUBLIC, lambda: None), abandoned)

    assert (looked.outcome, looked.open) == (Outcome.CONFIRMED, False)
    assert journal.recover() == 0


def test_a_look_that_fails_says_so(runner: Runner, press: Press) -> None:
    """The page shows the error; the record stays as it is."""
    client = FakeClient("OK", PRIVATE)
    entry = press(client, Action.SHARE, PRIVATE)
    client.states = [SignedOut(status=401)]

    with pytest.raises(SignedOut):
        runner.look_again(client, entry)

    assert runner.latest(SERVER, UUID) == entry


def test_another_servers_calendar_is_not_looked_at(runner: Runner, press: Press) -> None:
    """The same uuid on another server is another calendar."""
    entry = press(FakeClient("OK", PRIVATE), Action.SHARE, PRIVATE)
    other = FakeClient("OK", PUBLIC, root="https://other.example/")

    with pytest.raises(ValueError, match="another server"):
        runner.look_again(other, entry)

    assert other.reads == 0


# --- starting and stopping ------------------------------------------------------------------


def test_the_token_is_let_go_with_the_job(runner: Runner, press: Press) -> None:
    """After the end nothing here keeps the client."""
    client = FakeClient(TooSlow(), ServerBroken(status=500), PUBLIC)
    press(client, Action.SHARE, PRIVATE)
    kept = weakref.ref(client)

    del client
    gc.collect()

    assert kept() is None


def test_closing_ends_a_wait_and_says_so(journal: Journal) -> None:
    """A stopping dashboard does not sit out its patience; what was accepted is on record."""
    reading = threading.Event()

    class Watched(FakeClient):
        def calendar(self, uuid: str) -> Offering:
            reading.set()
            return super().calendar(uuid)

    runner = Runner(journal)
    runner.sleep = lambda seconds: runner.closing.wait(seconds if reading.is_set() else 0)
    runner.submit(Watched("OK", PRIVATE), offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)
    assert reading.wait(SECONDS)

    runner.close()

    entry = journal.latest(SERVER, UUID)
    assert entry is not None
    assert (entry.outcome, entry.open, entry.words) == (Outcome.NOT_CONFIRMED, False, "OK")
    assert "stopped while it waited" in entry.remark


def test_closing_lets_a_post_finish_and_sends_no_other(journal: Journal) -> None:
    """A POST on its way keeps its outcome; one in the queue is recorded as not sent."""
    reached, answer = threading.Event(), threading.Event()

    def wait() -> str:
        reached.set()
        assert answer.wait(SECONDS)
        return "OK"

    runner = Runner(journal, workers=1)
    sending, queued = FakeClient(wait, PRIVATE), FakeClient("OK")
    runner.submit(sending, offering(PRIVATE, "b" * 32), Action.SHARE, OLIVIA, seen=0)
    assert reached.wait(SECONDS)
    runner.submit(queued, offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)
    runner.closing.set()
    answer.set()
    runner.close()

    unsent, sent = journal.entries(servers=None)
    assert (sent.outcome, sent.http_status) == (Outcome.NOT_CONFIRMED, 202)
    assert (unsent.outcome, queued.posts) == (Outcome.REFUSED, [])
    assert unsent.remark.startswith(NOTHING_SENT)


@pytest.mark.parametrize(
    ("answer", "outcome"), [("OK", Outcome.NOT_CONFIRMED), (TooSlow(), Outcome.UNKNOWN)]
)
def test_an_end_that_nobody_can_wait_for_is_said(
    runner: Runner, press: Press, answer: Any, outcome: Outcome
) -> None:
    """An interpreter that is about to end takes no new work, but the entry is closed."""
    runner._watchers.shutdown()
    client = FakeClient(answer, PUBLIC)

    entry = press(client, Action.SHARE, PRIVATE)

    assert entry.outcome is outcome
    assert entry.remark.endswith("This dashboard was stopped before the end was seen.")
    assert (len(client.posts), client.reads) == (1, 0)
    assert runner.closing.is_set()


@contextlib.contextmanager
def no_more_threads() -> Iterator[None]:
    """The system refuses to start a thread, as it does at a limit of a container."""

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        yield


def test_without_a_thread_nothing_is_sent_and_later_it_is(runner: Runner) -> None:
    """The reason is told truly; what the pool had queued by then is not sent after all."""
    early, late = FakeClient("OK", PUBLIC), FakeClient("OK", PUBLIC)
    with no_more_threads():
        runner.submit(early, offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)
    refused = runner.latest(SERVER, UUID)
    runner.submit(late, offering(PRIVATE, "b" * 32), Action.SHARE, OLIVIA, seen=0)

    assert runner.drain(SECONDS)
    assert refused is not None
    assert (refused.outcome, refused.remark) == (
        Outcome.REFUSED, f"{NOTHING_SENT} The system gave this dashboard no thread to work with.",
    )  # fmt: skip
    sent = runner.latest(SERVER, "b" * 32)
    assert sent is not None
    assert sent.outcome is Outcome.CONFIRMED
    assert runner.latest(SERVER, UUID) == refused
    assert (early.posts, len(late.posts)) == ([], 1)


def test_without_a_thread_to_wait_in_the_end_is_not_known(runner: Runner, press: Press) -> None:
    """It was sent all the same, and a look can tell later."""
    answered = threading.Event()

    def answer() -> str:
        assert answered.wait(SECONDS)
        return "OK"

    client = FakeClient(answer, PUBLIC)
    runner.submit(client, offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)
    with no_more_threads():
        answered.set()
        assert runner.drain(SECONDS)

    entry = runner.latest(SERVER, UUID)
    assert entry is not None
    assert entry.outcome is Outcome.NOT_CONFIRMED
    assert entry.remark.endswith("The system gave this dashboard no thread to work with.")
    assert runner.look_again(client, entry).outcome is Outcome.CONFIRMED


def test_a_closed_runner_sends_nothing(journal: Journal) -> None:
    """A click that comes too late is recorded as not sent."""
    runner = Runner(journal)
    runner.close()
    client = FakeClient("OK")

    runner.submit(client, offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)

    entry = runner.latest(SERVER, UUID)
    assert entry is not None
    assert (entry.outcome, entry.open, client.posts) == (Outcome.REFUSED, False, [])
    assert runner.drain(0)


def test_drain_tells_that_a_job_is_left(runner: Runner) -> None:
    """Waiting for the end has an end of its own."""
    answer = threading.Event()

    def wait() -> str:
        assert answer.wait(SECONDS)
        return "OK"

    runner.submit(FakeClient(wait, PUBLIC), offering(PRIVATE), Action.SHARE, OLIVIA, seen=0)

    assert not runner.drain(0)
    answer.set()
    assert runner.drain(SECONDS)


def test_a_slow_end_does_not_hold_up_other_posts(journal: Journal, pauses: Any) -> None:
    """Watching has threads of its own: many unconfirmed actions do not block a click."""
    runner = Runner(journal, settle=0, sleep=pauses.sleep, clock=pauses.clock, workers=1)
    clients = [FakeClient("OK", PRIVATE) for _ in range(40)]

    for number, client in enumerate(clients):
        runner.submit(client, offering(PRIVATE, f"{number:032x}"), Action.SHARE, OLIVIA, seen=0)

    assert runner.drain(SECONDS)
    assert all(len(client.posts) == 1 for client in clients)
    assert {e.outcome for e in journal.entries(servers=None)} == {Outcome.NOT_CONFIRMED}
    runner.close()


def test_the_fake_speaks_of_calendars_as_a_server_does() -> None:
    """The states used here are the ones that have a name."""
    found = [status_of(offering(s)) for s in (NONE, WITHOUT_ID, PRIVATE, PUBLIC, NOT_SAID)]

    assert found == [
        CalendarStatus.NONE,
        CalendarStatus.WITHOUT_ID,
        CalendarStatus.PRIVATE,
        CalendarStatus.PUBLIC,
        CalendarStatus.UNKNOWN,
    ]
