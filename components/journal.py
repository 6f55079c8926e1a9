"""The record of calendar actions, as far as this person may see it."""

import streamlit as st

from bookings.calendars.journal import DatabaseError, Entry
from bookings.portfolio import Snapshot
from bookings.sign_ins import SignIn
from components import session
from components.literal import literal

MOST_ENTRIES = 5000
POLL_SECONDS = 2.0


def entries(who: SignIn, snapshot: Snapshot) -> list[Entry] | None:
    """Actions on this server's offerings that are in this person's list, newest first.

    Says so, and gives None, where the record cannot be read. While one of them is under way
    the page is drawn again with each thing that becomes known.
    """
    visible = {offering.uuid for offering in snapshot.offerings}
    try:
        found = session.desk().journal.entries(servers=[who.server], limit=MOST_ENTRIES)
    except DatabaseError as error:
        st.error(literal(f"{error} {error.next_step}"), icon=":material/error:")
        return None
    mine = [entry for entry in found if entry.offering_uuid in visible]
    under_way = [entry for entry in mine if entry.open]
    if under_way:
        st.fragment(_watch, run_every=POLL_SECONDS)(who, under_way)
    return mine


def _watch(who: SignIn, drawn: list[Entry]) -> None:
    try:
        now = [session.desk().runner.latest(who.server, each.offering_uuid) for each in drawn]
    except DatabaseError:
        return  # the next look may succeed
    if [(each.id, each.outcome) for each in drawn] != [
        (each.id, each.outcome) for each in now if each is not None and each.open
    ]:
        st.rerun()
