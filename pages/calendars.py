"""Which calendars exist, which are public, and what was done with them?"""

import streamlit as st

from bookings.calendar_tables import CALENDAR_COLUMNS, CALENDAR_FILTERS
from components import (
    bulk_plan,
    calendar_desk,
    chosen_calendar,
    empty_list,
    filtered_list,
    google_accounts,
    loading,
    offering_desk,
    run_board,
    session,
)

who = session.require()
st.title("Calendars", anchor=False)
snapshot = loading.show(who)
offerings = offering_desk.read(who, snapshot)
if offerings.empty:
    empty_list.explain(who, snapshot)
    st.stop()

runs = run_board.read(who, snapshot)
with st.container():  # one place, however many runs there are: nothing below it moves
    run_board.show_progress(who, snapshot, runs)
google_accounts.show(who, snapshot)
everything = calendar_desk.read(who, snapshot, offerings)
view = filtered_list.View(
    "calendars",
    "offerings",
    CALENDAR_COLUMNS,
    CALENDAR_FILTERS,
    tab="Calendar",
)
narrowed = filtered_list.show(view, snapshot, everything)
chosen_calendar.show(who, snapshot, narrowed)
bulk_plan.show(who, snapshot, narrowed)
run_board.show(who, snapshot, runs)
