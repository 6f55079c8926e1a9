"""Availability of an offering, as the calendar editor stores it and as the server rewrites it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from demo.links import schedule_instant

NULL = "null"


class BrokenScheduleError(Exception):
    """A stored schedule that the server cannot read: it answers 500."""


def build_schedules(rng: Random, today: datetime) -> list[dict[str, Any]]:
    """A few availability slots around today; the first may be over, the second may be running."""
    items: list[dict[str, Any]] = []
    for number in range(rng.choice((0, 1, 2, 3, 4))):
        start = today + timedelta(days=rng.randint(-20, 40), hours=rng.choice((0, 7, 8, 9)))
        end = start + rng.choice((timedelta(hours=10), timedelta(days=5), timedelta(days=60)))
        items.append(
            {
                "id": f"availability-{number}",
                "end": schedule_instant(end),
                "start": schedule_instant(start),
                "title": rng.choice(("", "", "Open", "By appointment")),
                "allDay": rng.random() < 0.2,
                "extendedProps": {
                    "type": "Availability",
                    "config": {
                        "weekends": rng.random() < 0.5,
                        "slotDuration": rng.choice(("00:30:00", "01:00:00", "04:00:00")),
                        "businessHours": {
                            "endTime": "18:00",
                            "startTime": "08:00",
                            "daysOfWeek": [1, 2, 3, 4, 5],
                        },
                    },
                },
            }
        )
    return items


def broken_schedules(kind: str, today: datetime) -> list[dict[str, Any]] | None:
    """What an owner can store and nobody can read: a slot without end, or null."""
    if kind == NULL:
        return None
    return [{"id": "availability-0", "start": schedule_instant(today), "title": "From now on"}]


def rewrite(schedules: list[dict[str, Any]] | None, now: float) -> list[dict[str, Any]]:
    """Drop what is over and let what is running start now (observed).

    Raises:
        BrokenScheduleError: There is no list, or a slot has no end.

    """
    if schedules is None:
        raise BrokenScheduleError("schedules: null")
    moment = datetime.fromtimestamp(now, UTC)
    kept = []
    for slot in schedules:
        if "end" not in slot:
            raise BrokenScheduleError(slot.get("id", "?"))
        if datetime.fromisoformat(slot["end"]) <= moment:
            continue
        if datetime.fromisoformat(slot["start"]) < moment:
            slot = slot | {"start": schedule_instant(moment)}
        kept.append(slot)
    return kept
