"""One action in full: who, on what, when, what the server said, what was seen, what to do."""

from collections.abc import Callable, Iterator
from datetime import datetime

import streamlit as st

from bookings.calendars.journal import DatabaseError, Entry
from bookings.moments import local_text, utc_text
from bookings.sign_ins import SignIn
from components import loading, look_again, navigation, session
from components.literal import literal
from components.outcome import LOOK


def show(
    who: SignIn, entry: Entry, provider: str, *, read_only: bool, close: Callable[[], None]
) -> None:
    """Draws the entry; `close` is called when a person is done with it.

    `read_only` is for entries of offerings that the person sees but does not own.
    """
    colour, icon = LOOK[entry.outcome]
    with st.container(border=True, key="activity.opened"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(entry.outcome.value, icon=icon, color=colour)
            st.markdown(f"**{entry.action.label}** · {literal(_title(entry))}", width="stretch")
            navigation.link(
                "offering",
                "Open the offering",
                {"uuid": entry.offering_uuid, "tab": _tab(entry)},
                icon=":material/open_in_new:",
            )
            st.button("Close", icon=":material/close:", on_click=close, key="activity.close")
        grid = st.grid(2, min_column_width=340, gap="medium")
        for said in (_words(entry), _facts(entry, provider)):
            with grid.cell(), st.container(gap="small"):
                for label, text in said:
                    with st.container(gap=None):
                        st.caption(label)
                        st.text(text)
        if not read_only and _is_latest(entry):
            look_again.show(who, entry, key="activity")


def _is_latest(entry: Entry) -> bool:
    """Whether nothing newer may have brought about what a look would show."""
    try:
        latest = session.desk().runner.latest(entry.server, entry.offering_uuid, entry.booking_uuid)
    except DatabaseError:
        return False  # it could be read a moment ago; the next run says if it stays so
    return latest is not None and latest.id == entry.id


def _title(entry: Entry) -> str:
    title = entry.offering_name.strip() or "Unnamed offering"
    booking = entry.booking_name.strip()
    return f"{booking} · {title}" if booking else title


def _tab(entry: Entry) -> str:
    return "Bookings" if entry.booking_uuid else "Calendar"


def _words(entry: Entry) -> Iterator[tuple[str, str]]:
    if entry.words and entry.http_status:
        yield f"The server said ({entry.http_status})", entry.words
    elif entry.http_status:
        yield "The server answered", f"HTTP status {entry.http_status}, without words"
    elif entry.words:
        yield "No answer came", entry.words
    if entry.remark:
        yield "What was seen", entry.remark
    yield "What to do now", entry.next_step


def _facts(entry: Entry, provider: str) -> Iterator[tuple[str, str]]:
    zone = loading.zone_name()
    yield "Asked for by", entry.person_name or entry.person_uuid
    yield "Asked at", _moment(entry.created, zone)
    ended = "not yet: it is under way" if entry.open else _moment(entry.finished, zone)
    yield "Ended at", ended
    if provider:
        yield "Provider", provider
    if entry.booking_uuid:
        yield "Booking", entry.booking_name or entry.booking_uuid
    number = f"{entry.id} on record, {entry.sequence} of this {_subject(entry)}"
    yield "Number", number if entry.run_id is None else f"{number}, in run {entry.run_id}"


def _moment(moment: datetime | None, zone: str) -> str:
    if moment is None:
        return "not recorded"
    if zone == "UTC":
        return utc_text(moment)
    return f"{local_text(moment, zone)} ({zone})\n{utc_text(moment)}"


def _subject(entry: Entry) -> str:
    return "booking" if entry.booking_uuid else "calendar"
