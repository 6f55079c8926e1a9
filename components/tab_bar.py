"""A bar of tabs that the page's address can open; only the open one is drawn."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import streamlit as st

from components import address

Opened = TypeVar("Opened")


def arrive(key: str, tabs: Mapping[str, object]) -> None:
    """Opens the tab that the address names, when the page was opened with one."""
    asked = dict(address.query_on_arrival(["tab"]) or [])
    if "tab" in asked:
        choose(key, tabs, asked["tab"])


def choose(key: str, tabs: Mapping[str, object], tab: str) -> None:
    """Opens a tab by its name, before `show`; a name that is none opens the first."""
    st.session_state[key] = tab if tab in tabs else next(iter(tabs))


def chosen(key: str, tabs: Mapping[str, object]) -> str:
    """The name of the open tab."""
    tab: str = st.session_state.get(key) or next(iter(tabs))
    return tab


def show(key: str, tabs: Mapping[str, Callable[[Opened], None]], opened: Opened) -> None:
    """Draws the bar and the open tab."""
    for name, tab in zip(tabs, st.tabs(list(tabs), key=key, on_change="rerun"), strict=True):
        if tab.open:
            with tab:
                tabs[name](opened)
