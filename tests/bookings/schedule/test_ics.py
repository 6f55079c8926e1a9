"""The calendar file, parsed back and looked at line by line."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Component

from bookings.schedule.ics import calendar_file, uid_of
from bookings.schedule.times import Kind, Time

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
START = datetime(2026, 12, 1, 9, tzinfo=UTC)
SERVER = "https://waldur.example/"
TIME = Time(
    START, START + timedelta(hours=2), Kind.BOOKING, "o" * 32, "Sauna, wood-fired", "b" * 32,
    "Booking 1; evening", "OK", "Ingrid Bø", "booking_1", "Institute", "Peat",
    "Two guests.\nWarm it up.", NOW - timedelta(days=3), NOW - timedelta(days=1),
)  # fmt: skip


def events(*times: Time) -> list[Component]:
    """The events of a file of these times, as the library reads them."""
    return list(Calendar.from_ical(calendar_file(times, SERVER, NOW)).walk("VEVENT"))


def unfolded(data: bytes) -> list[str]:
    """The lines of a file, as RFC 5545 joins them."""
    return data.replace(b"\r\n ", b"").decode().split("\r\n")


def test_the_lines_of_a_file() -> None:
    """Checked by hand against RFC 5545."""
    data = calendar_file([TIME], SERVER, NOW)
    lines = unfolded(data)

    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    for line in (
        "VERSION:2.0",
        "PRODID:-//Waldur Booking Desk//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        "DTSTAMP:20261126T120000Z",
        "DTSTART:20261201T090000Z",
        "DTEND:20261201T110000Z",
        r"SUMMARY:Sauna\, wood-fired · Booking 1\; evening",
        r"LOCATION:Sauna\, wood-fired",
        r"DESCRIPTION:Booked by: Ingrid Bø\nOrganisation: Institute\nProject: Peat\n"
        r"State: OK\n\nTwo guests.\nWarm it up.",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "CREATED:20261123T120000Z",
        "LAST-MODIFIED:20261125T120000Z",
    ):
        assert lines.count(line) == 1, line
    # Every line ends with CRLF, none has more than 75 octets, and nobody is invited.
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(map(len, data.split(b"\r\n"))) <= 75
    assert not re.search(rb"ATTENDEE|ORGANIZER|VALARM|TZID", data)


@pytest.mark.parametrize(
    ("state", "status", "transparency"),
    [
        ("OK", "CONFIRMED", "OPAQUE"), ("Updating", "CONFIRMED", "OPAQUE"),
        ("Creating", "TENTATIVE", "OPAQUE"), ("new one", "TENTATIVE", "OPAQUE"),
        ("Terminating", "CANCELLED", "TRANSPARENT"), ("Terminated", "CANCELLED", "TRANSPARENT"),
        ("Erred", "CANCELLED", "TRANSPARENT"),
    ],
)  # fmt: skip
def test_the_state_says_whether_it_will_happen(state: str, status: str, transparency: str) -> None:
    """What waits is tentative, what is cancelled blocks no time."""
    [event] = events(replace(TIME, state=state))

    assert (event["STATUS"], event["TRANSP"]) == (status, transparency)


def test_an_event_keeps_its_name() -> None:
    """Also after its hours were changed; not across slots, bookings or servers."""
    moved = replace(TIME, start=START - timedelta(hours=1))
    unnamed = replace(TIME, slot="")

    assert uid_of(moved, SERVER) == uid_of(TIME, SERVER)
    assert (
        len(
            {
                uid_of(TIME, SERVER), uid_of(TIME, "https://other.example/"),
                uid_of(replace(TIME, slot="booking_2"), SERVER),
                uid_of(replace(TIME, booking_uuid="c"), SERVER),
                uid_of(unnamed, SERVER),
                uid_of(replace(unnamed, start=moved.start), SERVER),
            }
        )
        == 6
    )  # fmt: skip
    assert re.fullmatch(r"[0-9a-f-]{36}@booking-desk", uid_of(TIME, SERVER))


@pytest.mark.parametrize("name", ["booking_1", ""])
def test_slots_of_one_name_are_events_of_their_own(name: str) -> None:
    """A booking whose slots the server does not tell apart loses none, nor its usual names."""
    first = replace(TIME, slot=name)
    longer = replace(first, end=first.end + timedelta(hours=1))
    later = replace(first, start=START + timedelta(days=1), end=START + timedelta(days=2))
    found = events(first, longer, later, replace(TIME, slot="booking_2"))

    assert len({str(each["UID"]) for each in found}) == len(found) == 4
    assert [each["DTEND"].dt for each in found[:3]] == [first.end, longer.end, later.end]
    assert [str(each["UID"]) for each in events(first, first)] == [uid_of(first, SERVER)]


def test_what_is_no_known_booking_is_left_out() -> None:
    """Busy times, windows, bookings nobody may see; and nothing is listed twice."""
    others = [
        replace(TIME, kind=Kind.BUSY), replace(TIME, kind=Kind.OPEN),
        replace(TIME, booking_uuid=""),
    ]  # fmt: skip

    assert len(events(TIME, TIME, *others)) == 1
    assert events() == []


HOSTILE = st.text(
    st.characters(codec=None) | st.sampled_from("\r\n;:,\\\"'\x00\x07\u2028\ufeff\ud800"),
    max_size=120,
)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_name_becomes_a_line_of_its_own(name: str, offering: str, description: str) -> None:
    """One event, whatever its texts hold, and nothing that the format forbids."""
    hostile = replace(
        TIME,
        booking=f"{name}\r\nEND:VEVENT\r\nBEGIN:VALARM",
        offering=offering,
        description=f"{description}\nATTENDEE:mailto:x@y.example",
        slot=name,
    )
    data = calendar_file([hostile], SERVER, NOW)
    lines = unfolded(data)

    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 1
    assert not [line for line in lines if line.startswith(("BEGIN:VALARM", "ATTENDEE"))]
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", data)
    assert b"\n" not in data.replace(b"\r\n", b"")
    [event] = Calendar.from_ical(data).walk("VEVENT")
    assert event["DTSTART"].dt == START
    assert str(event["DESCRIPTION"]).endswith("ATTENDEE:mailto:x@y.example")


def test_very_long_texts_are_cut() -> None:
    """A description of a megabyte is not carried into a calendar."""
    [event] = events(replace(TIME, description="ä" * 100_000))

    assert len(str(event["DESCRIPTION"])) <= 4000
