"""What was asked for on one offering as a table."""

from collections.abc import Sequence

import streamlit as st

from bookings.activity_tables import activity_columns, activity_frame
from bookings.calendars.journal import Entry
from components import loading, tables


def show(entries: Sequence[Entry], *, key: str) -> None:
    """Draws the entries of one offering in the order given."""
    zone = loading.zone_name()
    columns = activity_columns(zone)
    decisions = any(entry.booking_uuid for entry in entries)
    hidden = {"offering"} if decisions else {"offering", "booking"}
    order = [c.key for c in columns if c.shown and c.key not in hidden]
    st.dataframe(
        activity_frame(entries, zone),
        key=key,
        hide_index=True,
        placeholder="",
        column_order=order,
        column_config=tables.column_config(columns),
    )
