"""Calendar actions: sent once, told truly."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from demo.calendars import Calendar
from demo.faults import Fault
from demo.server import RunningDemo
from tests.browser.conftest import NewPage, wait_until

SignIn = Callable[..., None]
SETTLED = 40_000


@pytest.fixture
def private(demo: RunningDemo) -> str:
    """An offering with a private calendar, whatever tests did to it before."""
    uuid = demo.world.notable["private"]
    calendar = demo.world.offerings[uuid].calendar
    assert calendar is not None
    wait_until(lambda: settled(calendar), "earlier work has ended")
    calendar.public = False
    return uuid


def settled(calendar: Calendar) -> bool:
    """Whether the server works on it no more; its jobs advance when somebody looks."""
    calendar.settle(time.time())
    return calendar.state in {"OK", "ERRED"}


def calendar_tab(uuid: str) -> str:
    """The address of an offering's calendar."""
    return f"/offering?uuid={uuid}&tab=Calendar"


def outcome(page: Page, word: str) -> Locator:
    """The outcome of the last action as it stands above its details, not in the table below."""
    return page.get_by_test_id("stMarkdownContainer").get_by_text(re.compile(f"{word}$")).first


def ready(page: Page, label: str) -> None:
    """Waits until a button works.

    While the page is drawn anew the button of before can stand beside the new one for a moment.
    """
    expect(named(page, label, disabled=True)).to_have_count(0, timeout=SETTLED)
    expect(named(page, label, disabled=False)).to_have_count(1, timeout=SETTLED)


def named(page: Page, label: str, *, disabled: bool) -> Locator:
    """Buttons of this name that work, or those that do not."""
    return page.get_by_role("button", name=label, exact=True, disabled=disabled)


def taken_up(page: Page, label: str) -> None:
    """Waits until the page shows that an action is worked on; its outcome is then the new one."""
    expect(named(page, label, disabled=True)).not_to_have_count(0)


def sent(demo: RunningDemo, action: str) -> None:
    """Waits until the click has reached the server; until then an earlier outcome stands there."""
    wait_until(lambda: bool(demo.posts(f"/{action}")), "it is sent")


def test_four_quick_clicks_send_one_sync(
    page: Page, sign_in: SignIn, demo: RunningDemo, private: str
) -> None:
    """It is accepted, and no more than that is claimed."""
    sign_in(page, calendar_tab(private))
    ready(page, "Sync calendar")
    box = page.get_by_role("button", name="Sync calendar").bounding_box()
    assert box is not None
    for _ in range(4):
        page.mouse.click(box["x"] + 20, box["y"] + 10)
    sent(demo, "google_calendar_sync")
    taken_up(page, "Sync calendar")

    expect(outcome(page, "Accepted")).to_be_visible()
    ready(page, "Sync calendar")
    assert len(demo.posts("google_calendar_sync")) == 1


def test_sharing_asks_first_and_is_confirmed(
    page: Page, sign_in: SignIn, demo: RunningDemo, private: str
) -> None:
    """Cancel sends nothing; a double click shares once; a reload in the middle loses nothing."""
    sign_in(page, calendar_tab(private))
    ready(page, "Share calendar")
    page.get_by_role("button", name="Share calendar", exact=True).click()
    expect(page.get_by_text("Anyone on the web will be able to read")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Share publicly")).to_have_count(0)
    assert not demo.posts("share_google_calendar")

    page.get_by_role("button", name="Share calendar", exact=True).click()
    page.get_by_role("button", name="Share publicly").dblclick()
    sent(demo, "share_google_calendar")
    page.reload()

    expect(outcome(page, "Confirmed")).to_be_visible()
    expect(page.get_by_text("Anyone on the web can read it.")).to_be_visible()
    expect(page.get_by_role("link", name="Open the public calendar")).to_be_visible()
    assert len(demo.posts("/share_google_calendar")) == 1
    page.goto(page.url.split("/offering")[0] + "/activity")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    expect(page.locator("td", has_text="Confirmed").first).to_be_attached()


def test_two_people_at_once_send_one(
    new_page: NewPage, sign_in: SignIn, demo: RunningDemo, private: str
) -> None:
    """Whoever is second sees the action of the first."""
    first, second = new_page(), new_page()
    sign_in(first, calendar_tab(private))
    sign_in(second, calendar_tab(private), "owner")
    for page in (first, second):
        ready(page, "Sync calendar")

    first.get_by_role("button", name="Sync calendar").click(no_wait_after=True)
    second.get_by_role("button", name="Sync calendar").click(no_wait_after=True)
    sent(demo, "google_calendar_sync")

    for page in (first, second):
        expect(outcome(page, "Accepted")).to_be_visible()
    ready(first, "Sync calendar")
    assert len(demo.posts("google_calendar_sync")) == 1


def test_a_lost_answer_is_looked_up_not_repeated(
    page: Page, sign_in: SignIn, demo: RunningDemo, private: str
) -> None:
    """The server did the work and dropped the connection: the state tells, one request was sent."""
    sign_in(page, calendar_tab(private))
    ready(page, "Share calendar")
    demo.faults.add(Fault(action="lost", method="POST", path="/api/booking-offerings/", times=1))
    page.get_by_role("button", name="Share calendar", exact=True).click()
    page.get_by_role("button", name="Share publicly").click()
    sent(demo, "share_google_calendar")

    expect(outcome(page, "Confirmed")).to_be_visible()
    expect(page.get_by_text("The change is there all the same.").first).to_be_visible()
    assert len(demo.posts("/share_google_calendar")) == 1


def test_a_refusal_gives_the_servers_words_and_a_next_step(
    page: Page, sign_in: SignIn, demo: RunningDemo
) -> None:
    """A provider without Google credentials."""
    sign_in(page, calendar_tab(demo.world.notable["no_credentials"]))
    ready(page, "Sync calendar")
    page.get_by_role("button", name="Sync calendar").click()
    sent(demo, "google_calendar_sync")

    expect(outcome(page, "Refused")).to_be_visible()
    expect(page.get_by_text("Google credentials do not exist.").first).to_be_visible()
    expect(page.get_by_text("Connect a Google account in Waldur").first).to_be_visible()


def test_a_disabled_button_says_why(page: Page, sign_in: SignIn, demo: RunningDemo) -> None:
    """A person who may only read sees the reason beside each button."""
    sign_in(page, calendar_tab(demo.world.notable["private"]), "manager")
    button = page.get_by_role("button", name="Share calendar", exact=True)

    expect(button).to_be_disabled()
    expect(page.get_by_text("You can read this offering but not act").first).to_be_visible()


def test_unsharing_is_confirmed(
    page: Page, sign_in: SignIn, demo: RunningDemo, private: str
) -> None:
    """It needs no confirmation, and the public link goes away."""
    calendar = demo.world.offerings[private].calendar
    assert calendar is not None
    calendar.public = True
    sign_in(page, calendar_tab(private))
    ready(page, "Unshare calendar")
    expect(page.get_by_role("link", name="Open the public calendar")).to_be_visible()
    page.get_by_role("button", name="Unshare calendar").dblclick()
    sent(demo, "unshare_google_calendar")

    expect(outcome(page, "Confirmed")).to_be_visible()
    expect(page.get_by_role("link", name="Open the public calendar")).to_have_count(0)
    assert len(demo.posts("unshare_google_calendar")) == 1


def test_a_lost_sync_stays_unknown(
    page: Page, sign_in: SignIn, demo: RunningDemo, private: str
) -> None:
    """A sync of a calendar that exists leaves nothing to read, so nothing is claimed."""
    sign_in(page, calendar_tab(private))
    ready(page, "Sync calendar")
    demo.faults.add(Fault(action="lost", method="POST", path="/api/booking-offerings/", times=1))
    page.get_by_role("button", name="Sync calendar").click()
    sent(demo, "google_calendar_sync")
    taken_up(page, "Sync calendar")

    expect(outcome(page, "Outcome unknown")).to_be_visible()
    ready(page, "Sync calendar")
    expect(outcome(page, "Outcome unknown")).to_be_visible()
    expect(page.get_by_text("leaves nothing to see").first).to_be_visible()
    assert len(demo.posts("google_calendar_sync")) == 1


def test_what_google_fails_at_is_not_confirmed(
    page: Page, sign_in: SignIn, demo: RunningDemo
) -> None:
    """The server accepts, and its job fails where nobody can read it."""
    sign_in(page, calendar_tab(demo.world.notable["failing"]))
    ready(page, "Share calendar")
    page.get_by_role("button", name="Share calendar", exact=True).click()
    page.get_by_role("button", name="Share publicly").click()
    sent(demo, "share_google_calendar")

    expect(outcome(page, "Not confirmed")).to_be_visible()
    expect(page.get_by_text("still queued or it failed at Google").first).to_be_visible()
    assert len(demo.posts("/share_google_calendar")) == 1


def test_a_connection_that_breaks_before_the_work_claims_nothing(
    page: Page, sign_in: SignIn, demo: RunningDemo, private: str
) -> None:
    """From here it looks like a lost answer, and it is told like one."""
    sign_in(page, calendar_tab(private))
    ready(page, "Sync calendar")
    demo.faults.add(Fault(action="reset", method="POST", path="/api/booking-offerings/", times=1))
    page.get_by_role("button", name="Sync calendar").click()
    sent(demo, "google_calendar_sync")
    taken_up(page, "Sync calendar")

    expect(outcome(page, "Outcome unknown")).to_be_visible()
    ready(page, "Sync calendar")
    assert len(demo.posts("google_calendar_sync")) == 1
