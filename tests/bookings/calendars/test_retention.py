"""What is forgotten, and what stays whatever its age."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bookings.calendars.actions import Action, Outcome
from bookings.calendars.decisions import Decision
from bookings.calendars.journal import Entry, Journal, Superseded
from bookings.calendars.retention import forget
from bookings.database import CALENDAR_ACTION, CALENDAR_RUN, CALENDAR_RUN_ITEM

DAY = 86_400.0
KEEP = timedelta(days=30)
SERVER, UUID, OTHER = "https://waldur.example/", "1" * 32, "2" * 32


def begin(journal: Journal, uuid: str = UUID, **changes: Any) -> Entry:
    """Begins a sync on the newest sight."""
    latest = journal.latest(SERVER, uuid, changes.get("booking_uuid", ""))
    given: dict[str, Any] = {
        "server": SERVER,
        "offering_uuid": uuid,
        "offering_name": "Laser lab",
        "action": Action.SYNC,
        "person_uuid": "a" * 32,
        "person_name": "olivia",
        "seen": latest.sequence if latest else 0,
        "before": None,
    }
    return journal.begin(**given | changes)


def act(journal: Journal, uuid: str = UUID, **changes: Any) -> Entry:
    """An action from its beginning to its end."""
    entry = begin(journal, uuid, **changes)
    return journal.note(entry, Outcome.CONFIRMED, open=False)


def ids(journal: Journal) -> list[int]:
    """What is on record."""
    return [entry.id for entry in journal.entries(servers=None)]


def test_what_is_older_is_deleted(journal: Journal, wall: Any) -> None:
    """To the moment: what was asked for exactly so long ago stays."""
    act(journal)
    wall.move(1)
    second = act(journal)
    wall.move(DAY)
    third = act(journal)
    wall.move(29 * DAY)

    assert forget(journal, KEEP) == 1
    assert forget(journal, KEEP) == 0
    assert ids(journal) == [third.id, second.id]


def test_the_newest_of_each_calendar_and_booking_stays(journal: Journal, wall: Any) -> None:
    """Its number makes the next action happen once, so an old page still comes too late."""
    kept = []
    for uuid in (UUID, OTHER):
        act(journal, uuid)
        kept.append(act(journal, uuid))
        booking = {"action": Decision.ACCEPT, "booking_uuid": "b" * 32}
        act(journal, uuid, **booking)
        kept.append(act(journal, uuid, **booking))
    wall.move(1000 * DAY)

    assert forget(journal, KEEP) == 4
    assert ids(journal) == [entry.id for entry in reversed(kept)]
    with pytest.raises(Superseded):
        begin(journal, seen=1)
    assert act(journal).sequence == 3


def test_what_is_under_way_stays(journal: Journal, wall: Any) -> None:
    """A holder that renews its lease is not cut off from its entry, however old."""
    act(journal)
    entry = begin(journal)
    wall.move(40 * DAY)

    assert forget(journal, KEEP) == 1
    journal.renew(entry)
    assert journal.note(entry, Outcome.CONFIRMED, open=False).outcome is Outcome.CONFIRMED


def run(journal: Journal, number: int, *, finished: Any) -> None:
    """Puts a run on record as it is kept in the database."""
    with journal.database.writing() as connection:
        for table, values in (
            (CALENDAR_RUN, {"id": number, "request": str(number), "finished": finished}),
            (CALENDAR_RUN_ITEM, {"run_id": number, "position": 1}),
        ):
            given = {column.name: _some(column, journal) for column in table.columns}
            connection.execute(sa.insert(table).values(given | values))


def of_run(journal: Journal, entry: Entry, number: int) -> None:
    """Makes an entry a part of a run."""
    mine = sa.update(CALENDAR_ACTION).where(CALENDAR_ACTION.c.id == entry.id)
    with journal.database.writing() as connection:
        connection.execute(mine.values(run_id=number))


def _some(column: "sa.Column[Any]", journal: Journal) -> Any:
    if isinstance(column.type, sa.Boolean):
        return False
    if isinstance(column.type, sa.Integer):
        return 1
    return "x" if isinstance(column.type, sa.String) else journal.now()


def test_a_run_goes_with_all_of_its_entries_or_stays_with_them(journal: Journal, wall: Any) -> None:
    """A run that ended lately is shown whole, with entries that are older."""
    run(journal, 1, finished=wall.now)
    of_run(journal, act(journal), 1)
    lately = act(journal)
    of_run(journal, lately, 2)
    newest = act(journal)
    wall.move(31 * DAY)
    run(journal, 2, finished=wall.now)

    assert forget(journal, KEEP) == 1
    assert ids(journal) == [newest.id, lately.id]
    with journal.database.reading() as connection:
        assert connection.execute(sa.select(CALENDAR_RUN.c.id)).scalars().all() == [2]
        assert connection.execute(sa.select(CALENDAR_RUN_ITEM.c.run_id)).scalars().all() == [2]


def test_a_run_that_nobody_ended_is_forgotten_too(journal: Journal, wall: Any) -> None:
    """Its process died on another host, so that only its lease tells how old it is."""
    run(journal, 1, finished=None)
    of_run(journal, act(journal), 1)
    newest = act(journal)
    wall.move(31 * DAY)
    run(journal, 2, finished=None)
    run(journal, 3, finished=wall.now)

    assert forget(journal, KEEP) == 1
    assert ids(journal) == [newest.id]
    with journal.database.reading() as connection:
        assert connection.execute(sa.select(CALENDAR_RUN.c.id)).scalars().all() == [2, 3]
