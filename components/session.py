"""Composition root of the screens: who is signed in, and what they have loaded.

Nothing here is kept in Streamlit's own caches: what belongs to a person hangs on their sign-in,
which ends everywhere at once.
"""

import threading
from collections.abc import Callable, Hashable
from typing import TypeVar

import streamlit as st

from bookings.desk import Desk
from bookings.front_door import COOKIE
from bookings.settings import Settings
from bookings.sign_ins import SignIn

_lock = threading.Lock()
_desk: Desk | None = None
Made = TypeVar("Made")
_OWNER = "_sign_in_of_this_tab"
_SERVER = "_server_of_this_tab"


def _cookie() -> str | None:
    return st.context.cookies.get(COOKIE)


_identify: Callable[[], str | None] = _cookie


def desk() -> Desk:
    """The desk of this process, made at its first use."""
    global _desk
    with _lock:
        if _desk is None:
            _desk = Desk(Settings())
        return _desk


def install(new: Desk | None, identify: Callable[[], str | None] | None = None) -> None:
    """Puts another desk in place, and another way to tell who asks. For tests."""
    global _desk, _identify
    with _lock:
        _desk = new
        _identify = identify or _cookie


def current(*, touch: bool = True) -> SignIn | None:
    """The living sign-in of this browser, or None.

    A tab that held somebody else's values before forgets all of them first.
    """
    found = desk().sign_ins.get(_identify(), touch=touch)
    mine = found.id if found else None
    held = st.session_state.get(_OWNER)
    if held is not None and held != mine and found is not None:
        st.session_state.clear()
    if found is not None:
        st.session_state[_OWNER] = mine
        st.session_state[_SERVER] = found.server
    return found


def still(who: SignIn) -> bool:
    """Whether this browser is signed in as it was when a button was drawn."""
    alive = current()
    return alive is not None and alive.id == who.id


def was_signed_in() -> bool:
    """Whether this tab has shown something to a person who was signed in."""
    return st.session_state.get(_OWNER) is not None


def server_before() -> str | None:
    """The server that this tab has shown something of, also when that sign-in is over."""
    return st.session_state.get(_SERVER)


def require() -> SignIn:
    """The sign-in of this browser; without one the page ends here.

    The shell's gate comes first; this is the second lock, in every page itself.
    """
    found = current()
    if found is None:
        st.info("Sign in to see this page.", icon=":material/lock:")
        st.stop()
    return found


def worked_out(who: SignIn, name: str, version: Hashable, work_out: Callable[[], Made]) -> Made:
    """What `work_out` gives, kept on the sign-in until `version` changes. Not to be altered.

    It is shared by all tabs of one sign-in and ends with it; nobody else can reach it.
    """
    kept = who.memo.get(name)
    if kept is None or kept[0] != version:
        kept = who.memo[name] = (version, work_out())
    made: Made = kept[1]
    return made
