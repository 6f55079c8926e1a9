"""A problem as one clear sentence with a next step, and details one click away."""

import streamlit as st

from bookings.waldur.errors import WaldurError
from components.literal import literal


def show(error: WaldurError, about: str = "") -> None:
    """Shows what happened and what to do; `about` says what is missing because of it."""
    sentences = [about, error.what, error.next_step]
    st.error(" ".join(literal(each) for each in sentences if each), icon=":material/error:")
    with st.expander("Details for support"):
        st.text(f"{error.where}\n{error.words}".strip())
