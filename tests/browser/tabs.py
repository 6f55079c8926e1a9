"""Opening a tab of a page that may still be drawing."""

from playwright.sync_api import Page, expect

from tests.browser.settled import settled

CLICKS = 10
PATIENCE = 4_000


def open_tab(page: Page, name: str) -> None:
    """Clicks a tab until it is open, as a person would.

    While the page is being drawn its tabs take no click, and that state comes and goes.
    """
    tab = page.get_by_role("tab", name=name, exact=True)
    chosen = page.get_by_role("tab", name=name, exact=True, selected=True)
    for _ in range(CLICKS):
        settled(page)
        tab.click()
        try:
            expect(chosen).to_have_count(1, timeout=PATIENCE)
        except AssertionError:
            continue
        return
    raise AssertionError(f"{name} does not open")
