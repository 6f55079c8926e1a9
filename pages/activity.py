"""Who pressed what, when, with what outcome?"""

import streamlit as st

from bookings.activity_tables import (
    activity_columns,
    activity_filters,
    activity_frame,
    moments_of,
)
from components import activity_list, activity_notes, filter_bar, journal, loading, session
from components.filtered_list import View

who = session.require()
st.title("Activity", anchor=False)
activity_notes.show_what_is_kept()
snapshot = loading.show(who)

zone = loading.zone_name()
filters = activity_filters(who.person.uuid)
period = filter_bar.read(filters, key="activity").get("day", (None, None))
found = journal.look(who, snapshot, *moments_of(period, zone))
if found is None:
    st.stop()
if not found.entries and period == (None, None):
    activity_notes.explain_nothing(who, snapshot)
    st.stop()

activity_notes.show_what_is_left_out(found)
providers = {offering.uuid: offering.customer_name or "" for offering in snapshot.offerings}
view = View("activity", "actions", activity_columns(zone), filters, row="id")
frame = activity_frame(found.entries, zone, providers)
activity_list.show(who, view, snapshot, frame, found.entries)
