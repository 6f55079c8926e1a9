"""Everything that came, as JSON, and what of it this product has no model for."""

import streamlit as st

from bookings.sheets import as_json, unknown_fields
from components.offering_tabs import sheet
from components.offering_tabs.sheet import Opened


def show(opened: Opened) -> None:
    """Draws the tab."""
    offering = opened.offering
    st.subheader("Fields this product does not know", anchor=False)
    unknown = unknown_fields(offering)
    if unknown:
        sheet.show_pairs(unknown, ("Field", "Value"))
    else:
        st.caption("None: every field that the server sent has its place in the other tabs.")
    st.subheader("JSON", anchor=False)
    text = as_json(offering)
    st.caption(
        "As this product read it: times are in UTC, and prices are numbers with every digit. "
        "Credentials are never asked for and never shown."
    )
    st.download_button(
        "Download JSON",
        text,
        file_name=f"offering-{offering.uuid}.json",
        mime="application/json",
        icon=":material/download:",
        on_click="ignore",
    )
    st.code(text, language="json", height=560)
