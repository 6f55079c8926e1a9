"""How much of its time an offering is booked, day by day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bookings.schedule.times import Time, Windows, by_offering, merged

MOST_DAYS = 366
Stretch = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Day:
    """A day as a zone has it: 24 hours, or 23 or 25 where the clock is changed. Ends in UTC."""

    date: date
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Use:
    """How much of one day an offering is booked. Hours; overlapping bookings count once."""

    offering_uuid: str
    offering: str
    day: date
    booked: float
    available: float

    @property
    def share(self) -> float:
        """From 0 to 1; 0 where nothing is available."""
        return min(1.0, self.booked / self.available) if self.available else 0.0


def days_between(first: date, last: date, zone: ZoneInfo) -> list[Day]:
    """The days from `first` to `last`, both included, at most MOST_DAYS of them."""
    count = min((last - first).days + 1, MOST_DAYS)
    dates = [first + timedelta(days=number) for number in range(count + 1)] if count > 0 else []
    bounds = [datetime.combine(day, time.min, zone).astimezone(UTC) for day in dates]
    return [
        Day(day, start, end) for day, start, end in zip(dates, bounds, bounds[1:], strict=False)
    ]


def utilisation(
    times: Iterable[Time],
    days: Sequence[Day],
    windows: Mapping[str, Windows] | None = None,
    known_from: datetime | None = None,
) -> list[Use]:
    """One a day for each offering with an active booking in these days, in order.

    The whole day is available, unless `windows` say when the offering is open: then their hours
    are, and those booked all the same. The server drops windows that are over, so they count for
    days that begin after `known_from`, when they were read. An offering with an entry that cannot
    be read is taken to be open all day.
    """
    if not days:
        return []
    first, last = days[0].start, days[-1].end
    booked = (
        time
        for time in times
        if time.offering_uuid and time.active and time.start < last and time.end > first
    )
    uses: list[Use] = []
    for uuid, mine in by_offering(booked).items():
        recorded = (windows or {}).get(uuid)
        limited = bool(recorded and recorded.times and not recorded.unread)
        taken = merged(mine)
        # Whatever is booked was open: the share never exceeds the whole.
        open_ = merged([*recorded.times, *mine]) if recorded and limited else []
        hours = _hours(taken, days)
        hours_open = _hours(open_, days)
        for number, day in enumerate(days):
            known = limited and known_from is not None and day.start >= known_from
            length = (day.end - day.start).total_seconds() / 3600
            available = hours_open[number] if known else length
            uses.append(Use(uuid, mine[0].offering, day.date, hours[number], available))
    return uses


def _hours(stretches: Sequence[Stretch], days: Sequence[Day]) -> list[float]:
    """The hours of each day that are covered; neither list overlaps in itself."""
    hours = [0.0] * len(days)
    at = 0
    for start, end in stretches:
        while at < len(days) and days[at].end <= start:
            at += 1
        number = at
        while number < len(days) and days[number].start < end:
            shared = min(end, days[number].end) - max(start, days[number].start)
            hours[number] += max(0.0, shared.total_seconds()) / 3600
            number += 1
    return hours
