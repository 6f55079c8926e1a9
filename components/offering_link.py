"""Links from the page of one offering to another offering, which is the same page."""

import secrets

import streamlit as st

from components import navigation

_MARK = "offering.mark"


def renew() -> None:
    """Makes later links differ from every earlier one, to the same offering too."""
    st.session_state[_MARK] = secrets.token_hex(4)


def show(label: str, uuid: str | None, tab: str, *, icon: str) -> None:
    """A link with a text of our own that opens an offering at a tab; disabled for None.

    After it was followed, Streamlit goes on reporting the address that the page was opened
    with. By its mark a link back to the first offering is told from such an old report.
    """
    st.page_link(
        navigation.page("offering"),
        label=label,
        icon=icon,
        disabled=uuid is None,
        query_params={"uuid": uuid or "", "tab": tab, "at": st.session_state.get(_MARK, "")},
    )
