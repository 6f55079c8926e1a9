"""Who offers it, how it is used, where it belongs, and its texts."""

import streamlit as st

from bookings.sheets import COLUMNS, Form
from bookings.waldur.models import Quota
from components import offering_link
from components.offering_tabs import sheet
from components.offering_tabs.sheet import Opened


def show(opened: Opened) -> None:
    """Draws the tab."""
    offering = opened.offering
    grid = st.grid(2, min_column_width=420, gap="large")
    with grid.cell():
        st.subheader("Texts", anchor=False)
        sheet.show_fields(opened, offering, sheet.of_section("Summary", "Texts", Form.VALUE))
        sheet.show_texts(opened, offering, sheet.of_section("Summary", "Texts", Form.TEXT))
        st.subheader("Use", anchor=False)
        lines = sheet.of_section("Summary", "Use", Form.VALUE)
        sheet.show_fields(opened, offering, lines)
        st.markdown("**Quotas**")
        if opened.has("quotas"):
            sheet.show_records(opened, offering.quotas, COLUMNS[Quota])
    with grid.cell():
        for section in ("Identity", "Provider", "Parent, scope and backend"):
            st.subheader(section, anchor=False)
            sheet.show_fields(opened, offering, sheet.of_section("Summary", section))
        if offering.parent_uuid:
            offering_link.show(
                "Open the parent offering",
                offering.parent_uuid,
                "Summary",
                icon=":material/arrow_upward:",
            )
