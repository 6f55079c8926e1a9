"""The record of calendar actions, as far as this person may see it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from bookings.calendars.journal import DatabaseError, Entry
from bookings.portfolio import Snapshot
from bookings.sign_ins import SignIn
from components import redraw, session
from components.literal import literal

MOST_ENTRIES = 5000
POLL_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Look:
    """Entries, newest first, and whether there are older ones that were left out."""

    entries: list[Entry]
    cut: bool


def latest(who: SignIn, snapshot: Snapshot) -> dict[str, Entry]:
    """The newest action on each calendar of this person's list, by offering.

    Says so where the record cannot be read. While one is under way the page is drawn again with
    each thing that becomes known.
    """
    try:
        found = session.desk().journal.latest_of(
            who.server, [offering.uuid for offering in snapshot.offerings]
        )
    except DatabaseError as error:
        st.error(literal(f"{error} {error.next_step}"), icon=":material/error:")
        return {}
    _watch_those_under_way(who, found.values())
    return found


def look(
    who: SignIn,
    snapshot: Snapshot,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Look | None:
    """Actions on this server's offerings that are in this person's list, newest first.

    They were asked for at `since` or later, and before `until`. Says so, and gives None, where
    the record cannot be read. While one of them is under way the page is drawn again with each
    thing that becomes known.
    """
    try:
        found = session.desk().journal.entries(
            servers=[who.server],
            offering_uuids=[offering.uuid for offering in snapshot.offerings],
            since=since,
            until=until,
            limit=MOST_ENTRIES + 1,
        )
    except DatabaseError as error:
        st.error(literal(f"{error} {error.next_step}"), icon=":material/error:")
        return None
    _watch_those_under_way(who, found)
    return Look(found[:MOST_ENTRIES], len(found) > MOST_ENTRIES)


def newly_ended(name: str, entries: Iterable[Entry | None], as_of: datetime) -> bool:
    """Whether any of these ended after `as_of`, for what was read then to be read again.

    Each is told once in a tab, for the reader of this name: another replica may date its entries
    with a clock that is ahead.
    """
    ended = {
        (each.id, each.finished)
        for each in entries
        if each is not None and each.finished is not None and each.finished > as_of
    }
    told: set[tuple[int, datetime | None]] = st.session_state.setdefault(f"journal.{name}", set())
    new = ended - told
    told |= new
    return bool(new)


def _watch_those_under_way(who: SignIn, entries: Iterable[Entry]) -> None:
    under_way = [entry for entry in entries if entry.open]
    if under_way:
        st.fragment(_watch, run_every=POLL_SECONDS)(who, under_way)


def _watch(who: SignIn, drawn: list[Entry]) -> None:
    journal = session.desk().journal
    try:
        now = [journal.latest(who.server, e.offering_uuid, e.booking_uuid) for e in drawn]
    except DatabaseError:
        return  # the next look may succeed
    if [(each.id, each.outcome) for each in drawn] != [
        (each.id, each.outcome) for each in now if each is not None and each.open
    ]:
        redraw.now()
