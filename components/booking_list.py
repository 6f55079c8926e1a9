"""Bookings of all offerings, asked of the server once and kept until Refresh."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from bookings.records import bookings_frame
from bookings.sign_ins import SignIn
from bookings.waldur.errors import SignedOut, WaldurError
from components import errors, loading
from components.literal import literal

MOST_UNREADABLE = 100
_KEPT = "bookings.kept"


def load(who: SignIn) -> pd.DataFrame:
    """The bookings this person may see; empty where there is none.

    Where the server does not give them it says why and ends the page: a failure is not an
    empty list.
    """
    kept = st.session_state.get(_KEPT)
    round_ = who.portfolio.round
    if kept is None or kept[0] != (who.id, round_):
        try:
            with st.spinner("Loading the bookings …"):
                found, unreadable = who.client.bookings()
        except SignedOut:
            who.portfolio.signed_out = True
            st.rerun()
        except WaldurError as error:
            errors.show(error, "The bookings could not be loaded.")
            st.stop()
        kept = ((who.id, round_), found, unreadable, datetime.now(UTC))
        st.session_state[_KEPT] = kept
    _, found, unreadable, as_of = kept
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
    return bookings_frame(found, datetime.now(UTC))
