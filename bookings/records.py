"""What happened as tables: calendar actions, and bookings.

The rules of bookings.frames hold: columns and dtypes are declared once, times are in UTC, and a
table of nothing has the same columns as any other.
"""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from bookings.calendars.journal import Entry
from bookings.filters import Filter, choices_filter, text_filter
from bookings.frames import SEARCH, TIME, WHOLE, Column, frame_of, search_text
from bookings.waldur.models import Booking, Slot

ACTIVITY_COLUMNS: tuple[Column, ...] = (
    Column("created", "When", TIME, help="When it was asked for, in your time zone.", shown=True),
    Column("person", "Who", shown=True),
    Column("offering", "Offering", shown=True),
    Column("action", "Action", shown=True),
    Column("outcome", "Outcome", help="What is known of it, and no more.", shown=True),
    Column("http_status", "HTTP status", WHOLE, help="Empty where no answer came.", shown=True),
    Column("words", "Answer", help="The server's words, or why none came.", shown=True),
    Column("remark", "What was seen", shown=True),
    Column("finished", "Ended", TIME, help="When its outcome last changed."),
    Column("offering_uuid", "Offering UUID"),
    Column("id", "Number", WHOLE, help="Counts the actions of this dashboard."),
    Column(SEARCH, "Search text"),
)
ACTIVITY_FILTERS: tuple[Filter, ...] = (
    text_filter("q", "Search", "Looks in offering, person, the server's words and what was seen."),
    choices_filter("outcome", "Outcome", "outcome"),
    choices_filter("action", "Action", "action"),
    choices_filter("person", "Who", "person"),
)

BOOKING_COLUMNS: tuple[Column, ...] = (
    Column("status", "State", help="What the booking waits for, or is.", shown=True),
    Column("start", "From", TIME, help="In your time zone.", shown=True),
    Column("end", "To", TIME, help="In your time zone.", shown=True),
    Column("offering", "Offering", shown=True),
    Column("booker", "Booked by", shown=True),
    Column("customer", "Organisation", shown=True),
    Column("project", "Project", shown=True),
    Column("booking", "Booking", shown=True),
    Column("when", "When", help="Whether its time lies ahead."),
    Column("slots", "Times", WHOLE, help="How many stretches of time it holds."),
    Column("created", "Created", TIME),
    Column("server_state", "Server's state"),
    Column("description", "Description"),
    Column("offering_uuid", "Offering UUID"),
    Column("uuid", "UUID"),
    Column(SEARCH, "Search text"),
)
BOOKING_FILTERS: tuple[Filter, ...] = (
    text_filter("q", "Search", "Looks in booking, offering, booker, organisation and project."),
    choices_filter("state", "State", "status"),
    choices_filter("when", "When", "when"),
    choices_filter("offering", "Offering", "offering"),
    choices_filter("customer", "Organisation", "customer"),
)

WAITING = "waits for an answer"
BOOKING_STATES = {
    "Creating": WAITING,
    "OK": "accepted",
    "Erred": "failed",
    "Updating": "is being changed",
    "Terminating": "is being cancelled",
    "Terminated": "rejected or cancelled",
}
"""Waldur's state of a booking in words; its own word where this product knows none."""


def activity_frame(entries: Sequence[Entry]) -> pd.DataFrame:
    """One row an entry, in the order given."""
    return frame_of(
        ACTIVITY_COLUMNS,
        [
            {
                "created": entry.created,
                "person": entry.person_name,
                "offering": entry.offering_name,
                "action": entry.action.label,
                "outcome": entry.outcome.value,
                "http_status": entry.http_status,
                "words": entry.words,
                "remark": entry.remark,
                "finished": entry.finished,
                "offering_uuid": entry.offering_uuid,
                "id": entry.id,
                SEARCH: search_text(
                    entry.offering_name, entry.person_name, entry.words, entry.remark
                ),
            }
            for entry in entries
        ],
    )


def bookings_frame(bookings: Sequence[Booking], now: datetime) -> pd.DataFrame:
    """One row a booking: first those that wait for an answer, then those to come, then the past.

    The nearest come first, so that what is to be prepared stands above what is over.
    Of several stretches of time the first start and the last end are shown.
    """
    rows = []
    for booking in bookings:
        start, end = span(booking.slots)
        booker = booking.created_by_full_name or booking.created_by_username
        rows.append(
            {
                "status": BOOKING_STATES.get(booking.state, booking.state),
                "server_state": booking.state,
                "start": start,
                "end": end,
                "when": when(start, end, now),
                "offering": booking.offering_name,
                "booker": booker,
                "customer": booking.customer_name,
                "project": booking.project_name,
                "booking": booking.name,
                "slots": len(booking.slots),
                "created": booking.created,
                "description": booking.description,
                "offering_uuid": booking.offering_uuid or "",
                "uuid": booking.uuid,
                SEARCH: search_text(
                    booking.name, booking.offering_name, booker,
                    booking.customer_name, booking.project_name,
                ),
            }
        )  # fmt: skip
    frame = frame_of(BOOKING_COLUMNS, rows)
    past = frame["when"] == "past"
    rank = (frame["status"] != WAITING) * (1 + past)
    near = (frame["start"] - now).where(~past | (rank == 0), now - frame["start"])
    order = pd.DataFrame({"rank": rank, "near": near, "uuid": frame["uuid"]})
    return frame.loc[order.sort_values(["rank", "near", "uuid"]).index].reset_index(drop=True)


def span(slots: Sequence[Slot]) -> tuple[datetime | None, datetime | None]:
    """First start and last end of the slots that have them."""
    starts = [slot.start for slot in slots if slot.start is not None]
    ends = [slot.end for slot in slots if slot.end is not None]
    return min(starts, default=None), max(ends, default=None)


def when(start: datetime | None, end: datetime | None, now: datetime) -> str:
    """Whether a stretch of time is past, running or upcoming; "not known" without times."""
    if start is None or end is None:
        return "not known"
    if end <= now:
        return "past"
    return "running" if start <= now else "upcoming"
