"""The days of a view, and the views before and after it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.schedule.days import DAY, LIST, MONTH, VIEWS, WEEK, days_of, monday_of, moved

A_DAY = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    ("view", "first", "after"),
    [
        (MONTH, date(2026, 12, 1), date(2027, 1, 1)),
        (LIST, date(2026, 12, 1), date(2027, 1, 1)),
        (WEEK, date(2026, 12, 28), date(2027, 1, 4)),
        (DAY, date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_the_days_of_a_view(view: str, first: date, after: date) -> None:
    """From its first to the first that is not in it."""
    assert days_of(date(2026, 12, 31), view) == (first, after)


def test_a_week_begins_on_monday() -> None:
    """As ISO 8601 has it."""
    assert monday_of(date(2026, 11, 29)) == monday_of(date(2026, 11, 23)) == date(2026, 11, 23)


@given(A_DAY, st.sampled_from(VIEWS))
def test_views_follow_each_other(day: date, view: str) -> None:
    """Without a gap, there and back, and each holds its day."""
    first, after = days_of(day, view)
    later, earlier = moved(day, view, 1), moved(day, view, -1)

    assert first <= day < after
    assert days_of(later, view)[0] == after
    assert days_of(earlier, view)[1] == first
    assert days_of(moved(later, view, -1), view) == (first, after)


def test_no_day_of_a_month_is_skipped_over() -> None:
    """A month that is shorter is not passed."""
    assert moved(date(2027, 1, 31), MONTH, 1) == date(2027, 2, 1)
    assert moved(date(2027, 1, 31), DAY, 1) - timedelta(days=1) == date(2027, 1, 31)
