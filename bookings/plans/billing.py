"""Billing periods: how many units of a plan a stretch of time is, and what they cost.

The rules are those of a Waldur server (its invoices' `get_quantity`, the same in every release
read from 2019 to 2026), and they differ by unit in ways that nobody would guess: hours and days
are counted on the clock, a month by started days of 24 hours and by the day numbers of its ends,
half a month by day numbers alone. The day number of either end is that of the zone in which it is
given, so that a month in which clocks change is whole; the server's own zone is UTC unless its
operator chose another. Between the ends the time that passes is counted, not the clock.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import ROUND_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

from bookings.plans.prices import ARITHMETIC

__all__ = [
    "LAST_MOMENT",
    "MONTHS_OF_A_QUARTER",
    "QUANTITY",
    "UNITS",
    "Period",
    "billing_quantity",
    "first_of_next_month",
    "last_of_month",
    "months",
    "period_between",
    "periods_of",
    "price_of",
    "round_up",
    "whole_month",
]

QUANTITY = "quantity"
"""The unit of a plan that is charged by no time."""
UNITS = ("month", "quarter", "half_month", "day", "hour", QUANTITY)
"""What a plan can be charged by."""
CENT = Decimal("0.01")
MIDDLE = 15
"""The last day of the first half of a month, however long the month is."""
LAST_MOMENT = time(23, 59, 59, 999999)
FIRST_YEAR, LAST_YEAR = 1970, 9000
MOST_YEARS = 10
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONTHS_OF_A_QUARTER = 3


class Period(NamedTuple):
    """A stretch of time; `end` is its last moment, as a server writes it."""

    start: datetime
    end: datetime


def round_up(amount: Decimal) -> Decimal:
    """An amount with two decimals, away from 0: what a server does with money and quantities."""
    return amount.quantize(CENT, rounding=ROUND_UP, context=ARITHMETIC)


def price_of(unit_price: Decimal, quantity: Decimal) -> Decimal:
    """What so many units cost, as money."""
    return round_up(ARITHMETIC.multiply(unit_price, quantity))


def billing_quantity(unit: str, start: datetime, end: datetime) -> Decimal:
    """How many units of a plan a billing period is; `quantity` counts like a month.

    Raises ValueError where the unit is not known, the end lies before the start, only one of
    the two names a time zone, or the period leaves its month (a quarter may).
    """
    if unit not in UNITS:
        raise ValueError(f"the unit {unit!r} is none of {', '.join(UNITS)}")
    if (start.tzinfo is None) != (end.tzinfo is None):
        raise ValueError("only one of start and end names a time zone")
    passed = _passed(start, end)
    # Of two moments in different zones the later one may lie on the earlier day.
    if passed < timedelta(0) or end.date() < start.date():
        raise ValueError("the end lies before the start")
    if not FIRST_YEAR <= start.year <= end.year <= LAST_YEAR:
        raise ValueError(f"only the years {FIRST_YEAR} to {LAST_YEAR} can be billed")
    if unit == "quarter":
        return Decimal(_quarters(start, end))
    if (start.year, start.month) != (end.year, end.month):
        raise ValueError("a billing period does not leave its month")
    if unit == "hour":
        return Decimal(-(-passed // HOUR))
    if unit == "day":
        return Decimal(-(-passed // DAY))
    if unit == "half_month":
        return _half_months(start, end)
    return _share_of_month(start, end)


def _passed(start: datetime, end: datetime) -> timedelta:
    """The time between two moments; Python itself takes two of one zone for times of one clock."""
    offset = (end.utcoffset() or timedelta(0)) - (start.utcoffset() or timedelta(0))
    return end.replace(tzinfo=None) - start.replace(tzinfo=None) - offset


def _quarters(start: datetime, end: datetime) -> int:
    """Quarters that begin within the period. One that has begun before is not counted."""
    count = 0
    first, last = start.replace(tzinfo=None), end.replace(tzinfo=None)
    year, month = start.year, start.month - (start.month - 1) % MONTHS_OF_A_QUARTER
    while (begin := datetime(year, month, 1)) <= last:  # noqa: DTZ001 - by the clock of either end
        count += begin >= first
        month += MONTHS_OF_A_QUARTER
        year, month = (year, month) if month <= 12 else (year + 1, 1)
    return count


def _share_of_month(start: datetime, end: datetime) -> Decimal:
    days = monthrange(start.year, start.month)[1]
    if start.day == 1 and end.day == days:
        return Decimal(1)
    # Days begun, counted from the moment of the start; one that is just over counts as begun.
    begun = _passed(start, end) // DAY + 1
    return round_up(ARITHMETIC.divide(Decimal(begun), Decimal(days)))


def _half_months(start: datetime, end: datetime) -> Decimal:
    days = monthrange(start.year, start.month)[1]
    half = ARITHMETIC.divide(Decimal(days), Decimal(2))
    first, last = start.day, end.day
    if (first, last) in {(1, MIDDLE), (MIDDLE + 1, days)}:
        return Decimal(1)
    if (first, last) == (1, days):
        return Decimal(2)
    # One whole half, and the days beyond it as a share of half of this month.
    if first == 1 and last > MIDDLE:
        return _beyond_a_half(last - MIDDLE, half)
    if first <= MIDDLE and last == days:
        return _beyond_a_half(MIDDLE + 1 - first, half)
    return round_up(ARITHMETIC.divide(Decimal(last - first + 1), half))


def _beyond_a_half(days: int, half: Decimal) -> Decimal:
    return round_up(ARITHMETIC.add(Decimal(1), ARITHMETIC.divide(Decimal(days), half)))


# --- months ---------------------------------------------------------------------------------


def period_between(first: date, last: date) -> Period:
    """From the beginning of a day to the end of another, in UTC.

    Raises ValueError where they are in the wrong order, too far apart, or no years of bills.
    """
    if last < first:
        raise ValueError("the period ends before it begins")
    if not FIRST_YEAR <= first.year <= last.year <= LAST_YEAR:
        raise ValueError(f"only the years {FIRST_YEAR} to {LAST_YEAR} can be billed")
    if last.year - first.year > MOST_YEARS:
        raise ValueError(f"the period is longer than {MOST_YEARS} years")
    return Period(datetime.combine(first, time.min, UTC), datetime.combine(last, LAST_MOMENT, UTC))


def whole_month(moment: datetime) -> Period:
    """The month in which a moment lies."""
    last = monthrange(moment.year, moment.month)[1]
    return Period(_midnight(moment, 1), _last_moment(moment, last))


def last_of_month(day: date) -> date:
    """The last day of the month of a day."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def first_of_next_month(moment: datetime) -> datetime:
    """When a future price begins to count."""
    year, month = (moment.year, moment.month + 1) if moment.month < 12 else (moment.year + 1, 1)
    return datetime(year, month, 1, tzinfo=moment.tzinfo)


def months(start: datetime, end: datetime) -> Iterator[Period]:
    """The billing periods of a stretch of time: an invoice never holds more than a month."""
    while start <= end:
        yield Period(start, min(end, whole_month(start).end))
        start = first_of_next_month(start)


def periods_of(unit: str, start: datetime, end: datetime) -> tuple[tuple[datetime, Decimal], ...]:
    """For each month of a stretch of time its start, and how many units it is billed."""
    return _periods_of(unit, start, end, start.tzinfo)


@lru_cache(maxsize=4096)
def _periods_of(
    unit: str, start: datetime, end: datetime, _zone: tzinfo | None
) -> tuple[tuple[datetime, Decimal], ...]:
    # One moment in two zones is equal, but lies on other days; the zone tells them apart.
    return tuple((each.start, billing_quantity(unit, *each)) for each in months(start, end))


def _midnight(moment: datetime, day: int) -> datetime:
    return datetime(moment.year, moment.month, day, tzinfo=moment.tzinfo)


def _last_moment(moment: datetime, day: int) -> datetime:
    return datetime.combine(moment.date().replace(day=day), LAST_MOMENT, moment.tzinfo)
