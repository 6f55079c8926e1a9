"""The page of all calendars: which there are, what was done with them, and acting on one."""

from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from bookings.calendars.actions import Action, Outcome
from bookings.desk import Desk
from bookings.waldur.models import GoogleCalendar
from components.tables import fingerprint
from demo.server import RunningDemo

OpenApp = Callable[..., AppTest]
SECONDS = 20.0


def rows(at: AppTest) -> Any:
    """The table of calendars, with the columns in view."""
    return at.dataframe[0].value


def show_uuids(at: AppTest) -> AppTest:
    """Brings the UUID into view, by which tests know a row."""
    at.session_state["calendars.columns"] = [
        *("name", "calendar", "calendar_link", "last_action", "last_outcome", "uuid")
    ]
    at.run()

    assert not at.exception
    return at


def tick(at: AppTest, *uuids: str) -> None:
    """Ticks the rows of these offerings in the table as it is drawn."""
    shown = rows(show_uuids(at))["uuid"].tolist()
    chosen = [shown.index(uuid) for uuid in uuids]
    at.session_state[f"calendars.{fingerprint(shown)}"] = {
        "selection": {"rows": chosen, "columns": [], "cells": []}
    }
    at.run()

    assert not at.exception


def labels(at: AppTest) -> list[str]:
    """Of all buttons."""
    return [each.label for each in at.button]


def record(desk: Desk, uuid: str, action: Action, outcome: Outcome, server: str = "") -> None:
    """Puts an action that has ended on record."""
    server = server or desk.servers[0]
    latest = desk.journal.latest(server, uuid)
    entry = desk.journal.begin(
        server=server,
        offering_uuid=uuid,
        offering_name="Any",
        action=action,
        person_uuid="1" * 32,
        person_name="jaan",
        seen=latest.sequence if latest else 0,
        before=None,
    )
    desk.journal.note(entry, outcome, open=False)


def test_all_offerings_with_their_status(app: OpenApp, demo: RunningDemo) -> None:
    """Every offering has a row, its calendar's status in words, and a link if it is public."""
    table = rows(show_uuids(app("/calendars"))).set_index("uuid")
    notable = demo.world.notable

    assert len(table) == 100
    assert table.loc[notable["none"], "calendar"] == "no calendar"
    assert table.loc[notable["without_id"], "calendar"] == "created but without id"
    assert table.loc[notable["public"], "calendar"] == "public"
    assert table.loc[notable["public"], "calendar_link"].startswith("https://calendar.google.com/")
    assert table.loc[notable["none"], "calendar_link"] == ""


def test_the_last_action_of_each(app: OpenApp, demo: RunningDemo, desk: Desk) -> None:
    """The newest entry counts; another server's entries do not."""
    uuid = demo.world.notable["rich"]
    record(desk, uuid, Action.SYNC, Outcome.REFUSED)
    record(desk, uuid, Action.SHARE, Outcome.CONFIRMED)
    record(desk, uuid, Action.UNSHARE, Outcome.UNKNOWN, server="https://other.example.org/")
    table = rows(show_uuids(app("/calendars"))).set_index("uuid")

    assert table.loc[uuid, "last_action"] == "Share calendar"
    assert table.loc[uuid, "last_outcome"] == "Confirmed"
    assert (table["last_action"] != "").sum() == 1


def test_filters_of_the_address(app: OpenApp) -> None:
    """A link to the public ones shows these."""
    at = app("/calendars", query={"calendar": "public", "q": "room"})

    assert set(rows(at)["calendar"]) == {"public"}
    assert rows(at)["name"].str.contains("room", case=False).any()


def test_acting_on_the_ticked_one(app: OpenApp, demo: RunningDemo, desk: Desk) -> None:
    """One tick shows the calendar of that offering; its action is sent once."""
    at = app("/calendars")
    assert "Sync calendar" not in labels(at)

    tick(at, demo.world.notable["private"])
    next(each for each in at.button if each.label == "Sync calendar").click().run()
    assert desk.runner.drain(SECONDS)
    at.run()

    assert not at.exception
    assert len(demo.posts("google_calendar_sync")) == 1
    assert any("Accepted" in each.value for each in at.markdown)


def test_two_ticks_act_on_nothing(app: OpenApp, demo: RunningDemo) -> None:
    """Which of the two was meant is not guessed."""
    at = app("/calendars")
    tick(at, demo.world.notable["private"], demo.world.notable["rich"])

    assert "Sync calendar" not in labels(at)


def test_the_outcome_stays_when_the_row_leaves_the_list(
    app: OpenApp, demo: RunningDemo, desk: Desk
) -> None:
    """A shared calendar is no longer among the private ones; its outcome is still seen."""
    uuid = demo.world.notable["private"]
    at = app("/calendars", query={"calendar": "private"})
    tick(at, uuid)
    who = desk.sign_ins.get(at.session_state["_sign_in_of_this_tab"])
    assert who is not None
    who.portfolio.put_calendars({uuid: GoogleCalendar(public=True, backend_id="x")})
    at.run()

    assert uuid not in rows(at)["uuid"].tolist()
    assert "Sync calendar" in labels(at)
    assert any("does not fit the filters above" in each.value for each in at.caption)

    next(each for each in at.button if each.label == "Close").click().run()
    assert "Sync calendar" not in labels(at)


def test_a_service_manager_reads_only(app: OpenApp) -> None:
    """The rows are there; the ticked one says why nothing can be pressed."""
    at = app("/calendars", "manager")
    tick(at, rows(show_uuids(at))["uuid"].iloc[0])
    actions = [each for each in at.button if each.label.endswith("calendar")]

    assert len(actions) == 3
    assert all(each.disabled for each in actions)
    assert any("You can read this offering but not act" in each.value for each in at.caption)


def test_nobody_learns_why_it_is_empty(app: OpenApp) -> None:
    """The role is named, and no empty table is shown."""
    at = app("/calendars", "nobody")

    assert not at.dataframe
    assert "The server lists no booking offering for you" in at.info[0].value.replace("\\", "")
