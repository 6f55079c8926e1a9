"""Utilisation: against a count of minutes, and on days on which the clock is changed."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.schedule.times import Kind, Time, Windows
from bookings.schedule.utilisation import MOST_DAYS, Use, days_between, utilisation

ZONES = ("UTC", "Europe/Tallinn", "America/Sao_Paulo", "Pacific/Apia", "Australia/Lord_Howe")
TALLINN = ZoneInfo("Europe/Tallinn")
MIDNIGHT = datetime(2026, 12, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def taken(
    start: datetime, end: datetime, state: str = "OK", kind: Kind = Kind.BOOKING, uuid: str = "b"
) -> Time:
    """A time of the one offering."""
    return Time(start, end, kind, "o", "Lab", uuid, uuid, state)


@given(
    st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.integers(0, 40), st.sampled_from(ZONES)
)  # fmt: skip
def test_days_follow_each_other_without_a_gap(first: date, more: int, name: str) -> None:
    """Whatever the clock does in between."""
    days = days_between(first, first + timedelta(days=more), ZoneInfo(name))

    assert [day.date for day in days] == [first + timedelta(days=n) for n in range(more + 1)]
    assert all(one.end == next_.start for one, next_ in pairwise(days))
    assert all(timedelta(0) <= day.end - day.start <= timedelta(hours=48) for day in days)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_a_day_of_another_length(day: date, hours: int) -> None:
    """Booked all day it is full, and no more than full."""
    days = days_between(day, day, TALLINN)
    [use] = utilisation([taken(days[0].start, days[0].end)], days)

    assert (use.booked, use.available, use.share) == (hours, hours, 1.0)


def test_a_range_is_bounded_and_can_be_empty() -> None:
    """A reversed one has no day; a century has a year's."""
    assert days_between(date(2026, 2, 2), date(2026, 2, 1), TALLINN) == []
    assert len(days_between(date(1926, 1, 1), date(2026, 1, 1), TALLINN)) == MOST_DAYS
    assert utilisation([], []) == []
    assert utilisation([], days_between(date(2026, 1, 1), date(2026, 1, 2), TALLINN)) == []


SPANS = st.lists(st.tuples(st.integers(-40, 320), st.integers(1, 150)), max_size=8)


def counted(spans: list[tuple[int, int]], first: int, last: int) -> float:
    """Hours of the quarters from `first` to `last` that a span covers."""
    covered = {quarter for at, length in spans for quarter in range(at, at + length)}
    return sum(1 for quarter in range(first, last) if quarter in covered) / 4


@given(SPANS, SPANS, st.booleans())
def test_hours_are_those_of_a_count(
    booked: list[tuple[int, int]], opened: list[tuple[int, int]], limited: bool
) -> None:
    """Quarter by quarter: overlaps count once, and what is booked was open."""

    def times(spans: list[tuple[int, int]], kind: Kind = Kind.BOOKING) -> list[Time]:
        return [
            taken(
                MIDNIGHT + at * QUARTER, MIDNIGHT + (at + length) * QUARTER, kind=kind, uuid=str(n)
            )
            for n, (at, length) in enumerate(spans)
        ]

    days = days_between(date(2026, 12, 1), date(2026, 12, 3), ZoneInfo("UTC"))
    windows = {"o": Windows(tuple(times(opened, Kind.OPEN)))} if limited else None
    uses = utilisation(times(booked), days, windows, MIDNIGHT)

    assert bool(uses) is bool(counted(booked, 0, 288))
    for number, use in enumerate(uses):
        first, last = number * 96, number * 96 + 96
        assert use.booked == pytest.approx(counted(booked, first, last))
        known = limited and opened
        both = counted(booked + opened, first, last)
        assert use.available == pytest.approx(both if known else 24)
        assert 0 <= use.share <= 1


def test_only_what_takes_its_time_counts() -> None:
    """Not what was cancelled, nor what Google says, nor windows."""
    end = MIDNIGHT + timedelta(hours=6)
    days = days_between(date(2026, 12, 1), date(2026, 12, 1), ZoneInfo("UTC"))
    times = [
        taken(MIDNIGHT, end, "Terminated"), taken(MIDNIGHT, end, kind=Kind.BUSY),
        taken(MIDNIGHT, end, kind=Kind.OPEN),
    ]  # fmt: skip

    assert utilisation(times, days) == []
    assert utilisation([*times, taken(MIDNIGHT, end)], days) == [
        Use("o", "Lab", date(2026, 12, 1), 6.0, 24.0)
    ]


def test_windows_count_from_the_day_after_they_were_read() -> None:
    """The server drops those that are over, so of earlier days nothing is known."""
    days = days_between(date(2026, 12, 1), date(2026, 12, 3), ZoneInfo("UTC"))
    window = taken(MIDNIGHT + 36 * timedelta(hours=1), MIDNIGHT + timedelta(days=3), kind=Kind.OPEN)
    booked = taken(MIDNIGHT, MIDNIGHT + timedelta(hours=1))
    read = MIDNIGHT + timedelta(hours=9)

    assert [
        use.available
        for use in utilisation([booked], days, {"o": Windows((window,))}, read)
    ] == [24.0, 12.0, 24.0]  # fmt: skip
    assert [
        use.available
        for use in utilisation([booked], days, {"o": Windows((window,), unread=1)}, read)
    ] == [24.0, 24.0, 24.0]
