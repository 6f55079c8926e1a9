"""Calendar actions as a table."""

from collections.abc import Sequence

import streamlit as st

from bookings.calendars.journal import Entry
from bookings.records import ACTIVITY_COLUMNS, activity_frame
from components import tables


def show(entries: Sequence[Entry], *, key: str, offering: bool = True) -> None:
    """Draws the entries in the order given; without the offering's name where all are of one."""
    frame = activity_frame(entries)
    order = [
        column.key
        for column in ACTIVITY_COLUMNS
        if column.shown and (offering or column.key != "offering")
    ]
    st.dataframe(
        frame,
        key=key,
        hide_index=True,
        placeholder="",
        column_order=order,
        column_config=tables.column_config(ACTIVITY_COLUMNS),
    )
