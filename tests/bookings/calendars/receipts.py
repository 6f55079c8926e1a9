"""What must be so of every receipt, whatever went wrong."""

from typing import Any

from tests.bookings.calendars.counting_server import Calendar, CountingServer


def check(items: list[dict[str, Any]], waldur: CountingServer, *, looked: bool) -> None:
    """It has every calendar once, none was asked for twice, and none is better than it is.

    `looked` says that the server's state was read after all of its work was done.
    """
    assert sorted(each["offering_uuid"] for each in items) == sorted(waldur.calendars)
    waldur.public()
    for each in items:
        calendar = waldur.calendars[each["offering_uuid"]]
        # Only what was refused is ever sent again.
        assert calendar.posts - calendar.refused <= 1, (each, calendar)
        assert _is_true(each["state"], calendar, looked=looked), (each, calendar)
        assert each["next_step"], each


def _is_true(state: str, calendar: Calendar, *, looked: bool) -> bool:
    match state:
        case "Confirmed":
            return calendar.public
        case "Accepted":
            return calendar.answered == 1
        case "Not confirmed":
            return calendar.answered == 1 and not (looked and calendar.public)
        case "Refused":
            return calendar.accepted == 0 and calendar.posts == calendar.refused
        case "Outcome unknown":
            return not (looked and calendar.public)
        case _:
            return state == "Not sent" and calendar.posts == 0
