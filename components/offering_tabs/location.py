"""Where it is, and what its coordinates are worth."""

import streamlit as st

from bookings.places import Placement, judge
from bookings.sheets import TABS
from components import navigation
from components.literal import literal
from components.offering_tabs import sheet
from components.offering_tabs.sheet import Opened


def show(opened: Opened) -> None:
    """Draws the tab."""
    offering = opened.offering
    place = judge(offering.latitude, offering.longitude, offering.country)
    if place.doubtful:
        st.warning(literal(place.reason), icon=":material/wrong_location:")
    elif not place.usable:
        st.info(f"It is not on the map. {literal(place.reason)}", icon=":material/location_off:")
    elif place.placement is Placement.ON_MAP and not offering.country:
        st.caption("No country is recorded that the coordinates could be checked against.")
    sheet.show_fields(opened, offering, TABS["Location"])
    if place.usable:
        navigation.link("map", "Show on the map", {"q": offering.uuid}, icon=":material/map:")
