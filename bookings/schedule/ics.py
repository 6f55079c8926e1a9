"""Bookings as an iCalendar file (RFC 5545) that Google, Outlook and Thunderbird import."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from icalendar import Calendar, Event

from bookings.schedule.times import Kind, Time

MIME = "text/calendar"
PRODID = "-//Waldur Booking Desk//EN"
MOST_TEXT = 4000
"""Signs of one text. Importers cut or refuse what is much longer."""
CONFIRMED, TENTATIVE, CANCELLED = "CONFIRMED", "TENTATIVE", "CANCELLED"
STATUS: Mapping[str, str] = {
    "OK": CONFIRMED,
    "Updating": CONFIRMED,
    "Creating": TENTATIVE,
    "Terminating": CANCELLED,
    "Terminated": CANCELLED,
    "Erred": CANCELLED,
}
"""Waldur's state of a booking -> whether it will happen; any other state is TENTATIVE."""


def calendar_file(times: Iterable[Time], server: str, now: datetime) -> bytes:
    """One event a booked time, in UTC. Times that belong to no known booking are left out.

    `server` is the address of the Waldur and part of each UID, so that importing a newer file
    replaces the events of an older one and never those of another server.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    # A request or a reply would make mail programs answer the people named in it.
    calendar.add("method", "PUBLISH")
    booked = {
        each.key: each for each in times if each.kind is Kind.BOOKING and each.booking_uuid
    }.values()
    names = Counter((each.booking_uuid, _clean(each.slot)) for each in booked)
    for time in booked:
        repeated = names[time.booking_uuid, _clean(time.slot)] > 1
        calendar.add_component(_event(time, uid_of(time, server, repeated=repeated), now))
    written: bytes = calendar.to_ical()
    return written


def uid_of(time: Time, server: str, *, repeated: bool = False) -> str:
    """The same for a slot of a booking in every file, also after its hours were changed.

    The server's name of the slot goes into it. Without one the hours do, and beside it where
    the name is `repeated` within the booking: a UID that two slots had would lose one of them.
    """
    slot = _clean(time.slot)
    if repeated:
        slot += f"/{time.start.isoformat()}/{time.end.isoformat()}"
    slot = slot or time.start.isoformat()
    return f"{uuid5(NAMESPACE_URL, f'{server}/booking/{time.booking_uuid}/{slot}')}@booking-desk"


def _event(time: Time, uid: str, now: datetime) -> Event:
    status = STATUS.get(time.state, TENTATIVE)
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", time.start.astimezone(UTC))
    event.add("dtend", time.end.astimezone(UTC))
    summary = " · ".join(filter(None, (_line(time.offering), _line(time.booking))))
    event.add("summary", summary or "Booking")
    event.add("location", _line(time.offering))
    event.add("description", _clean(_description(time)))
    event.add("status", status)
    event.add("transp", "TRANSPARENT" if status == CANCELLED else "OPAQUE")
    if time.created is not None:
        event.add("created", time.created.astimezone(UTC))
    if time.changed is not None:
        event.add("last-modified", time.changed.astimezone(UTC))
    return event


def _description(time: Time) -> str:
    lines = (
        ("Booked by", time.who),
        ("Organisation", time.customer),
        ("Project", time.project),
        ("State", time.state),
    )
    said = [f"{label}: {_line(value)}" for label, value in lines if value.strip()]
    words = time.description.strip()
    return "\n".join([*said, *(("", words) if words else ())])


def _line(text: str) -> str:
    return " ".join(_clean(text).split())


def _clean(text: str) -> str:
    """A text without what the format forbids: control characters, halves of surrogate pairs."""
    kept = "".join(sign for sign in text if sign in "\n\t" or sign.isprintable() or sign > "\x9f")
    return kept.encode("utf-8", "replace").decode()[:MOST_TEXT]
