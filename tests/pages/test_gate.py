"""The gate of the shell, and the second lock in every page."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from components.navigation import ENTRIES
from demo.server import RunningDemo

GUARDED = [entry.path for entry in ENTRIES if entry.key != "connection"]


@pytest.mark.parametrize("path", GUARDED)
def test_a_page_shows_only_the_form_before_sign_in(
    signed_out_app: Callable[..., AppTest], demo: RunningDemo, path: str
) -> None:
    """No page draws, or asks the server for, anything before somebody has signed in."""
    at = signed_out_app(path)

    assert at.title[0].value == "Sign in"
    assert not at.dataframe
    assert not [each.path for each in demo.requests if each.path.startswith("/api/")]


@pytest.mark.parametrize("path", [entry.path for entry in ENTRIES])
@pytest.mark.parametrize("person", ["staff", "owner", "manager", "nobody"])
def test_every_page_opens_for_every_role(
    app: Callable[..., AppTest], path: str, person: str
) -> None:
    """No role makes a page fail, not even the one that sees nothing."""
    at = app(path, person)

    assert at.title
    assert at.title[0].value != "Sign in"
