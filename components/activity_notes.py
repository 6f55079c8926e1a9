"""What the record of actions holds, and what of it is not in view."""

import streamlit as st

from components import session
from components.journal import Look


def show_what_is_kept() -> None:
    """Says what is recorded and for how long."""
    days = session.desk().settings.journal_retention_days
    kept = ""
    if days:
        of = "1 day" if days == 1 else f"{days:,} days"
        kept = f" Actions are kept for {of}; of each calendar the newest stays."
    st.caption(
        "Every calendar action, and every decision on a booking, that was asked for here, whoever "
        f"asked, on offerings you see. Nothing here can be changed.{kept}"
    )


def explain_nothing() -> None:
    """Says what will appear."""
    st.info(
        "Nothing yet. When somebody syncs, shares or unshares a calendar, it stands here: who, "
        "when, what the server said, and what was seen.",
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
