"""The Google calendar: its state, what can be done with it, and its fields."""

import streamlit as st

from bookings.sheets import COLUMNS, TABS, Form
from bookings.waldur.models import GoogleCalendar
from components import calendar_panel, navigation
from components.offering_tabs import sheet
from components.offering_tabs.sheet import Opened


def show(opened: Opened) -> None:
    """Draws the tab."""
    offering = opened.offering
    calendar_panel.show(opened.who, offering, read_only=opened.read_only)
    navigation.link(
        "activity",
        "All recorded actions of this offering",
        {"q": offering.uuid},
        icon=":material/history:",
    )
    with st.expander("Fields as recorded"):
        if offering.googlecalendar is not None:
            sheet.show_fields(opened, offering.googlecalendar, COLUMNS[GoogleCalendar])
        elif opened.has("googlecalendar"):
            st.caption("None recorded: there is no calendar yet.")
        others = [line for line in TABS["Calendar"] if line.form is not Form.TABLE]
        sheet.show_fields(opened, offering, others)
