"""Bookings as tables: all of them, their conflicts, and how much of the time is booked.

The rules of bookings.frames hold: columns and dtypes are declared once, and a table of nothing
has the same columns as any other. Moments are texts here, in the person's zone and in UTC, so
that each says in a file too which of the two it is; both sort as they read. `place` is the
number of a row in what the table was made from.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import pandas as pd

from bookings.filters import Criteria, Filter, Kind, apply, choices_filter, text_filter
from bookings.frames import FRACTION, SEARCH, WHOLE, Column, frame_of, search_text
from bookings.moments import UTC_ISO, local_minute, utc_text
from bookings.plain_text import one_line
from bookings.schedule.conflicts import Conflict
from bookings.schedule.utilisation import Use
from bookings.waldur.models import Booking, Slot

__all__ = [
    "BOOKING_FILTERS",
    "BOOKING_STATES",
    "UTILISATION_COLUMNS",
    "WAITING",
    "booking_columns",
    "bookings_frame",
    "conflict_columns",
    "conflicts_frame",
    "offerings_to_read",
    "span",
    "utilisation_frame",
    "when",
]


def booking_columns(zone: str, *, several: bool = False) -> tuple[Column, ...]:
    """The columns, with the zone of the person's times in their names.

    How many times a booking holds is in view where one holds `several`: its first start and its
    last end alone would read as one long time.
    """
    return (
        Column("status", "State", help="What the booking waits for, or is.", shown=True),
        Column("start", f"From ({zone})", help="When its first time begins.", shown=True),
        Column("end", f"To ({zone})", help="When its last time ends.", shown=True),
        Column(
            "slots", "Times", WHOLE, shown=several,
            help="How many stretches of time it holds; between them the offering is free.",
        ),
        Column("offering", "Offering", shown=True),
        Column("booker", "Booked by", shown=True),
        Column("customer", "Organisation", shown=True),
        Column("project", "Project", shown=True),
        Column("booking", "Booking", shown=True),
        Column(
            "conflicts", "Conflicts", WHOLE, shown=True,
            help="With other bookings, Google's busy times or availability, as far as they are "
            "known.",
        ),
        Column("provider", "Provider", help="The organisation that offers it."),
        Column("when", "Period", help="Whether its time lies ahead."),
        Column("start_utc", f"From ({UTC_ISO})"),
        Column("end_utc", f"To ({UTC_ISO})"),
        Column("created", f"Created ({zone})"),
        Column("created_utc", f"Created ({UTC_ISO})"),
        Column("modified", f"Changed ({zone})"),
        Column("modified_utc", f"Changed ({UTC_ISO})"),
        Column("server_state", "Server's state"),
        Column("description", "Description"),
        Column("offering_uuid", "Offering UUID"),
        Column("uuid", "UUID"),
        Column("place", "Number", WHOLE),
        Column(SEARCH, "Search text"),
    )  # fmt: skip


def _in_conflict(frame: pd.DataFrame, value: bool) -> "pd.Series[bool]":
    return (frame["conflicts"] > 0).fillna(False).astype(bool) == value


def _say_conflict(value: bool) -> str:
    return "it is in conflict" if value else "it is in no conflict"


BOOKING_FILTERS: tuple[Filter, ...] = (
    text_filter("q", "Search", "Looks in booking, offering, booker, organisation and project."),
    choices_filter("state", "State", "status"),
    choices_filter("when", "Period", "when"),
    choices_filter("offering", "Offering", "offering"),
    Filter("conflict", "Conflict", Kind.FLAG, ("conflicts",), _in_conflict, _say_conflict),
    choices_filter("customer", "Organisation", "customer"),
    choices_filter("person", "Booked by", "booker", noun="the person who booked"),
    choices_filter("provider", "Provider", "provider"),
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


def conflict_columns(zone: str) -> tuple[Column, ...]:
    """The columns, with the zone of the person's times in their names."""
    return (
        Column("offering", "Offering", shown=True),
        Column("sentence", "What does not fit", shown=True),
        Column("conflict", "Conflict", help="Which kind it is.", shown=True),
        Column("start", f"From ({zone})", shown=True),
        Column("end", f"To ({zone})", shown=True),
        Column("start_utc", f"From ({UTC_ISO})"),
        Column("end_utc", f"To ({UTC_ISO})"),
        Column("first", "Booking"),
        Column("first_uuid", "Booking UUID"),
        Column("second", "Other booking"),
        Column("second_uuid", "Other booking UUID"),
        Column("offering_uuid", "Offering UUID"),
        Column("place", "Number", WHOLE),
    )


UTILISATION_COLUMNS: tuple[Column, ...] = (
    Column("offering", "Offering", shown=True),
    Column("percent", "Booked (%)", FRACTION, help="Of the hours available.", shown=True),
    Column("booked", "Hours booked", FRACTION, shown=True),
    Column(
        "available", "Hours available", FRACTION, shown=True,
        help="Hours of its availability windows, or the whole day where none are known.",
    ),
    Column("days_booked", "Days with a booking", WHOLE, shown=True),
    Column("busiest", "Busiest day", help="The day with the largest share.", shown=True),
    Column("busiest_percent", "On that day (%)", FRACTION, shown=True),
    Column("offering_uuid", "Offering UUID"),
)  # fmt: skip

_NOTHING: Mapping[str, Any] = MappingProxyType({})


def bookings_frame(
    bookings: Sequence[Booking],
    now: datetime,
    zone: str = "UTC",
    *,
    providers: Mapping[str, str] = _NOTHING,
    conflicts: Mapping[str, int] = _NOTHING,
) -> pd.DataFrame:
    """One row a booking: first those that wait for an answer, then those to come, then the past.

    The nearest come first, so that what is to be prepared stands above what is over; of those
    that wait, too, what is over comes last.
    Of several stretches of time the first start and the last end are shown. `providers` are by
    offering uuid, `conflicts` by booking uuid.
    """
    rows, starts = [], []
    for place, booking in enumerate(bookings):
        start, end = span(booking.slots)
        booker = booking.created_by_full_name or booking.created_by_username
        provider = providers.get(booking.offering_uuid or "", "")
        starts.append(start)
        rows.append(
            {
                "status": BOOKING_STATES.get(booking.state, booking.state),
                "server_state": booking.state,
                "start": local_minute(start, zone),
                "start_utc": utc_text(start),
                "end": local_minute(end, zone),
                "end_utc": utc_text(end),
                "when": when(start, end, now),
                "offering": booking.offering_name,
                "provider": provider,
                "booker": booker,
                "customer": booking.customer_name,
                "project": booking.project_name,
                "booking": booking.name,
                "conflicts": conflicts.get(booking.uuid, 0),
                "slots": len(booking.slots),
                "created": local_minute(booking.created, zone),
                "created_utc": utc_text(booking.created),
                "modified": local_minute(booking.modified, zone),
                "modified_utc": utc_text(booking.modified),
                "description": booking.description,
                "offering_uuid": booking.offering_uuid or "",
                "uuid": booking.uuid,
                "place": place,
                SEARCH: search_text(
                    booking.name, booking.offering_name, booker,
                    booking.customer_name, booking.project_name,
                ),
            }
        )  # fmt: skip
    frame = frame_of(booking_columns(zone), rows)
    begins = pd.Series(starts, frame.index, "datetime64[us, UTC]")
    rank = (frame["status"] != WAITING) * 2 + (frame["when"] == "past")
    near = (begins - now).where(rank < 3, now - begins)
    order = pd.DataFrame({"rank": rank, "near": near, "uuid": frame["uuid"]})
    return frame.loc[order.sort_values(["rank", "near", "uuid"]).index].reset_index(drop=True)


def offerings_to_read(frame: pd.DataFrame, criteria: Criteria) -> list[str]:
    """The uuids of the offerings whose times say what is in conflict, in the order of the table.

    They are those of the bookings that fit `criteria` whether they are in conflict or not: a
    conflict that was not looked for yet must not keep its offering from being read.
    """
    fitting = apply(BOOKING_FILTERS, criteria.having("conflict", None), frame)
    return [uuid for uuid in dict.fromkeys(fitting["offering_uuid"].tolist()) if uuid]


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


def conflicts_frame(
    conflicts: Sequence[Conflict],
    stretch: Callable[[datetime, datetime], str],
    zone: str = "UTC",
) -> pd.DataFrame:
    """One row a conflict, by start; `stretch` says from when to when in words."""
    ordered = sorted(enumerate(conflicts), key=lambda each: (each[1].start, each[1].end))
    rows = [
        {
            "offering": each.first.offering,
            "conflict": each.reason.value,
            "start": local_minute(each.start, zone),
            "start_utc": utc_text(each.start),
            "end": local_minute(each.end, zone),
            "end_utc": utc_text(each.end),
            "sentence": one_line(each.sentence(stretch), 500),
            "first": each.first.booking,
            "first_uuid": each.first.booking_uuid,
            "second": each.second.booking if each.second else "",
            "second_uuid": each.second.booking_uuid if each.second else "",
            "offering_uuid": each.first.offering_uuid,
            "place": place,
        }
        for place, each in ordered
    ]
    return frame_of(conflict_columns(zone), rows)


def utilisation_frame(uses: Iterable[Use]) -> pd.DataFrame:
    """One row an offering, the most booked first."""
    by_offering: dict[str, list[Use]] = {}
    for use in uses:
        by_offering.setdefault(use.offering_uuid, []).append(use)
    rows = [_in_all(mine) for mine in by_offering.values()]
    rows.sort(key=lambda row: (-row["percent"], -row["booked"], row["offering"]))
    return frame_of(UTILISATION_COLUMNS, rows)


def _in_all(uses: Sequence[Use]) -> dict[str, Any]:
    booked, available = sum(use.booked for use in uses), sum(use.available for use in uses)
    busiest = max(uses, key=lambda use: use.share)
    return {
        "offering": uses[0].offering,
        "percent": round(min(100.0, 100 * booked / available), 1) if available else 0.0,
        "booked": round(booked, 2),
        "available": round(available, 2),
        "days_booked": sum(use.booked > 0 for use in uses),
        "busiest": busiest.day.isoformat(),
        "busiest_percent": round(100 * busiest.share, 1),
        "offering_uuid": uses[0].offering_uuid,
    }
