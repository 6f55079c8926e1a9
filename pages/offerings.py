"""Which offerings fit these filters?"""

import streamlit as st

from bookings.filters import OFFERING_FILTERS
from bookings.frames import OFFERING_COLUMNS
from components import empty_list, filtered_list, loading, offering_desk, session

who = session.require()
st.title("Offerings", anchor=False)
snapshot = loading.show(who, "partitions", "plans")
everything = offering_desk.read(who, snapshot)
if everything.empty:
    empty_list.explain(who, snapshot)
    st.stop()

view = filtered_list.View(
    "offerings", "offerings", OFFERING_COLUMNS, OFFERING_FILTERS, several=False
)
narrowed = filtered_list.show(view, snapshot, everything)
st.session_state["offerings.query"] = narrowed.query
st.session_state["offerings.shown"] = narrowed.frame["uuid"].tolist()
