"""A problem is one sentence with a next step; details are a click away."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from bookings.waldur.errors import (
    Busy,
    Forbidden,
    Refused,
    ServerBroken,
    SignedOut,
    WaldurError,
    by_code,
)

TRAP = "**loud** <img src=x onerror=alert(1)> $x$ :material/delete: ![](http://evil.example/i)"


def _script() -> None:
    import streamlit as st

    from components import errors

    errors.show(st.session_state["error"], st.session_state["about"])


@pytest.fixture
def draw() -> Callable[..., AppTest]:
    """Draws an error."""

    def drawn(error: WaldurError, about: str = "") -> AppTest:
        at = AppTest.from_function(_script)
        at.session_state["error"] = error
        at.session_state["about"] = about
        at.run()

        assert not at.exception
        return at

    return drawn


def plain(text: str) -> str:
    """What a reader sees of an escaped text."""
    return text.replace("\\", "").replace("\u200b", "")


@pytest.mark.parametrize("kind", [WaldurError, SignedOut, Forbidden, Busy, ServerBroken])
def test_what_happened_and_what_to_do(
    draw: Callable[..., AppTest], kind: type[WaldurError]
) -> None:
    """In this order, after what is missing because of it, in one box."""
    at = draw(kind(), "The plans could not be loaded.")

    assert [plain(each.value) for each in at.error] == [
        f"The plans could not be loaded. {kind.what} {kind.next_step}"
    ]
    assert plain(draw(kind()).error[0].value) == f"{kind.what} {kind.next_step}"


def test_the_reason_of_a_refusal_is_in_sight(draw: Callable[..., AppTest]) -> None:
    """Nobody could act on a refusal without it; it is text there."""
    (told,) = draw(Refused(status=400, words=f"Too large. {TRAP}"), "It is not there.").error

    assert plain(told.value).startswith(
        f"It is not there. {Refused.what} Its reason: “Too large. **loud**"
    )
    assert plain(told.value).endswith(Refused.next_step)
    assert TRAP not in told.value
    assert plain(draw(Refused()).error[0].value) == f"{Refused.what} {Refused.next_step}"


def test_details_for_support(draw: Callable[..., AppTest]) -> None:
    """Where it happened and what the server said, without a query that could hold a secret."""
    error = Forbidden(path="/api/booking-offerings/", status=403, words="You do not.")
    at = draw(error)

    assert at.expander[0].label == "Details for support"
    assert at.expander[0].text[0].value == "GET /api/booking-offerings/ → 403\nYou do not."


def test_the_words_of_the_server_are_text(draw: Callable[..., AppTest]) -> None:
    """They stand where nothing is interpreted, and what we say of them is escaped."""
    at = draw(ServerBroken(path="/api/", status=500, words=TRAP), TRAP)

    assert at.expander[0].text[0].value.endswith(TRAP)
    assert not at.markdown
    assert TRAP not in at.error[0].value
    assert r"\*\*loud\*\* \<img" in at.error[0].value


def test_each_code_has_one_error() -> None:
    """The code in an address leads back to the error that it came from."""
    pending = [WaldurError]
    codes = []
    while pending:
        kind = pending.pop()
        pending.extend(kind.__subclasses__())
        codes.append(kind.code)

        assert by_code(kind.code) is kind
    assert len(codes) == len(set(codes))
