"""The foot of the menu: who is signed in, where; and the watch over the sign-in."""

import streamlit as st

from bookings.sign_ins import SignIn
from components import redraw, session
from components.literal import literal

WATCH_SECONDS = 5
"""How soon a tab notices that it was signed out in another one."""


def show(who: SignIn) -> None:
    """Draws into the sidebar and looks every few seconds whether the sign-in still lives."""
    with st.sidebar:
        name = literal(who.person.shown_name)
        site = literal(who.facts.site_name or who.server)
        st.caption(f":material/account_circle: {name} · {site}")
        if session.desk().settings.demo:
            st.caption("Demo data: nothing here is real, everything works.")
    _watch(who.id)


@st.fragment(run_every=WATCH_SECONDS)
def _watch(id: str) -> None:
    now = session.current(touch=False)
    if now is None or now.id != id:
        redraw.now()
