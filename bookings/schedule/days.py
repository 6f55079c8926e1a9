"""The days that a view of a calendar holds. Weeks begin on Monday."""

from datetime import date, timedelta

MONTH, WEEK, DAY, LIST = "Month", "Week", "Day", "List"
VIEWS = (MONTH, WEEK, DAY, LIST)
"""A list holds a month."""


def monday_of(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def days_of(day: date, view: str) -> tuple[date, date]:
    """The first day of the view that holds `day`, and the first after it."""
    if view == DAY:
        return day, day + timedelta(days=1)
    if view == WEEK:
        return monday_of(day), monday_of(day) + timedelta(days=7)
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1)


def moved(day: date, view: str, steps: int) -> date:
    """The day so many views later, or earlier where `steps` is negative.

    A month is left for its first day: the day itself may be missing in the next one.
    """
    if view == DAY:
        return day + timedelta(days=steps)
    if view == WEEK:
        return day + timedelta(days=7 * steps)
    months = day.year * 12 + day.month - 1 + steps
    return date(months // 12, months % 12 + 1, 1)
