"""Answers that a page can be drawn without: asked in the background, kept until Refresh."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

import streamlit as st

from bookings.sign_ins import SignIn
from bookings.waldur.errors import SignedOut
from components import redraw, session

POLL_SECONDS = 1.0
PATIENCE_SECONDS = 2.0
"""How long a page that can do without an answer waits for it: a quick server never flickers."""
Made = TypeVar("Made")
_asking = threading.Lock()


def answer(
    who: SignIn, name: str, ask: Callable[[], Made], *, patience: float | None = PATIENCE_SECONDS
) -> Made | None:
    """What `ask` gives, or None while it is on its way; what it raises is raised here.

    It is asked once between two times of Refresh, for all tabs of a sign-in. `patience` is how
    long the one who asks waits, whoever comes later does not; None waits for the answer.
    """
    with _asking:  # two tabs that come at once would both ask
        future = kept(who, name)
        if future is None:
            round_ = who.portfolio.round
            future = session.desk().in_background(who.server, ask)
            who.memo[name] = (round_, future)
        elif patience is not None:
            patience = 0.0
    try:
        made: Made = future.result(patience)
    except TimeoutError:
        return None
    except SignedOut:
        who.portfolio.signed_out = True
        redraw.now()  # the gate asks for a new sign-in
    return made


def kept(who: SignIn, name: str) -> Future[Any] | None:
    """What was asked since the last Refresh, answered or not; None if it was not asked."""
    found = who.memo.get(name)
    return found[1] if found is not None and found[0] == who.portfolio.round else None


def forget(who: SignIn, name: str) -> None:
    """Lets the next look ask again."""
    who.memo.pop(name, None)


def wait_for(who: SignIn, name: str, words: str) -> None:
    """Says that an answer is on its way, and draws the page again when it has come."""
    future = kept(who, name)
    if future is None or future.done():
        return

    def watch() -> None:
        if future.done():
            redraw.now()
        st.caption(f":material/hourglass_top: {words}")

    st.fragment(watch, run_every=POLL_SECONDS)()
