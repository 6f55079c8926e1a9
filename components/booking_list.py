"""Bookings of all offerings, asked of the server once and kept until Refresh."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import streamlit as st

from bookings.sign_ins import SignIn
from bookings.waldur.errors import WaldurError
from bookings.waldur.listing import NO_END
from bookings.waldur.models import Booking, Unreadable
from components import background, errors, loading
from components.literal import literal

MOST_UNREADABLE = 100
_ASKED = "bookings.asked"
_Found = tuple[list[Booking], list[Unreadable], datetime]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The bookings, and when they were asked for (UTC)."""

    bookings: tuple[Booking, ...] = field(repr=False)
    as_of: datetime


def load(who: SignIn) -> Loaded:
    """The bookings this person may see; empty where there is none.

    Where the server does not give them, or none can be read, it says why and ends the page: a
    failure is not an empty list.
    """
    try:
        with st.spinner("Loading the bookings …"):
            asked = background.answer(who, _ASKED, lambda: _ask(who), patience=None)
    except WaldurError as error:
        forget(who)  # the next run tries again
        errors.show(error, "The bookings could not be loaded.")
        st.stop()
    found, unreadable, as_of = asked or ([], [], datetime.now(UTC))
    unreadable, more = _split(unreadable)
    if more:
        st.warning(
            "The server's list of bookings has no end that could be found. There may be more.",
            icon=":material/rule:",
        )
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
    if unreadable and not found:
        st.warning("None of the bookings could be read.", icon=":material/report:")
        st.stop()
    return Loaded(tuple(found), as_of)


def beside(who: SignIn) -> list[Booking] | None:
    """The same bookings for a page that is of something else; None where they are not there.

    The page is not held up: what is on its way draws it again when it comes. A failure is one
    line there, and is not asked for again until Refresh.
    """
    try:
        asked = background.answer(who, _ASKED, lambda: _ask(who))
    except WaldurError as error:
        st.caption(f"The next bookings are not known. {literal(error.what)}")
        return None
    if asked is None:
        background.wait_for(who, _ASKED, "Reading the bookings …")
        return None
    found, unreadable, _ = asked
    unreadable, more = _split(unreadable)
    if unreadable:
        noun = "booking" if len(unreadable) == 1 else "bookings"
        st.caption(f"{len(unreadable):,} {noun} could not be read; a next booking may be missing.")
    elif more:
        st.caption("Not all bookings could be listed; a next booking may be missing.")
    return found


def _split(unreadable: list[Unreadable]) -> tuple[list[Unreadable], bool]:
    """Those that are bookings, and whether there may be more than the list holds."""
    real = [each for each in unreadable if each.reason != NO_END]
    return real, len(real) < len(unreadable)


def forget(who: SignIn) -> None:
    """Lets the next look ask the server again, after a booking was decided."""
    background.forget(who, _ASKED)


def _ask(who: SignIn) -> _Found:
    as_of = datetime.now(UTC)
    found, unreadable = who.client.bookings()
    return found, unreadable, as_of
