"""Who gets in, how, and for how long."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from components.navigation import ENTRIES
from demo.people import PASSWORD, TOKENS
from demo.server import RunningDemo, running
from tests.browser.conftest import Dashboard, NewPage
from tests.browser.settled import settled

SignIn = Callable[..., None]
PATHS = [f"/{entry.path}" for entry in ENTRIES]


def test_no_address_leads_around_the_gate(
    start: Callable[..., Dashboard], own_demo: RunningDemo, page: Page
) -> None:
    """On a fresh process every deep link shows the form, and the server is asked for nothing."""
    desk = start(own_demo.url)
    uuid = own_demo.world.notable["rich"]
    first = f"/offering?uuid={uuid}"
    for path in (first, *PATHS):
        page.goto(desk.url + path)
        expect(page.get_by_label("API token")).to_be_visible()
        expect(page.get_by_test_id("stDataFrame")).to_have_count(0)

    assert "Kratt" not in page.content()
    assert not [each.path for each in own_demo.requests if each.path.startswith("/api/booking")]


def test_signing_in_leads_back_to_the_deep_link(
    page: Page, sign_in: SignIn, demo: RunningDemo
) -> None:
    """A link that a colleague sent opens what it names."""
    uuid = demo.world.notable["rich"]
    sign_in(page, f"/offering?uuid={uuid}")

    expect(page.get_by_role("heading", name="Kratt supercomputer")).to_be_visible()
    assert f"uuid={uuid}" in page.url


def test_username_and_password(page: Page, dashboard: Dashboard) -> None:
    """The other way in; the person stands in the menu."""
    page.goto(f"{dashboard.url}/connection")
    page.get_by_label("Username").fill("owner")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").last.click()

    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    settled(page)
    page.get_by_role("link", name="Connection").click()
    expect(page.get_by_text("You see the booking offerings of organisations")).to_be_visible()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"API token": "f" * 40}, "does not accept this API token"),
        ({"Username": "nosuch", "Password": "wrong"}, "were not accepted"),
    ],
)
def test_a_wrong_one_is_said(
    page: Page, dashboard: Dashboard, fields: dict[str, str], sentence: str
) -> None:
    """One sentence and the next step, on the form itself."""
    page.goto(f"{dashboard.url}/connection")
    for label, text in fields.items():
        page.get_by_label(label).fill(text)
        page.get_by_label(label).press("Enter") if label in {"API token", "Password"} else None

    expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.get_by_label("API token")).to_be_visible()


def test_the_button_can_be_read_in_the_dark(new_page: NewPage, dashboard: Dashboard) -> None:
    """White on the primary colour, as Streamlit writes on its own buttons."""
    page = new_page(scheme="dark")
    page.goto(f"{dashboard.url}/connection")

    button = page.get_by_role("button", name="Sign in").first
    expect(button).to_have_css("color", "rgb(255, 255, 255)")


def test_the_token_is_nowhere_in_the_browser(page: Page, sign_in: SignIn) -> None:
    """Not in address, document, storage, cookie or any frame of the websocket."""
    frames: list[str | bytes] = []
    page.on(
        "websocket",
        lambda socket: (
            socket.on("framesent", lambda frame: frames.append(frame)),
            socket.on("framereceived", lambda frame: frames.append(frame)),
        ),
    )
    sign_in(page, "/offerings")
    page.get_by_test_id("stDataFrame").first.wait_for()
    token = TOKENS["staff"]
    held = page.evaluate(
        "() => document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)"
    )

    assert frames
    assert token not in page.url + page.content() + held
    for frame in frames:
        assert token.encode() not in (frame if isinstance(frame, bytes) else frame.encode())
    cookie = next(each for each in page.context.cookies() if each["name"] == "booking_desk")
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert token not in cookie["value"]


def test_a_reload_and_a_second_tab_stay_signed_in_until_one_signs_out(
    page: Page, sign_in: SignIn, new_page: NewPage, dashboard: Dashboard
) -> None:
    """The other tab notices by itself."""
    sign_in(page, "/plans")
    page.reload()
    expect(page.get_by_role("heading", name="Plans")).to_be_visible()
    other = new_page(beside=page)
    other.goto(f"{dashboard.url}/connection")
    other.get_by_role("button", name="Sign out").click()

    expect(other.get_by_text("You are signed out")).to_be_visible()
    expect(page.get_by_text("Your sign-in has ended")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame")).to_have_count(0)


def test_a_token_that_dies_leads_back_to_the_same_view(
    page: Page, sign_in: SignIn, demo: RunningDemo
) -> None:
    """The form comes in place of the page; signing in again restores page and filters."""
    sign_in(page, "/offerings?q=room", "owner")
    expect(page.get_by_text('search contains "room"')).to_be_visible()
    demo.world.revoke("owner")
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_text("Your sign-in has ended")).to_be_visible()
    page.get_by_label("Username").fill("owner")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")

    expect(page.get_by_text('search contains "room"')).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_value("room")
    assert page.url.endswith("/offerings?q=room")


def test_the_fifth_wrong_password_locks_and_the_form_still_leads_back(
    page: Page, dashboard: Dashboard
) -> None:
    """The server's lock is explained, and a token opens the page that was asked for first."""
    page.goto(f"{dashboard.url}/offerings?q=room")
    for attempt in range(1, 6):
        page.get_by_label("Username").fill("forgetful")
        page.get_by_label("Password").fill("wrong")
        with page.expect_response("**/auth/sign-in"), page.expect_navigation():
            page.get_by_label("Password").press("Enter")
        told = "were not accepted" if attempt < 5 else "has locked this username"
        expect(page.get_by_text(told)).to_be_visible()

    page.get_by_label("API token").fill(TOKENS["staff"])
    page.get_by_label("API token").press("Enter")

    expect(page.get_by_text('search contains "room"')).to_be_visible()
    assert page.url == f"{dashboard.url}/offerings?q=room"


def test_of_several_servers_the_chosen_one_stays_chosen(
    new_page: NewPage, start: Callable[..., Dashboard], own_demo: RunningDemo
) -> None:
    """After a wrong token and after the end of the sign-in; nothing goes to the first of them."""
    with running(offerings=3, login=0) as other:
        page = new_page()
        desk = start(f"{other.url},{own_demo.url}")
        page.goto(f"{desk.url}/offerings")
        servers, tokens = page.get_by_label("Server"), page.get_by_label("API token")
        tokens.fill(TOKENS["owner"])
        tokens.press("Enter")
        expect(servers.first).to_have_value("")
        servers.first.select_option(own_demo.url)
        tokens.fill("f" * 40)
        tokens.press("Enter")
        expect(page.get_by_text("does not accept this API token")).to_be_visible()
        expect(servers.first).to_have_value("1")
        expect(servers.last).to_have_value("1")
        tokens.fill(TOKENS["owner"])
        tokens.press("Enter")
        expect(page.get_by_role("heading", name="Offerings")).to_be_visible()
        settled(page)
        own_demo.world.revoke("owner")
        page.get_by_role("button", name="Refresh").click()
        expect(page.get_by_text("Your sign-in has ended")).to_be_visible()
        expect(servers.first).to_have_value("1")

        assert len(other.requests) == 0
