"""How bookings, slots and recorded windows become times."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bookings.schedule.times import (
    Kind,
    Time,
    by_offering,
    entries_of,
    merged,
    stretch,
    times_of_bookings,
    times_of_slots,
    windows_of,
)
from bookings.waldur.models import Booking, Slot, read_item

NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def booking(**fields: Any) -> Booking:
    """A booking of offering "o" from nine to ten."""
    slots = [{"start": "2026-12-01T09:00:00Z", "end": "2026-12-01T10:00:00Z", "backend_id": "s"}]
    item = {"uuid": "b" * 32, "name": "Test", "state": "OK", "offering_uuid": "o", "slots": slots}
    read = read_item(Booking, item | fields)
    assert isinstance(read, Booking)
    return read


def test_each_slot_of_a_booking_is_a_time() -> None:
    """With what is known of the booking; slots without a usable stretch are left out."""
    slots = [
        {"start": "2026-12-01T11:00:00+02:00", "end": "2026-12-01T12:00:00+02:00"},
        {"start": "2026-12-02T09:00:00Z", "end": "2026-12-02T10:00:00Z", "backend_id": "x"},
        {"start": None, "end": "2026-12-02T10:00:00Z"},
        {"start": "2026-12-02T10:00:00Z", "end": "2026-12-02T10:00:00Z"},
        {"start": "2026-12-02T11:00:00Z", "end": "2026-12-02T10:00:00Z"},
    ]
    times = times_of_bookings(
        [booking(slots=slots, created_by_username="bob", modified="2026-11-01T00:00:00Z")]
    )

    assert [(time.start, time.slot) for time in times] == [
        (NINE, ""), (NINE + timedelta(days=1), "x"),
    ]  # fmt: skip
    assert {time.who for time in times} == {"bob"}
    assert times[0].changed == datetime(2026, 11, 1, tzinfo=UTC)
    assert all(time.active and time.kind is Kind.BOOKING for time in times)


@pytest.mark.parametrize(
    ("state", "active"),
    [("OK", True), ("Creating", True), ("Updating", True), ("Terminating", False), ("Odd", False)],
)
def test_which_bookings_take_their_time(state: str, active: bool) -> None:
    """Those in force, asked for or being changed."""
    assert times_of_bookings([booking(state=state)])[0].active is active


def slot(start: datetime, end: datetime, who: str = "") -> Slot:
    """A taken time as the server lists it."""
    return Slot(start=start, end=end, created_by_full_name=who)


def test_slots_of_known_bookings_are_not_listed_twice() -> None:
    """Nor is the copy of a booking in Google's calendar; other offerings do not count."""
    known = times_of_bookings([booking()])
    listed = [
        slot(NINE, NINE + HOUR),
        slot(NINE, NINE + HOUR, "google calendar"),
        slot(NINE, NINE + 2 * HOUR, "Google Calendar"),
        slot(NINE + HOUR, NINE + 2 * HOUR, "Maarja"),
        slot(NINE + HOUR, NINE + 2 * HOUR),
        Slot(),
    ]
    found = times_of_slots(listed, "o", "Lab", known)

    assert [(time.kind, time.start, time.who) for time in found] == [
        (Kind.BOOKING, NINE + HOUR, "Maarja"),
        (Kind.BUSY, NINE, ""),
    ]
    assert found[0].active
    assert [(time.kind, time.start) for time in times_of_slots(listed, "other", "Lab", known)] == [
        (Kind.BOOKING, NINE),
        (Kind.BOOKING, NINE + HOUR),
        (Kind.BUSY, NINE),
    ]


def test_a_cancelled_booking_does_not_hide_what_took_its_time() -> None:
    """Its slot is somebody else's now."""
    known = times_of_bookings([booking(state="Terminated")])

    assert len(times_of_slots([slot(NINE, NINE + HOUR)], "o", "Lab", known)) == 1


def entry(start: Any, end: Any, kind: Any = "Availability") -> dict[str, Any]:
    """A schedule as HomePort stores it."""
    return {"start": start, "end": end, "title": "Open", "extendedProps": {"type": kind}}


GOOD = "2026-12-01T09:00:00.000Z", "2026-12-01T18:00:00.000Z"


def test_windows_are_read() -> None:
    """Without a zone they are UTC; a date alone is its midnight."""
    schedules = [
        entry(*GOOD), entry("2026-12-02T09:00", "2026-12-03"), entry(*GOOD, kind="Schedule"),
        entry(*GOOD, kind=None),
    ]  # fmt: skip
    read = windows_of({"schedules": schedules}, "o", "Lab")

    assert [(time.start, time.end) for time in read.times] == [
        (NINE, NINE + 9 * HOUR),
        (NINE + 24 * HOUR, datetime(2026, 12, 3, tzinfo=UTC)),
        (NINE, NINE + 9 * HOUR),
    ]
    assert read.unread == 0


@pytest.mark.parametrize(
    "bad",
    [
        None, 3, "open", [], {}, {"start": GOOD[0]}, entry(GOOD[0], None), entry(None, GOOD[1]),
        entry(GOOD[1], GOOD[0]), entry(GOOD[0], GOOD[0]), entry(5, GOOD[1]), entry("soon", GOOD[1]),
        entry("0001-01-01T00:00:00+14:00", GOOD[1]), {"start": [], "end": {}, "extendedProps": 5},
    ],
)  # fmt: skip
def test_what_is_no_window_costs_only_itself(bad: Any) -> None:
    """It is counted, and the others are read."""
    read = windows_of({"schedules": [bad, entry(*GOOD)]}, "o", "Lab")

    assert len(read.times) == 1
    assert read.unread == 1


@pytest.mark.parametrize("odd", [None, [], {}, {"schedules": None}, {"schedules": "x"}, 5])
def test_no_schedules_are_no_windows(odd: Any) -> None:
    """Whatever stands in their place."""
    assert entries_of(odd) == ()
    assert windows_of(odd, "o", "Lab").times == ()


def test_stretches_are_merged_and_sorted() -> None:
    """Touching ones become one."""

    def time(first: int, last: int, uuid: str = "o") -> Time:
        return Time(NINE + first * HOUR, NINE + last * HOUR, Kind.BOOKING, uuid, "Lab")

    times = [time(5, 6), time(0, 2), time(1, 1 + 1), time(2, 3)]

    assert merged(times) == [(NINE, NINE + 3 * HOUR), (NINE + 5 * HOUR, NINE + 6 * HOUR)]
    assert list(by_offering([time(2, 3, "b"), time(1, 2, "a"), time(0, 1, "b")])) == ["a", "b"]


def test_a_stretch_in_words() -> None:
    """The day of the end where it is another, and the offsets where the clock is changed."""
    tallinn = ZoneInfo("Europe/Tallinn")
    start, hour = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), timedelta(hours=1)

    assert stretch(start + 9 * hour, start + 11 * hour, tallinn) == "2026-10-25 11:30 to 13:30"
    assert stretch(start + 9 * hour, start + 33 * hour, tallinn) == (
        "2026-10-25 11:30 to 2026-10-26 11:30"
    )
    assert stretch(start, start + hour, tallinn) == (
        "2026-10-25 03:30 (UTC+0300) to 03:30 (UTC+0200)"
    )


def test_a_time_at_the_end_of_the_calendar_is_said_in_utc() -> None:
    """What has no end is written as the last day of the year 9999, which is over in the east."""
    last = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)

    assert stretch(NINE, last, ZoneInfo("Asia/Kathmandu")).endswith(
        "(UTC+0545) to 9999-12-31 23:59 (UTC+0000)"
    )
