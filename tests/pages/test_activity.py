"""The page of what was done: whose entries, in which order, and what is in a file of them."""

from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from bookings.calendars.actions import Action, Outcome
from bookings.calendars.journal import Entry
from bookings.desk import Desk
from bookings.exports import to_csv
from bookings.records import ACTIVITY_COLUMNS, activity_frame
from demo.server import RunningDemo

OpenApp = Callable[..., AppTest]


def record(
    desk: Desk,
    uuid: str,
    action: Action = Action.SYNC,
    outcome: Outcome | None = Outcome.ACCEPTED,
    *,
    name: str = "Any",
    person: str = "jaan",
    server: str = "",
    words: str = "OK",
) -> Entry:
    """Puts an action on record; without an outcome it is still being sent."""
    server = server or desk.servers[0]
    latest = desk.journal.latest(server, uuid)
    entry = desk.journal.begin(
        server=server,
        offering_uuid=uuid,
        offering_name=name,
        action=action,
        person_uuid="1" * 32,
        person_name=person,
        seen=latest.sequence if latest else 0,
        before=None,
    )
    if outcome is None:
        return entry
    return desk.journal.note(entry, outcome, open=False, http_status=202, words=words)


def rows(at: AppTest) -> Any:
    """The table."""
    return at.dataframe[0].value


def test_says_what_will_appear(app: OpenApp) -> None:
    """Before the first action the page explains itself."""
    at = app("/activity")

    assert not at.dataframe
    assert "When somebody syncs, shares or unshares a calendar" in at.info[0].value


def test_newest_first_with_all_that_is_known(app: OpenApp, demo: RunningDemo, desk: Desk) -> None:
    """Who, which offering, which action, with what outcome, in what order."""
    rich, private = demo.world.notable["rich"], demo.world.notable["private"]
    record(desk, rich, name="Kratt", words="One")
    record(desk, private, Action.SHARE, Outcome.CONFIRMED, name="Kalev", words="Two")
    table = rows(app("/activity"))

    assert table["action"].tolist() == ["Share calendar", "Sync calendar"]
    assert table["outcome"].tolist() == ["Confirmed", "Accepted"]
    assert table["offering"].tolist() == ["Kalev", "Kratt"]
    assert table["words"].tolist() == ["Two", "One"]
    assert table["person"].tolist() == ["jaan", "jaan"]
    assert table["http_status"].tolist() == [202, 202]


def test_only_what_this_person_may_see(app: OpenApp, demo: RunningDemo, desk: Desk) -> None:
    """Neither another server's entries nor those of offerings that are not listed for them."""
    notable = demo.world.notable
    record(desk, notable["rich"], name="own")
    record(desk, notable["not_owned"], name="foreign")
    record(desk, notable["rich"], name="other server", server="https://other.example.org/")

    assert rows(app("/activity", "owner"))["offering"].tolist() == ["own"]
    assert rows(app("/activity", "staff"))["offering"].tolist() == ["foreign", "own"]
    assert not app("/activity", "nobody").dataframe


def test_filters_of_the_address(app: OpenApp, demo: RunningDemo, desk: Desk) -> None:
    """Outcome, person, action and words narrow the list."""
    rich = demo.world.notable["rich"]
    record(desk, rich, person="jaan", words="Google credentials do not exist.")
    record(desk, rich, Action.SHARE, Outcome.REFUSED, person="mari")

    for query, person in (
        ({"outcome": "Refused"}, "mari"),
        ({"person": "jaan"}, "jaan"),
        ({"action": "Share calendar"}, "mari"),
        ({"q": "credentials"}, "jaan"),
    ):
        assert rows(app("/activity", query=query))["person"].tolist() == [person], query


def test_a_broken_record_is_not_called_empty(app: OpenApp, desk: Desk) -> None:
    """That it cannot be read is said; that nothing happened is not."""
    desk.journal._database._engine.dispose()
    with desk.journal._database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE calendar_action")
    at = app("/activity")

    assert "The records of this dashboard cannot be read." in at.error[0].value.replace("\\", "")
    assert not at.info


def test_what_is_under_way_is_drawn_again(app: OpenApp, demo: RunningDemo, desk: Desk) -> None:
    """The word of an action that has ended since is the new one."""
    uuid = demo.world.notable["rich"]
    entry = record(desk, uuid, outcome=None)
    at = app("/activity")
    before = rows(at)["outcome"].tolist()
    desk.journal.note(entry, Outcome.ACCEPTED, open=False, http_status=202)
    at.run()

    assert before == ["Sending"]
    assert rows(at)["outcome"].tolist() == ["Accepted"]


def test_a_file_runs_nothing(demo: RunningDemo, desk: Desk) -> None:
    """Names and words that look like formulas are texts in a spreadsheet."""
    entry = record(
        desk, demo.world.notable["rich"], name='=HYPERLINK("http://evil")', words="+1", person="@a"
    )
    lines = to_csv(activity_frame([entry]), ACTIVITY_COLUMNS).decode("utf-8-sig").splitlines()

    assert "Outcome" in lines[0]
    assert "'=HYPERLINK" in lines[1]
    assert ",'+1," in lines[1]
    assert ",'@a," in lines[1]
