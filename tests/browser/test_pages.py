"""Every page in both themes and both widths, without an error in the console."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from components.navigation import ENTRIES
from tests.browser.conftest import Dashboard, NewPage

SignIn = Callable[..., None]
CUT = """all => all.filter(each => each.scrollWidth > each.clientWidth + 1)
  .map(each => each.innerText)"""
LEFTS = "all => [...new Set(all.map(each => Math.round(each.getBoundingClientRect().left)))]"


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (900, "light")])
def test_pages_draw(
    new_page: NewPage, sign_in: SignIn, dashboard: Dashboard, width: int, scheme: str
) -> None:
    """Opened by their own address; the window of the test watches console and requests."""
    page = new_page(width=width, scheme=scheme)
    sign_in(page, "/")
    for entry in ENTRIES:
        if entry.key != "offering":
            page.goto(f"{dashboard.url}/{entry.path}")
            expect(page.get_by_role("heading", name=entry.title, level=1)).to_be_visible()
            expect(page.get_by_text("Offerings as of").first).to_be_visible()
            expect(page.get_by_test_id("stException")).to_have_count(0)
        wide = page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth")
        assert not wide, f"{entry.path} is wider than the window"


@pytest.mark.parametrize("width", [1440, 900])
def test_the_overview_is_legible(new_page: NewPage, sign_in: SignIn, width: int) -> None:
    """No title is cut, and titles and what is said of them begin below each other."""
    page = new_page(width=width)
    sign_in(page, "/")
    main = page.get_by_test_id("stMain")
    figures = main.get_by_test_id("stMetricLabel").locator("p")
    expect(figures).to_have_count(4)
    titles = main.locator("[data-testid=stPageLink-NavLink] > span:last-child")
    column = main.get_by_test_id("stGridCellContent").filter(has_text="Needs attention")
    links = column.locator("[data-testid=stPageLink-NavLink] > :first-child")
    reasons = column.get_by_test_id("stCaptionContainer")

    assert figures.evaluate_all(CUT) == []
    assert titles.evaluate_all(CUT) == []
    assert len(links.evaluate_all(LEFTS)) == 1
    assert abs(links.evaluate_all(LEFTS)[0] - reasons.evaluate_all(LEFTS)[0]) <= 1
