"""How many there are of what, each number a link to those it counts."""

import pandas as pd
import streamlit as st

from bookings.calendars.actions import CalendarStatus
from bookings.filters import NOT_RECORDED, spell_choice
from components import navigation

MOST_LINES = 8
NARROWEST = 190
"""Pixels of a figure that leave room for its label."""


def show_headline(frame: pd.DataFrame) -> None:
    """Four figures: all, active, public calendars, calendars not created."""
    figures = (
        ("Offerings", len(frame)),
        ("Active", int((frame["state"] == "Active").sum())),
        ("Public calendars", int((frame["calendar"] == CalendarStatus.PUBLIC).sum())),
        ("Without a calendar", int((frame["calendar"] == CalendarStatus.NONE).sum())),
    )
    grid = st.grid(len(figures), min_column_width=NARROWEST)
    for label, figure in figures:
        grid.metric(label, f"{figure:,}", border=True)


def show_by(frame: pd.DataFrame, column: str, *, path: str) -> None:
    """The values of a column with their counts; each leads to the list filtered by it.

    Rows in which nothing is recorded are one of the values, so that the counts add up.
    """
    counts = frame[column].mask(frame[column].str.strip() == "", NOT_RECORDED).value_counts()
    for value, count in counts.head(MOST_LINES).items():
        with st.container(horizontal=True, wrap=False, vertical_alignment="center"):
            navigation.link(path, spell_choice(str(value)), {column: str(value)}, width="stretch")
            st.text(f"{count:,}", width="content", text_alignment="right")
    rest = len(counts) - MOST_LINES
    if rest > 0:
        st.caption(f"and {rest} more")
