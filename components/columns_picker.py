"""Which columns of a table are in view."""

from collections.abc import Sequence

import streamlit as st

from bookings.frames import Column


def show(columns: Sequence[Column], *, key: str) -> list[str]:
    """A button that opens the choice; gives the keys in view, in the order they were chosen."""
    offered = {column.key: column.label for column in columns if not column.internal}
    usual = [column.key for column in columns if column.shown]
    with st.popover("Columns", icon=":material/view_column:"):
        chosen = st.multiselect(
            "Columns in view",
            list(offered),
            default=usual,
            format_func=offered.__getitem__,
            key=f"{key}.columns",
            persist_state="session",
        )
    return chosen or usual
