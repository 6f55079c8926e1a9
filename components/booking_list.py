"""Bookings of all offerings, asked of the server once and kept until Refresh."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import streamlit as st

from bookings.sign_ins import SignIn
from bookings.waldur.errors import SignedOut, WaldurError
from bookings.waldur.models import Booking, Unreadable
from components import errors, loading
from components.literal import literal

MOST_UNREADABLE = 100
_KEPT = "bookings.kept"
_FAILED = "bookings.failed"


@dataclass(frozen=True, slots=True)
class Loaded:
    """The bookings, and when they were asked for (UTC)."""

    bookings: tuple[Booking, ...] = field(repr=False)
    as_of: datetime


def load(who: SignIn) -> Loaded:
    """The bookings this person may see; empty where there is none.

    Where the server does not give them it says why and ends the page: a failure is not an
    empty list.
    """
    try:
        found, unreadable, as_of = _asked(who)
    except WaldurError as error:
        errors.show(error, "The bookings could not be loaded.")
        st.stop()
    if unreadable:
        noun = "booking" if len(unreadable) == 1 else "bookings"
        with st.expander(
            f"{len(unreadable):,} {noun} could not be read and cannot be listed",
            icon=":material/report:",
        ):
            for bad in unreadable[:MOST_UNREADABLE]:
                st.markdown(
                    f"- {literal(bad.name or bad.uuid or 'unnamed')}: {literal(bad.reason)}"
                )
    st.caption(f"Bookings as of {loading.local_time(as_of)}")
    return Loaded(tuple(found), as_of)


def beside(who: SignIn) -> list[Booking] | None:
    """The same bookings for a page that is of something else; None where they cannot be had.

    A failure is one line there, and is not asked for again until Refresh.
    """
    failed = st.session_state.get(_FAILED)
    round_ = (who.id, who.portfolio.round)
    error: WaldurError | None = failed[1] if failed is not None and failed[0] == round_ else None
    if error is None:
        try:
            found, unreadable, _ = _asked(who)
        except WaldurError as caught:
            error = caught
            st.session_state[_FAILED] = (round_, error)
    if error is not None:
        st.caption(f"The next bookings are not known. {literal(error.what)}")
        return None
    if unreadable:
        st.caption(
            f"{len(unreadable):,} bookings could not be read; a next booking may be missing."
        )
    return found


def forget(who: SignIn) -> None:
    """Lets the next look ask the server again, after a booking was decided."""
    kept = st.session_state.get(_KEPT)
    if kept is not None and kept[0][0] == who.id:
        del st.session_state[_KEPT]


def _asked(who: SignIn) -> tuple[list[Booking], list[Unreadable], datetime]:
    """Bookings, what could not be read, and when; asked once between two times of Refresh."""
    round_ = (who.id, who.portfolio.round)
    kept = st.session_state.get(_KEPT)
    if kept is None or kept[0] != round_:
        try:
            with st.spinner("Loading the bookings …"):
                found, unreadable = who.client.bookings()
        except SignedOut:
            who.portfolio.signed_out = True
            st.rerun()
        kept = (round_, (found, unreadable, datetime.now(UTC)))
        st.session_state[_KEPT] = kept
    asked: tuple[list[Booking], list[Unreadable], datetime] = kept[1]
    return asked
