"""A problem as one clear sentence with a next step, and details one click away."""

import streamlit as st

from bookings.waldur.errors import Refused, WaldurError
from components.literal import literal


def show(error: WaldurError, about: str = "", *, what: str = "", next_step: str = "") -> None:
    """Shows what happened and what to do; `about` says what is missing because of it.

    `what` and `next_step` are a place's own words in place of the error's. A refusal is told
    with the server's reason, without which nobody could act on it.
    """
    sentences = [about, what or error.what]
    if isinstance(error, Refused) and error.words:
        sentences.append(f"Its reason: “{error.words}”.")
    sentences.append(next_step or error.next_step)
    st.error(
        " ".join(literal(each, most=1000) for each in sentences if each), icon=":material/error:"
    )
    with st.expander("Details for support"):
        st.text(f"{error.where}\n{error.words}".strip())
