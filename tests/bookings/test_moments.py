"""A moment reads as the clocks of a zone show it, and in UTC."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from bookings.moments import local_minute, local_text, on_clocks, utc_text

MOMENT = datetime(2026, 11, 24, 10, 32, 5, tzinfo=timezone(timedelta(hours=1)))


def test_in_the_zone_and_in_utc() -> None:
    """Whatever the offset it came with."""
    assert local_text(MOMENT, "Asia/Kathmandu") == "2026-11-24 15:17:05"
    assert local_minute(MOMENT, "Asia/Kathmandu") == "2026-11-24 15:17"
    assert utc_text(MOMENT) == "2026-11-24T09:32:05Z"


def test_none_is_nothing() -> None:
    """No moment is no text."""
    assert local_text(None, "UTC") == local_minute(None, "UTC") == utc_text(None) == ""


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/New_York", "UTC"])
@pytest.mark.parametrize(
    "edge", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)]
)
def test_the_ends_of_the_calendar_can_be_said(edge: datetime, zone: str) -> None:
    """In UTC where the zone's day would be beyond it."""
    assert on_clocks(edge, ZoneInfo(zone)) == edge
    assert local_text(edge, zone)[:4] == f"{edge.year:04}"
