"""Who booked what, when; what waits for an answer?"""

import streamlit as st

from bookings.records import BOOKING_COLUMNS, BOOKING_FILTERS, WAITING
from bookings.roles import roles_of
from components import booking_list, filtered_list, loading, session
from components.literal import literal

who = session.require()
st.title("Bookings", anchor=False)
snapshot = loading.show(who)
everything = booking_list.load(who)
if everything.empty:
    st.info(
        "The server shows you no booking. To staff it shows all, to owners and service managers "
        "those of their organisation's offerings, to everybody their own. You are here as: "
        f"{literal(', '.join(roles_of(who.person)), most=1000)}.",
        icon=":material/event_busy:",
    )
    st.stop()

waiting = int((everything["status"] == WAITING).sum())
if waiting:
    st.warning(
        f"Waiting for an answer: {waiting:,}. They stand first.", icon=":material/hourglass_top:"
    )
view = filtered_list.View(
    "bookings",
    "bookings",
    BOOKING_COLUMNS,
    BOOKING_FILTERS,
    uuid="offering_uuid",
    name="offering",
    row="uuid",
    tab="Bookings",
)
filtered_list.show(view, snapshot, everything)
st.caption(f"Times are in {loading.zone_name()}.")
