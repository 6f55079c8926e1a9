"""Terms, privacy, files and pictures. Nothing is loaded from the addresses; they are links."""

import streamlit as st

from bookings.sheets import COLUMNS, TABS, Form
from bookings.waldur.models import OfferingFile, Screenshot
from components.offering_tabs import sheet
from components.offering_tabs.sheet import Opened


def show(opened: Opened) -> None:
    """Draws the tab."""
    offering = opened.offering
    sheet.show_fields(opened, offering, sheet.of_section("Documents", "Addresses"))
    texts = [each for each in TABS["Documents"] if each.form is Form.TEXT]
    sheet.show_texts(opened, offering, texts)
    st.subheader("Files", anchor=False)
    if opened.has("files"):
        sheet.show_records(opened, offering.files, COLUMNS[OfferingFile])
    st.subheader("Screenshots", anchor=False)
    if opened.has("screenshots"):
        if not offering.screenshots:
            st.caption("None recorded.")
        # Two addresses and a UUID side by side leave no room for a time.
        for each in offering.screenshots:
            sheet.show_fields(opened, each, COLUMNS[Screenshot])
