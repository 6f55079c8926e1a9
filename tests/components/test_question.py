"""A question stays open while the page is drawn anew, and does not outlive a visit."""

import time

from streamlit.testing.v1 import AppTest

from components.question import UNDRAWN_SECONDS


def screen() -> None:
    """A button that asks, and the question."""
    import streamlit as st

    from components import question

    st.button("Ask", on_click=question.ask, args=("lab", ("Share?",)))
    about = question.pending("lab")
    if about is not None:
        question.show("lab", "Sure?", lambda: st.text(about[0]))
    st.button("Answer", on_click=question.close, args=("lab",))


def asked() -> AppTest:
    """The screen with the question open."""
    return AppTest.from_function(screen).run().button[0].click().run()


def test_it_stays_open_until_it_is_answered() -> None:
    """However often the page is drawn."""
    at = asked()
    assert [each.value for each in at.run().run().text] == ["Share?"]

    at = next(each for each in at.button if each.label == "Answer").click().run()
    assert not at.text


def test_it_is_gone_when_its_page_was_left() -> None:
    """Nobody is asked by itself what they were asked on an earlier visit."""
    at = asked()
    about, _ = at.session_state["question.lab"]
    at.session_state["question.lab"] = about, time.monotonic() - UNDRAWN_SECONDS - 1
    at.run()

    assert not at.text
    assert "question.lab" not in at.session_state
