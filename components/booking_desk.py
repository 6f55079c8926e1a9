"""All bookings of a person, their times, and what is in conflict, worked out once."""

import threading
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from bookings.booking_tables import booking_columns, bookings_frame
from bookings.frames import Column
from bookings.portfolio import Snapshot
from bookings.schedule.conflicts import Conflicts, find_conflicts
from bookings.schedule.times import (
    Time,
    Windows,
    times_of_bookings,
    times_of_slots,
    windows_of,
)
from bookings.sign_ins import SignIn
from bookings.taken_times import Progress, Taken, TakenTimes
from bookings.waldur.models import Booking
from components import booking_list, loading, session

SINGLE = "bookings.single"
"""Whether a person asked for what only the single offerings tell."""
_READER = "taken times"
_making = threading.Lock()


@dataclass(frozen=True, slots=True)
class Listed:
    """Bookings, their times, and their table; `place` in it is the number in `bookings`."""

    bookings: tuple[Booking, ...] = field(repr=False)
    times: tuple[Time, ...] = field(repr=False)
    """Of the bookings."""
    others: tuple[Time, ...] = field(repr=False)
    """Google's busy times and bookings not listed, of the offerings that were read."""
    taken: Mapping[str, Taken] = field(repr=False)
    """What the offerings that were read told; empty where nobody asked."""
    windows: Mapping[str, Windows] = field(repr=False)
    """Availability of the offerings that were read."""
    as_of: datetime
    """When the bookings were asked for."""
    read_at: datetime | None
    """When the last of them was read; what was open before is not known."""
    conflicts: Conflicts = field(repr=False)
    frame: pd.DataFrame = field(repr=False)
    columns: tuple[Column, ...] = field(repr=False)
    """Of the table."""
    version: Hashable
    """Changes whenever any of it does."""

    def knows_busy_times(self, offering_uuid: str) -> bool:
        """Whether Google's busy times of the offering were read."""
        read = self.taken.get(offering_uuid)
        return read is not None and read.slots_error is None

    def knows_availability(self, offering_uuid: str) -> bool:
        """Whether the availability of the offering was read, each window of it."""
        read = self.taken.get(offering_uuid)
        return (
            read is not None
            and read.attributes is not None
            and not self.windows[offering_uuid].unread
        )


def reader(who: SignIn) -> TakenTimes:
    """What reads single offerings for this person; a new one after each Refresh."""
    with _making:  # one that two tabs made at once would be stopped by nobody
        before = who.memo.get(_READER)
        made: TakenTimes = session.worked_out(
            who, _READER, who.portfolio.round,
            lambda: TakenTimes(who.client, lambda: _sign_out(who)),
        )  # fmt: skip
        if before is None or before[1] is not made:
            who.at_end(_READER, made.stop)
            if before is not None:
                before[1].stop()
    return made


def _sign_out(who: SignIn) -> None:
    who.portfolio.signed_out = True


def read(who: SignIn, snapshot: Snapshot) -> Listed:
    """The bookings of all offerings; ends the page where the server does not give them."""
    loaded = booking_list.load(who)
    progress = reader(who).progress() if st.session_state.get(SINGLE) else None
    # Whether a booking is over changes by itself.
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    zone = loading.zone_name()
    version = (loaded.as_of, snapshot.rows_version, progress and progress.version, now, zone)
    listed: Listed = session.worked_out(
        who, "bookings", version, lambda: _listed(loaded, snapshot, progress, now, zone, version)
    )
    return listed


def _listed(
    loaded: booking_list.Loaded,
    snapshot: Snapshot,
    progress: Progress | None,
    now: datetime,
    zone: str,
    version: Hashable,
) -> Listed:
    bookings = loaded.bookings
    times = tuple(times_of_bookings(bookings))
    names = {each.offering_uuid: each.offering_name for each in bookings}
    others: list[Time] = []
    windows: dict[str, Windows] = {}
    taken = progress.taken if progress else {}
    mine: dict[str, list[Time]] = {}
    for time in times:
        mine.setdefault(time.offering_uuid, []).append(time)
    for uuid, each in taken.items():
        name = names.get(uuid, "")
        others += times_of_slots(each.slots, uuid, name, mine.get(uuid, ()))
        windows[uuid] = windows_of(each.attributes, uuid, name)
    read_at = max((each.as_of for each in taken.values()), default=None)
    conflicts = find_conflicts([*times, *others], windows, read_at)
    frame = bookings_frame(
        bookings,
        now,
        zone,
        providers={each.uuid: each.customer_name or "" for each in snapshot.offerings},
        conflicts=conflicts.counts(),
    )
    return Listed(
        bookings,
        times,
        tuple(others),
        taken,
        windows,
        loaded.as_of,
        read_at,
        conflicts,
        frame,
        booking_columns(zone, several=any(len(each.slots) > 1 for each in bookings)),
        version,
    )
