"""Servers that are away, rude, or something else: one sentence, and nothing claimed."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from demo.faults import Fault
from demo.people import TOKENS
from demo.server import RunningDemo, running
from tests.browser.conftest import Dashboard

SignIn = Callable[..., None]
LIST = "/api/booking-offerings/"


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        ("html", "The Waldur server failed while answering."),
        ("truncate", "broke before its answer was complete."),
        ("reset", "broke before its answer was complete."),
    ],
)
def test_a_list_that_breaks_is_said(
    page: Page, sign_in: SignIn, demo: RunningDemo, action: str, sentence: str
) -> None:
    """An error is never an empty list, and Refresh heals it."""
    demo.faults.add(Fault(action=action, method="GET", path=LIST, times=200))
    sign_in(page, "/offerings")

    expect(page.get_by_text(sentence).first).to_be_visible()
    expect(page.get_by_text("no booking offering")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)

    demo.faults.clear()
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_text("100 offerings", exact=True)).to_be_visible()


def test_a_server_that_is_away_is_said_at_sign_in(
    start: Callable[..., Dashboard], page: Page
) -> None:
    """Nothing listens at the configured address."""
    desk = start("http://127.0.0.1:9/")
    page.goto(f"{desk.url}/plans")
    page.get_by_label("API token").fill(TOKENS["staff"])
    page.get_by_role("button", name="Sign in").first.click()

    expect(page.get_by_text("The Waldur server cannot be reached.")).to_be_visible()


def test_an_empty_list_names_the_role_that_would_help(page: Page, sign_in: SignIn) -> None:
    """A person without a role is told that it is not an error."""
    sign_in(page, "/offerings", "nobody")

    expect(page.get_by_text("The server lists no booking offering for you.")).to_be_visible()


@pytest.mark.parametrize("uuid", ["0" * 32, "not-a-uuid", "", "../../users/me"])
def test_an_offering_that_cannot_be_shown_is_said(page: Page, sign_in: SignIn, uuid: str) -> None:
    """Unknown, malformed or missing: a sentence and the way to the list."""
    sign_in(page, f"/offering?uuid={uuid}")

    expect(page.get_by_role("link", name="Go to the offerings")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_something_that_is_no_waldur_is_said_at_sign_in(
    start: Callable[..., Dashboard], own_demo: RunningDemo, page: Page
) -> None:
    """The address answers with a page of something else, which never gets to see the token."""
    own_demo.faults.add(Fault(action="not_waldur", times=None))
    page.goto(f"{start(own_demo.url).url}/plans")
    page.get_by_label("API token").fill(TOKENS["staff"])
    page.get_by_role("button", name="Sign in").first.click()

    expect(page.get_by_text("What answers at this address is not a Waldur server.")).to_be_visible()
    assert own_demo.requests
    assert not [each for each in own_demo.requests if "authorization" in each.headers]


def test_a_server_that_goes_away_loses_nothing(
    page: Page, sign_in: SignIn, demo: RunningDemo
) -> None:
    """A Refresh that fails says so and leaves the list, the filter and the address as they were."""
    sign_in(page, "/offerings?q=meeting")
    sentence = page.get_by_text("of 100 offerings where")
    expect(sentence).to_be_visible()
    before = sentence.inner_text()
    demo.faults.add(Fault(action="reset", method="GET", times=None))
    expect(page.get_by_role("button", name="Refresh")).to_be_enabled()
    page.get_by_role("button", name="Refresh").click()

    expect(page.get_by_text("What is shown is older.").first).to_be_visible()
    expect(page.get_by_text(before)).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_value("meeting")
    assert page.url.endswith("/offerings?q=meeting")
    expect(page.get_by_test_id("stException")).to_have_count(0)


@pytest.mark.parametrize(
    ("offerings", "sentence"),
    [(0, "This server has no booking offering yet."), (10_000, "10,000 offerings")],
)
def test_none_and_very_many(
    start: Callable[..., Dashboard],
    page: Page,
    sign_in: SignIn,
    offerings: int,
    sentence: str,
) -> None:
    """An empty server is explained; ten thousand offerings are all there."""
    with running(offerings=offerings, login=0) as server:
        desk = start(server.url)
        # This page asks for the fewest fields, so that the test does not wait for the demo.
        sign_in(page, "/calendars", url=desk.url, settle=False)

        expect(page.get_by_text(sentence, exact=True)).to_be_visible(timeout=150_000)
        expect(page.get_by_test_id("stException")).to_have_count(0)
