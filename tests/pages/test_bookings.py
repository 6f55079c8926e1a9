"""The page of bookings: who booked what and when, and what waits for an answer."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from demo.faults import Fault
from demo.server import RunningDemo

OpenApp = Callable[..., AppTest]
PATH = "/api/booking-resources/"


def rows(at: AppTest) -> Any:
    """The table, with the columns in view."""
    return at.dataframe[0].value


def show_columns(at: AppTest, *columns: str) -> AppTest:
    """Brings other columns into view."""
    at.session_state["bookings.columns"] = list(columns)
    at.run()

    assert not at.exception
    return at


def said(at: AppTest) -> str:
    """What the page says outside of the table."""
    return "\n".join(
        each.value for each in [*at.caption, *at.info, *at.warning, *at.error, *at.markdown]
    ).replace("\\", "")


def asked(demo: RunningDemo) -> int:
    """How often the server was asked for bookings."""
    return sum(1 for each in demo.requests if each.path == PATH)


def test_what_waits_stands_first(app: OpenApp) -> None:
    """Requests come before everything, and are counted above."""
    at = app("/bookings")
    table = rows(at)
    waiting = table["status"] == "waits for an answer"

    assert waiting.any()
    assert waiting.is_monotonic_decreasing
    assert f"Waiting for an answer: {waiting.sum()}." in said(at)
    assert "Times are in UTC." in said(at)


def test_who_booked_what(app: OpenApp, demo: RunningDemo) -> None:
    """Offering, booker, organisation and project of each, as the server sent them."""
    columns = ("offering", "booker", "customer", "project", "uuid")
    table = rows(show_columns(app("/bookings"), *columns)).set_index("uuid")
    booking = next(iter(demo.world.reservations.values())).item
    row = table.loc[booking["uuid"]]

    assert row["offering"] == booking["offering_name"]
    assert row["booker"] == booking["created_by_full_name"]
    assert row["customer"] == booking["customer_name"]
    assert row["project"] == booking["project_name"]
    assert len(table) == len(demo.world.reservations)


@pytest.mark.parametrize("when", ["upcoming", "past"])
def test_filters_of_the_address(app: OpenApp, when: str) -> None:
    """What lies ahead can be had alone, and what is over too."""
    at = show_columns(app("/bookings", query={"when": when}), "when")

    assert set(rows(at)["when"]) == {when}


def test_a_service_manager_sees_those_of_the_organisation(app: OpenApp) -> None:
    """Fewer than staff, and more than none."""
    assert 0 < len(rows(app("/bookings", "manager"))) < len(rows(app("/bookings")))


def test_nobody_learns_why_it_is_empty(app: OpenApp) -> None:
    """Roles are named, the person's own too."""
    at = app("/bookings", "nobody")

    assert not at.dataframe
    assert "The server shows you no booking" in said(at)
    assert "You are here as: No role" in said(at)


def test_a_failure_is_not_an_empty_list(app: OpenApp, demo: RunningDemo) -> None:
    """What failed is said with a next step, and the next run tries again."""
    demo.faults.add(Fault(action="html", path=PATH, times=None))
    at = app("/bookings")

    assert not at.dataframe
    assert "The bookings could not be loaded." in said(at)
    assert "shows you no booking" not in said(at)

    demo.faults.clear()
    at.run()
    assert len(rows(at)) == len(demo.world.reservations)


def test_asked_once_until_refresh(app: OpenApp, demo: RunningDemo) -> None:
    """A click costs no request; Refresh reads anew."""
    at = app("/bookings")
    once = asked(demo)
    at.run()
    again = asked(demo)
    next(each for each in at.button if each.label == "Refresh").click().run()

    assert not at.exception
    assert once == again >= 1
    assert asked(demo) == 2 * once


def test_another_person_gets_their_own(app: OpenApp) -> None:
    """What one person has loaded is not shown to the next."""
    at = app("/bookings", "staff")
    everything = len(rows(at))
    app("/connection", "owner")
    at.run()

    assert len(rows(at)) < everything


def test_unreadable_ones_are_counted(app: OpenApp, demo: RunningDemo) -> None:
    """A booking that cannot be read costs only itself, and is named."""
    broken = next(iter(demo.world.reservations.values())).item
    slots, broken["slots"] = broken["slots"], "none"
    try:
        at = app("/bookings")
    finally:
        broken["slots"] = slots

    assert at.expander[0].label == "1 booking could not be read and cannot be listed"
    assert len(rows(at)) == len(demo.world.reservations) - 1
