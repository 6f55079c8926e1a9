"""Clicking in Streamlit's tables, which are drawn on a canvas."""

from playwright.sync_api import Locator, Page

from tests.browser.settled import settled

HEADER = ROW = 35
TICK_X = 17
OPEN_X = 37 + 32


def table(page: Page, number: int = 0) -> Locator:
    """The canvas of a table, when it is drawn and everything has come.

    What arrives draws the table anew, so that a click in that moment would meet nothing.
    """
    settled(page)
    canvas = page.get_by_test_id("stDataFrame").nth(number).locator("canvas").first
    canvas.wait_for()
    # The hidden table beside it is what screen readers see; it comes with the first paint.
    page.get_by_test_id("stDataFrame").nth(number).locator("td").first.wait_for(state="attached")
    return canvas


def click_row(page: Page, row: int, x: int = OPEN_X, number: int = 0) -> None:
    """Clicks in a row: on its button, or at another x.

    Through the frame around the canvas: Playwright then scrolls the place into view, and waits
    until it moves no more.
    """
    canvas = table(page, number).bounding_box()
    frame = page.get_by_test_id("stDataFrame").nth(number)
    around = frame.bounding_box()
    assert canvas is not None
    assert around is not None
    left, top = canvas["x"] - around["x"], canvas["y"] - around["y"]
    frame.click(position={"x": left + x, "y": top + HEADER + ROW * row + ROW / 2})


def cell(page: Page, column: int, row: int, number: int = 0) -> str:
    """The text of a cell; column 0 is the tick, 1 the button."""
    settled(page)
    place = page.get_by_test_id("stDataFrame").nth(number)
    return place.get_by_test_id(f"glide-cell-{column}-{row}").text_content() or ""
