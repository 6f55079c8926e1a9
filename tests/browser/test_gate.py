"""The gate on a process that has served nothing yet: no address, of whatever kind, leads around it.

Streamlit finds scripts in `pages/` by itself until a run of the shell has told it otherwise, so
the first request of a process is the dangerous one.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from demo.server import RunningDemo
from tests.browser.conftest import Dashboard

DEEP = ("/pages/offering", "/pages/offerings", "/offerings/offering")
"""Below a page that is none; Streamlit draws nothing there."""


@pytest.mark.parametrize("first", ["/detail", "/pages/offering"])
def test_an_address_that_no_page_has_shows_nothing_to_a_stranger(
    start: Callable[..., Dashboard], own_demo: RunningDemo, chromium: Browser, first: str
) -> None:
    """Only the form can come of it, and the server is asked for no offering."""
    desk = start(own_demo.url)
    # Not the watched window of the other tests: Streamlit's own document for such an address
    # has an inline script, which the content security policy blocks with a word in the console.
    with chromium.new_context() as context:
        page = context.new_page()
        for path in (first, "/detail", "/offering.py", *DEEP):
            page.goto(f"{desk.url}{path}?uuid={own_demo.world.notable['rich']}")
            if path not in DEEP:
                expect(page.get_by_label("API token")).to_be_visible()
            page.wait_for_load_state("networkidle")
            expect(page.get_by_test_id("stDataFrame")).to_have_count(0)
            assert "Kratt" not in page.content()

    assert not [each.path for each in own_demo.requests if each.path.startswith("/api/booking")]
