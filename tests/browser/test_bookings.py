"""The calendar of bookings as a browser draws it, and the file of it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from icalendar import Calendar
from playwright.sync_api import FrameLocator, Page, expect

from demo.server import RunningDemo
from tests.browser.conftest import Dashboard, NewPage
from tests.browser.settled import settled
from tests.browser.tables import TICK_X, cell, click_row
from tests.browser.tabs import open_tab

SignIn = Callable[..., None]
HOSTILE = (
    "<img src=http://127.0.0.1:9/x.png onerror=alert(1)> :red[x] **b** [l](javascript:alert(2))"
)


def calendar(page: Page) -> FrameLocator:
    """The frame of the calendar, when events are drawn in it."""
    settled(page)
    frame = page.frame_locator("iframe")
    expect(frame.locator(".fc-event").first).to_be_visible()
    return frame


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 900])
def test_the_calendar_is_drawn(new_page: NewPage, sign_in: SignIn, width: int, scheme: str) -> None:
    """In the person's time zone and colours, with a month, a week, a day and a list."""
    page = new_page(width=width, scheme=scheme)
    sign_in(page, "/bookings?tab=Calendar")
    frame = calendar(page)

    expect(page.get_by_text("Times are in Europe/Tallinn.")).to_be_visible()
    for view, part in (
        ("Week", ".fc-timegrid"),
        ("Day", ".fc-timegrid"),
        ("List", ".fc-list"),
        ("Month", ".fc-daygrid.fc-view"),
    ):
        page.get_by_role("radio", name=view, exact=True).click()
        expect(frame.locator(part)).to_be_visible()
    colours = "e => [getComputedStyle(e).color, getComputedStyle(document.body).backgroundColor]"
    text, back = frame.locator(".fc-toolbar-title").evaluate(colours)
    assert text != back
    # Nothing sticks out of the frame.
    assert frame.locator("body").evaluate("e => e.scrollWidth <= innerWidth")


def test_the_calendar_stays_where_a_person_went(page: Page, sign_in: SignIn) -> None:
    """Without being made anew; the address names it, after a reload and another tab too."""
    sign_in(page, "/bookings?tab=Calendar&day=2026-02-03")
    frame = page.frame_locator("iframe")
    title = frame.locator(".fc-toolbar-title")
    expect(title).to_have_text("February 2026")
    frame.locator("body").evaluate("() => { window.deskSame = true }")
    page.get_by_role("button", name="Later").click()
    expect(title).to_have_text("March 2026")
    settled(page)
    page.get_by_role("radio", name="Week", exact=True).click()
    expect(title).to_have_text("Feb 23 – Mar 1, 2026")
    assert frame.locator("body").evaluate("() => window.deskSame")
    expect(page).to_have_url(re.compile("view=week&day=2026-03-01"))

    open_tab(page, "Utilisation")
    open_tab(page, "Calendar")
    expect(title).to_have_text("Feb 23 – Mar 1, 2026")
    page.reload()
    expect(title).to_have_text("Feb 23 – Mar 1, 2026")


def test_a_day_is_opened_by_a_click(page: Page, sign_in: SignIn) -> None:
    """And another time, after the month was opened again."""
    sign_in(page, "/bookings?tab=Calendar&day=2026-02-03")
    # For a moment the calendar that goes is still there, below the one that comes.
    frame = page.frame_locator("iframe").first
    title = frame.locator(".fc-toolbar-title")
    for _ in range(2):
        expect(title).to_have_text("February 2026")
        settled(page)
        frame.locator("[data-date='2026-02-12'] .fc-daygrid-day-number").click()
        expect(title).to_have_text("February 12, 2026")
        expect(page).to_have_url(re.compile("view=day&day=2026-02-12"))
        settled(page)
        page.get_by_role("radio", name="Month", exact=True).click()


def test_times_are_those_of_the_person(
    new_page: NewPage, sign_in: SignIn, demo: RunningDemo, dashboard: Dashboard
) -> None:
    """What the server says in UTC is drawn two hours later in Tallinn's winter."""
    held = next(iter(demo.world.reservations.values()))
    before = held.item["slots"][0]["start"], held.item["slots"][0]["end"], held.item["name"]
    held.item["slots"][0] |= {"start": "2026-02-03T09:00:00Z", "end": "2026-02-03T10:30:00Z"}
    held.item["name"] = "Winter booking"
    try:
        page = new_page()
        sign_in(page, "/bookings?tab=Calendar&day=2026-02-03&q=winter")
        event = calendar(page).locator(".fc-event").first
        expect(event.locator(".fc-event-time")).to_have_text("11:00")
        event.click()
        expect(page.get_by_text("When: 2026-02-03 11:00 to 12:30")).to_be_visible()
        expect(page.get_by_text("Booking: Winter booking")).to_be_visible()
    finally:
        held.item["slots"][0] |= {"start": before[0], "end": before[1]}
        held.item["name"] = before[2]


def test_hostile_names_do_nothing(
    # In this order: a window that outlives its dashboard complains that it is gone.
    own_demo: RunningDemo,
    start: Callable[..., Dashboard],
    new_page: NewPage,
    sign_in: SignIn,
) -> None:
    """Every text of a booking is text, in the frame and around it."""
    for held in own_demo.world.reservations.values():
        held.item |= {
            "offering_name": HOSTILE, "name": HOSTILE, "created_by_full_name": HOSTILE,
            "customer_name": HOSTILE, "project_name": HOSTILE, "description": HOSTILE,
        }  # fmt: skip
    page = new_page()
    sign_in(page, "/bookings?tab=Calendar&colour=offering", url=start(own_demo.url).url)
    frame = calendar(page)
    event = frame.locator(".fc-event").first
    expect(event).to_contain_text("<img src=")
    event.click()
    expect(page.get_by_text("Organisation: <img src=")).to_be_visible()

    assert frame.locator(".fc-event img, .fc-event script, .fc-event [onerror]").count() == 0
    assert page.locator("[onerror], img[src*='127.0.0.1:9']").count() == 0
    for tab in ("Utilisation", "Conflicts"):
        open_tab(page, tab)
        settled(page)
        assert page.locator("[onerror], img[src*='127.0.0.1:9']").count() == 0


def test_a_file_for_calendar_programs(page: Page, sign_in: SignIn) -> None:
    """Of all that is shown, or of the rows that are ticked."""
    sign_in(page, "/bookings?state=accepted")

    def download() -> list[str]:
        settled(page)
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Calendar file (ICS)").click()
        assert re.fullmatch(r"bookings-\d{4}-\d\d-\d\d\.ics", waiting.value.suggested_filename)
        data = Path(waiting.value.path()).read_bytes()
        return [str(each["STATUS"]) for each in Calendar.from_ical(data).walk("VEVENT")]

    everything = download()
    assert len(everything) > 1
    assert set(everything) == {"CONFIRMED"}
    click_row(page, 0, TICK_X)
    expect(page.get_by_text("The calendar file holds the 1 ticked booking.")).to_be_visible()
    assert download() == ["CONFIRMED"]


def test_busy_times_are_read_while_the_page_stands(page: Page, sign_in: SignIn) -> None:
    """Asked for with a switch; the address keeps it, and a reload shows them again."""
    sign_in(page, "/bookings?tab=Calendar")
    calendar(page)
    page.get_by_text("Google's busy times and availability").click()
    expect(page.get_by_text(re.compile(r"Known of \d+ of \d+ offerings"))).to_be_visible()
    expect(page.get_by_text("an offering is open")).to_be_visible()
    expect(page).to_have_url(re.compile("busy=yes"))
    page.reload()

    expect(page.get_by_text("an offering is open")).to_be_visible()


def test_utilisation_is_a_picture_and_figures(page: Page, sign_in: SignIn) -> None:
    """The range is in the address, and the figures stand below."""
    sign_in(page, "/bookings?tab=Utilisation")
    expect(page.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first).to_be_visible()
    expect(page.locator("th", has_text="Hours booked").first).to_be_attached()

    assert float(cell(page, 3, 0)) > 0
