"""Who pressed what, when, with what outcome?"""

import streamlit as st

from bookings.records import ACTIVITY_COLUMNS, ACTIVITY_FILTERS, activity_frame
from components import filtered_list, journal, loading, session

who = session.require()
st.title("Activity", anchor=False)
st.caption("Every calendar action that was asked for here, whoever asked, on offerings you see.")
snapshot = loading.show(who)
entries = journal.entries(who, snapshot)
if entries is None:
    st.stop()
everything = activity_frame(entries)
if everything.empty:
    st.info(
        "Nothing yet. When somebody syncs, shares or unshares a calendar, it stands here: who, "
        "when, what the server said, and what was seen.",
        icon=":material/history:",
    )
    st.stop()

view = filtered_list.View(
    "activity",
    "actions",
    ACTIVITY_COLUMNS,
    ACTIVITY_FILTERS,
    row="id",
    uuid="offering_uuid",
    name="offering",
    tab="Calendar",
)
filtered_list.show(view, snapshot, everything)
