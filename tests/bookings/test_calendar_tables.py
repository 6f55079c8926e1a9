"""The table of calendars: what stands in its cells, and what it can be narrowed by."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from bookings.calendar_tables import (
    CALENDAR_COLUMNS,
    CALENDAR_FILTERS,
    PROVIDER_COLUMNS,
    Ahead,
    Credentials,
    calendars_frame,
    providers_frame,
)
from bookings.calendars.actions import Action, Outcome
from bookings.calendars.decisions import Decision
from bookings.calendars.journal import Entry
from bookings.filters import Criteria, apply, describe, from_query, options, to_query
from bookings.frames import SEARCH, offerings_frame
from bookings.portfolio import Snapshot
from bookings.waldur.models import Booking, Offering

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
LAB, ROOM, BOAT = "1" * 32, "2" * 32, "3" * 32
NORD, SYD, VEST = "a" * 32, "b" * 32, "c" * 32
CONNECTED = {NORD: True, SYD: False}
PUBLIC = {
    "backend_id": "x@y",
    "public": True,
    "http_link": "https://calendar.google.com/calendar/embed?src=x%40y",
}
OFFERINGS = (
    Offering.model_validate(
        {"uuid": LAB, "name": "A lab", "customer_uuid": NORD, "customer_name": "Nord",
         "state": "Active", "googlecalendar": PUBLIC}
    ),
    Offering.model_validate(
        {"uuid": ROOM, "name": "B room", "customer_uuid": SYD, "customer_name": "Syd",
         "state": "Paused", "googlecalendar": None}
    ),
    Offering.model_validate({"uuid": BOAT, "name": "C boat", "customer_uuid": VEST}),
)  # fmt: skip


def table(
    offerings: tuple[Offering, ...] = OFFERINGS,
    entries: tuple[Entry, ...] = (),
    connected: dict[str, bool] = CONNECTED,
    bookings: list[Booking] | None = None,
    now: datetime = NOW,
) -> pd.DataFrame:
    """The table, by the uuid of the offering."""
    light = offerings_frame(Snapshot(offerings=offerings))
    frame = calendars_frame(light, offerings, entries, connected, bookings, now)
    return frame.set_index("uuid", drop=False)


def entry(uuid: str = LAB, **fields: Any) -> Entry:
    """An action on record."""
    usual: dict[str, Any] = {
        "id": 1, "server": "https://w.test/", "offering_uuid": uuid, "offering_name": "Any",
        "sequence": 1, "action": Action.SHARE, "person_uuid": "9" * 32, "person_name": "jaan",
        "before": None, "before_known": False, "created": NOW, "finished": NOW,
        "outcome": Outcome.CONFIRMED, "open": False, "http_status": 202, "error_code": None,
        "words": "OK", "remark": "", "holder": "", "lease_until": NOW,
    }  # fmt: skip
    return Entry(**usual | fields)


def booking(state: str, *starts: timedelta, uuid: str | None = LAB) -> Booking:
    """A booking whose stretches of time begin so long after now."""
    slots = [
        {"start": (NOW + start).isoformat(), "end": (NOW + start + timedelta(hours=1)).isoformat()}
        for start in starts
    ]
    return Booking.model_validate(
        {"uuid": "f" * 32, "state": state, "offering_uuid": uuid, "slots": slots}
    )


def test_columns_and_dtypes_are_the_declared_ones() -> None:
    """Of a table of nothing as well."""
    for frame in (table(), table(offerings=())):
        assert list(frame) == [column.key for column in CALENDAR_COLUMNS]
        assert [str(frame[c.key].dtype) for c in CALENDAR_COLUMNS] == [
            c.dtype for c in CALENDAR_COLUMNS
        ]


def test_credentials_in_three_words() -> None:
    """Absent is unknown, which is not the same as none."""
    assert table()["credentials"].to_dict() == {
        LAB: "connected", ROOM: "not connected", BOAT: "unknown"
    }  # fmt: skip
    assert set(table(connected={})["credentials"]) == {"unknown"}


def test_an_offering_without_a_provider() -> None:
    """Nothing is known of the account of nobody."""
    alone = Offering.model_validate({"uuid": LAB, "name": "Alone"})

    assert table((alone,), connected={"": True} | CONNECTED)["credentials"].tolist() == ["unknown"]


def test_addresses_stand_beside_public_calendars() -> None:
    """Of any other they are empty."""
    frame = table()

    assert frame.loc[LAB, "calendar_link"] == PUBLIC["http_link"]
    assert frame.loc[LAB, "ics_address"].endswith("/ical/x%40y/public/basic.ics")
    assert frame.loc[LAB, "webcal_address"].startswith("webcal://")
    assert frame.loc[LAB, "embed_code"].startswith("<iframe ")
    for key in ("calendar_link", "ics_address", "webcal_address", "embed_code"):
        assert frame.loc[[ROOM, BOAT], key].tolist() == ["", ""]


def test_the_last_action() -> None:
    """The newest counts; a decision on a booking is none of the calendar's."""
    frame = table(
        entries=(
            entry(action=Decision.ACCEPT, booking_uuid="f" * 32),
            entry(action=Action.SYNC, outcome=Outcome.REFUSED, person_name="mari"),
            entry(),
        )
    )

    assert frame.loc[LAB, ["last_action", "last_outcome", "last_person"]].tolist() == [
        "Sync calendar", "Refused", "mari"
    ]  # fmt: skip
    assert frame.loc[LAB, "last_time"] == NOW
    assert frame.loc[ROOM, "last_action"] == ""
    assert pd.isna(frame.loc[ROOM, "last_time"])


def test_the_day_of_the_last_action_is_the_persons() -> None:
    """An hour before midnight in UTC it is the next day already in Tallinn."""
    late = entry(created=NOW.replace(hour=23))
    for zone, day in ((UTC, "2026-12-01"), (ZoneInfo("Europe/Tallinn"), "2026-12-02")):
        frame = table(entries=(late,), now=NOW.astimezone(zone))

        assert frame["last_day"].to_dict() == {LAB: day, ROOM: "", BOAT: ""}


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("bookings", "start", "ahead"),
    [
        (None, None, Ahead.UNKNOWN),
        ([], None, Ahead.NONE),
        ([booking("OK", DAY)], DAY, Ahead.SOON),
        ([booking("OK", 7 * DAY)], 7 * DAY, Ahead.SOON),
        ([booking("OK", 7 * DAY + HOUR)], 7 * DAY + HOUR, Ahead.LATER),
        ([booking("OK", 9 * DAY), booking("Creating", DAY)], DAY, Ahead.SOON),
        ([booking("OK", -DAY, 3 * DAY, 2 * DAY)], 2 * DAY, Ahead.SOON),
        ([booking("Updating", DAY)], DAY, Ahead.SOON),
        ([booking("OK", -HOUR)], None, Ahead.NONE),
        ([booking("OK", 0 * DAY)], None, Ahead.NONE),
        ([booking("Terminated", DAY), booking("Erred", DAY)], None, Ahead.NONE),
        ([booking("OK", DAY, uuid=None), booking("OK", DAY, uuid=ROOM)], None, Ahead.NONE),
        ([booking("OK")], None, Ahead.NONE),
    ],
)
def test_the_next_booking(
    bookings: list[Booking] | None, start: timedelta | None, ahead: Ahead
) -> None:
    """The next start of what holds or awaits its time; "none" only where it is known."""
    frame = table(bookings=bookings)
    found = frame.loc[LAB, "next_booking"]

    assert frame.loc[LAB, "ahead"] == ahead
    assert pd.isna(found) if start is None else found == NOW + start


def test_a_filtered_table_keeps_its_rows_together() -> None:
    """Cells follow the uuid of their row, not its place."""
    light = offerings_frame(Snapshot(offerings=OFFERINGS)).iloc[[2, 0]]
    frame = calendars_frame(light, OFFERINGS, [], CONNECTED, [], NOW)

    assert frame["credentials"].tolist() == ["unknown", "connected"]


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ([("q", "lab")], {LAB}),
        ([("calendar", "public")], {LAB}),
        ([("credentials", "not connected")], {ROOM}),
        ([("credentials", "unknown"), ("credentials", "connected")], {LAB, BOAT}),
        ([("provider", "Syd")], {ROOM}),
        ([("state", "Paused")], {ROOM}),
        ([("outcome", "Confirmed")], {LAB}),
        ([("action", "Share calendar")], {LAB}),
        ([("person", "jaan")], {LAB}),
        ([("when", "2026-12-01..")], {LAB}),
        ([("when", "..2026-12-01")], {LAB}),
        ([("when", "2026-11-01..2026-11-30")], set()),
        ([("action", "")], {ROOM, BOAT}),
        ([("next", "within 7 days")], {ROOM}),
        ([("next", "none")], {LAB, BOAT}),
        ([("next", "unknown")], set()),
        ([("address", "yes")], {LAB}),
        ([("address", "no")], {ROOM, BOAT}),
        ([("access", "act")], {LAB, ROOM, BOAT}),
        ([("credentials", "bogus")], set()),
    ],
)
def test_filters(query: list[tuple[str, str]], left: set[str]) -> None:
    """Everything that the table says can be narrowed by, and has its place in a link."""
    frame = table(entries=(entry(),), bookings=[booking("OK", DAY, uuid=ROOM)])
    criteria = from_query(CALENDAR_FILTERS, query)

    assert set(apply(CALENDAR_FILTERS, criteria, frame)["uuid"]) == left
    assert sorted(to_query(CALENDAR_FILTERS, criteria)) == sorted(query)
    assert describe(CALENDAR_FILTERS, criteria).startswith("where ")


def test_what_can_be_chosen_is_there_without_a_row() -> None:
    """The three words of an account, and the four of the next booking."""
    offered = {each.key: each.choices for each in CALENDAR_FILTERS if each.choices}

    assert offered == {"credentials": tuple(Credentials), "next": tuple(Ahead)}
    assert dict(options(CALENDAR_FILTERS, table()))["provider"]
    assert len(apply(CALENDAR_FILTERS, Criteria(), table())) == len(OFFERINGS)
    assert len({each.key for each in CALENDAR_FILTERS}) == len(CALENDAR_FILTERS)


def test_providers() -> None:
    """Those that need something come first; an offering without a provider has no row."""
    frame = providers_frame(
        [*OFFERINGS, OFFERINGS[0], Offering.model_validate({"uuid": "4" * 32})], CONNECTED
    )

    assert list(frame) == [column.key for column in PROVIDER_COLUMNS]
    assert frame[["provider", "credentials", "offerings"]].to_numpy().tolist() == [
        ["Syd", "not connected", 1],
        ["Unnamed", "unknown", 1],
        ["Nord", "connected", 2],
    ]


def test_ten_thousand_offerings() -> None:
    """Half of them public, each with an action and a booking."""
    offerings = tuple(
        OFFERINGS[number % 2].model_copy(update={"uuid": f"{number:032x}", "name": str(number)})
        for number in range(10_000)
    )
    light = offerings_frame(Snapshot(offerings=offerings))
    entries = [entry(each.uuid) for each in offerings]
    bookings = [booking("OK", DAY).model_copy(update={"offering_uuid": o.uuid}) for o in offerings]

    frame = calendars_frame(light, offerings, entries, CONNECTED, bookings, NOW)

    assert len(frame) == 10_000
    assert frame[SEARCH].equals(light[SEARCH])
