"""What ended without a certain end is settled when the person who asked for it is back."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import update

from bookings.calendars import afterwards
from bookings.calendars.actions import Action, Outcome
from bookings.calendars.afterwards import OCCASION, RECENT, settle
from bookings.calendars.decisions import WAITING_STATE, Decision
from bookings.calendars.journal import LEASE_SECONDS, Entry, Journal
from bookings.calendars.processes import this_process
from bookings.calendars.runner import Runner
from bookings.database import CALENDAR_ACTION
from bookings.waldur.errors import (
    BrokenOff,
    Forbidden,
    Gone,
    ServerBroken,
    SignedOut,
    TooSlow,
    WaldurError,
)
from bookings.waldur.models import Booking, GoogleCalendar, Offering, Person
from bookings.waldur.protocol import Accepted

SERVER = "https://waldur.example/"
OLIVIA = Person(uuid="a" * 32, username="olivia")
PRIVATE = GoogleCalendar(public=False, backend_id="x")
Leave = Callable[..., Entry]


def uuid_of(number: int) -> str:
    """An offering's, or a booking's."""
    return f"{number:032x}"


class Reading:
    """A server on which every calendar is public and every booking is OK; it is only read."""

    root = SERVER

    def __init__(self) -> None:
        self.read: list[str] = []
        self.errors: dict[str, WaldurError] = {}
        self.state = "OK"
        self.public = True

    def _note(self, uuid: str) -> None:
        self.read.append(uuid)
        if uuid in self.errors:
            raise self.errors[uuid]

    def calendar(self, uuid: str) -> Offering:
        """Reads one."""
        self._note(uuid)
        calendar = {"backend_id": "x", "public": self.public}
        return Offering.model_validate({"uuid": uuid, "googlecalendar": calendar})

    def booking(self, uuid: str) -> Booking:
        """Reads one."""
        self._note(uuid)
        return Booking(uuid=uuid, state=self.state)

    def act(self, uuid: str, action: str) -> Accepted:
        """Nothing is ever sent here."""
        raise AssertionError(uuid, action)

    def decide(self, booking_uuid: str, decision: str) -> Accepted:
        """Nothing is ever sent here."""
        raise AssertionError(booking_uuid, decision)


@pytest.fixture
def leave(database_url: str, wall: Any) -> Iterator[Leave]:
    """Puts on record what a process of this place that is gone had begun."""
    holder = f"{this_process().rpartition(':')[0].rpartition(':')[0]}:999999999:1"
    journal = Journal(database_url, clock=wall, holder=holder)

    def leave(
        number: int,
        action: Action | Decision = Action.SHARE,
        outcome: Outcome | None = None,
        *,
        person: str = OLIVIA.uuid,
        run: int | None = None,
        open: bool = False,
    ) -> Entry:
        deciding = isinstance(action, Decision)
        entry = journal.begin(
            server=SERVER,
            offering_uuid=uuid_of(0) if deciding else uuid_of(number),
            offering_name="",
            action=action,
            person_uuid=person,
            person_name="olivia",
            seen=0,
            before=None if deciding else PRIVATE,
            before_known=not deciding,
            booking_uuid=uuid_of(number) if deciding else "",
            booking_name="Booking" if deciding else "",
        )
        if run is not None:
            mine = update(CALENDAR_ACTION).where(CALENDAR_ACTION.c.id == entry.id)
            with journal.database.writing() as connection:
                connection.execute(mine.values(run_id=run))
        return entry if outcome is None else journal.note(entry, outcome, open=open)

    yield leave
    journal.close()


@pytest.fixture
def restarted(database_url: str, wall: Any, leave: Leave) -> Iterator[Callable[[], Runner]]:
    """The runner of a new process."""
    journal = Journal(database_url, clock=wall)
    runners: list[Runner] = []

    def restart() -> Runner:
        runners.append(Runner(journal))
        return runners[-1]

    yield restart
    for each in runners:
        each.close()
    journal.close()


def latest(runner: Runner, entry: Entry) -> Entry:
    """The entry as it is now."""
    found = runner.latest(SERVER, entry.offering_uuid, entry.booking_uuid)
    assert found is not None
    return found


def test_what_a_killed_process_left_is_read(leave: Leave, restarted: Callable[[], Runner]) -> None:
    """A single action and a single decision, of no run: confirmed by what is read."""
    sent, accepted = leave(1), leave(2, outcome=Outcome.ACCEPTED, open=True)
    decided = leave(3, Decision.ACCEPT)
    runner = restarted()
    assert latest(runner, sent).outcome is latest(runner, decided).outcome is Outcome.UNKNOWN
    assert latest(runner, accepted).outcome is Outcome.NOT_CONFIRMED
    client = Reading()

    assert settle(runner, client, OLIVIA) == 3

    assert [latest(runner, each).outcome for each in (sent, accepted, decided)] == [
        Outcome.CONFIRMED
    ] * 3
    assert latest(runner, decided).remark == (
        f"Seen {OCCASION}: The booking's state is OK. Whether by this decision is not known."
    )
    assert settle(runner, client, OLIVIA) == 0


def test_what_shows_no_change_stays_and_is_on_record(
    leave: Leave, restarted: Callable[[], Runner]
) -> None:
    """Nothing is claimed, and the next sign-in reads it again."""
    left = [leave(1), leave(2, Decision.REJECT)]
    runner, client = restarted(), Reading()
    client.public, client.state = False, WAITING_STATE

    for _ in range(2):
        assert settle(runner, client, OLIVIA) == 2

    calendar, booking = (latest(runner, each) for each in left)
    assert calendar.outcome is booking.outcome is Outcome.UNKNOWN
    assert calendar.remark.endswith(f"Read {OCCASION}: The calendar is private.")
    assert booking.remark.endswith(f"Read {OCCASION}: The booking's state is Creating.")
    assert booking.remark.count(OCCASION) == 1


def test_only_ones_own_and_recent_is_read(
    leave: Leave, wall: Any, restarted: Callable[[], Runner]
) -> None:
    """Neither a colleague's, nor what is old, nor what is certain, nor what was read just now."""
    leave(1)
    wall.move(RECENT.total_seconds() + 1)
    leave(2, person="b" * 32)
    leave(3, outcome=Outcome.REFUSED)
    leave(4, Action.SYNC, Outcome.ACCEPTED)
    leave(5, outcome=Outcome.NOT_CONFIRMED, run=7)
    leave(6, outcome=Outcome.NOT_CONFIRMED, run=8)
    client = Reading()

    assert settle(restarted(), client, OLIVIA, but_runs=[7]) == 1
    assert client.read == [uuid_of(6)]


def test_what_another_process_works_on_is_not_read(
    database_url: str, wall: Any, leave: Leave, restarted: Callable[[], Runner]
) -> None:
    """Its own watcher tells; when its lease has run out it is read."""
    journal = Journal(database_url, clock=wall, holder="elsewhere:1:1")
    journal.begin(
        server=SERVER, offering_uuid=uuid_of(1), offering_name="", action=Action.SHARE,
        person_uuid=OLIVIA.uuid, person_name="", seen=0, before=PRIVATE,
    )  # fmt: skip
    runner = restarted()

    assert settle(runner, Reading(), OLIVIA) == 0
    wall.move(LEASE_SECONDS)
    assert settle(runner, Reading(), OLIVIA) == 1
    journal.close()


def test_a_bounded_number_is_read_and_each_has_its_turn(
    leave: Leave, restarted: Callable[[], Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stays unsettled does not keep older ones from being read."""
    monkeypatch.setattr(afterwards, "MOST", 2)
    for number in range(4):
        leave(number)
    runner, client = restarted(), Reading()
    client.public = False

    settle(runner, client, OLIVIA)
    settle(runner, client, OLIVIA)

    assert client.read == [uuid_of(number) for number in (3, 2, 1, 0)]


@pytest.mark.parametrize(
    "error",
    [Gone(status=404), Forbidden(status=403), ServerBroken(status=500), TooSlow(), BrokenOff()],
    ids=repr,
)
@pytest.mark.parametrize("action", [Action.SHARE, Decision.ACCEPT])
def test_what_could_not_be_read_has_had_its_turn(
    leave: Leave,
    restarted: Callable[[], Runner],
    monkeypatch: pytest.MonkeyPatch,
    action: Action | Decision,
    error: WaldurError,
) -> None:
    """However often it fails, older ones are read; and that nothing was told is said once."""
    monkeypatch.setattr(afterwards, "MOST", 1)
    good, bad = leave(1), leave(2, action)
    runner, client = restarted(), Reading()
    client.errors = {uuid_of(2): error}

    for _ in range(3):
        with contextlib.suppress(WaldurError):
            settle(runner, client, OLIVIA)

    assert client.read[:2] == [uuid_of(2), uuid_of(1)]
    assert latest(runner, good).outcome is Outcome.CONFIRMED
    said = latest(runner, bad)
    assert said.outcome is Outcome.UNKNOWN
    assert said.remark.endswith(f"Read {OCCASION}: The server told nothing of it.")
    assert said.remark.count(OCCASION) == 1
    client.errors, client.public, client.state = {}, False, WAITING_STATE
    settle(runner, client, OLIVIA)
    assert latest(runner, bad).remark.count(OCCASION) == 1
    assert "nothing" not in latest(runner, bad).remark


def test_one_failure_of_the_server_does_not_hide_the_others(
    leave: Leave, restarted: Callable[[], Runner]
) -> None:
    """It may be about that one; a sign-in that has ended is not."""
    left = leave(1)
    leave(2)
    runner, client = restarted(), Reading()
    client.errors = {uuid_of(2): ServerBroken(status=500)}
    assert settle(runner, client, OLIVIA) == 1
    assert latest(runner, left).outcome is Outcome.CONFIRMED

    client.errors = {uuid_of(2): SignedOut(status=401)}
    with pytest.raises(SignedOut):
        settle(runner, client, OLIVIA)


def test_what_is_gone_does_not_hide_the_others(
    leave: Leave, restarted: Callable[[], Runner]
) -> None:
    """A server that is away does: the next sign-in reads."""
    left = leave(1)
    leave(2)
    runner, client = restarted(), Reading()
    client.errors = {uuid_of(2): Gone(status=404)}
    assert settle(runner, client, OLIVIA) == 1
    assert latest(runner, left).outcome is Outcome.CONFIRMED

    client.errors = {uuid_of(2): TooSlow()}
    with pytest.raises(TooSlow):
        settle(runner, client, OLIVIA)
