"""Which calendars exist, which are public, and what was done with them?"""

import streamlit as st

from bookings.calendar_tables import CALENDAR_COLUMNS, CALENDAR_FILTERS, calendars_frame
from components import (
    booking_list,
    bulk_plan,
    chosen_calendar,
    empty_list,
    filtered_list,
    google_accounts,
    journal,
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
    empty_list.explain(who)
    st.stop()

run_board.show_progress(who, snapshot)
google_accounts.show(who, snapshot)
everything = calendars_frame(
    offerings,
    snapshot.offerings,
    entries=journal.entries(who, snapshot) or [],
    connected=google_accounts.connected(who),
    bookings=booking_list.beside(who),
    now=loading.now(),
)
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
run_board.show(who, snapshot)
