"""Where are they? What is not on the map, and why?"""

import streamlit as st

from bookings.filters import OFFERING_FILTERS, apply, describe, sentence
from bookings.frames import (
    OFFERING_COLUMNS,
    UNPLACED_COLUMNS,
    map_frame,
    unplaced_frame,
)
from components import (
    address,
    empty_list,
    filter_bar,
    loading,
    offering_desk,
    offering_map,
    session,
    tables,
)

who = session.require()
st.title("Map", anchor=False)
snapshot = loading.show(who)
everything = offering_desk.read(who, snapshot)
if everything.empty:
    empty_list.explain(who, snapshot)
    st.stop()

filters = [each for each in OFFERING_FILTERS if each.group == "light"]
criteria = filter_bar.show(filters, everything, key="map")
frame = apply(filters, criteria, everything)
drawn, doubtful = map_frame(frame), unplaced_frame(frame)
where = describe(filters, criteria)
grid = st.grid(2, min_column_width=offering_map.NARROWEST, gap="medium")
with grid.cell():
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(f"{sentence(len(drawn), len(frame))} on the map {where}".strip(), width="stretch")
        filter_bar.show_clear(criteria, key="map")
        offering_map.show_fit(drawn, key="map")
    chosen = offering_map.show(drawn, key="map")
with grid.cell():
    listed = frame[frame["uuid"].isin(chosen)] if chosen else frame
    st.subheader("At the chosen places" if chosen else "All of them", anchor=False)
    st.caption(
        f"{sentence(len(listed), len(frame))}. "
        + (
            "“Clear selection” at the map's upper edge shows all again."
            if chosen
            else "Click points to choose places."
        )
    )
    if chosen:
        offering_map.show_fit(drawn[drawn["uuid"].isin(chosen)], key="map", label="Fit to these")
    if not listed.empty:
        tables.show_offerings(
            listed.reset_index(drop=True),
            OFFERING_COLUMNS,
            ["name", "state", "provider", "country_name"],
            key="map",
            several=False,
        )
missing = doubtful[~doubtful["uuid"].isin(drawn["uuid"])]
with st.expander(
    f"{len(missing)} are not on the map, {len(doubtful) - len(missing)} are at a doubtful place",
    icon=":material/wrong_location:",
    expanded=drawn.empty,
):
    if doubtful.empty:
        st.text("Every offering has usable coordinates.")
    else:
        tables.show_offerings(
            doubtful,
            UNPLACED_COLUMNS,
            [column.key for column in UNPLACED_COLUMNS if column.key not in {"uuid", "country"}],
            key="unplaced",
            several=False,
        )
address.publish("map", filter_bar.query(filters, criteria))
