"""Billing periods: how many units they are, as recorded and by the rules."""

import json
from calendar import monthrange
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.plans.billing import (
    UNITS,
    billing_quantity,
    first_of_next_month,
    months,
    periods_of,
    price_of,
    round_up,
    whole_month,
)

RECORDED = Path(__file__).parents[4] / "shared" / "plans" / "billing-periods.jsonl"
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
EAST = timezone(timedelta(hours=2))
# A busy machine may take long over one example.

moments = st.timedeltas(timedelta(0), 40_000 * DAY).map(
    lambda since: datetime(1971, 1, 1, tzinfo=UTC) + since
)
amounts = st.decimals(min_value=-(10**8), max_value=10**8, places=10)


def at(text: str) -> datetime:
    """A moment of UTC, from the day or from the day and the time."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def bare(moment: datetime) -> datetime:
    """The same moment without its zone."""
    return moment.replace(tzinfo=None)


def days(month: str, first: int, last: int) -> tuple[datetime, datetime]:
    """From the first moment of one day of a month to the last moment of another."""
    return at(f"{month}-{first:02}"), at(f"{month}-{last:02}") + DAY - TICK


# --- recorded invoices ----------------------------------------------------------------------


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded periods are not here")
def test_every_recorded_period_is_reproduced() -> None:
    """Quantity and price of a running server, digit by digit."""
    wrong = []
    lines = RECORDED.read_text().splitlines()
    for line in lines:
        case = json.loads(line)
        moments_ = (datetime.fromisoformat(case[end]) for end in ("start", "end"))
        quantity = billing_quantity(case["unit"], *moments_)
        price = price_of(Decimal(case["unit_price"]), quantity)
        if (format(quantity, "f"), format(price, "f")) != (case["quantity"], case["price"]):
            wrong.append((case, quantity, price))

    assert len(lines) >= 60
    assert wrong == []


LAST = "T23:59:59.999999"


@pytest.mark.parametrize(
    ("unit", "start", "end", "quantity", "unit_price", "price"),
    [
        ("month", "2028-02-05T01:00", "2028-02-17T17:59", "0.45", "0.065", "0.03"),
        ("month", "2027-01-19T07:30", "2027-01-19T17:15", "0.04", "38824.6103", "1552.99"),
        ("month", "2027-04-04", "2027-04-19T13:00", "0.54", "1742717.22", "941067.30"),
        ("month", "2027-02-27T04:30", "2027-02-28T17:59", "0.08", "30970.944", "2477.68"),
        ("month", "2027-01-01", f"2027-01-31{LAST}", "1", "0.0713", "0.08"),
        ("half_month", "2027-02-07T11:00", "2027-02-23T12:15", "1.22", "278286.357", "339509.36"),
        ("half_month", "2027-02-11T09:00", "2027-02-17T19:59", "0.50", "0.1422347", "0.08"),
        ("half_month", "2027-04-15T01:00", "2027-04-27T14:00", "0.87", "0.00002", "0.01"),
        ("half_month", "2028-02-18T00:30", "2028-02-24T19:59", "0.49", "67330.182", "32991.79"),
        ("half_month", "2027-02-23T02:30", "2027-02-28T14:15", "0.43", "978.7", "420.85"),
        ("half_month", "2028-02-01", f"2028-02-29{LAST}", "2", "6031523.37", "12063046.74"),
        ("day", "2027-01-03T08:30", "2027-01-24T21:00", "22", "0.47435", "10.44"),
        ("day", "2027-04-25T08:00", "2027-04-25T16:00", "1", "1879.5269", "1879.53"),
        ("day", "2027-02-02T08:30", "2027-02-28T23:59", "27", "0.008582", "0.24"),
        ("day", "2028-02-01", f"2028-02-29{LAST}", "29", "651.34265", "18888.94"),
        ("hour", "2027-01-07T04:00", "2027-01-22T15:15", "372", "3.4737", "1292.22"),
        ("hour", "2027-02-13T06:30", "2027-02-25T12:00", "294", "0.0000055", "0.01"),
        ("hour", "2027-02-19T04:00", "2027-02-19T22:15", "19", "937620.78", "17814794.82"),
        ("hour", "2027-04-01", f"2027-04-30{LAST}", "720", "0.0008559", "0.62"),
        ("quantity", "2027-01-26T01:30", "2027-01-29T13:15", "0.13", "87.5", "11.38"),
        ("quantity", "2028-02-07T08:30", "2028-02-12T12:15", "0.21", "5018.181", "1053.82"),
        ("quantity", "2027-01-26T11:00", "2027-01-31T21:00", "0.20", "53.61139", "10.73"),
        ("quantity", "2027-04-01", f"2027-04-30{LAST}", "1", "68.06", "68.06"),
    ],
)
def test_periods_as_a_server_billed_them(
    unit: str, start: str, end: str, quantity: str, unit_price: str, price: str
) -> None:
    """Some recorded periods of each unit, quantity and price as text."""
    counted = billing_quantity(unit, at(start), at(end))

    assert format(counted, "f") == quantity
    assert format(price_of(Decimal(unit_price), counted), "f") == price


# --- half months ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("month", "first", "last", "quantity"),
    [
        # 31 days: half of it is 15.5
        ("2027-01", 1, 15, "1"),
        ("2027-01", 16, 31, "1"),
        ("2027-01", 1, 31, "2"),
        ("2027-01", 1, 16, "1.07"),
        ("2027-01", 1, 17, "1.13"),
        ("2027-01", 1, 30, "1.97"),
        ("2027-01", 15, 31, "1.07"),
        ("2027-01", 14, 31, "1.13"),
        ("2027-01", 2, 31, "1.91"),
        ("2027-01", 17, 31, "0.97"),
        ("2027-01", 31, 31, "0.07"),
        ("2027-01", 1, 1, "0.07"),
        ("2027-01", 1, 14, "0.91"),
        ("2027-01", 2, 15, "0.91"),
        ("2027-01", 16, 30, "0.97"),
        ("2027-01", 2, 30, "1.88"),
        # 30 days
        ("2027-04", 1, 15, "1"),
        ("2027-04", 16, 30, "1"),
        ("2027-04", 1, 30, "2"),
        ("2027-04", 1, 16, "1.07"),
        ("2027-04", 15, 30, "1.07"),
        ("2027-04", 17, 30, "0.94"),
        ("2027-04", 2, 29, "1.87"),
        ("2027-04", 1, 29, "1.94"),
        # February: halves of 14 and of 14.5, and still the middle is the 15th
        ("2027-02", 1, 14, "1"),
        ("2027-02", 1, 15, "1"),
        ("2027-02", 16, 28, "1"),
        ("2027-02", 1, 28, "2"),
        ("2027-02", 1, 16, "1.08"),
        ("2027-02", 15, 28, "1.08"),
        ("2027-02", 2, 28, "2"),
        ("2027-02", 17, 28, "0.86"),
        ("2028-02", 16, 29, "1"),
        ("2028-02", 16, 28, "0.90"),
        ("2028-02", 1, 29, "2"),
        ("2028-02", 1, 28, "1.90"),
        ("2028-02", 15, 29, "1.07"),
    ],
)
def test_half_months_go_by_day_numbers(month: str, first: int, last: int, quantity: str) -> None:
    """Each half is 1, and days beyond a half are shares of half of the month, rounded up."""
    assert billing_quantity("half_month", *days(month, first, last)) == Decimal(quantity)


def test_half_months_do_not_look_at_the_clock() -> None:
    """From noon of the first day to an early hour of the 15th is a half all the same."""
    assert billing_quantity("half_month", at("2027-01-01T12:00"), at("2027-01-15T00:01")) == 1


# --- months ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "quantity"),
    [
        ("2027-11-01", f"2027-11-30{LAST}", "1"),
        ("2027-11-01T23:00", "2027-11-30T00:00", "1"),
        ("2027-11-01T14:00", "2027-11-08T13:59:59.999999", "0.24"),
        ("2027-11-01T14:00", "2027-11-08T14:00", "0.27"),
        ("2027-11-01T14:00", "2027-11-01T14:00", "0.04"),
        ("2027-11-02", f"2027-11-30{LAST}", "0.97"),
        ("2027-11-01", f"2027-11-29{LAST}", "0.97"),
        ("2027-11-01", f"2027-11-15{LAST}", "0.50"),
        ("2027-02-01", f"2027-02-28{LAST}", "1"),
        ("2028-02-01", f"2028-02-28{LAST}", "0.97"),
        ("2028-02-01", f"2028-02-29{LAST}", "1"),
        ("2000-02-01", f"2000-02-28{LAST}", "0.97"),
        ("2100-02-01", f"2100-02-28{LAST}", "1"),
    ],
)
@pytest.mark.parametrize("unit", ["month", "quantity"])
def test_months_go_by_started_days(unit: str, start: str, end: str, quantity: str) -> None:
    """From first to last day is 1; else begun days of 24 hours, n of them exactly being n + 1."""
    assert format(billing_quantity(unit, at(start), at(end)), "f") == quantity


# --- days and hours -------------------------------------------------------------------------


@pytest.mark.parametrize(("unit", "length"), [("day", DAY), ("hour", timedelta(hours=1))])
@pytest.mark.parametrize("count", [1, 2, 7, 24])
def test_days_and_hours_round_up_only_what_is_begun(
    unit: str, length: timedelta, count: int
) -> None:
    """An exact multiple is itself, a microsecond more is one more, and one less is not less."""
    start = at("2027-01-03T06:30")
    end = start + count * length

    assert billing_quantity(unit, start, end) == count
    assert billing_quantity(unit, start, end + TICK) == count + 1
    assert billing_quantity(unit, start, end - TICK) == count


@pytest.mark.parametrize("unit", ["day", "hour"])
def test_no_time_at_all_is_no_day_and_no_hour(unit: str) -> None:
    """A period that ends with its first moment has begun nothing."""
    assert billing_quantity(unit, at("2027-01-03"), at("2027-01-03")) == 0


# --- quarters -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "quantity"),
    [
        ("2027-01-01", "2027-01-01", 1),
        ("2027-01-01", f"2027-03-31{LAST}", 1),
        ("2027-01-01T00:00:00.000001", f"2027-03-31{LAST}", 0),
        ("2027-01-02", f"2027-01-31{LAST}", 0),
        ("2027-02-10", f"2027-03-31{LAST}", 0),
        ("2027-02-10", "2027-04-01", 1),
        ("2027-01-01", "2027-04-01", 2),
        ("2027-12-31", "2028-01-01", 1),
        ("2027-01-01", f"2027-12-31{LAST}", 4),
        ("2027-02-01", f"2029-01-31{LAST}", 8),
    ],
)
def test_a_quarter_counts_where_its_first_moment_lies(start: str, end: str, quantity: int) -> None:
    """Each quarter of the calendar that begins within the period, over any number of months."""
    assert billing_quantity("quarter", at(start), at(end)) == quantity


# --- zones ----------------------------------------------------------------------------------


def test_the_zone_of_either_end_decides_its_day_number() -> None:
    """A month of an eastern zone is whole there, and crosses a month in UTC."""
    start = datetime(2027, 5, 1, tzinfo=EAST)
    end = whole_month(start).end

    assert billing_quantity("month", start, end) == 1
    assert billing_quantity("month", start, end.astimezone(UTC)) == 1
    with pytest.raises(ValueError, match="does not leave its month"):
        billing_quantity("month", start.astimezone(UTC), end)


@pytest.mark.parametrize(
    ("unit", "start", "end", "quantity"),
    [
        # October in Tallinn has an hour more, and March one less.
        ("month", "2027-10-01T00:00+03:00", f"2027-10-31{LAST}+02:00", "1"),
        ("month", "2027-03-01T00:00+02:00", f"2027-03-31{LAST}+03:00", "1"),
        ("quantity", "2027-10-01T00:00+03:00", f"2027-10-31{LAST}+02:00", "1"),
        ("half_month", "2027-10-01T00:00+03:00", f"2027-10-31{LAST}+02:00", "2"),
        ("half_month", "2027-03-16T00:00+02:00", f"2027-03-31{LAST}+03:00", "1"),
        ("hour", "2027-10-01T00:00+03:00", f"2027-10-31{LAST}+02:00", "745"),
        ("hour", "2027-03-01T00:00+02:00", f"2027-03-31{LAST}+03:00", "743"),
        ("day", "2027-10-01T00:00+03:00", f"2027-10-31{LAST}+02:00", "32"),
        ("day", "2027-03-01T00:00+02:00", f"2027-03-31{LAST}+03:00", "31"),
        ("month", "2027-03-02T00:00+02:00", f"2027-03-31{LAST}+03:00", "0.97"),
        ("quarter", "2027-10-01T00:00+03:00", f"2027-12-31{LAST}+02:00", "1"),
        ("quarter", "2027-07-01T00:00+03:00", f"2027-12-31{LAST}+02:00", "2"),
        ("quarter", "2027-01-01T00:00+02:00", f"2027-03-31{LAST}+03:00", "1"),
    ],
)
def test_clocks_change_within_a_period(unit: str, start: str, end: str, quantity: str) -> None:
    """Days are those of the calendar at either end; hours and started days those that pass."""
    both = datetime.fromisoformat(start), datetime.fromisoformat(end)

    assert format(billing_quantity(unit, *both), "f") == quantity


def test_a_zone_with_its_own_clock_changes_is_one_like_others() -> None:
    """Named once for both ends."""
    zone = ZoneInfo("Europe/Tallinn")
    october = whole_month(datetime(2027, 10, 1, tzinfo=zone))

    assert billing_quantity("month", *october) == 1
    assert billing_quantity("hour", *october) == 745


@pytest.mark.parametrize("unit", UNITS)
def test_a_later_moment_on_an_earlier_day_is_no_period(unit: str) -> None:
    """The days of two zones can be in the wrong order where the moments are not."""
    start = datetime(2027, 1, 15, 0, 30, tzinfo=timezone(timedelta(hours=14)))
    end = datetime(2027, 1, 13, 23, 0, tzinfo=timezone(timedelta(hours=-12)))

    with pytest.raises(ValueError, match="before the start"):
        billing_quantity(unit, start, end)


@pytest.mark.parametrize("unit", UNITS)
def test_times_without_zones_count_alike(unit: str) -> None:
    """Where neither end names a zone, the day numbers are those that are written."""
    start, end = at("2027-01-04T05:00"), at("2027-01-20T06:00")

    assert billing_quantity(unit, bare(start), bare(end)) == billing_quantity(unit, start, end)


def test_the_same_moments_in_two_zones_are_two_stretches() -> None:
    """Months are those of the zone that is given, whichever zone was asked for before."""
    start = datetime(2031, 2, 1, tzinfo=EAST)
    end = whole_month(start).end
    in_utc = start.astimezone(UTC), end.astimezone(UTC)

    assert [periods for _, periods in periods_of("month", *in_utc)] == [Decimal("0.04"), 1]
    assert [periods for _, periods in periods_of("month", start, end)] == [1]


# --- what cannot be counted -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "start", "end", "words"),
    [
        ("fortnight", at("2027-01-01"), at("2027-01-02"), "'fortnight' is none of month"),
        ("", at("2027-01-01"), at("2027-01-02"), "the unit '' is none of"),
        ("Month", at("2027-01-01"), at("2027-01-02"), "is none of"),
        ("day", at("2027-01-02"), at("2027-01-01"), "the end lies before the start"),
        ("quarter", at("2027-01-02"), at("2027-01-01"), "the end lies before the start"),
        ("day", at("2027-01-02"), at("2027-01-02") - TICK, "the end lies before the start"),
        ("day", at("2027-01-01"), bare(at("2027-01-02")), "only one of start and end"),
        ("day", bare(at("2027-01-01")), at("2027-01-02"), "only one of start and end"),
        ("day", at("2027-01-31"), at("2027-02-01"), "does not leave its month"),
        ("hour", at("2027-01-31T23:59"), at("2027-02-01"), "does not leave its month"),
        ("half_month", at("2027-01-31"), at("2028-01-31"), "does not leave its month"),
        ("month", at("2027-12-31"), at("2028-01-01"), "does not leave its month"),
    ],
)
def test_what_cannot_be_counted_is_told(
    unit: str, start: datetime, end: datetime, words: str
) -> None:
    """One reason in words for each way in which a period is none."""
    with pytest.raises(ValueError, match=words):
        billing_quantity(unit, start, end)


# --- money ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        ("0", "0.00"),
        ("1", "1.00"),
        ("0.01", "0.01"),
        ("0.0100000001", "0.02"),
        ("0.0099999999", "0.01"),
        ("1E-10", "0.01"),
        ("-1E-10", "-0.01"),
        ("-0.011", "-0.02"),
        ("-5", "-5.00"),
        ("123456789012.3456789012", "123456789012.35"),
    ],
)
def test_money_is_rounded_away_from_0(amount: str, rounded: str) -> None:
    """Whatever is left of a cent is a cent, in either direction."""
    assert format(round_up(Decimal(amount)), "f") == rounded


@pytest.mark.parametrize(
    ("unit_price", "quantity", "price"),
    [
        ("1E-10", "1", "0.01"),
        ("1E-10", "0", "0.00"),
        ("1E-10", "744", "0.01"),
        ("0", "744", "0.00"),
        ("0.005", "2", "0.01"),
        ("0.005", "2.01", "0.02"),
        ("-0.005", "1", "-0.01"),
        ("9999999999.9999999999", "999999999999", "9999999999989999999900.01"),
    ],
)
def test_a_price_is_that_of_all_units_rounded_once(
    unit_price: str, quantity: str, price: str
) -> None:
    """The product is exact, and only then made money."""
    assert format(price_of(Decimal(unit_price), Decimal(quantity)), "f") == price


@given(amounts)
def test_rounding_never_takes_more_than_a_cent(amount: Decimal) -> None:
    """The rounded amount has two decimals, is as far from 0 or farther, by less than a cent."""
    rounded = round_up(amount)

    assert rounded.as_tuple().exponent == -2
    assert 0 <= abs(rounded) - abs(amount) < Decimal("0.01")
    assert round_up(rounded) == rounded


# --- months of a stretch --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "start", "end", "next_"),
    [
        ("2027-01-31T12:00", "2027-01-01", f"2027-01-31{LAST}", "2027-02-01"),
        ("2028-02-01", "2028-02-01", f"2028-02-29{LAST}", "2028-03-01"),
        (f"2027-12-31{LAST}", "2027-12-01", f"2027-12-31{LAST}", "2028-01-01"),
    ],
)
def test_the_month_of_a_moment(moment: str, start: str, end: str, next_: str) -> None:
    """From its first to its last microsecond, and when the next one begins."""
    assert whole_month(at(moment)) == (at(start), at(end))
    assert first_of_next_month(at(moment)) == at(next_)


def test_months_keep_the_zone() -> None:
    """First and last moments are those of the zone in which the moment is given."""
    start, end = whole_month(datetime(2027, 5, 5, tzinfo=EAST))

    assert (start.utcoffset(), end.utcoffset()) == (timedelta(hours=2), timedelta(hours=2))
    assert first_of_next_month(start).utcoffset() == timedelta(hours=2)


def test_a_stretch_that_ends_before_it_begins_has_no_months() -> None:
    """Nothing is billed for no time."""
    assert list(months(at("2027-02-02"), at("2027-02-01"))) == []


@given(moments, st.timedeltas(timedelta(0), timedelta(days=1500)))
def test_months_leave_no_gap_and_no_overlap(start: datetime, length: timedelta) -> None:
    """They begin and end with the stretch, each follows the other, and none leaves its month."""
    end = start + length
    parts = list(months(start, end))

    assert (parts[0].start, parts[-1].end) == (start, end)
    for part in parts:
        assert part.start <= part.end
        assert (part.start.year, part.start.month) == (part.end.year, part.end.month)
    for before, after in pairwise(parts):
        assert before.end + TICK == after.start


@given(moments, st.integers(1, 20))
def test_days_and_hours_of_whole_months_add_up(moment: datetime, count: int) -> None:
    """The days of the months are those of the calendar, and the hours 24 times as many."""
    start = end = whole_month(moment).start
    for _ in range(count):
        end = first_of_next_month(end)

    in_days, in_hours, in_halves = (
        sum(quantity for _, quantity in periods_of(unit, start, end - TICK))
        for unit in ("day", "hour", "half_month")
    )

    assert in_days == (end - start).days
    assert in_hours == 24 * in_days
    assert in_halves == 2 * count


@given(moments, st.timedeltas(timedelta(0), timedelta(days=31)))
def test_a_part_of_a_month_is_never_more_than_the_month(start: datetime, length: timedelta) -> None:
    """Whatever the unit; and hours, days and months of the same time agree within one begun."""
    end = min(start + length, whole_month(start).end)
    of_month = monthrange(start.year, start.month)[1]

    hours, in_days, in_months = (
        billing_quantity(unit, start, end) for unit in ("hour", "day", "month")
    )

    assert 0 <= in_days <= of_month
    assert 0 < in_months <= 1
    assert in_days - 1 <= hours / 24 <= in_days
    assert 0 < billing_quantity("half_month", start, end) <= 2
    assert billing_quantity("quantity", start, end) == in_months
