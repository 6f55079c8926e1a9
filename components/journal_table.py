"""Calendar actions as a table."""

from collections.abc import Sequence

import streamlit as st

from bookings.activity_tables import activity_columns, activity_frame
from bookings.calendars.journal import Entry
from components import loading, tables


def show(entries: Sequence[Entry], *, key: str, offering: bool = True) -> None:
    """Draws the entries in the order given; without the offering's name where all are of one."""
    zone = loading.zone_name()
    columns = activity_columns(zone)
    order = [c.key for c in columns if c.shown and (offering or c.key != "offering")]
    st.dataframe(
        activity_frame(entries, zone),
        key=key,
        hide_index=True,
        placeholder="",
        column_order=order,
        column_config=tables.column_config(columns),
    )
