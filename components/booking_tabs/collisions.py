"""What does not fit together: bookings over one another, over Google's, and outside the hours."""

from collections import Counter

import streamlit as st

from bookings.booking_tables import conflict_columns, conflicts_frame
from bookings.filters import sentence
from components import booking_desk, export_buttons, loading, tables
from components.booking_tabs.opened import Opened, stretch


def show(opened: Opened) -> None:
    """Draws the tab."""
    listed = opened.listed
    shown = set(opened.frame["uuid"].tolist())
    found = [
        each
        for each in listed.conflicts.found
        if each.first.booking_uuid in shown
        or (each.second is not None and each.second.booking_uuid in shown)
    ]
    if not listed.conflicts.complete:
        st.warning(
            f"There are more than {len(listed.conflicts.found):,} conflicts. Only these are "
            "listed and counted.",
            icon=":material/rule:",
        )
    if not st.session_state.get(booking_desk.SINGLE):
        st.caption(
            "Bookings are compared with each other. Switch on Google's busy times and "
            "availability to compare them with these, too."
        )
    if not found:
        _say_none(opened)
        return
    zone = loading.zone_name()
    columns = conflict_columns(zone)
    frame = opened.worked_out("conflicts", zone, lambda: conflicts_frame(found, stretch, zone))
    counts = Counter(each.reason.value for each in found)
    with st.container(horizontal=True, vertical_alignment="center"):
        parts = [
            f"{reason[0].upper()}{reason[1:]}: {count:,}." for reason, count in counts.most_common()
        ]
        said = " ".join([f"{sentence(len(found), len(found), 'conflicts')}.", *parts])
        st.text(said, width="stretch")
        export_buttons.show(
            frame, columns, name="booking-conflicts", note=opened.note,
            key="bookings.conflicts",
        )  # fmt: skip
    tables.show_offerings(
        frame,
        columns,
        [column.key for column in columns if column.shown],
        key="bookings.conflicts",
        row="place",
        uuid="offering_uuid",
        name="offering",
        extra=[("tab", "Bookings")],
    )
    st.caption(
        "Only bookings that are accepted, wait for an answer or are being changed count. "
        "Availability is judged from when it was read on: the server forgets what is over. "
        f"Times are in {loading.zone_name()}."
    )


def _say_none(opened: Opened) -> None:
    """That nothing was found; where not all was compared, in what."""
    listed, wanted = opened.listed, opened.offerings()
    parts = ["bookings with each other"]
    if not listed.conflicts.complete:
        parts = [f"of all bookings the first {len(listed.conflicts.found):,} conflicts"]
    whole = listed.conflicts.complete
    if st.session_state.get(booking_desk.SINGLE):
        busy = sum(map(listed.knows_busy_times, wanted))
        hours = sum(map(listed.knows_availability, wanted))
        noun = "offering" if len(wanted) == 1 else "offerings"
        parts += [
            f"busy times of {busy:,} of {len(wanted):,} {noun}",
            f"availability of {hours:,} of {len(wanted):,}",
        ]
        whole = whole and busy == hours == len(wanted)
    if whole:
        st.success("No conflict among these bookings.", icon=":material/check_circle:")
    else:
        st.info(f"No conflict found in what was read: {', '.join(parts)}.", icon=":material/rule:")
