"""Which calendars exist, which are public, and what was done with them?"""

import streamlit as st

from bookings.filters import OFFERING_FILTERS
from bookings.records import CALENDAR_COLUMNS, CALENDAR_FILTERS, calendars_frame
from components import (
    chosen_calendar,
    empty_list,
    filtered_list,
    journal,
    loading,
    offering_desk,
    session,
)

who = session.require()
st.title("Calendars", anchor=False)
snapshot = loading.show(who)
offerings = offering_desk.read(who, snapshot)
if offerings.empty:
    empty_list.explain(who)
    st.stop()

everything = calendars_frame(offerings, journal.entries(who, snapshot) or [])
view = filtered_list.View(
    "calendars",
    "offerings",
    CALENDAR_COLUMNS,
    (OFFERING_FILTERS[0], *CALENDAR_FILTERS, *OFFERING_FILTERS[1:5]),
    tab="Calendar",
)
narrowed = filtered_list.show(view, snapshot, everything)
chosen_calendar.show(who, snapshot, narrowed)
