"""One action on many calendars: the plan first, then the run, then its receipt."""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from bookings.calendars.actions import Action, CalendarStatus, Outcome, status_of
from bookings.calendars.journal import Entry
from bookings.calendars.preflight import Verdict, foresee
from bookings.calendars.run_record import Item, Run
from bookings.calendars.runner import DASHBOARD_STOPPED
from bookings.database import CALENDAR_RUN
from bookings.desk import Desk
from components import session
from components.tables import fingerprint
from demo.faults import Fault
from demo.server import RunningDemo
from tests.pages.screens import plain, press, words

OpenApp = Callable[..., AppTest]
SECONDS = 30.0
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
START = "bulk.start."
LIKE_ANY = {"calendar": "private", "credentials": "connected"}


@pytest.fixture(autouse=True)
def as_before(demo: RunningDemo) -> Iterator[None]:
    """Leaves the calendars to other tests as they were."""
    calendars = {uuid: deepcopy(each.calendar) for uuid, each in demo.world.offerings.items()}
    yield
    for uuid, calendar in calendars.items():
        demo.world.offerings[uuid].calendar = calendar


def button(at: AppTest, key: str) -> str:
    """The label of the button whose key begins so."""
    return next(each.label for each in at.button if str(each.key).startswith(key))


def plan(at: AppTest, action: Action, scope: str = "All in the list") -> AppTest:
    """Has a plan shown."""
    at.session_state["bulk.action"] = action
    at.session_state["bulk.scope"] = scope
    at.session_state["bulk.open"] = True
    at.run()
    return press(at, "Show the plan")


def finished(desk: Desk, number: int = 0) -> Run:
    """The newest run, when it has ended."""
    header = desk.runs.record.runs(desk.servers[0])[number]

    assert desk.runs.wait(header.id, SECONDS)
    run = desk.runs.record.run(header.id)
    assert run is not None
    return run


def uuid_of(name: str) -> str:
    """The offering of this name."""
    who = session.current()
    assert who is not None
    return next(each.uuid for each in who.portfolio.snapshot().offerings if each.name == name)


def metrics(at: AppTest) -> dict[str, int]:
    """What the plan counts, by the words of a verdict."""
    counts = {each.label.rpartition(": ")[2]: int(each.value) for each in at.metric}
    return {word: counts[word] for word in ("Will be done", "Nothing to do", "Will be refused")}


def test_nothing_is_sent_while_a_plan_is_looked_at(app: OpenApp, demo: RunningDemo) -> None:
    """The plan, its warning, and Cancel leave no trace at the server."""
    at = plan(app("/calendars", query={"calendar": ["private", "public"]}), Action.SHARE)

    assert "Anyone on the web will be able to read" in words(at)
    press(at, "Cancel")
    assert "Anyone on the web" not in words(at)
    assert not [each for each in demo.requests if each.method == "POST"]


def test_the_plan_counts_what_the_rules_say(app: OpenApp, desk: Desk) -> None:
    """Will be done, nothing to do, will be refused: for each of the calendars in the list."""
    at = plan(app("/calendars", query={"calendar": ["private", "public"]}), Action.SHARE)
    frame = next(each.value for each in at.dataframe if "verdict" in each.value)
    counted = metrics(at)

    assert len(frame) == sum(counted.values())
    assert (frame["verdict"] == Verdict.WILL_DO).sum() == counted["Will be done"]
    public = frame[frame["calendar"] == CalendarStatus.PUBLIC]
    assert set(public["verdict"]) == {Verdict.POINTLESS}
    assert set(public["reason"]) == {foresee(Action.SHARE, CalendarStatus.PUBLIC).reason}


def test_what_becomes_public_is_named(app: OpenApp) -> None:
    """Each of the calendars that will be done, and no other."""
    at = plan(app("/calendars", query={"calendar": "private"}), Action.SHARE)
    frame = next(each.value for each in at.dataframe if "verdict" in each.value)
    said = words(at).partition("Becomes public: ")[2].splitlines()
    named = [line.removeprefix("- ") for line in said if line.startswith("- ")]
    will = frame[frame["verdict"] == Verdict.WILL_DO]["name"]
    plain = [name for name in will if re.fullmatch("[A-Za-z ]+", name)]

    assert len(named) == len(will)
    assert plain
    assert all(any(each.startswith(name) for each in named) for name in plain)


def test_only_the_ticked_ones(app: OpenApp, desk: Desk, demo: RunningDemo) -> None:
    """The receipt has exactly them, and each was sent once."""
    at = app("/calendars", query={"calendar": "private", "credentials": "connected"})
    at.session_state["calendars.columns"] = ["name", "uuid"]
    at.run()
    shown = at.dataframe[0].value["uuid"].tolist()
    at.session_state[f"calendars.{fingerprint(shown)}"] = {
        "selection": {"rows": [0, 1, 2], "columns": [], "cells": []}
    }
    at.session_state["bulk.action"] = Action.SYNC
    at.run()
    # AppTest forgets what was ticked with each run, so that both belong to one.
    at.session_state[f"calendars.{fingerprint(shown)}"] = {
        "selection": {"rows": [0, 1, 2], "columns": [], "cells": []}
    }
    press(at, "Show the plan")
    press(at, button(at, START))
    run = finished(desk)

    assert [item.offering_uuid for item in run.items] == shown[:3]
    posts = [each.path for each in demo.requests if each.method == "POST"]
    assert sorted(posts) == sorted(
        f"/api/booking-offerings/{uuid}/google_calendar_sync/" for uuid in shown[:3]
    )


def test_a_run_changes_what_it_says(app: OpenApp, desk: Desk, demo: RunningDemo) -> None:
    """What is confirmed has flipped at the server; every calendar of the plan is on the receipt."""
    at = app("/calendars", query={"calendar": "public", "credentials": "connected"})
    listed = len(at.dataframe[0].value)
    plan(at, Action.UNSHARE)
    press(at, button(at, START))
    run = finished(desk)

    assert len(run.items) == listed
    confirmed = [item for item in run.items if item.state == "Confirmed"]
    assert confirmed
    for item in confirmed:
        calendar = demo.world.offerings[item.offering_uuid].calendar
        assert calendar is not None
        assert not calendar.public
    at.run()
    begun = sum(item.entry is not None for item in run.items)
    assert f"{begun} of {run.total} begun" in words(at)
    assert {"Receipt (CSV)", "Receipt (JSON)"} <= {each.label for each in at.get("download_button")}


def test_what_failed_is_planned_again_by_choice(app: OpenApp, desk: Desk) -> None:
    """Retry shows a new plan for the failed ones; nothing is sent by it."""
    at = plan(app("/calendars", query={"credentials": "not connected"}), Action.SYNC)
    at.checkbox[-1].check().run()
    press(at, button(at, START))
    run = finished(desk)
    failed = [item for item in run.items if item.failed]

    assert failed
    at.run()
    press(at, next(each.label for each in at.button if each.label.startswith("Retry")))
    frame = next(each.value for each in at.dataframe if "verdict" in each.value)
    assert sorted(frame["uuid"] if "uuid" in frame else frame["name"]) == sorted(
        item.offering_name for item in failed
    )
    assert len(desk.runs.record.runs(desk.servers[0])) == 1


def test_a_plan_closes_when_the_choice_above_it_changes(app: OpenApp) -> None:
    """What stands above the plan never says another thing than the plan does."""
    at = plan(app("/calendars", query={"calendar": "private"}), Action.SHARE)
    assert "Plan: share calendar" in words(at)

    at.session_state["bulk.action"] = Action.UNSHARE
    at.run()
    assert "Plan: share calendar" not in words(at)
    assert "The plan was closed: it was made for another choice." in words(at)
    at.run()
    assert "The plan was closed" not in words(at)


def test_a_retry_chooses_its_own_action(app: OpenApp, desk: Desk) -> None:
    """The choice above the plan of a retry is that of the run."""
    at = plan(app("/calendars", query={"credentials": "not connected"}), Action.SYNC)
    at.checkbox[-1].check().run()
    press(at, button(at, START))
    finished(desk)
    at.session_state["bulk.action"] = Action.SHARE
    at.run()
    press(at, next(each.label for each in at.button if each.label.startswith("Retry")))

    assert "Plan: sync calendar" in words(at)
    assert at.session_state["bulk.action"] == Action.SYNC


def test_a_plan_that_another_run_has_beaten_sends_nothing(app: OpenApp, desk: Desk) -> None:
    """It says why at once, and leaves no empty run behind."""
    at = plan(app("/calendars", query={"calendar": "private"}), Action.SHARE)
    who = session.current()
    assert who is not None
    desk.runs.record.begin(
        request="elsewhere",
        server=desk.servers[0],
        action=Action.SHARE,
        person_uuid="b" * 32,
        person_name="mari",
        items=[
            Item(place, each.uuid, each.name, Verdict.WILL_DO, "", chosen=True, ended=False)
            for place, each in enumerate(who.portfolio.snapshot().offerings)
        ],
    )
    press(at, button(at, START))

    assert "another run that was begun since has all of these calendars" in words(at)
    assert len(desk.runs.record.runs(desk.servers[0])) == 1


def acted(desk: Desk, uuid: str, action: Action, outcome: Outcome, seen: int = 0) -> Entry:
    """An action of mari's on this calendar, which has ended."""
    entry = desk.journal.begin(
        server=desk.servers[0], offering_uuid=uuid, offering_name="Any", action=action,
        person_uuid="b" * 32, person_name="mari", seen=seen, before=None,
    )  # fmt: skip
    return desk.journal.note(entry, outcome, open=False, http_status=202, words="OK")


def verdicts(at: AppTest) -> dict[str, str]:
    """The judgement of each calendar of the plan, by its name."""
    frame = next(each.value for each in at.dataframe if "verdict" in each.value)
    return dict(zip(frame["name"], frame["verdict"], strict=True))


def test_what_somebody_did_since_the_plan_comes_first(
    app: OpenApp, desk: Desk, demo: RunningDemo
) -> None:
    """However often the page was drawn since: it is shown, not sent, and can be planned anew."""
    # Without the private one that is busy for ever.
    listed = app("/calendars", query=LIKE_ANY | {"calendar": "no calendar"})
    at = plan(listed, Action.SHARE)
    chosen = next(name for name, verdict in verdicts(at).items() if verdict == Verdict.WILL_DO)
    uuid = uuid_of(chosen)
    acted(desk, uuid, Action.SYNC, Outcome.NOT_CONFIRMED)
    at.run()
    at.run()

    assert verdicts(at)[chosen] == Verdict.CHANGED
    assert "“Sync calendar” of mari came after this plan was made." in words(at)
    press(at, button(at, START))
    assert uuid not in {item.offering_uuid for item in finished(desk).items if item.chosen}
    assert not [each for each in demo.requests if each.method == "POST" and uuid in each.path]


def test_a_plan_that_something_came_before_is_made_anew(app: OpenApp, desk: Desk) -> None:
    """The new one has seen it."""
    at = plan(app("/calendars", query=LIKE_ANY), Action.SHARE)
    chosen = next(name for name, verdict in verdicts(at).items() if verdict == Verdict.WILL_DO)
    acted(desk, uuid_of(chosen), Action.SYNC, Outcome.NOT_CONFIRMED)
    at.run()
    press(at, "Make a new plan")

    assert verdicts(at)[chosen] == Verdict.WILL_DO
    assert "Make a new plan" not in {each.label for each in at.button}


def test_a_plan_knows_what_was_confirmed_since_the_list_was_read(app: OpenApp, desk: Desk) -> None:
    """It does not name as becoming public what another person made so, a sync after it or not."""
    listed = app("/calendars", query=LIKE_ANY)
    at = plan(listed, Action.SHARE)
    chosen = next(name for name, verdict in verdicts(at).items() if verdict == Verdict.WILL_DO)
    before = metrics(at)["Will be done"]
    press(at, "Cancel")
    acted(desk, uuid_of(chosen), Action.SHARE, Outcome.CONFIRMED)
    at = plan(listed, Action.SHARE)

    assert verdicts(at)[chosen] == Verdict.POINTLESS
    assert metrics(at)["Will be done"] == before - 1
    assert "The calendar is public already: shared by mari at" in words(at)
    press(at, "Cancel")
    acted(desk, uuid_of(chosen), Action.SYNC, Outcome.REFUSED, seen=1)
    assert verdicts(plan(listed, Action.SHARE))[chosen] == Verdict.POINTLESS


def test_what_was_accepted_a_moment_ago_is_busy(
    app: OpenApp, desk: Desk, demo: RunningDemo
) -> None:
    """The server works on it, though its entry is closed."""
    at = app("/calendars", query=LIKE_ANY)
    uuid = demo.world.notable["private"]
    acted(desk, uuid, Action.SYNC, Outcome.ACCEPTED)
    at = plan(at, Action.SYNC)

    assert re.search(r"“Sync calendar” was accepted \d s ago", words(at))


def lost(
    desk: Desk, uuid: str, *, stopped: str = "", outcome: Outcome = Outcome.NOT_CONFIRMED
) -> Entry:
    """A run of this person, of one calendar whose end was not seen."""
    who = session.current()
    assert who is not None
    run, _ = desk.runs.record.begin(
        request="lost",
        server=desk.servers[0],
        action=Action.SHARE,
        person_uuid=who.person.uuid,
        person_name="staff",
        items=[Item(0, uuid, "Any", Verdict.WILL_DO, "", chosen=True, ended=False)],
    )
    entry = desk.journal.begin(
        server=desk.servers[0], offering_uuid=uuid, offering_name="Any", action=Action.SHARE,
        person_uuid=who.person.uuid, person_name="staff", seen=0, before=None, run_id=run.id,
    )  # fmt: skip
    entry = desk.journal.note(entry, outcome, open=False, http_status=202, words="OK")
    desk.runs.record.end_items(run, run.items)
    desk.runs.record.stop(run.id, stopped)
    desk.runs.record.finish(run.id)
    return entry


def test_looking_again_tells_what_came_of_it(app: OpenApp, desk: Desk, demo: RunningDemo) -> None:
    """When it was looked, and that nothing has changed."""
    uuid = demo.world.notable["private"]
    at = app("/calendars", query={"q": uuid})
    lost(desk, uuid)
    at.run()

    assert "Retry the 1 not confirmed" in {each.label for each in at.button}
    press(at, "Look again")
    assert re.search(r"Looked again at \d\d:\d\d:\d\d: no change\.", words(at))


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome.NOT_CONFIRMED, "Of what was sent, the end of 1 is not known."),
        (Outcome.UNKNOWN, "Of what was sent, the end of 1 is not known."),
        (Outcome.CONFIRMED, "What was sent was finished."),
    ],
)
def test_a_stopped_run_says_finished_of_what_was(
    app: OpenApp, desk: Desk, demo: RunningDemo, outcome: Outcome, said: str
) -> None:
    """A dashboard that stopped in the middle has not followed all to its end."""
    uuid = demo.world.notable["private"]
    at = app("/calendars", query={"q": uuid})
    lost(desk, uuid, stopped=DASHBOARD_STOPPED, outcome=outcome)
    at.run()

    assert f"The dashboard was stopped. {said}" in words(at)


def test_a_run_says_its_moment_in_utc_when_it_is_pointed_at(
    app: OpenApp, desk: Desk, demo: RunningDemo
) -> None:
    """Beside what is drawn in the person's own time."""
    uuid = demo.world.notable["private"]
    at = app("/calendars", query={"q": uuid})
    entry = lost(desk, uuid)
    at.run()

    head = next(each for each in at.markdown if "Share calendar × 1" in each.value)
    assert plain(head.help).startswith(f"{entry.created:%Y-%m-%dT%H:%M}")


def test_looking_again_with_an_ended_sign_in_leads_to_the_gate(
    app: OpenApp, desk: Desk, demo: RunningDemo
) -> None:
    """The token died since: that is no failure of the page."""
    uuid = demo.world.notable["private"]
    at = app("/calendars", query={"q": uuid})
    lost(desk, uuid)
    at.run()
    demo.faults.add(Fault("status", path=f"/{uuid}/$", status=401, times=None))
    next(each for each in at.button if each.label == "Look again").click().run()

    assert not at.exception
    who = session.current()
    assert who is None or who.portfolio.signed_out


def test_another_run_does_not_hide_an_interrupted_one(app: OpenApp, desk: Desk) -> None:
    """What a crash left behind stays in sight until it is closed."""
    at = app("/calendars")
    who = session.current()
    assert who is not None
    first, second = (
        desk.runs.record.begin(
            request=name, server=desk.servers[0], action=Action.SYNC, person_name="staff",
            person_uuid=who.person.uuid,
            items=[Item(0, each.uuid, each.name, Verdict.WILL_DO, "", chosen=True, ended=False)],
        )[0]
        for name, each in zip(("one", "two"), who.portfolio.snapshot().offerings, strict=False)
    )  # fmt: skip
    died = {"holder": "elsewhere:1:1", "lease_until": datetime.now(UTC) - timedelta(minutes=1)}
    with desk.journal.database.writing() as connection:
        connection.execute(update(CALENDAR_RUN).where(CALENDAR_RUN.c.id == first.id).values(died))
    desk.runs.record.finish(second.id)
    at.run()

    assert "The dashboard stopped in the middle of this run." in words(at)
    at.button(f"run.{first.id}.close").click().run()
    assert "The dashboard stopped in the middle of this run." not in words(at)


def test_a_manager_is_told_that_none_is_theirs(app: OpenApp) -> None:
    """Offerings that can only be read are not yours, and nothing can be started."""
    at = plan(app("/calendars", "manager"), Action.SYNC)

    assert "an owner of its organisation or staff can" in words(at)
    assert next(each for each in at.button if str(each.key).startswith(START)).disabled


def test_another_person_sees_their_own_part_only(app: OpenApp, desk: Desk) -> None:
    """Names of calendars that are not theirs stay hidden; how many there are is said."""
    # Without the private one that is busy for ever, which would be tried for half a minute.
    listed = app("/calendars", query={"calendar": ["public", "no calendar"]})
    at = plan(listed, Action.UNSHARE)
    press(at, button(at, START))
    run = finished(desk)
    at = app("/calendars", "owner")
    who = session.current()
    assert who is not None
    mine = {each.uuid for each in who.portfolio.snapshot().offerings}
    hidden = [item for item in run.items if item.offering_uuid not in mine and item.chosen]

    assert hidden
    at.session_state["runs.earlier"] = run.id
    at.session_state[f"run.{run.id}.open"] = True
    at.run()
    assert f"{len(hidden):,} more calendars of this run are not yours to see." in words(at)
    shown = at.dataframe[-1].value
    assert len(shown) == sum(item.offering_uuid in mine for item in run.items)


@pytest.mark.parametrize("looked", [True, False])
def test_an_interrupted_run_says_so(app: OpenApp, desk: Desk, looked: bool) -> None:
    """What a dead process left is told as it is, and not gone on with."""
    at = app("/calendars")
    who = session.current()
    assert who is not None
    listed = next(
        each
        for each in who.portfolio.snapshot().offerings
        if status_of(each) is CalendarStatus.PRIVATE
    )
    run, _ = desk.runs.record.begin(
        request="left",
        server=desk.servers[0],
        action=Action.SHARE,
        person_uuid=who.person.uuid,
        person_name="staff",
        items=[Item(0, listed.uuid, listed.name, Verdict.WILL_DO, "", chosen=True, ended=False)],
    )
    died = {"holder": "elsewhere:1:1", "lease_until": LONG_AGO, "looked": looked}
    with desk.journal.database.writing() as connection:
        connection.execute(update(CALENDAR_RUN).where(CALENDAR_RUN.c.id == run.id).values(died))
    at.session_state["runs.earlier"] = run.id
    at.session_state[f"run.{run.id}.open"] = True
    at.run()

    assert "The dashboard stopped in the middle of this run. Nothing was sent again." in words(at)
    said = "below is what is known" if looked else "is not read yet"
    assert said in words(at)
    assert at.dataframe[-1].value["state"].tolist() == ["Not sent"]
