"""Who booked what, when; what waits for an answer, what does not fit, and how full is it?"""

import streamlit as st

from bookings.booking_tables import BOOKING_FILTERS, offerings_to_read
from bookings.roles import roles_of
from components import (
    address,
    booking_desk,
    booking_requests,
    booking_tabs,
    filter_bar,
    filtered_list,
    loading,
    session,
)
from components.literal import literal

who = session.require()
booking_tabs.arrive()
st.title("Bookings", anchor=False)
snapshot = loading.show(who)
listed = booking_desk.read(who, snapshot)
if listed.frame.empty:
    st.info(
        "The server shows you no booking. To staff it shows all, to owners and service managers "
        "those of their organisation's offerings, to everybody their own. You are here as: "
        f"{literal(', '.join(roles_of(who.person)), most=1000)}.",
        icon=":material/event_busy:",
    )
    st.stop()

on_list = booking_tabs.chosen() == booking_tabs.LIST
booking_requests.show(who, listed, in_sight=3 if on_list else 1)
view = filtered_list.View("bookings", "bookings", listed.columns, BOOKING_FILTERS)
to_read = offerings_to_read(listed.frame, filter_bar.read(view.filters, key=view.key))
narrowed = filtered_list.narrow(
    view,
    snapshot,
    listed.frame,
    picker=on_list,
    more=booking_tabs.query(),
    as_of=listed.as_of,
)
booking_tabs.show(
    booking_tabs.Opened(
        who, snapshot, listed, narrowed.frame, narrowed.order, narrowed.note, to_read
    )
)
address.publish("bookings", narrowed.query)
