"""A question in a dialog, which stays open while the page below it is drawn anew."""

import time
from collections.abc import Callable
from typing import Any

import streamlit as st

from components import redraw

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


def show_answers(
    name: str, sure: str, act: Callable[..., None], args: tuple[Any, ...], *, cancel: str, key: str
) -> None:
    """The buttons below a question: Cancel closes it, `sure` does what it asks about.

    `cancel` and `key` are the keys of the two. The page is drawn anew after either.
    """
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key=cancel, on_click=close, args=(name,)):
            redraw.now()
        if st.button(sure, key=key, type="primary", on_click=act, args=args):
            redraw.now()


def _key(name: str) -> str:
    return f"question.{name}"
