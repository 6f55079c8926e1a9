"""The calendars of all offerings as one table: status, addresses, last action, what comes next.

The rules of bookings.frames hold: columns and dtypes are declared once, times are in UTC, and a
table of nothing has the same columns as any other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

import pandas as pd

from bookings.calendars.actions import Action
from bookings.calendars.journal import Entry
from bookings.calendars.links import links_of
from bookings.filters import OFFERING_FILTERS, Filter, Kind, choices_filter, period_filter
from bookings.frames import OFFERING_COLUMNS, TIME, WHOLE, Column, frame_of, natural
from bookings.moments import on_clocks
from bookings.schedule.times import ACTIVE
from bookings.waldur.models import Booking, Offering

SOON = timedelta(days=7)


class Credentials(StrEnum):
    """Whether a provider has a Google account behind its calendars."""

    CONNECTED = "connected"
    NOT_CONNECTED = "not connected"
    UNKNOWN = "unknown"
    """The server does not tell this person."""

    @classmethod
    def of(cls, connected: bool | None) -> "Credentials":
        """In words; None is not known."""
        if connected is None:
            return cls.UNKNOWN
        return cls.CONNECTED if connected else cls.NOT_CONNECTED


class Ahead(StrEnum):
    """When the next booking of an offering begins."""

    SOON = "within 7 days"
    LATER = "later"
    NONE = "none"
    UNKNOWN = "unknown"
    """The bookings could not be loaded."""


_OFFERING = {column.key: column for column in OFFERING_COLUMNS}
_FIRST = ("name", "calendar", "calendar_link")
_THEN = ("provider", "state")
_OWN = (
    Column(
        "credentials", "Google account", shown=True,
        help="Whether the provider has connected one; without it no calendar action works.",
    ),
    Column(
        "next_booking", "Next booking", TIME, shown=True,
        help="The next start of a booking that is accepted or waits for an answer, in your time "
        "zone.",
    ),
    Column("last_action", "Last action", shown=True),
    Column("last_outcome", "Its outcome", shown=True),
    Column("last_time", "When", TIME, help="In your time zone.", shown=True),
    Column("last_person", "By whom"),
    Column("last_day", "Day of it", help="Of the last action, in your time zone."),
    Column("ahead", "Next booking is", help="Within 7 days, later, none or unknown."),
    Column("ics_address", "ICS address", help="What a calendar program subscribes to."),
    Column("webcal_address", "Webcal address", help="The same, for programs that ask for it."),
    Column("embed_code", "Embed code", help="HTML that shows a public calendar in another page."),
)  # fmt: skip
CALENDAR_COLUMNS: tuple[Column, ...] = (
    *(replace(_OFFERING[key], shown=True) for key in _FIRST),
    *_OWN,
    *(replace(_OFFERING[key], shown=True) for key in _THEN),
    *(
        replace(column, shown=False)
        for key, column in _OFFERING.items()
        if key not in {*_FIRST, *_THEN}
    ),
)

_FILTER = {each.key: each for each in OFFERING_FILTERS}


def _has_address(frame: pd.DataFrame, value: bool) -> "pd.Series[bool]":
    return (frame["calendar_link"] != "") == value


def _chosen_of(words: type[StrEnum], filter_: Filter) -> Filter:
    return replace(filter_, choices=tuple(word.value for word in words))


CALENDAR_FILTERS: tuple[Filter, ...] = (
    _FILTER["q"],
    _FILTER["calendar"],
    _chosen_of(Credentials, choices_filter("credentials", "Google account", "credentials")),
    _FILTER["provider"],
    _FILTER["state"],
    choices_filter("outcome", "Last outcome", "last_outcome"),
    choices_filter("action", "Last action", "last_action"),
    choices_filter("person", "Last action by", "last_person"),
    period_filter(
        "when", "Last action", "last_day", "the last action was", "Days in your time zone."
    ),
    _chosen_of(Ahead, choices_filter("next", "Next booking", "ahead")),
    Filter(
        "address", "Public address", Kind.FLAG, ("calendar_link",), _has_address,
        lambda value: "it has a public address" if value else "it has no public address",
    ),
    _FILTER["access"],
    _FILTER["category"],
    _FILTER["country"],
)  # fmt: skip
"""In the order in which they are shown and spoken."""


def calendars_frame(
    frame: pd.DataFrame,
    offerings: Iterable[Offering],
    entries: Iterable[Entry],
    connected: Mapping[str, bool],
    bookings: Iterable[Booking] | None,
    now: datetime,
) -> pd.DataFrame:
    """An offerings frame with what concerns its calendars; `offerings` are those of its rows.

    `entries` come newest first, `connected` is by the uuid of the organisation, and `bookings`
    are None where they could not be loaded. Days are those of the zone of `now`.
    """
    by_uuid = {offering.uuid: offering for offering in offerings}
    last = _first_of_each(entries)
    ahead = None if bookings is None else next_starts(bookings, now)
    zone = now.tzinfo or UTC
    rows = [_row(by_uuid.get(uuid), last.get(uuid), connected, zone) for uuid in frame["uuid"]]
    times = [
        {"next_booking": ahead.get(uuid) if ahead else None, "ahead": _words(ahead, uuid, now)}
        for uuid in frame["uuid"]
    ]
    own = frame_of(_OWN, [row | time for row, time in zip(rows, times, strict=True)])
    own.index = frame.index
    joined = frame.assign(**{column.key: own[column.key] for column in _OWN})
    return joined[[column.key for column in CALENDAR_COLUMNS]]


def _row(
    offering: Offering | None, entry: Entry | None, connected: Mapping[str, bool], zone: tzinfo
) -> dict[str, object]:
    links = links_of(offering) if offering is not None else None
    customer = offering.customer_uuid if offering is not None else None
    return {
        "credentials": Credentials.of(connected.get(customer) if customer else None).value,
        "last_action": entry.action.label if entry else "",
        "last_outcome": entry.outcome.value if entry else "",
        "last_time": entry.created if entry else None,
        "last_person": entry.person_name if entry else "",
        "last_day": on_clocks(entry.created, zone).date().isoformat() if entry else "",
        "ics_address": links.ics if links else "",
        "webcal_address": links.webcal if links else "",
        "embed_code": links.embed_code if links else "",
    }


def _first_of_each(entries: Iterable[Entry]) -> dict[str, Entry]:
    last: dict[str, Entry] = {}
    for entry in entries:
        # The record holds decisions on bookings as well.
        if isinstance(entry.action, Action):
            last.setdefault(entry.offering_uuid, entry)
    return last


def next_starts(bookings: Iterable[Booking], now: datetime) -> dict[str, datetime]:
    """Offering -> the next start of any of its bookings after `now`."""
    starts: dict[str, datetime] = {}
    for booking in bookings:
        if booking.offering_uuid is None or booking.state not in ACTIVE:
            continue
        for slot in booking.slots:
            if slot.start is not None and slot.start > now:
                known = starts.get(booking.offering_uuid)
                starts[booking.offering_uuid] = min(known or slot.start, slot.start)
    return starts


def _words(ahead: Mapping[str, datetime] | None, uuid: str, now: datetime) -> str:
    if ahead is None:
        return Ahead.UNKNOWN.value
    start = ahead.get(uuid)
    if start is None:
        return Ahead.NONE.value
    return (Ahead.SOON if start - now <= SOON else Ahead.LATER).value


PROVIDER_COLUMNS: tuple[Column, ...] = (
    Column("provider", "Provider", shown=True),
    Column("credentials", "Google account", shown=True),
    Column("offerings", "Offerings", WHOLE, help="Those in your list.", shown=True),
    Column("customer_uuid", "Organisation UUID"),
)


def providers_frame(offerings: Sequence[Offering], connected: Mapping[str, bool]) -> pd.DataFrame:
    """One row a provider of these offerings: those without an account first, then by name.

    An offering without a provider has nobody whose account could be connected, and no row.
    """
    names: dict[str, str] = {}
    counts: dict[str, int] = {}
    for offering in offerings:
        customer = offering.customer_uuid
        if not customer:
            continue
        names[customer] = names.get(customer) or offering.customer_name or ""
        counts[customer] = counts.get(customer, 0) + 1
    order = [Credentials.NOT_CONNECTED, Credentials.UNKNOWN, Credentials.CONNECTED]
    found = {customer: Credentials.of(connected.get(customer)) for customer in names}
    rows = sorted(names, key=lambda each: (order.index(found[each]), natural(names[each]), each))
    return frame_of(
        PROVIDER_COLUMNS,
        [
            {
                "provider": names[each] or "Unnamed",
                "credentials": found[each].value,
                "offerings": counts[each],
                "customer_uuid": each,
            }
            for each in rows
        ],
    )
