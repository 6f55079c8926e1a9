"""What became of an action or a decision, in words that claim no more than is known."""

import streamlit as st

from bookings.calendars.actions import Outcome
from bookings.calendars.journal import Entry
from components import loading
from components.literal import literal

LOOK = {
    Outcome.SENDING: ("blue", ":material/send:"),
    Outcome.ACCEPTED: ("blue", ":material/schedule:"),
    Outcome.CONFIRMED: ("green", ":material/check_circle:"),
    Outcome.NOT_CONFIRMED: ("orange", ":material/help:"),
    Outcome.REFUSED: ("red", ":material/block:"),
    Outcome.UNKNOWN: ("orange", ":material/question_mark:"),
}


def show(entry: Entry) -> None:
    """Draws the outcome, the server's sentence, what was seen, and the next step."""
    colour, icon = LOOK[entry.outcome]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(entry.outcome.value, icon=icon, color=colour)
            who = literal(entry.person_name)
            asked = loading.local_time(entry.created, date=True)
            st.markdown(
                f"**{entry.action.label}** · {who} · {asked}",
                width="content",
                help=loading.utc_help(entry.created),
            )
        if entry.open:
            st.markdown(f":material/hourglass_top: {_doing(entry)} …")
        if entry.words and entry.http_status:
            st.markdown(f"The server said ({entry.http_status}): {literal(entry.words)}")
        elif entry.words:
            st.markdown(literal(entry.words))  # no answer came: these words are ours
        if entry.remark:
            st.markdown(literal(entry.remark, most=600))
        st.caption(literal(entry.next_step, most=600))


def _doing(entry: Entry) -> str:
    if entry.outcome is Outcome.SENDING:
        return "Waiting for the server's answer"
    what = "booking" if entry.booking_uuid else "calendar"
    if entry.outcome is Outcome.UNKNOWN:
        return f"Reading the {what} to see whether it was done; nothing is sent again"
    return f"Reading the {what} until the change shows"
