"""What ended without a certain end is read again when the person who asked for it is back.

A dashboard that stops, however that happens, leaves actions and decisions of which nobody has seen
the end. A token is needed to read it, so that this waits for a sign-in.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Protocol

from bookings.calendars.journal import Entry
from bookings.calendars.runner import BookingClient, Client, Runner
from bookings.waldur.errors import Busy, SignedOut, TooSlow, Unreachable, WaldurError
from bookings.waldur.models import Person

RECENT = timedelta(days=14)
"""People come back every week; what is older has been looked at, or matters to nobody."""
MOST = 30
"""What one sign-in reads at most, one after the other."""
OCCASION = "at the next sign-in"


class Reader(Client, BookingClient, Protocol):
    """Reads calendars and bookings as one person on one server; WaldurClient does."""


def settle(
    runner: Runner, client: Reader, person: Person, *, but_runs: Collection[int] = ()
) -> int:
    """Reads what became of this person's recent actions and decisions, part of a run or not.

    Without those of the runs in `but_runs`, which were read just now. Gives how many were read.
    Nothing is sent. What cannot be read does not hide the others, unless they would not be read
    either: raises SignedOut, Unreachable, TooSlow and Busy; and DatabaseError.
    """
    since = runner.journal.now() - RECENT
    left = [
        entry
        for entry in runner.journal.unsettled(client.root, person.uuid, since=since)
        if entry.run_id not in but_runs
    ]
    # What stays unsettled must not keep the others from ever being read.
    left.sort(key=lambda entry: OCCASION in entry.remark)
    read = 0
    for entry in left[:MOST]:
        try:
            if entry.booking_uuid:
                looked = runner.look_at_booking(client, entry, occasion=OCCASION)
            else:
                looked = runner.look_again(client, entry, occasion=OCCASION)
            read += 1
        except SignedOut:
            raise
        except WaldurError as error:
            _has_had_its_turn(runner, entry)
            if isinstance(error, (Unreachable, TooSlow, Busy)):
                raise
        else:
            _has_had_its_turn(runner, looked)
    return read


def _has_had_its_turn(runner: Runner, entry: Entry) -> None:
    """Has it stand behind the others at the next sign-in, though nothing was told of it."""
    if OCCASION not in entry.remark and entry.worth_another_look:
        runner.note_nothing_told(entry, OCCASION)


__all__ = ["MOST", "OCCASION", "RECENT", "Reader", "settle"]
