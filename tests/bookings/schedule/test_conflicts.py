"""Conflicts: against brute force, and where nothing may be judged."""

import time as clock
from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from bookings.schedule.conflicts import Conflict, Reason, find_conflicts
from bookings.schedule.times import Kind, Time, Windows

NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def taken(
    first: float, last: float, booking: str = "b", offering: str = "o", state: str = "OK",
    kind: Kind = Kind.BOOKING,
) -> Time:  # fmt: skip
    """A time in hours after nine."""
    return Time(
        NINE + first * HOUR, NINE + last * HOUR, kind, offering, "Lab", booking, booking, state
    )


@st.composite
def some_times(draw: st.DrawFn) -> list[Time]:
    """Times of two offerings, with touching ends, doubles, and bookings of several slots."""
    times = []
    for _ in range(draw(st.integers(0, 14))):
        first = draw(st.integers(0, 12))
        kind = draw(st.sampled_from([Kind.BOOKING, Kind.BOOKING, Kind.BUSY, Kind.OPEN]))
        booking = draw(st.sampled_from(["", *"abcdef"])) if kind is Kind.BOOKING else ""
        times.append(
            taken(
                first, first + draw(st.integers(1, 5)), booking,
                draw(st.sampled_from("op")),
                draw(st.sampled_from(["OK", "Creating", "Terminated"])), kind,
            )
        )  # fmt: skip
    return times


def pairs(found: tuple[Conflict, ...]) -> list[tuple[object, ...]]:
    """Conflicts in a form that can be compared, whoever of two comes first."""
    return sorted(
        (each.reason.value, *sorted([each.first.key, each.second.key]), each.start, each.end)
        for each in found
        if each.second is not None
    )


def by_hand(times: list[Time]) -> list[tuple[object, ...]]:
    """Every pair looked at."""
    found = []
    for one, other in combinations(times, 2):
        kinds = {one.kind, other.kind}
        if one.offering_uuid != other.offering_uuid or kinds == {Kind.BUSY}:
            continue
        if not all(each.active or each.kind is Kind.BUSY for each in (one, other)):
            continue
        if one.booking_uuid and one.booking_uuid == other.booking_uuid:
            continue
        start, end = max(one.start, other.start), min(one.end, other.end)
        if start < end:
            reason = Reason.BUSY if Kind.BUSY in kinds else Reason.OVERLAP
            found.append((reason.value, *sorted([one.key, other.key]), start, end))
    return sorted(found)


@given(some_times())
def test_the_pairs_are_those_of_brute_force(times: list[Time]) -> None:
    """All of them, each once, with a booking first."""
    found = find_conflicts(times)

    assert pairs(found.found) == by_hand(times)
    assert found.complete
    assert all(each.first.kind is Kind.BOOKING for each in found.found)


@given(some_times(), st.integers(0, 12))
def test_the_order_of_the_times_does_not_matter(times: list[Time], turn: int) -> None:
    """Whatever order the server lists them in."""
    assert pairs(find_conflicts(times[turn:] + times[:turn]).found) == pairs(
        find_conflicts(times).found
    )


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6)), max_size=6),
    st.tuples(st.integers(0, 20), st.integers(1, 6)),
    st.integers(0, 26),
)
def test_outside_is_what_no_window_covers(
    opened: list[tuple[int, int]], booked: tuple[int, int], now: int
) -> None:
    """Hour by hour, and only from the moment the windows were read."""
    windows = Windows(tuple(taken(at, at + length, kind=Kind.OPEN) for at, length in opened))
    time = taken(booked[0], sum(booked))
    found = find_conflicts([time], {"o": windows}, NINE + now * HOUR).found
    covered = {hour for at, length in opened for hour in range(at, at + length)}
    bare = [hour for hour in range(booked[0], sum(booked)) if hour >= now and hour not in covered]

    assert bool(found) is bool(bare and opened)
    if found:
        assert found[0].running is (booked[0] < now == bare[0])
        assert found[0].start == NINE + (booked[0] if found[0].running else bare[0]) * HOUR
        assert found[0].end > found[0].start


def test_where_nothing_is_judged() -> None:
    """No window, an unreadable one, another offering's, and what lies before the reading."""
    window = taken(0, 1, kind=Kind.OPEN)
    booked = [taken(4, 5)]

    assert find_conflicts(booked, {"o": Windows((window,))}, NINE).found
    assert not find_conflicts(booked, {"o": Windows((window,))}).found
    assert not find_conflicts(booked, {"o": Windows()}, NINE).found
    assert not find_conflicts(booked, {"o": Windows((window,), unread=1)}, NINE).found
    assert not find_conflicts(booked, {"p": Windows((window,))}, NINE).found
    assert not find_conflicts(booked, {"o": Windows((window,))}, NINE + 5 * HOUR).found
    assert not find_conflicts([taken(0, 2, "a", ""), taken(0, 2, "b", "")]).found


def test_each_says_a_sentence() -> None:
    """Who, what and when."""

    def say(times: list[Time], **more: Windows) -> str:
        found = find_conflicts(times, more, NINE).found
        return found[0].sentence(lambda start, end: f"{start:%H} to {end:%H}")

    busy = taken(1, 3, "", kind=Kind.BUSY)
    window = Windows((taken(0, 2, kind=Kind.OPEN),))
    assert say([taken(0, 2, "a"), taken(1, 4, "b")]) == "a and b overlap, 10 to 11."
    assert say([taken(0, 2, "a"), busy]) == (
        "a overlaps a busy time of the Google calendar, 10 to 11."
    )
    assert say([taken(0, 2, ""), taken(1, 4, "b")]) == (
        "A booking that you may not see and b overlap, 10 to 11."
    )
    assert say([taken(3, 4, "a")], o=window) == (
        "a lies outside every availability window, 12 to 13."
    )
    assert say([taken(1, 4, "a")], o=window) == (
        "a lies in part outside every availability window, 11 to 13."
    )


def test_a_running_booking_is_said_by_its_own_hours() -> None:
    """Not from the moment of reading, which is another with every Refresh."""

    def say(hour: float, *windows: Time) -> str:
        opened = {"o": Windows(windows)}
        [found] = find_conflicts([taken(0, 8, "a")], opened, NINE + hour * HOUR).found
        return found.sentence(lambda start, end: f"{start:%H} to {end:%H}")

    unjudged = "; what was over when availability was read is not judged."
    later, soon = taken(20, 21, kind=Kind.OPEN), taken(6, 9, kind=Kind.OPEN)
    assert say(2, later) == say(3, later)
    assert say(2, later) == f"a lies outside every availability window, 09 to 17{unjudged}"
    assert say(2, soon) == (f"a lies in part outside every availability window, 09 to 15{unjudged}")
    assert say(2, taken(1, 4, kind=Kind.OPEN)) == (
        "a lies in part outside every availability window, 13 to 17."
    )


def test_five_thousand_bookings_take_no_time_and_a_pile_is_cut() -> None:
    """Each in its own hour first; then all at once, which is cut where nobody reads on."""
    began = clock.process_time()
    spread = [taken(number, number + 1.5, str(number)) for number in range(5000)]
    assert len(find_conflicts(spread).found) == 4999
    pile = find_conflicts([taken(0, 1, str(number)) for number in range(5000)], most=1000)

    assert (len(pile.found), pile.complete) == (1000, False)
    assert pile.counts().total() == 2000
    assert clock.process_time() - began < 5
