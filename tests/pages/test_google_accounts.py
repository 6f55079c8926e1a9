"""Google accounts on the page of calendars: what is told, and the way to connect one."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from bookings.desk import Desk
from demo.faults import Fault
from demo.providers import PROVIDER_BY_KEY, PROVIDERS
from demo.server import RunningDemo
from tests.pages.screens import press, words

OpenApp = Callable[..., AppTest]
LIST = "/api/google-auth/"
CANARIES = [
    token
    for provider in PROVIDERS
    for token in (provider.calendar_token, provider.calendar_refresh_token)
    if token
]


def label(at: AppTest) -> str:
    """The line under which the providers are folded up."""
    found = next(each for each in at.expander if each.label.startswith("Google accounts"))
    return str(found.label)


def table(at: AppTest, key: str = "calendars.") -> Any:
    """A table by its key: "calendars." or "google.providers"."""
    return next(each.value for each in at.dataframe if str(each.key).startswith(key))


def unfolded(at: AppTest) -> AppTest:
    """The page with the providers in view."""
    at.session_state["google.open"] = True
    at.run()

    assert not at.exception
    return at


def asked(demo: RunningDemo, path: str) -> int:
    """How often the server was asked for what is below a path."""
    return sum(1 for each in demo.requests if each.path.startswith(path))


def test_what_the_table_says_is_what_the_server_does(app: OpenApp, demo: RunningDemo) -> None:
    """The word of each provider is the one that decides whether its actions are refused."""
    at = app("/calendars")
    frame = table(at)
    by_provider = dict(zip(frame["provider"], frame["credentials"], strict=True))

    for provider in PROVIDERS:
        word = "connected" if provider.can_reach_google else "not connected"
        assert by_provider[provider.name] == word
    assert "2 not connected" in label(at)


def test_the_list_is_asked_for_once(app: OpenApp, demo: RunningDemo, desk: Desk) -> None:
    """And again only after Refresh, as are the bookings."""
    at = app("/calendars")
    unfolded(at).run()

    assert asked(demo, LIST) == 1
    assert asked(demo, "/api/booking-resources/") == 1

    press(at, "Refresh")
    at.run()
    assert asked(demo, LIST) == 2


def test_no_token_reaches_the_page_or_the_process(app: OpenApp, desk: Desk) -> None:
    """Neither what is drawn, nor what is kept on the sign-in or in the tab."""
    at = unfolded(app("/calendars"))
    who = desk.sign_ins.get(at.session_state["_sign_in_of_this_tab"])
    assert who is not None
    drawn = words(at) + "".join(each.value.to_csv() for each in at.dataframe)
    kept = repr(who.memo) + repr(at.session_state)

    assert not [token for token in CANARIES if token in drawn + kept]


def test_the_way_to_connect(app: OpenApp, demo: RunningDemo) -> None:
    """The address is asked for when a person wants it, and stands there to open and to copy."""
    at = unfolded(app("/calendars"))
    assert asked(demo, LIST) == 1
    choice = at.selectbox(key="google.provider")
    assert set(choice.options) == {PROVIDER_BY_KEY[key].name for key in "CE"}

    press(at, "Get the address at Google")
    address = next(each.value for each in at.code if "accounts.google.com" in each.value)

    assert "%2Fapi%2Fgoogle-auth%2Fcallback%2F" in address
    assert "then come back and press Refresh" in words(at)
    assert asked(demo, f"{LIST}{choice.value}/authorize/") == 1


def test_another_provider_has_another_address(app: OpenApp) -> None:
    """What was asked for one is not shown for the next."""
    at = press(unfolded(app("/calendars")), "Get the address at Google")
    choice = at.selectbox(key="google.provider")
    choice.select_index(1).run()

    assert not any("accounts.google.com" in each.value for each in at.code)


def test_an_address_that_is_not_given(app: OpenApp, demo: RunningDemo) -> None:
    """One sentence, in the place of the address."""
    at = unfolded(app("/calendars"))
    demo.faults.add(Fault(action="status", status=403, path=LIST))
    press(at, "Get the address at Google")

    assert "The server did not give the address." in words(at)
    assert not any("accounts.google.com" in each.value for each in at.code)


def test_a_manager_of_one_organisation(app: OpenApp) -> None:
    """Sees the account of that one."""
    at = app("/calendars", "manager")

    assert set(table(at)["credentials"]) == {"connected"}


@pytest.mark.parametrize("status", [403, 404, 500])
def test_what_is_not_told_is_unknown(app: OpenApp, demo: RunningDemo, status: int) -> None:
    """The table is there all the same, and the reason is said."""
    demo.faults.add(Fault(action="status", status=status, path=LIST, times=None))
    at = unfolded(app("/calendars"))

    assert set(table(at)["credentials"]) == {"unknown"}
    assert "connected" not in label(at)
    assert "You are here as: Staff" in words(at)
    assert ("Which Google accounts are connected is not known" in words(at)) is (status == 500)


def test_bookings_that_cannot_be_had(app: OpenApp, demo: RunningDemo) -> None:
    """The next booking is unknown, in one line; the server is not asked again with a click."""
    demo.faults.add(Fault(action="status", status=403, path="/api/booking-resources/"))
    at = app("/calendars", query={"next": "unknown"})
    at.run()

    assert len(table(at)) == 100
    assert "The next bookings are not known. Your role does not allow this." in words(at)
    assert asked(demo, "/api/booking-resources/") == 1


def test_the_next_booking_is_that_of_the_bookings_page(app: OpenApp) -> None:
    """What lies ahead there is here too."""
    frame = table(app("/calendars", query={"next": ["within 7 days", "later"]}))

    assert not frame.empty
    assert frame["next_booking"].notna().all()
