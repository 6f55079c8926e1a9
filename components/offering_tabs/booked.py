"""When it can be booked, who booked it, and which times are taken."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

import pandas as pd
import streamlit as st

from bookings.booking_tables import BOOKING_STATES
from bookings.calendars.decisions import WAITING_STATE
from bookings.calendars.journal import DatabaseError
from bookings.sheets import COLUMNS, Line, other_attributes, say_data, schedules_of
from bookings.waldur.errors import Gone, SignedOut, WaldurError
from bookings.waldur.models import Booking, Record, Slot, Unreadable
from components import errors, journal, loading, navigation, redraw, session
from components.literal import literal
from components.offering_tabs import sheet
from components.offering_tabs.sheet import Opened

DECIDED_BEFORE = timedelta(minutes=10)
"""A decision that ends after the bookings were read may have been asked for so long before; the
server takes seconds."""
MOST_DECISIONS = 200
_KEPT = "offering.bookings"
_SCHEDULE = {
    "title": "Title", "kind": "Kind", "start": "From", "end": "To", "hours": "Hours",
    "slot": "Booking slot", "weekends": "Weekends",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the server said about one offering's bookings, and when. An error is an answer."""

    bookings: tuple[Booking, ...] | WaldurError
    unreadable: tuple[Unreadable, ...]
    slots: tuple[Slot, ...] | WaldurError
    as_of: datetime


def forget() -> None:
    """Lets the next look at the tab ask the server again."""
    st.session_state.pop(_KEPT, None)


def show(opened: Opened) -> None:
    """Draws the tab; the server is asked when it is opened for the first time."""
    _show_schedules(opened)
    answer = _asked(opened)
    st.subheader("Bookings", anchor=False)
    st.caption(f"As of {loading.local_time(answer.as_of)}")
    _show_bookings(opened, answer)
    st.subheader("Times taken", anchor=False)
    if isinstance(answer.slots, Gone):
        st.caption("The server gives no booked times for an offering that nobody can order yet.")
    elif isinstance(answer.slots, WaldurError):
        errors.show(answer.slots, "The booked times could not be read.")
    else:
        st.caption("Bookings that hold or await their time, and busy times of the calendar.")
        _show_list(opened, answer.slots, COLUMNS[Slot], "No time is taken.")


def _show_schedules(opened: Opened) -> None:
    st.subheader("Schedules", anchor=False)
    if "attributes" in opened.broken_fields:
        st.warning(
            "The schedules of this offering cannot be read: the server fails on them, most "
            "likely because a stored schedule has no end or is empty. Correct the schedule in "
            "Waldur; everything else on this page is complete.",
            icon=":material/event_busy:",
        )
        return
    if not opened.has("attributes"):
        return
    attributes = opened.offering.attributes
    schedules = schedules_of(attributes, opened.manner)
    if schedules:
        frame = pd.DataFrame([asdict(each) for each in schedules], dtype="str")
        used = [key for key in _SCHEDULE if (frame[key] != "").any()]
        st.dataframe(
            frame[used].replace("", "not recorded").rename(columns=_SCHEDULE),
            width="stretch",
            height="content",
            hide_index=True,
        )
        st.caption(
            f"From and to are in {literal(loading.zone_name())}; hours of a day are as recorded."
        )
    else:
        st.caption("None recorded.")
    others = other_attributes(attributes)
    if others:
        st.markdown("**Other attributes**")
        rows = [(name, say_data(value)) for name, value in others.items()]
        sheet.show_pairs(rows, ("Attribute", "Value"))


def _asked(opened: Opened) -> _Answer:
    """The server's answer; kept for the tab of this browser until Refresh or a decision."""
    owner = (opened.who.id, opened.offering.uuid)
    kept = st.session_state.get(_KEPT)
    if kept is not None and kept[0] == owner and not _was_decided(opened, kept[1]):
        answer: _Answer = kept[1]
        return answer
    try:
        with st.spinner("Loading the bookings …"):
            answer = _ask(opened)
    except SignedOut:
        opened.who.portfolio.signed_out = True
        redraw.now()  # the gate asks for a new sign-in
    st.session_state[_KEPT] = (owner, answer)
    return answer


def _was_decided(opened: Opened, answer: _Answer) -> bool:
    """Whether a request among the bookings was accepted or rejected after they were read."""
    if isinstance(answer.bookings, WaldurError):
        return False
    waiting = {each.uuid for each in answer.bookings if each.state == WAITING_STATE}
    if not waiting:
        return False
    try:
        entries = session.desk().journal.entries(
            servers=[opened.who.server],
            offering_uuids=[opened.offering.uuid],
            since=answer.as_of - DECIDED_BEFORE,
            limit=MOST_DECISIONS,
        )
    except DatabaseError:
        return False  # what was read is still true of its time, which stands above it
    decided = (each for each in entries if each.booking_uuid in waiting)
    return journal.newly_ended(_KEPT, decided, answer.as_of)


def _ask(opened: Opened) -> _Answer:
    client, uuid = opened.who.client, opened.offering.uuid
    bookings: tuple[Booking, ...] | WaldurError
    slots: tuple[Slot, ...] | WaldurError
    unreadable: tuple[Unreadable, ...] = ()
    try:
        found, bad = client.bookings(uuid)
        bookings, unreadable = tuple(found), tuple(bad)
    except SignedOut:
        raise
    except WaldurError as error:
        bookings = error
    try:
        slots = tuple(sorted(client.slots(uuid), key=_start))
    except SignedOut:
        raise
    except WaldurError as error:
        slots = error
    return _Answer(bookings, unreadable, slots, datetime.now(UTC))


def _start(slot: Slot) -> datetime:
    return slot.start or datetime.max.replace(tzinfo=UTC)


def _show_bookings(opened: Opened, answer: _Answer) -> None:
    if isinstance(answer.bookings, WaldurError):
        errors.show(answer.bookings, "The bookings could not be read.")
        return
    waiting = sum(1 for each in answer.bookings if each.state == WAITING_STATE)
    if waiting:
        verb = "waits" if waiting == 1 else "wait"
        st.info(
            f"{waiting:,} {verb} for an answer of the provider.", icon=":material/pending_actions:"
        )
    hidden = {"offering_name", "offering_uuid"}
    lines = [line for line in COLUMNS[Booking] if line.field not in hidden]
    # In the words of the page of all bookings.
    worded = [
        each.model_copy(update={"state": BOOKING_STATES.get(each.state, each.state)})
        for each in answer.bookings
    ]
    _show_list(opened, worded, lines, "Nobody has booked it, as far as you may see.")
    for bad in answer.unreadable:
        st.text(f"Could not be read: {bad.name or bad.uuid or 'one booking'}. {bad.reason}")
    navigation.link(
        "bookings", "Open in Bookings", {"offering": opened.offering.name},
        icon=":material/event_available:",
    )  # fmt: skip


def _show_list(opened: Opened, records: Sequence[Record], lines: Sequence[Line], none: str) -> None:
    """A table that scrolls: there may be hundreds of them."""
    if not records:
        st.caption(none)
        return
    used, _ = sheet.split_by_use(records, lines)
    manner = opened.manner
    cells = {
        line.label: [
            line.say(value, manner) if (value := getattr(each, line.field)) else ""
            for each in records
        ]
        for line in used
    }
    st.dataframe(
        pd.DataFrame(cells, dtype="str"),
        width="stretch",
        height="auto",
        hide_index=True,
    )
