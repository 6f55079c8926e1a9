"""Runs the page anew, but never in place of a page that a person has just asked for."""

from typing import NoReturn

import streamlit as st


def now() -> NoReturn:
    """Ends this run of the page and begins another one.

    `st.rerun` names the page that runs. A click on a link to another page that came since the
    last element was drawn would be lost: Streamlit 1.67 folds both requests into one, and the
    later one names the page. Drawing an element first lets what waits take its turn.
    """
    st.empty()
    st.rerun()
