"""Names and texts that would like to be more than text."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from bookings.sheets import TABS
from demo.faults import Fault
from demo.server import RunningDemo
from tests.browser.tables import TICK_X, click_row, table
from tests.browser.tabs import open_tab

SignIn = Callable[..., None]
PAGES = ("/", "/offerings", "/map", "/partitions", "/plans", "/calendars", "/bookings", "/activity")
IN_DOCUMENT = (
    "() => [...document.querySelectorAll('script, img, iframe, form')]"
    ".map(each => each.outerHTML).filter(html => /evil|owned|127\\.0\\.0\\.1:9\\//.test(html))"
)


def nothing_ran(page: Page) -> bool:
    """Whether the page is what it was, and holds no element of the server's making."""
    return "owned" not in page.title() and page.evaluate(IN_DOCUMENT) == []


@pytest.mark.parametrize("path", PAGES)
def test_lists_show_them_as_text(page: Page, sign_in: SignIn, path: str) -> None:
    """Nothing runs and nothing loads; the window of the test watches requests and dialogs."""
    sign_in(page, path)
    expect(page.get_by_text("Offerings as of").first).to_be_visible()

    assert nothing_ran(page)


@pytest.mark.parametrize("number", [0, 4, 8, 12])
def test_the_page_of_an_offering_shows_them_as_text(
    page: Page, sign_in: SignIn, demo: RunningDemo, number: int
) -> None:
    """In the title and in every tab."""
    uuid = demo.world.notable[f"hostile_{number}"]
    name = demo.world.offerings[uuid].name
    sign_in(page, f"/offering?uuid={uuid}")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_be_visible()
    shown = heading.inner_text().replace("\u200b", "")

    assert shown.split() == " ".join(name.split()).split()
    for name in TABS:
        open_tab(page, name)
        assert nothing_ran(page)


def test_a_ticked_hostile_name_is_a_plain_link(page: Page, sign_in: SignIn) -> None:
    """The label of the link is text as well."""
    sign_in(page, "/offerings?q=<script>")
    table(page)
    click_row(page, 0, TICK_X)

    expect(page.get_by_role("link", name="Open <script>")).to_be_visible()
    assert nothing_ran(page)


def test_the_servers_words_are_text_too(page: Page, sign_in: SignIn, demo: RunningDemo) -> None:
    """A refusal full of markup is shown as it is, beside the button and on the activity page."""
    words = "<img src=http://127.0.0.1:9/owned.png> **no** [x](http://evil.example) :rocket:"
    uuid = demo.world.notable["hostile_0"]
    sign_in(page, f"/offering?uuid={uuid}&tab=Calendar")
    button = page.get_by_role("button", name="Sync calendar")
    expect(button).to_be_enabled()
    demo.faults.add(
        Fault(action="status", method="POST", status=400, body={"detail": words}, times=1)
    )
    button.click()
    said = page.get_by_text("The server said (400)")
    expect(said).to_be_visible()

    assert words in said.inner_text().replace("\u200b", "")
    assert nothing_ran(page)
    page.goto(page.url.split("/offering")[0] + "/activity")
    table(page)
    assert nothing_ran(page)
