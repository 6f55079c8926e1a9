"""Filters as widgets: drawn from the table of filters, seeded from the address."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from bookings.filters import (
    FIRST_DAY,
    LAST_DAY,
    Criteria,
    Filter,
    Kind,
    from_query,
    options,
    spell_choice,
    to_query,
)
from components import address, redraw

ANY = "Any"
YES = "Yes"
NO = "No"
WIDTH = 140
"""Pixels of a filter on the page."""
WIDTH_CHOSEN = 240
"""Pixels of one in which something is chosen, so that its name can be read."""
WIDTH_OF_DAYS = 320
"""Pixels of two days side by side."""


def show(
    filters: Sequence[Filter], frame: pd.DataFrame, *, key: str, in_sight: int = 5
) -> Criteria:
    """Draws the filters and gives what is chosen.

    `key` keeps the choice for this browser tab while other pages are open. The first
    `in_sight` filters behind the search stand on the page, the others behind "More filters".
    """
    read(filters, key=key)
    chosen: dict[str, Any] = {}
    search, *others = [each for each in filters if not each.about]
    apart = [each for each in filters if each.about]
    choices = options([search, *others], frame)
    chosen[search.key] = _draw(search, [], key)
    more = others[in_sight:]
    # A row that wraps: columns would be too narrow to read in a small window.
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for each in others[:in_sight]:
            with st.container(width=_width(each, key)):
                chosen[each.key] = _draw(each, choices.get(each.key, []), key)
        if more:
            count = sum(1 for each in more if _value(each, key) is not None)
            label = f"More filters ({count})" if count else "More filters"
            with st.popover(label, icon=":material/tune:", key=f"{key}.more"):
                for each in more:
                    chosen[each.key] = _draw(each, choices.get(each.key, []), key)
        if apart:
            chosen |= _draw_apart(apart, frame, key)
    return Criteria({name: value for name, value in chosen.items() if value is not None})


def read(filters: Sequence[Filter], *, key: str) -> Criteria:
    """What is chosen now, before the filters are drawn: for what decides what is read at all."""
    arrived = address.query_on_arrival([each.key for each in filters])
    if arrived is not None:
        _seed(filters, from_query(filters, arrived), key)
    if st.session_state.pop(f"{key}.clear", False):
        _seed(filters, Criteria(), key)
    return Criteria({each.key: _value(each, key) for each in filters})


def _draw_apart(filters: Sequence[Filter], frame: pd.DataFrame, key: str) -> dict[str, Any]:
    """Filters of which there are too many to draw: a person first says what about."""
    in_force = {each.about for each in filters if _value(each, key) is not None}
    subjects = list(dict.fromkeys(each.about for each in filters))
    label = f"Filter by limit ({len(in_force)})" if in_force else "Filter by limit"
    chosen: dict[str, Any] = {}
    with st.popover(label, icon=":material/straighten:", key=f"{key}.apart"):
        about = st.multiselect(
            "Limits to filter by", subjects, key=f"{key}.about", placeholder="Choose limits",
            persist_state="session",
        )  # fmt: skip
        for each in filters:
            if each.about in in_force or each.about in about:
                chosen[each.key] = _draw(each, options([each], frame).get(each.key, []), key)
    return chosen


def show_clear(criteria: Criteria, *, key: str) -> None:
    """A button that takes all filters away; disabled when there are none."""
    if st.button("Clear filters", icon=":material/filter_alt_off:", disabled=not criteria):
        st.session_state[f"{key}.clear"] = True
        redraw.now()


def query(filters: Sequence[Filter], criteria: Criteria) -> list[tuple[str, str]]:
    """The criteria as pairs for the address."""
    return to_query(filters, criteria)


def _name(each: Filter, key: str, part: str = "") -> str:
    return f"{key}.filter.{each.key}{part}"


def _seed(filters: Sequence[Filter], criteria: Criteria, key: str) -> None:
    for each in filters:
        value = criteria.get(each.key)
        name = _name(each, key)
        if each.kind is Kind.TEXT:
            st.session_state[name] = value or ""
        elif each.kind is Kind.CHOICES:
            st.session_state[name] = list(value or ())
        elif each.kind is Kind.FLAG:
            st.session_state[name] = ANY if value is None else YES if value else NO
        else:
            low, high = value or (None, None)
            st.session_state[_name(each, key, ".low")] = low
            st.session_state[_name(each, key, ".high")] = high


def _width(each: Filter, key: str) -> int:
    if each.kind is Kind.PERIOD:
        return WIDTH_OF_DAYS
    chosen = each.kind is Kind.CHOICES and _value(each, key) is not None
    return WIDTH_CHOSEN if chosen else WIDTH


def _value(each: Filter, key: str) -> Any:
    """What is chosen now, before the widget is drawn in this run; None for nothing."""
    held = st.session_state.get(_name(each, key))
    if each.kind is Kind.TEXT:
        return held or None
    if each.kind is Kind.CHOICES:
        return tuple(held) if held else None
    if each.kind is Kind.FLAG:
        return None if held in {None, ANY} else held == YES
    low = st.session_state.get(_name(each, key, ".low"))
    high = st.session_state.get(_name(each, key, ".high"))
    return None if low is None and high is None else (low, high)


def _draw(each: Filter, choices: list[tuple[str, int]], key: str) -> Any:
    name = _name(each, key)
    if each.kind is Kind.TEXT:
        st.text_input(
            each.label,
            key=name,
            type="search",
            live=True,
            placeholder=each.help.split(".")[0] or None,
            help=each.help or None,
            persist_state="session",
        )
    elif each.kind is Kind.CHOICES:
        held = st.session_state.get(name) or []
        offered = list(each.choices) or [value for value, _ in choices]
        st.multiselect(
            each.label,
            [*offered, *(value for value in held if value not in offered)],
            key=name,
            placeholder=ANY,
            # Without counts: the browser knows a choice by its label, and forgets one that changes.
            format_func=spell_choice,
            persist_state="session",
        )
    elif each.kind is Kind.PERIOD:
        first, last = st.columns(2, gap="small")
        for column, word, part in ((first, "from", ".low"), (last, "until", ".high")):
            column.date_input(
                f"{each.label} {word}", None, FIRST_DAY, LAST_DAY, key=_name(each, key, part),
                format="YYYY-MM-DD", persist_state="session",
            )  # fmt: skip
    elif each.kind is Kind.FLAG:
        st.selectbox(each.label, [ANY, YES, NO], key=name, persist_state="session")
    else:
        st.markdown(each.label)
        low, high = st.columns(2)
        low.number_input(
            f"{each.label}: from", value=None, key=_name(each, key, ".low"), placeholder="from",
            label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
        high.number_input(
            f"{each.label}: to", value=None, key=_name(each, key, ".high"), placeholder="to",
            label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
    return _value(each, key)
