"""The page of what was done: whose entries, in which order, and what is in a file of them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from bookings.activity_tables import activity_columns, activity_frame
from bookings.calendars.actions import Action, Outcome
from bookings.calendars.journal import Entry
from bookings.database import CALENDAR_ACTION
from bookings.desk import Desk
from bookings.exports import to_csv
from components import journal, loading
from demo.people import ACCOUNTS
from demo.server import RunningDemo
from tests.pages.screens import press, tick, words

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
    person_uuid: str = "1" * 32,
    words: str = "OK",
    at: datetime | None = None,
    run: int | None = None,
) -> Entry:
    """Puts an action on record; without an outcome it is still being sent."""
    server = server or desk.servers[0]
    latest = desk.journal.latest(server, uuid)
    entry = desk.journal.begin(
        server=server,
        offering_uuid=uuid,
        offering_name=name,
        action=action,
        person_uuid=person_uuid,
        person_name=person,
        seen=latest.sequence if latest else 0,
        before=None,
    )
    mine = update(CALENDAR_ACTION).where(CALENDAR_ACTION.c.id == entry.id)
    with desk.journal.database.writing() as connection:
        connection.execute(mine.values(created=at or entry.created, run_id=run))
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


def test_says_that_no_offering_is_seen(app: OpenApp, demo: RunningDemo, desk: Desk) -> None:
    """Where a person's role shows them none, that is why there is nothing, and is said."""
    record(desk, demo.world.notable["rich"])

    at = app("/activity", "nobody")

    assert not at.dataframe
    assert "lists no booking offering for you" in at.info[0].value
    assert "Nothing yet" not in words(at)


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
    """Outcome, person, action, words, offering, provider, run and one's own narrow the list."""
    rich, other = demo.world.notable["rich"], demo.world.notable["not_owned"]
    owner = demo.world.offerings[other].provider.name
    assert owner != demo.world.offerings[rich].provider.name
    record(desk, rich, person="jaan", words="Google credentials do not exist.")
    record(
        desk, other, Action.SHARE, Outcome.REFUSED, person="mari", name="Other", run=4,
        person_uuid=ACCOUNTS["staff"].uuid,
    )  # fmt: skip

    for query, person in (
        ({"outcome": "Refused"}, "mari"),
        ({"person": "jaan"}, "jaan"),
        ({"action": "Share calendar"}, "mari"),
        ({"q": "credentials"}, "jaan"),
        ({"q": rich}, "jaan"),
        ({"mine": "yes"}, "mari"),
        ({"mine": "no"}, "jaan"),
        ({"run": "yes"}, "mari"),
        ({"run": "no"}, "jaan"),
        ({"offering": "Other"}, "mari"),
        ({"provider": owner}, "mari"),
    ):
        assert rows(app("/activity", query=query))["person"].tolist() == [person], query


def test_days_are_those_of_the_person(
    app: OpenApp, demo: RunningDemo, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day begins at midnight in their zone, and the zone stands in the head of the column."""
    monkeypatch.setattr(loading, "zone_name", lambda: "Europe/Tallinn")
    rich = demo.world.notable["rich"]
    for hour, minute in ((21, 59), (22, 0), (23, 0)):
        record(desk, rich, at=datetime(2026, 11, 24, hour, minute, tzinfo=UTC))
    at = app("/activity", query={"day": "2026-11-25..2026-11-25"})

    assert rows(at)["local"].tolist() == ["2026-11-25 01:00:00", "2026-11-25 00:00:00"]
    assert "2 actions where it was asked for on 2026-11-25" in words(at)
    assert at.date_input[0].value == date(2026, 11, 25)
    assert rows(app("/activity", query={"day": "..2026-11-24"}))["local"].tolist() == [
        "2026-11-24 23:59:00"
    ]
    assert "No actions fit" in words(app("/activity", query={"day": "2027-01-01.."}))


@pytest.mark.parametrize(
    ("zone", "first"),
    [("Europe/Tallinn", ["local", "utc", "person"]), ("UTC", ["local", "person"])],
)
def test_utc_stands_beside_the_persons_time(
    app: OpenApp,
    demo: RunningDemo,
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    zone: str,
    first: list[str],
) -> None:
    """In view at first, as no cell can say it on hover; where it is the same it stands once."""
    monkeypatch.setattr(loading, "zone_name", lambda: zone)
    at_ten = datetime(2026, 11, 24, 10, 32, 5, tzinfo=UTC)
    record(desk, demo.world.notable["rich"], at=at_ten)
    table = rows(app("/activity"))

    assert list(table)[: len(first)] == first
    if "utc" in first:
        assert table["utc"].tolist() == ["2026-11-24T10:32:05Z"]


def test_older_actions_are_said_and_reached(
    app: OpenApp, demo: RunningDemo, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is more than a page bears is not left out silently; days lead to it."""
    monkeypatch.setattr(journal, "MOST_ENTRIES", 2)
    rich = demo.world.notable["rich"]
    for day in (1, 2, 3):
        record(desk, rich, person=f"p{day}", at=datetime(2026, 11, day, 12, tzinfo=UTC))
    record(desk, demo.world.notable["not_owned"], person="foreign")
    at = app("/activity", "owner")

    assert rows(at)["person"].tolist() == ["p3", "p2"]
    assert "The newest 2 actions are shown, and there are older ones." in words(at)
    at = app("/activity", "owner", {"day": "..2026-11-02"})
    assert rows(at)["person"].tolist() == ["p2", "p1"]
    assert "older ones" not in words(at)


def test_an_action_is_opened_and_closed(
    app: OpenApp, demo: RunningDemo, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it: who, on what, both times, the server's words whole and literally, what to do."""
    monkeypatch.setattr(loading, "zone_name", lambda: "Europe/Tallinn")
    said = "<b>No</b> **credentials** :material/x:" * 30
    asked = datetime(2026, 11, 24, 10, 32, 5, tzinfo=UTC)
    rich = demo.world.notable["rich"]
    entry = record(desk, rich, Action.SHARE, Outcome.REFUSED, words=said, at=asked, run=7)
    record(desk, rich, name="# Newer")
    at = tick(app("/activity"), "activity.", 1)

    shown = [each.value for each in at.text]
    assert said in shown
    assert "2026-11-24 12:32:05 (Europe/Tallinn)\n2026-11-24T10:32:05Z" in shown
    assert entry.next_step in shown
    assert "1 on record, 1 of this calendar, in run 7" in shown
    assert "Share calendar" in words(at)
    at = press(at, "Close")
    assert said not in [each.value for each in at.text]
    at.run()
    assert said not in [each.value for each in at.text]


def test_an_open_action_outlives_a_new_one(app: OpenApp, demo: RunningDemo, desk: Desk) -> None:
    """What somebody reads is not closed because a colleague presses a button."""
    rich = demo.world.notable["rich"]
    record(desk, rich, words="First")
    at = tick(app("/activity"), "activity.", 0)
    record(desk, rich, words="Second")
    at.run()

    assert rows(at)["words"].tolist() == ["Second", "First"]
    assert "First" in [each.value for each in at.text]


def test_a_link_opens_an_action(app: OpenApp, demo: RunningDemo, desk: Desk) -> None:
    """And one that names an action which is not there says so."""
    record(desk, demo.world.notable["rich"], words="To be read")
    foreign = record(desk, demo.world.notable["not_owned"], words="Not for the owner")

    at = app("/activity", "owner", {"entry": "1"})
    assert "To be read" in [each.value for each in at.text]
    at = app("/activity", "owner", {"entry": str(foreign.id)})
    assert "Not for the owner" not in words(at)
    assert "not among those shown" in words(at)


def test_a_retention_is_said(app: OpenApp, demo: RunningDemo, desk: Desk) -> None:
    """Whoever looks for an old action learns why it is not there."""
    assert "it is kept for ever." in words(app("/activity"))
    desk.settings = desk.settings.model_copy(update={"journal_retention_days": 90})
    assert "it is kept for 90 days; of each calendar the newest stays" in words(app("/activity"))


def test_a_broken_record_is_not_called_empty(app: OpenApp, desk: Desk) -> None:
    """That it cannot be read is said; that nothing happened is not."""
    with desk.journal.database.writing() as connection:
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
    frame = activity_frame([entry], "Europe/Tallinn")
    text = to_csv(frame, activity_columns("Europe/Tallinn")).decode("utf-8-sig")
    lines = text.splitlines()

    assert "When (Europe/Tallinn)" in lines[0]
    assert "When (UTC, ISO 8601)" in lines[0]
    assert f"{entry.created:%Y-%m-%dT%H:%M:%S}Z" in lines[1]

    assert "Outcome" in lines[0]
    assert "'=HYPERLINK" in lines[1]
    assert ",'+1," in lines[1]
    assert ",'@a," in lines[1]
