"""Bookings, conflicts and utilisation as tables."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bookings.booking_tables import (
    BOOKING_FILTERS,
    BOOKING_STATES,
    UTILISATION_COLUMNS,
    WAITING,
    booking_columns,
    bookings_frame,
    conflict_columns,
    conflicts_frame,
    offerings_to_read,
    span,
    utilisation_frame,
    when,
)
from bookings.exports import to_csv
from bookings.filters import Criteria, apply, describe, from_query, to_query
from bookings.schedule.conflicts import find_conflicts
from bookings.schedule.times import times_of_bookings
from bookings.schedule.utilisation import Use
from bookings.waldur.models import Booking, Slot, read_item

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def booking(letter: str, hours: float | None, state: str = "OK", **fields: Any) -> Booking:
    """A booking of two hours that begins so many hours from now."""
    slots = []
    if hours is not None:
        start = NOW + hours * HOUR
        slots = [{"start": start.isoformat(), "end": (start + 2 * HOUR).isoformat()}]
    item = {
        "uuid": letter * 32, "name": f"Booking {letter}", "state": state, "slots": slots,
        "offering_uuid": "0" * 32, "offering_name": "Sauna", "created_by_full_name": "Ingrid Bø",
        "customer_name": "Institute",
    }  # fmt: skip
    read = read_item(Booking, item | fields)
    assert isinstance(read, Booking)
    return read


BOOKINGS = [
    booking("a", -30), booking("b", 5), booking("c", -1), booking("d", 2, "Creating"),
    booking("e", None), booking("f", 6, "Terminated", created_by_full_name="Bob"),
]  # fmt: skip


def letters(frame: Any) -> str:
    """Which bookings stand in a table, in order."""
    return "".join(uuid[0] for uuid in frame["uuid"])


def test_what_waits_comes_first_and_then_what_is_near() -> None:
    """The past comes last, and a booking without times is not lost."""
    frame = bookings_frame(BOOKINGS, NOW)

    assert letters(frame)[:4] == "dcbf"
    assert set(letters(frame)[4:]) == {"a", "e"}
    assert list(frame["when"])[:3] == ["upcoming", "running", "upcoming"]
    assert [BOOKINGS[place].uuid for place in frame["place"]] == frame["uuid"].tolist()


def test_of_what_waits_the_next_comes_first() -> None:
    """What is over waits too, below what can still be answered in time."""
    begins = {"a": -30, "b": 9, "c": -3, "d": 1}
    waiting = [booking(letter, hours, "Creating") for letter, hours in begins.items()]
    frame = bookings_frame([*waiting, booking("e", 5)], NOW)

    assert letters(frame) == "dbace"


def test_a_table_of_nothing_has_all_columns() -> None:
    """With the declared dtypes."""
    for frame, columns in (
        (bookings_frame([], NOW), booking_columns("UTC")),
        (conflicts_frame([], lambda *_: ""), conflict_columns("UTC")),
        (utilisation_frame([]), UTILISATION_COLUMNS),
    ):
        assert [(key, str(dtype)) for key, dtype in frame.dtypes.items()] == [
            (column.key, column.dtype) for column in columns
        ]


@pytest.mark.parametrize(
    ("key", "value", "found", "words"),
    [
        ("state", (WAITING,), "d", f'state is "{WAITING}"'),
        ("when", ("running",), "c", 'period is "running"'),
        ("conflict", True, "b", "it is in conflict"),
        ("conflict", False, "acdef", "it is in no conflict"),
        ("person", ("Bob",), "f", 'the person who booked is "Bob"'),
        ("provider", ("Provider",), "abcdef", 'provider is "Provider"'),
        ("customer", ("Nobody",), "", 'organisation is "Nobody"'),
        ("offering", ("Sauna",), "abcdef", 'offering is "Sauna"'),
        ("q", "bob inst", "f", 'search contains "bob inst"'),
    ],
)
def test_the_filters(key: str, value: Any, found: str, words: str) -> None:
    """Each narrows, says so, and comes back out of an address."""
    frame = bookings_frame(BOOKINGS, NOW, providers={"0" * 32: "Provider"}, conflicts={"b" * 32: 2})
    criteria = Criteria({key: value})

    assert sorted(letters(apply(BOOKING_FILTERS, criteria, frame))) == list(found)
    assert describe(BOOKING_FILTERS, criteria) == f"where {words}"
    assert from_query(BOOKING_FILTERS, to_query(BOOKING_FILTERS, criteria)) == criteria


def test_what_is_read_does_not_hang_on_what_was_found() -> None:
    """Every filter narrows it but the one for conflicts, which are known only afterwards."""
    listed = [
        booking("a", 1, offering_uuid="1" * 32), booking("b", 2, offering_uuid="2" * 32),
        booking("c", 3, offering_uuid=None), booking("d", 4, offering_uuid="1" * 32),
        booking("e", 5, "Erred", offering_uuid="3" * 32),
    ]  # fmt: skip
    frame = bookings_frame(listed, NOW)

    for value in (None, True, False):
        criteria = Criteria({"state": ("accepted",), "conflict": value})
        assert offerings_to_read(frame, criteria) == ["1" * 32, "2" * 32]


def test_every_state_of_a_waldur_has_words_and_others_stay() -> None:
    """A state that this product does not know is shown as it came."""
    states = [*BOOKING_STATES, "Frozen"]
    frame = bookings_frame([booking("a", 1, state) for state in states], NOW)

    assert set(frame["status"]) == {*BOOKING_STATES.values(), "Frozen"}


def test_a_file_says_whose_clock_its_times_are_of() -> None:
    """In the person's zone and in UTC, each named in the header."""
    listed = [booking("a", 1, created="2026-07-01T21:30:10Z"), booking("b", 2), booking("c", None)]
    zone = "Europe/Tallinn"
    conflicts = find_conflicts(times_of_bookings(listed)).found
    lines = [
        list(csv.DictReader(io.StringIO(to_csv(frame, columns).decode("utf-8-sig"))))
        for frame, columns in (
            (bookings_frame(listed, NOW, zone), booking_columns(zone)),
            (conflicts_frame(conflicts, lambda *_: "", zone), conflict_columns(zone)),
        )
    ]

    assert (
        lines[0][0]
        | {
            "From (Europe/Tallinn)": "2026-11-26 15:00",
            "From (UTC, ISO 8601)": "2026-11-26T13:00:00Z",
            "To (Europe/Tallinn)": "2026-11-26 17:00",
            "To (UTC, ISO 8601)": "2026-11-26T15:00:00Z",
            "Created (Europe/Tallinn)": "2026-07-02 00:30",
            "Created (UTC, ISO 8601)": "2026-07-01T21:30:10Z",
            "Changed (UTC, ISO 8601)": "",
        }
        == lines[0][0]
    )
    assert lines[0][2]["From (Europe/Tallinn)"] == lines[0][2]["To (UTC, ISO 8601)"] == ""
    assert lines[1][0]["From (Europe/Tallinn)"] == "2026-11-26 16:00"
    assert lines[1][0]["From (UTC, ISO 8601)"] == "2026-11-26T14:00:00Z"


def test_how_many_times_is_in_view_where_there_are_several() -> None:
    """Where every booking has one it says nothing."""
    for several in (True, False):
        columns = {each.key: each.shown for each in booking_columns("UTC", several=several)}
        assert columns["slots"] is several


def test_spans_and_periods() -> None:
    """Of several slots the first start and the last end; without times nothing is said."""
    slots = [Slot(start=NOW + HOUR, end=NOW + 2 * HOUR), Slot(start=NOW), Slot()]

    assert span(slots) == (NOW, NOW + 2 * HOUR)
    assert span([]) == (None, None)
    assert when(NOW, NOW + HOUR, NOW) == "running"
    assert when(NOW - HOUR, NOW, NOW) == "past"
    assert when(NOW, None, NOW) == "not known"


@pytest.mark.parametrize("year", [1, 9999])
@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/New_York"])
def test_a_booking_without_an_end_costs_no_other(year: int, zone: str) -> None:
    """Its times are those of UTC where the zone's would be beyond the calendar."""
    edge = datetime(year, 1 if year == 1 else 12, 1 if year == 1 else 31, 12, tzinfo=UTC)
    odd = Booking.model_validate(
        {"uuid": "e" * 32, "slots": [{"start": min(edge, NOW), "end": max(edge, NOW)}]}
    )
    frame = bookings_frame([odd, booking("a", 1)], NOW, zone)

    assert len(frame) == 2


def test_conflicts_are_a_table_by_start() -> None:
    """With a sentence, and no sign that turns a name around."""
    late = booking("c", 10), booking("d", 11)
    times = times_of_bookings([*late, booking("a", 1, name="x\u202ey"), booking("b", 2)])
    frame = conflicts_frame(find_conflicts(times).found, lambda start, end: f"{start:%H}-{end:%H}")

    assert frame["sentence"].tolist() == [
        "xy of Ingrid Bø and Booking b of Ingrid Bø overlap, 14-15.",
        "Booking c of Ingrid Bø and Booking d of Ingrid Bø overlap, 23-00.",
    ]
    assert frame["conflict"].tolist() == ["overlapping bookings"] * 2


def test_utilisation_is_a_table_by_share() -> None:
    """In per cent of all days together; the busiest day is named."""
    days = [date(2026, 12, 1), date(2026, 12, 2)]
    uses = [
        Use("o", "Lab", days[0], 6.0, 24.0), Use("o", "Lab", days[1], 0.0, 24.0),
        Use("p", "Room", days[0], 4.0, 8.0), Use("p", "Room", days[1], 8.0, 8.0),
        Use("q", "Closed", days[0], 0.0, 0.0),
    ]  # fmt: skip
    frame = utilisation_frame(uses)

    assert frame[["offering", "percent", "booked", "available"]].values.tolist() == [
        ["Room", 75.0, 12.0, 16.0], ["Lab", 12.5, 6.0, 48.0], ["Closed", 0.0, 0.0, 0.0],
    ]  # fmt: skip
    assert frame["busiest"].tolist()[:2] == ["2026-12-02", "2026-12-01"]
    assert frame["days_booked"].tolist() == [2, 1, 0]
