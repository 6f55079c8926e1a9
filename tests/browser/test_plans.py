"""A basket as a person fills it, and the pictures of prices."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.browser.tables import TICK_X, cell, click_row, table
from tests.browser.tabs import open_tab

SignIn = Callable[..., None]
RANK, TOTAL, PLAN = 1, 2, 3
"""Columns of the basket's table; column 0 is the tick."""


def said(page: Page, words: str) -> Locator:
    """A text on the page, whatever stands around it."""
    return page.get_by_text(re.compile(re.escape(words)))


def fill(page: Page, label: str, text: str) -> None:
    """Types into a field and leaves it."""
    field = page.get_by_role("textbox", name=label, exact=True)
    field.fill(text)
    field.press("Enter")


def test_a_basket_is_filled_priced_and_explained(page: Page, sign_in: SignIn) -> None:
    """Only the plan by the month can be compared in February, in which no quarter begins.

    By hand, for plan Industry of the Kratt supercomputer from 10 to 20 February 2027:
    11 days begun of 28 are 0.392…, rounded up 0.40 of a month.
    CPU          0.036 × 1,000 core-hours = 36.00, less 25 % (from 50)   27.00
    storage      10.50 × 10 TB × 0.40                                     42.00
    membership   135.00 × 0.40                                            54.00
    onboarding   once, at the start                                      360.00
    move of data once, at the start and at each change of plan            90.00
    total                                                                573.00
    """
    sign_in(page, "/plans?q=kratt+super&tab=Basket&from=2027-02-10&to=2027-02-20")
    expect(said(page, "Nothing is wanted yet")).to_be_visible()
    page.get_by_role("combobox", name="What is wanted").click()
    page.get_by_role("option", name="CPU (core-hours)").click()
    page.get_by_role("combobox", name="What is wanted").click()
    page.get_by_role("option", name="Project storage (TB)").click()
    page.keyboard.press("Escape")
    fill(page, "CPU (core-hours)", "1,000")
    expect(page).to_have_url(re.compile(r"buy=cpu_hours"))
    fill(page, "Project storage (TB)", "10")
    expect(page).to_have_url(re.compile(r"buy=storage"))
    expect(said(page, "1 of 3 plans")).to_be_visible()
    expect(page.locator("td", has_text="573").first).to_be_attached()

    assert (cell(page, RANK, 0), cell(page, TOTAL, 0), cell(page, PLAN, 0)) == (
        "1", "573", "Industry",
    )  # fmt: skip

    click_row(page, 0, TICK_X)
    expect(page.locator("td", has_text="€0.036 × 1,000 core-hours × 75 %")).to_be_attached()
    expect(page.locator("td", has_text="€10.50 × 10 TB × 0.4 month")).to_be_attached()
    remark = page.get_by_role("listitem").filter(has_text="25 % off, reached at 50")
    expect(remark).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first).to_be_visible()

    page.reload()
    expect(said(page, "1 of 3 plans")).to_be_visible()
    expect(page.get_by_role("textbox", name="Project storage (TB)", exact=True)).to_have_value("10")


def test_a_basket_as_a_file(page: Page, sign_in: SignIn) -> None:
    """Its name, the sums as numbers, and a hostile name as text that no spreadsheet runs."""
    sign_in(page, "/plans?tab=Basket&buy=pieces||1|Pieces&q=HYPERLINK")
    page.get_by_role("radio", name="All", exact=True).click()
    table(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV", exact=True).last.click()

    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert waiting.value.suggested_filename.startswith("basket-")
    assert rows
    assert all(row["Offering"].startswith("'=") for row in rows)


def test_the_next_month_is_a_picture_and_a_table(page: Page, sign_in: SignIn) -> None:
    """The picture is drawn, also over hostile names, and every figure stands below it."""
    sign_in(page, "/plans?tab=Next+month")
    expect(page.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first).to_be_visible()
    table(page)

    expect(page.locator("th", has_text="Price then").first).to_be_attached()


def test_two_plans_stand_side_by_side(page: Page, sign_in: SignIn) -> None:
    """Ticked in the price list, aligned by component."""
    sign_in(page, "/plans?q=kratt+super")
    click_row(page, 0, TICK_X)
    expect(page.get_by_role("heading", name="Academic · Kratt supercomputer")).to_be_visible()
    click_row(page, 2, TICK_X)

    expect(page.get_by_role("heading", name="Side by side")).to_be_visible()
    expect(page.locator("td", has_text="✓ €0.01344 / core-hours").first).to_be_attached()
    open_tab(page, "Findings")
    expect(page).to_have_url(re.compile("tab=Findings"))


@pytest.mark.parametrize("path", ["/plans?tab=Findings&q=kratt+super", "/offerings?q=kratt"])
def test_files_can_be_had_in_a_small_window(page: Page, sign_in: SignIn, path: str) -> None:
    """Both buttons on one line, and not under the tools of the table that is pointed at."""
    page.set_viewport_size({"width": 900, "height": 900})
    sign_in(page, path)
    table(page)
    page.get_by_test_id("stDataFrame").first.hover()
    tools = page.get_by_test_id("stElementToolbar").filter(visible=True)
    expect(tools.last).to_be_visible()

    csv_file, excel = (
        place(page.get_by_role("button", name=name, exact=True).last) for name in ("CSV", "Excel")
    )
    assert csv_file["y"] == excel["y"]
    assert excel["y"] + excel["height"] <= place(tools.last)["y"]


def test_the_name_of_a_chosen_filter_can_be_read(page: Page, sign_in: SignIn) -> None:
    """It is not cut in its chip."""
    sign_in(page, "/plans?provider=Ilves+University")
    chip = page.locator("span[title='Ilves University']").filter(visible=True)
    expect(chip).to_be_visible()

    assert chip.evaluate("chip => chip.scrollWidth <= chip.clientWidth")


def place(of: Locator) -> FloatRect:
    """Where something stands on the page."""
    box = of.bounding_box()
    assert box is not None
    return box
