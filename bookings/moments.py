"""Moments in words: on the clocks of a person's zone, and in UTC.

Both sort as they read.
"""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

__all__ = ["UTC_ISO", "local_minute", "local_text", "on_clocks", "utc_text"]

UTC_ISO = "UTC, ISO 8601"
"""What a column of `utc_text` says of itself."""


def on_clocks(moment: datetime, zone: tzinfo) -> datetime:
    """A moment as the clocks of the zone show it; in UTC where that is beyond the calendar.

    What has no end is written as the last day of the year 9999.
    """
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment.astimezone(UTC)


def local_text(moment: datetime | None, zone: str) -> str:
    """A moment as the clocks of the zone show it, to the second; "" for none."""
    return "" if moment is None else _text(on_clocks(moment, ZoneInfo(zone)), " ", "seconds")


def local_minute(moment: datetime | None, zone: str) -> str:
    """The same to the minute."""
    return "" if moment is None else _text(on_clocks(moment, ZoneInfo(zone)), " ", "minutes")


def utc_text(moment: datetime | None) -> str:
    """A moment in UTC in ISO form, to the second; "" for none."""
    return "" if moment is None else f"{_text(moment.astimezone(UTC), 'T', 'seconds')}Z"


def _text(moment: datetime, between: str, exact: str) -> str:
    return moment.replace(tzinfo=None).isoformat(between, exact)
