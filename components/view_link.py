"""A link to the view that is shown, to be sent to a colleague."""

import streamlit as st

from components import address


def show(path: str, query: address.Pairs) -> None:
    """A button that shows the link, with one to copy it beside it."""
    with st.popover("Copy link", icon=":material/link:"):
        st.caption(
            "Opens this page with these filters, for whoever may see the offerings. The button at "
            "the link's end copies it."
        )
        st.code(address.link_to(path, query), language=None, wrap_lines=True)
