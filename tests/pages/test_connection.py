"""The server, the person, and ways in and out."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.screens import words

PROBLEMS = ["goodbye", "wrong-token", "wrong-password", "unreachable"]
OpenApp = Callable[..., AppTest]


@pytest.mark.parametrize("problem", PROBLEMS)
def test_an_old_problem_is_not_told_to_who_is_signed_in(app: OpenApp, problem: str) -> None:
    """A link or a reload would contradict what stands below; the address forgets it."""
    at = app("/connection", query={"problem": problem})
    path, search = 'data-desk-path="/connection"', 'data-desk-search=""'

    assert not [*at.success, *at.error]
    assert "What you may see" in [each.value for each in at.subheader]
    assert any(path in each.proto.body and search in each.proto.body for each in at.get("html"))


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_problem_is_told_above_the_form(signed_out_app: OpenApp, problem: str) -> None:
    """To somebody who is not signed in."""
    at = signed_out_app("/connection", {"problem": problem})

    assert len([*at.success, *at.error]) == 1


@pytest.mark.parametrize(
    ("person", "sentence"),
    [("staff", "As staff you see all"), ("nobody", "lists no booking offering for you")],
)
def test_what_a_role_shows(app: OpenApp, person: str, sentence: str) -> None:
    """In words, whether it shows anything or not."""
    assert sentence in words(app("/connection", person))
