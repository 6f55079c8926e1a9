"""All bookings in a table, and their times as a file that calendar programs import."""

from datetime import UTC, datetime

import streamlit as st

from bookings.schedule.ics import MIME, calendar_file
from bookings.schedule.times import Time
from components import tables
from components.booking_tabs.opened import Opened


def show(opened: Opened) -> None:
    """Draws the tab."""
    above = st.container(horizontal=True, vertical_alignment="center")
    chosen = tables.show_offerings(
        opened.frame,
        opened.listed.columns,
        opened.order,
        key="bookings",
        row="uuid",
        uuid="offering_uuid",
        name="offering",
        extra=[("tab", "Bookings")],
    )
    ticked = set(opened.frame["uuid"].iloc[chosen.rows].tolist())
    times = [time for time in opened.times() if not ticked or time.booking_uuid in ticked]
    with above:
        # On the left: on the right the bar of the table, which comes with the pointer, covers it.
        _show_button(opened, times)
        st.caption(_what_is_in_it(len(ticked), times), width="stretch")


def _what_is_in_it(ticked: int, times: list[Time]) -> str:
    count = len({time.booking_uuid for time in times})
    noun = "booking" if count == 1 else "bookings"
    if ticked:
        lost = f" of {ticked:,} ticked" if count != ticked else " ticked"
        return f"The calendar file holds the {count:,}{lost} {noun}."
    return f"The calendar file holds the {count:,} {noun} with times; tick rows to choose."


def _show_button(opened: Opened, times: list[Time]) -> None:
    stamp = datetime.now(UTC)
    st.download_button(
        "Calendar file (ICS)",
        lambda: calendar_file(times, opened.who.server, stamp),
        file_name=f"bookings-{stamp:%Y-%m-%d}.ics",
        mime=MIME,
        icon=":material/calendar_add_on:",
        key="bookings.ics",
        on_click="ignore",
        disabled=not times,
        help="Google Calendar, Outlook and Thunderbird import it. Importing a newer file brings "
        "the same events up to date.",
    )
