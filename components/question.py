"""A question in a dialog, which stays open while the page below it is drawn anew."""

import time
from collections.abc import Callable
from typing import Any

import streamlit as st

UNDRAWN_SECONDS = 30.0
"""A question that was not drawn for so long belongs to a page that was left in between."""


def ask(name: str, about: object) -> None:
    """Has the question drawn by the next run of the page; `about` tells what it is about."""
    st.session_state[_key(name)] = about, time.monotonic()


def pending(name: str) -> Any:
    """What the open question is about, to be asked for where it is drawn; None if none is."""
    about, drawn = st.session_state.get(_key(name), (None, 0.0))
    if about is None or time.monotonic() - drawn > UNDRAWN_SECONDS:
        close(name)
        return None
    ask(name, about)
    return about


def close(name: str) -> None:
    """The question is answered, or means nothing any more."""
    st.session_state.pop(_key(name), None)


def show(name: str, title: str, draw: Callable[[], None], *, icon: str | None = None) -> None:
    """Draws the question; dismissing it closes it."""
    st.dialog(title, icon=icon, on_dismiss=lambda: close(name))(draw)()


def _key(name: str) -> str:
    return f"question.{name}"
