"""The record of actions as a person reads it: narrowed, opened, taken away as a file."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from demo.server import RunningDemo
from tests.browser.conftest import Dashboard
from tests.browser.settled import settled
from tests.browser.tables import cell, click_row, table

SignIn = Callable[..., None]
Start = Callable[..., Dashboard]
WHEN, OFFERING, ACTION = 0, 3, 4
"""Columns of the table; there is no button in it."""
TEXT_X = 400
"""Somewhere in a row, beside its tick."""


def press_sync(page: Page, url: str, uuid: str) -> None:
    """Has an action put on record."""
    page.goto(f"{url}/offering?uuid={uuid}&tab=Calendar")
    settled(page)
    page.get_by_role("button", name="Sync calendar", exact=True).click()
    expect(page.get_by_text("Last actions")).to_be_visible()
    settled(page)


def test_actions_are_narrowed_opened_and_exported(
    start: Start, page: Page, sign_in: SignIn, demo: RunningDemo
) -> None:
    """What was pressed is found by its day, read in full, and is in the file with both times."""
    url = start(demo.url).url
    sign_in(page, "/activity", url=url)
    expect(page.get_by_text("Nothing yet")).to_be_visible()
    rich, private = demo.world.notable["rich"], demo.world.notable["private"]
    for uuid in (rich, private):
        press_sync(page, url, uuid)

    page.get_by_role("link", name="All recorded actions of this offering").click()
    expect(page).to_have_url(re.compile(f"/activity\\?q={private}"))
    assert cell(page, OFFERING + 1, 0) == demo.world.offerings[private].name
    expect(page.get_by_text("1 of 2 actions")).to_be_visible()

    click_row(page, 0, TEXT_X)
    opened = page.locator(".st-key-activity-opened")
    expect(opened.get_by_text("(Europe/Tallinn)").first).to_be_visible()
    expect(opened.get_by_text(re.compile(r"\dT\d\d:\d\d:\d\dZ")).first).to_be_visible()
    expect(page).to_have_url(re.compile("entry="))
    page.reload()
    expect(opened.get_by_text("What to do now")).to_be_visible()
    opened.get_by_role("button", name="Close").click()
    expect(opened).to_have_count(0)

    page.get_by_role("button", name="Clear filters").click()
    expect(page.get_by_text("2 actions", exact=True)).to_be_visible()
    for part, text in (("year", "2099"), ("month", "01"), ("day", "01")):
        page.get_by_role("spinbutton", name=f"{part}, Asked from").press_sequentially(text)
    page.keyboard.press("Escape")
    expect(page.get_by_text("No actions fit these filters.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"day=2099-01-01\.\."))
    page.get_by_role("button", name="Clear filters").click()
    table(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV", exact=True).click()
    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Action"] for row in rows] == ["Sync calendar", "Sync calendar"]
    assert all(row["When (Europe/Tallinn)"] for row in rows)
    assert all(row["When (UTC, ISO 8601)"].endswith("Z") for row in rows)
