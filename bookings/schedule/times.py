"""The times of an offering: bookings, busy times of its Google calendar, and when it is open.

Every time has a start before its end, both aware and in UTC. What the server sends without one
of them, or the wrong way round, is no time and is left out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from itertools import groupby
from typing import Any

from bookings.moments import on_clocks
from bookings.waldur.models import Booking, Slot

GOOGLE = "google calendar"
"""In place of a person's name, the server's word for a time that Google's calendar has taken."""
ACTIVE = frozenset({"OK", "Creating", "Updating"})
"""States of a booking that takes its time; one being cancelled gives it back."""
AVAILABILITY = "Availability"
_Stretch = tuple[datetime, datetime]


class Kind(StrEnum):
    """What a time is."""

    BOOKING = "booking"
    BUSY = "busy in Google"
    OPEN = "availability"


@dataclass(frozen=True, slots=True)
class Time:
    """One stretch of time of one offering. Texts are the server's, "" where it has none."""

    start: datetime
    end: datetime
    kind: Kind
    offering_uuid: str
    offering: str
    booking_uuid: str = ""
    """"" for a time that is taken by a booking the person may not see, too."""
    booking: str = ""
    state: str = ""
    who: str = ""
    slot: str = ""
    """The server's name of this stretch within its booking."""
    customer: str = ""
    project: str = ""
    description: str = ""
    created: datetime | None = None
    changed: datetime | None = None

    @property
    def active(self) -> bool:
        """Whether a booking takes this time. Of those not seen only such ones are listed."""
        return self.kind is Kind.BOOKING and (not self.booking_uuid or self.state in ACTIVE)

    @property
    def key(self) -> str:
        """What tells it from other times; the same in every run."""
        parts = (self.kind, self.offering_uuid, self.booking_uuid, self.slot)
        return "|".join([*parts, self.start.isoformat(), self.end.isoformat()])


@dataclass(frozen=True, slots=True)
class Windows:
    """When an offering is open, as recorded; `unread` counts entries that are no time."""

    times: tuple[Time, ...] = ()
    unread: int = 0


def stretch(start: datetime, end: datetime, zone: tzinfo) -> str:
    """From when to when in a zone; the day of the end only where it is another.

    Where the clock is changed in between both say how far they are from UTC: else an hour at
    the end of summer time would begin and end at the same time.
    """
    first, last = on_clocks(start, zone), on_clocks(end, zone)
    until = f"{last:%H:%M}" if last.date() == first.date() else f"{last:%Y-%m-%d %H:%M}"
    if first.utcoffset() != last.utcoffset():
        return f"{first:%Y-%m-%d %H:%M} ({first:UTC%z}) to {until} ({last:UTC%z})"
    return f"{first:%Y-%m-%d %H:%M} to {until}"


def times_of_bookings(bookings: Iterable[Booking]) -> list[Time]:
    """One time a slot, in the order given; a booking without a usable slot has none."""
    return [time for booking in bookings for time in _times_of(booking)]


def _times_of(booking: Booking) -> Iterator[Time]:
    for slot in booking.slots:
        if slot.start is None or slot.end is None or slot.start >= slot.end:
            continue
        yield Time(
            slot.start,
            slot.end,
            Kind.BOOKING,
            booking.offering_uuid or "",
            booking.offering_name,
            booking.uuid,
            booking.name,
            booking.state,
            booking.created_by_full_name or booking.created_by_username,
            slot.backend_id or "",
            booking.customer_name,
            booking.project_name,
            booking.description,
            booking.created,
            booking.modified,
        )


def times_of_slots(
    slots: Iterable[Slot], offering_uuid: str, offering: str, known: Iterable[Time]
) -> list[Time]:
    """What an offering's own list of taken times adds to the bookings `known`.

    A slot with the very times of a known booking of this offering is that booking, and its copy
    in Google's calendar too: it is not listed twice. Others are busy times of Google, or bookings
    that the person may not see; a name comes only with those of their own organisation.
    """
    mine = {
        (time.start, time.end)
        for time in known
        if time.offering_uuid == offering_uuid and (time.active or time.state == "Terminating")
    }
    booked: dict[_Stretch, Time] = {}
    busy: dict[_Stretch, Time] = {}
    for slot in slots:
        if slot.start is None or slot.end is None or slot.start >= slot.end:
            continue
        at = (slot.start, slot.end)
        who = slot.created_by_full_name
        if at in mine:
            continue
        if who.strip().casefold() == GOOGLE:
            busy.setdefault(at, Time(*at, Kind.BUSY, offering_uuid, offering))
        else:
            booked.setdefault(at, Time(*at, Kind.BOOKING, offering_uuid, offering, who=who))
    return [*booked.values(), *(time for at, time in busy.items() if at not in booked)]


def entries_of(attributes: Any) -> tuple[Any, ...]:
    """`attributes.schedules` as it came; empty where it is no list."""
    listed = attributes.get("schedules") if isinstance(attributes, Mapping) else None
    return tuple(listed) if isinstance(listed, list | tuple) else ()


def windows_of(attributes: Any, offering_uuid: str, offering: str) -> Windows:
    """When an offering is open: the entries of `attributes.schedules` that say so.

    The server checks none of it. A time without a zone is UTC; an entry without a start or an end,
    or with the end first, is counted as unread. Hours of a day inside a window are not looked at:
    they are recorded without a time zone.
    """
    times: list[Time] = []
    unread = 0
    for entry in entries_of(attributes):
        if not isinstance(entry, Mapping):
            unread += 1
            continue
        more = entry.get("extendedProps")
        kind = more.get("type") if isinstance(more, Mapping) else None
        if kind not in (None, "", AVAILABILITY):
            continue
        start, end = _moment(entry.get("start")), _moment(entry.get("end"))
        if start is None or end is None or start >= end:
            unread += 1
            continue
        title = entry.get("title")
        times.append(
            Time(
                start, end, Kind.OPEN, offering_uuid, offering,
                booking=title if isinstance(title, str) else "",
            )
        )  # fmt: skip
    return Windows(tuple(times), unread)


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def by_offering(times: Iterable[Time]) -> dict[str, list[Time]]:
    """The times of each offering uuid, by start."""
    ordered = sorted(times, key=lambda time: (time.offering_uuid, time.start, time.end))
    return {
        uuid: list(group) for uuid, group in groupby(ordered, key=lambda time: time.offering_uuid)
    }


def merged(times: Sequence[Time]) -> list[tuple[datetime, datetime]]:
    """The stretches that are covered by at least one time, in order, none touching another."""
    stretches: list[tuple[datetime, datetime]] = []
    for time in sorted(times, key=lambda each: each.start):
        if stretches and time.start <= stretches[-1][1]:
            start, end = stretches[-1]
            stretches[-1] = (start, max(end, time.end))
        else:
            stretches.append((time.start, time.end))
    return stretches
