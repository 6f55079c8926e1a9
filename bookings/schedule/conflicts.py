"""Times that cannot both hold: bookings over one another, over Google's, and outside the hours.

Times that only touch do not overlap.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice

from bookings.plain_text import unturned
from bookings.schedule.times import Kind, Time, Windows, by_offering, merged

MOST_CONFLICTS = 20_000
"""A thousand bookings of the same hour are half a million pairs, which nobody reads."""


class Reason(StrEnum):
    """Why times are in conflict."""

    OVERLAP = "overlapping bookings"
    BUSY = "busy in Google"
    OUTSIDE = "outside availability"


@dataclass(frozen=True, slots=True)
class Conflict:
    """One thing that does not fit. `start` and `end` are the stretch in question, in UTC.

    `first` is always a booking; `second` is what it overlaps, None for OUTSIDE. A booking that
    runs while availability is read is said from its own start: the moment of reading is no hour
    of it.
    """

    reason: Reason
    first: Time
    second: Time | None
    start: datetime
    end: datetime
    running: bool = False
    """Whether it began before availability was read, so that a part of it is not judged."""

    def sentence(self, stretch: Callable[[datetime, datetime], str]) -> str:
        """What is wrong, in one sentence; `stretch` says from when to when."""
        first, when = _named(self.first), stretch(self.start, self.end)
        if self.reason is Reason.BUSY:
            return f"{first} overlaps a busy time of the Google calendar, {when}."
        if self.second is not None:
            return f"{first} and {_named(self.second, 'another')} overlap, {when}."
        whole = (self.start, self.end) == (self.first.start, self.first.end)
        part = "lies" if whole else "lies in part"
        past = "; what was over when availability was read is not judged" if self.running else ""
        return f"{first} {part} outside every availability window, {when}{past}."


def _named(time: Time, other: str = "A") -> str:
    if not time.booking_uuid:
        return f"{other} booking that you may not see"
    name, who = unturned(time.booking).strip(), unturned(time.who).strip()
    return f"{name or 'An unnamed booking'}{f' of {who}' if who else ''}"


@dataclass(frozen=True, slots=True)
class Conflicts:
    """What was found, by offering and start; `complete` unless there are more than were asked."""

    found: tuple[Conflict, ...] = ()
    complete: bool = True

    def counts(self) -> Counter[str]:
        """For each booking uuid in conflict, in how many."""
        return Counter(
            time.booking_uuid
            for each in self.found
            for time in (each.first, each.second)
            if time is not None and time.booking_uuid
        )


def find_conflicts(
    times: Iterable[Time],
    windows: Mapping[str, Windows] | None = None,
    known_from: datetime | None = None,
    *,
    most: int = MOST_CONFLICTS,
) -> Conflicts:
    """Conflicts of active bookings with each other, with busy times, and with `windows`.

    `windows` are those recorded, by offering uuid, and `known_from` is when they were read: the
    server drops windows that are over and moves the start of running ones, so what lies before
    is not judged. Nor is an offering without a window, or with one that cannot be read.
    Takes n log n steps, and one for each conflict.
    """
    return _taken(_all(times, windows or {}, known_from), most)


def _taken(found: Iterator[Conflict], most: int) -> Conflicts:
    kept = tuple(islice(found, most))
    return Conflicts(kept, next(found, None) is None)


def _all(
    times: Iterable[Time], windows: Mapping[str, Windows], known_from: datetime | None
) -> Iterator[Conflict]:
    taking = (
        time
        for time in times
        # Two of which nobody knows the offering are not of one offering.
        if time.offering_uuid and (time.active or time.kind is Kind.BUSY)
    )
    for uuid, mine in by_offering(taking).items():
        yield from _overlaps(mine)
        recorded = windows.get(uuid)
        if known_from is not None and recorded and recorded.times and not recorded.unread:
            yield from _outside(mine, recorded.times, known_from)


def _overlaps(times: Sequence[Time]) -> Iterator[Conflict]:
    """Pairs among times of one offering that are sorted by start."""
    booked: list[Time] = []
    busy: list[Time] = []
    for time in times:
        booked = [each for each in booked if each.end > time.start]
        if time.kind is Kind.BUSY:
            for each in booked:
                yield _pair(Reason.BUSY, each, time)
            busy.append(time)
            continue
        busy = [each for each in busy if each.end > time.start]
        for each in booked:
            if not (each.booking_uuid and each.booking_uuid == time.booking_uuid):
                yield _pair(Reason.OVERLAP, each, time)
        for each in busy:
            yield _pair(Reason.BUSY, time, each)
        booked.append(time)


def _pair(reason: Reason, first: Time, second: Time) -> Conflict:
    return Conflict(
        reason, first, second, max(first.start, second.start), min(first.end, second.end)
    )


def _outside(
    times: Sequence[Time], windows: Sequence[Time], known_from: datetime
) -> Iterator[Conflict]:
    stretches = merged(windows)
    starts = [start for start, _ in stretches]
    for time in times:
        start = max(time.start, known_from)
        if time.kind is Kind.BUSY or start >= time.end:
            continue
        at = bisect_right(starts, start) - 1
        if at >= 0 and stretches[at][1] >= time.end:
            continue
        if at >= 0 and stretches[at][1] > start:
            start = stretches[at][1]
        # Up to the next window; one that comes back out of it is still one conflict.
        later = stretches[at + 1][0] if at + 1 < len(stretches) else time.end
        end = min(later, time.end)
        running = time.start < start == known_from
        yield Conflict(Reason.OUTSIDE, time, None, time.start if running else start, end, running)
