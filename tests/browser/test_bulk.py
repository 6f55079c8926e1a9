"""Many calendars at once, and requests to book: planned, sent once, told truly."""

import csv
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from demo.faults import Fault
from demo.reservations import Reservation
from demo.server import RunningDemo, running
from tests.browser.conftest import Dashboard, NewPage, wait_until
from tests.browser.settled import settled

SignIn = Callable[..., None]
SHARE = "/share_google_calendar/$"
CONNECTED = "/calendars?calendar=private&credentials=connected"


@pytest.fixture
def slow_demo() -> Iterator[RunningDemo]:
    """A server that takes three seconds to answer, so that a run can be watched and stopped."""
    with running(offerings=100, queueing=0.5, working=0.2, login=0) as server:
        server.faults.replace([Fault("delay", path=SHARE, method="POST", delay=3, times=None)])
        yield server


def plan_to_share(page: Page) -> None:
    """Has the plan shown for all in the list."""
    page.get_by_text("All in the list", exact=True).click()
    settled(page)
    page.get_by_text("Share", exact=True).first.click()
    settled(page)
    page.get_by_role("button", name="Show the plan").click()
    settled(page)


def shares(demo: RunningDemo) -> list[tuple[str, int | None]]:
    """The calendars that were asked to be shared and the answers' statuses, one for each POST."""
    posts = [each for each in demo.requests if each.path.endswith("/share_google_calendar/")]
    return [(each.path.split("/")[3], each.status) for each in posts]


def test_a_run_is_planned_started_stopped_and_told(
    slow_demo: RunningDemo, start: Callable[..., Dashboard], page: Page, new_page: NewPage,
    sign_in: SignIn, tmp_path: Path,
) -> None:  # fmt: skip
    """Plan, progress, a reload, a second viewer who stops it, and the receipt as files."""
    board = start(slow_demo.url)
    sign_in(page, CONNECTED, url=board.url)
    plan_to_share(page)
    expect(page.get_by_text("Becomes public:")).to_be_visible()
    label = page.get_by_role("button", name=re.compile(r"Share \d+ calendars publicly"))
    count = int(re.findall(r"\d+", label.inner_text())[0])

    assert count > 14
    assert shares(slow_demo) == []
    label.dblclick()
    expect(page.get_by_text(re.compile(rf"\d+ of {count} begun")).first).to_be_visible()
    page.reload()
    expect(page.get_by_text(re.compile(rf"Share calendar: \d+ of {count} begun"))).to_be_visible()

    second = new_page(beside=page)
    second.goto(board.url + "/calendars")
    # On top, where the line of progress is in sight first.
    second.get_by_role("button", name="Stop").first.click()
    for window in (page, second):
        receipt = window.get_by_role("button", name="Receipt (CSV)")
        receipt.wait_for()
        expect(window.get_by_text("Stopped by staff.").first).to_be_visible()
    settled(page)
    words = page.get_by_text(re.compile(rf"^\d+ of {count} begun")).inner_text()

    files = {}
    for name in ("CSV", "JSON"):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Receipt ({name})").click()
        files[name] = tmp_path / name
        download.value.save_as(files[name])
    with files["CSV"].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    items = json.loads(files["JSON"].read_text())
    sent = {uuid for uuid, _ in shares(slow_demo)}
    accepted_ones = [uuid for uuid, status in shares(slow_demo) if status == 202]
    states = {item["offering_uuid"]: item["state"] for item in items}

    assert len(accepted_ones) == len(set(accepted_ones))
    assert len(sent) < count
    assert len(rows) == len(items) == count
    assert {uuid for uuid, state in states.items() if state != "Not sent"} == sent
    assert f"{list(states.values()).count('Not sent')} not sent" in words
    for uuid in (uuid for uuid, state in states.items() if state == "Confirmed"):
        calendar = slow_demo.world.offerings[uuid].calendar
        assert calendar is not None
        assert calendar.public


def test_a_newer_action_stops_the_plan_on_the_screen(
    own_demo: RunningDemo, start: Callable[..., Dashboard], page: Page, new_page: NewPage,
    sign_in: SignIn,
) -> None:  # fmt: skip
    """However often it is drawn since. A new plan waits for the server, and then can be started."""
    board = start(own_demo.url)
    uuid = own_demo.world.notable["private"]
    sign_in(page, f"/calendars?q={uuid}", url=board.url)
    plan_to_share(page)
    second = new_page()
    sign_in(second, f"/offering?uuid={uuid}&tab=Calendar", url=board.url)
    second.get_by_role("button", name="Sync calendar").click()
    wait_until(lambda: posts(own_demo) == ["google_calendar_sync"], "the sync arrives")
    page.get_by_text("Every calendar of the plan").click()
    expect(
        page.get_by_text(re.compile("“Sync calendar” of .+ came after this plan"))
    ).to_be_visible()
    settled(page)

    expect(page.get_by_role("button", name="Share 0 calendars publicly")).to_be_disabled()
    page.get_by_role("button", name="Make a new plan").click()
    page.get_by_role("button", name="Share 1 calendar publicly").click()
    page.get_by_role("button", name="Receipt (CSV)").wait_for()
    assert posts(own_demo) == ["google_calendar_sync", "share_google_calendar"]
    assert [status for _, status in shares(own_demo)] == [202]


def posts(demo: RunningDemo) -> list[str]:
    """The actions that were sent, in order."""
    actions = [each.path.split("/")[4] for each in demo.requests if "_calendar" in each.path]
    return [each for each in actions if each]


def test_a_request_is_accepted_once(page: Page, sign_in: SignIn, demo: RunningDemo) -> None:
    """It is asked about, a double click sends it once, and the outcome stays in sight."""
    found = [each for each in demo.world.reservations.values() if each.item["state"] == "Creating"]
    first = min(found, key=turn)
    sign_in(page, "/bookings")
    page.get_by_role("button", name="Accept booking").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("The booking becomes firm.")).to_be_visible()
    assert not accepted(demo)
    dialog.get_by_role("button", name="Accept", exact=True).dblclick()
    expect(page.get_by_text("The booking's state is OK.")).to_be_visible()
    settled(page)

    assert accepted(demo) == [f"/api/booking-resources/{first.item['uuid']}/accept/"]
    expect(page.get_by_text("requests wait for an answer")).to_contain_text(f"{len(found) - 1} ")
    page.reload()
    settled(page)
    wait_until(lambda: first.item["state"] == "OK", "the server has it as accepted")


def turn(reservation: Reservation) -> tuple[bool, datetime]:
    """Its place on the page: what is still to come first."""
    return reservation.end < datetime.now(UTC), reservation.start


def accepted(demo: RunningDemo) -> list[str]:
    """What was sent to be accepted."""
    return [each.path for each in demo.requests if each.path.endswith("/accept/")]
