"""The runs on the page of calendars: who may stop one."""

from collections.abc import Callable

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from bookings.calendars.actions import Action
from bookings.calendars.preflight import Verdict
from bookings.calendars.run_record import Item, Run
from bookings.calendars.runs import NOT_YOURS_TO_STOP
from bookings.database import CALENDAR_RUN
from bookings.desk import Desk
from components import session

OpenApp = Callable[..., AppTest]
MARI = "b" * 32
PLACES = ["stop", "top.stop"]
"""With the run, and in its line on top of the page."""


def begin(desk: Desk, person_uuid: str = MARI) -> Run:
    """A run of this person over the first calendar that is listed, for as long as a lease."""
    who = session.current()
    assert who is not None
    listed = who.portfolio.snapshot().offerings[0]
    return desk.runs.record.begin(
        request="theirs", server=desk.servers[0], action=Action.SYNC, person_name="mari",
        person_uuid=person_uuid,
        items=[Item(0, listed.uuid, listed.name, Verdict.WILL_DO, "", chosen=True, ended=False)],
    )[0]  # fmt: skip


def stopped(desk: Desk, run: Run) -> str:
    """Why it is to stop."""
    found = desk.runs.record.run(run.id)
    assert found is not None
    return found.stop_reason


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("person", ["staff", "owner"])
def test_who_may_act_on_a_calendar_stops_its_run(
    app: OpenApp, desk: Desk, person: str, place: str
) -> None:
    """Whoever began it."""
    at = app("/calendars", person)
    run = begin(desk)
    at.run()
    stop = at.button(f"run.{run.id}.{place}")

    assert not stop.disabled
    stop.click().run()
    assert stopped(desk, run) == f"Stopped by {person}."
    assert at.button(f"run.{run.id}.{place}").disabled


@pytest.mark.parametrize("place", PLACES)
def test_who_may_only_read_does_not_stop_the_run_of_others(
    app: OpenApp, desk: Desk, place: str
) -> None:
    """The button says why."""
    at = app("/calendars", "manager")
    run = begin(desk)
    at.run()
    stop = at.button(f"run.{run.id}.{place}")

    assert (stop.disabled, stop.help) == (True, NOT_YOURS_TO_STOP)


def test_a_press_is_judged_anew(app: OpenApp, desk: Desk) -> None:
    """The button was drawn when it could be pressed, and that is over."""
    at = app("/calendars", "manager")
    who = session.current()
    assert who is not None
    run = begin(desk, who.person.uuid)
    at.run()
    with desk.journal.database.writing() as connection:
        connection.execute(update(CALENDAR_RUN).values(person_uuid=MARI))
    at.button(f"run.{run.id}.stop").click().run()

    assert not at.exception
    assert [each.value for each in at.toast] == [f"The run was not stopped. {NOT_YOURS_TO_STOP}"]
    assert stopped(desk, run) == ""


def test_ones_own_run_can_be_stopped(app: OpenApp, desk: Desk) -> None:
    """Also after the role that allowed it was lost."""
    at = app("/calendars", "manager")
    who = session.current()
    assert who is not None
    run = begin(desk, who.person.uuid)
    at.run()
    at.button(f"run.{run.id}.stop").click().run()

    assert stopped(desk, run) == "Stopped by manager."
