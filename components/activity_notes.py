"""What the record of actions holds, and what of it is not in view."""

import streamlit as st

from bookings.portfolio import Snapshot
from bookings.sign_ins import SignIn
from components import empty_list, session
from components.journal import Look


def show_what_is_kept() -> None:
    """Says what is recorded and for how long."""
    days = session.desk().settings.journal_retention_days
    kept = "for ever" if not days else "for 1 day" if days == 1 else f"for {days:,} days"
    newest = "; of each calendar the newest stays" if days else ""
    st.caption(
        "Every action on calendars and bookings that was asked for here, on offerings you see. "
        f"Nobody can change it, and it is kept {kept}{newest}."
    )


def explain_nothing(who: SignIn, snapshot: Snapshot) -> None:
    """Says what will appear, or that this person sees no offering whose actions could."""
    if not snapshot.offerings:
        empty_list.explain(who, snapshot)
        return
    st.info(
        "Nothing yet. When somebody syncs, shares or unshares a calendar, or answers a request to "
        "book, it stands here: who, when, what the server said, and what was seen.",
        icon=":material/history:",
    )


def show_what_is_left_out(found: Look) -> None:
    """Says that there are older actions, and how to reach them."""
    if found.cut:
        st.info(
            f"The newest {len(found.entries):,} actions are shown, and there are older ones. "
            "Choose days under “Asked until” to see those.",
            icon=":material/history:",
        )
