"""Every page in both themes and both widths, without an error in the console."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from components.navigation import ENTRIES
from tests.browser.conftest import Dashboard, NewPage

SignIn = Callable[..., None]


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
