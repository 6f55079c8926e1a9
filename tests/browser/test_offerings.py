"""The list: narrowing it, opening a row, and finding the same view again."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Dashboard, NewPage
from tests.browser.tables import TICK_X, cell, click_row, table

SignIn = Callable[..., None]


def narrow(page: Page, text: str) -> None:
    """Types into the search and waits for what it says."""
    page.get_by_role("searchbox").press_sequentially(text)
    expect(page.get_by_text(f'search contains "{text}"')).to_be_visible()


def test_the_list_narrows_opens_and_comes_back(page: Page, sign_in: SignIn) -> None:
    """Search as one types, open a row, go Back once, reload: the same view each time."""
    sign_in(page, "/offerings")
    table(page)
    narrow(page, "meeting")
    sentence = page.get_by_text("of 100 offerings where").inner_text()
    expect(page).to_have_url(re.compile(r"/offerings\?q=meeting$"))
    name = cell(page, 2, 1)
    click_row(page, 1)
    expect(page).to_have_url(re.compile(r"/offering\?uuid="))
    expect(page.get_by_role("heading", name=name)).to_be_visible()

    page.go_back()

    expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_value("meeting")
    assert page.url.endswith("/offerings?q=meeting")

    page.reload()

    expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_value("meeting")


def test_a_link_to_a_view_opens_the_view(
    page: Page, sign_in: SignIn, new_page: NewPage, dashboard: Dashboard
) -> None:
    """What "Copy link" gives shows a colleague the same filters; what it cannot mean is dropped."""
    where = 'where state is "Draft" or "Paused" and it is shared'
    sign_in(page, "/offerings?state=Paused&state=Draft&shared=yes&bogus=1&price=abc")
    expect(page.get_by_text(where)).to_be_visible()
    page.get_by_role("button", name="Copy link").click()
    link = page.get_by_test_id("stPopoverBody").locator("code").inner_text()

    assert link == f"{dashboard.url}/offerings?state=Draft&state=Paused&shared=yes"
    other = new_page()
    sign_in(other, link.removeprefix(dashboard.url))
    expect(other.get_by_text(where)).to_be_visible()


def test_clearing_the_filters_shows_all(page: Page, sign_in: SignIn) -> None:
    """One button takes every filter away, from widgets and address alike."""
    sign_in(page, "/offerings?q=room&state=Active")
    page.get_by_role("button", name="Clear filters").click()

    expect(page.get_by_text("100 offerings", exact=True)).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_value("")
    expect(page).to_have_url(re.compile(r"/offerings$"))


def test_a_tick_never_points_at_another_row(page: Page, sign_in: SignIn) -> None:
    """The ticked row's link opens it; after filtering nothing is ticked."""
    sign_in(page, "/offerings")
    table(page)
    name = cell(page, 2, 3)
    click_row(page, 3, TICK_X)
    link = page.get_by_role("link", name=f"Open {name}")
    expect(link).to_be_visible()

    narrow(page, "meeting")

    expect(page.get_by_role("link", name="Open ")).to_have_count(0)


def test_the_table_stands_still_while_rows_are_ticked(page: Page, sign_in: SignIn) -> None:
    """Or the next tick would land on another row, and many calendars are shared by ticks."""
    sign_in(page, "/calendars")
    before = table(page).bounding_box()
    names = [cell(page, 2, row) for row in range(3)]
    for row in range(3):
        click_row(page, row, TICK_X)

        opening = page.get_by_role("link", name=f"Open {names[0]}")
        expect(opening).to_have_count(1 if row == 0 else 0)
        assert table(page).bounding_box() == before
    assert [cell(page, 2, row) for row in range(3)] == names


def test_the_ticked_row_opens_by_keyboard(page: Page, sign_in: SignIn) -> None:
    """The way for people who do not use a mouse."""
    sign_in(page, "/offerings?q=Kratt supercomputer")
    table(page)
    click_row(page, 0, TICK_X)
    link = page.get_by_role("link", name="Open Kratt supercomputer")
    link.focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Kratt supercomputer")).to_be_visible()


def test_an_export_has_what_is_shown_and_runs_nothing(page: Page, sign_in: SignIn) -> None:
    """The file has the rows of the filter; a name that looks like a formula is text."""
    sign_in(page, "/offerings?q=HYPERLINK")
    table(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text))

    assert header[0] == "Name"
    assert rows
    assert all(row[0].startswith("'=HYPERLINK") for row in rows)
