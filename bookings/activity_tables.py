"""The record of what was asked for as a table: who, what, when, with what outcome.

The rules of bookings.frames hold: columns and dtypes are declared once, and a table of nothing has
the same columns as any other. Moments are texts here, in the person's zone and in UTC, so that
each says in a file too which of the two it is; both sort as they read.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from bookings.calendars.journal import Entry
from bookings.filters import Filter, Kind, Period, choices_filter, period_filter, text_filter
from bookings.frames import SEARCH, WHOLE, Column, frame_of, search_text
from bookings.moments import UTC_ISO, local_text, utc_text

__all__ = [
    "activity_columns",
    "activity_filters",
    "activity_frame",
    "moments_of",
]


def activity_columns(zone: str) -> tuple[Column, ...]:
    """The columns, with the zone of the person's times in their names.

    UTC stands beside it: a cell of a table has no hover of its own that could say it.
    """
    return (
        Column("local", f"When ({zone})", help="When it was asked for.", shown=True),
        Column("utc", f"When ({UTC_ISO})", help="When it was asked for.", shown=zone != "UTC"),
        Column("person", "Who", shown=True),
        Column("offering", "Offering", shown=True),
        Column("action", "Action", shown=True),
        Column("booking", "Booking", help="The booking that was decided on.", shown=True),
        Column("outcome", "Outcome", help="What is known of it, and no more.", shown=True),
        Column("http_status", "HTTP status", WHOLE, help="Empty where no answer came.", shown=True),
        Column("words", "Answer", help="The server's words, or why none came.", shown=True),
        Column("remark", "What was seen", shown=True),
        Column("provider", "Provider", help="The organisation that offers it now."),
        Column("run", "Run", WHOLE, help="The run over several calendars that it was part of."),
        Column("local_end", f"Ended ({zone})", help="When its outcome last changed."),
        Column("utc_end", f"Ended ({UTC_ISO})", help="When its outcome last changed."),
        Column("next_step", "What to do now"),
        Column("offering_uuid", "Offering UUID"),
        Column("person_uuid", "Person UUID"),
        Column("id", "Number", WHOLE, help="Counts the actions of this dashboard."),
        Column(SEARCH, "Search text"),
    )


def activity_filters(person_uuid: str) -> tuple[Filter, ...]:
    """The filters; `person_uuid` tells which actions are one's own."""

    def mine(frame: pd.DataFrame, value: bool) -> "pd.Series[bool]":
        return (frame["person_uuid"] == person_uuid) == value

    def of_a_run(frame: pd.DataFrame, value: bool) -> "pd.Series[bool]":
        return frame["run"].notna() == value

    return (
        text_filter(
            "q", "Search",
            "Looks in offering, person, booking, answer, what was seen and UUID.",
        ),
        period_filter("day", "Asked", "local", "it was asked for", "Days in your time zone."),
        choices_filter("outcome", "Outcome", "outcome"),
        choices_filter("action", "Action", "action"),
        choices_filter("person", "Who", "person", noun="the person"),
        Filter(
            "mine", "Only mine", Kind.FLAG, ("person_uuid",), mine,
            lambda value: "it is yours" if value else "it is somebody else's",
        ),
        choices_filter("offering", "Offering", "offering"),
        choices_filter("provider", "Provider", "provider"),
        Filter(
            "run", "Part of a run", Kind.FLAG, ("run",), of_a_run,
            lambda value: "it was part of a run" if value else "it was part of no run",
        ),
    )  # fmt: skip


def activity_frame(
    entries: Sequence[Entry], zone: str, providers: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """One row an entry, in the order given; `providers` are names by offering."""
    of = providers or {}
    return frame_of(activity_columns(zone), [_row(each, zone, of) for each in entries])


def _row(entry: Entry, zone: str, providers: Mapping[str, str]) -> dict[str, Any]:
    provider = providers.get(entry.offering_uuid, "")
    return {
        "local": local_text(entry.created, zone),
        "utc": utc_text(entry.created),
        "person": entry.person_name,
        "offering": entry.offering_name,
        "provider": provider,
        "booking": entry.booking_name,
        "action": entry.action.label,
        "outcome": entry.outcome.value,
        "http_status": entry.http_status,
        "words": entry.words,
        "remark": entry.remark,
        "run": entry.run_id,
        "local_end": local_text(entry.finished, zone),
        "utc_end": utc_text(entry.finished),
        "next_step": entry.next_step,
        "offering_uuid": entry.offering_uuid,
        "person_uuid": entry.person_uuid,
        "id": entry.id,
        SEARCH: search_text(
            entry.offering_name, entry.person_name, entry.booking_name, entry.words, entry.remark,
            provider, entry.offering_uuid, entry.booking_uuid,
        ),
    }  # fmt: skip


def moments_of(period: Period, zone: str) -> tuple[datetime | None, datetime | None]:
    """The first moment of a period's first day in the zone, and the first after its last day."""
    first, last = period
    midnight = time(tzinfo=ZoneInfo(zone))
    return (
        None if first is None else datetime.combine(first, midnight),
        None if last is None else datetime.combine(last + timedelta(days=1), midnight),
    )
