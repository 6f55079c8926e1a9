"""A list that a person narrows: filters, what they leave, files of it, and rows that open."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd
import streamlit as st

from bookings.filters import Filter, apply, describe, sentence, unknown
from bookings.frames import Column
from bookings.portfolio import Snapshot
from components import (
    address,
    columns_picker,
    export_buttons,
    filter_bar,
    loading,
    tables,
    view_link,
)


@dataclass(frozen=True, slots=True)
class View:
    """What a list is of. `key` is also the page's path and the name of exported files.

    The column `row` identifies a row; `uuid` and `name` are those of the row's offering.
    """

    key: str
    noun: str
    columns: Sequence[Column]
    filters: Sequence[Filter]
    group: str = "light"
    row: str = "uuid"
    uuid: str = "uuid"
    name: str = "name"
    tab: str = ""
    """The tab that opens with a row; "" for the first."""
    several: bool = True
    """Whether several rows can be ticked."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the filters left, which of its offerings are ticked, and the address of the view."""

    frame: pd.DataFrame
    ticked: list[str]
    query: list[tuple[str, str]]
    order: list[str]
    """The columns in view."""
    note: str
    """What is shown and as of when, in one sentence."""


def show(view: View, snapshot: Snapshot, everything: pd.DataFrame) -> Narrowed:
    """Draws the list and makes the address name the view."""
    narrowed = narrow(view, snapshot, everything)
    ticked: list[str] = []
    if not narrowed.frame.empty:
        st.space(tables.ABOVE)
        chosen = tables.show_offerings(
            narrowed.frame,
            view.columns,
            narrowed.order,
            key=view.key,
            row=view.row,
            uuid=view.uuid,
            name=view.name,
            extra=[("tab", view.tab)] if view.tab else [],
            several=view.several,
        )
        ticked = narrowed.frame[view.uuid].iloc[chosen.rows].tolist()
    address.publish(view.key, narrowed.query)
    return replace(narrowed, ticked=ticked)


def narrow(
    view: View,
    snapshot: Snapshot,
    everything: pd.DataFrame,
    *,
    picker: bool = True,
    in_sight: int = 5,
    more: Sequence[tuple[str, str]] = (),
    as_of: datetime | None = None,
) -> Narrowed:
    """Draws the filters, what they leave in words, and the buttons that go with a list.

    `more` goes into the link beside the filters. Without `picker` the columns are chosen
    elsewhere; `in_sight` are the filters that stand on the page. `as_of` is when the rows were
    read, where that is not when the offerings were.
    """
    criteria = filter_bar.show(view.filters, everything, key=view.key, in_sight=in_sight)
    query = [*filter_bar.query(view.filters, criteria), *more]
    frame = apply(view.filters, criteria, everything)
    where = describe(view.filters, criteria)
    summary = f"{sentence(len(frame), len(everything), view.noun)} {where}".strip()
    # Rows with a time of their own do not wait for the list of offerings.
    partial = snapshot.partial and as_of is None
    if partial:
        summary += " (more are being read)"
    read_at = loading.local_time(as_of or snapshot.state(view.group).as_of, date=True)
    note = f"{summary}, as of {read_at}" if read_at else summary
    order: list[str] = []
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(summary, width="stretch")
        # As one, so that a long sentence does not push the last of them alone to the next line.
        with st.container(horizontal=True, width="content", gap="xsmall"):
            filter_bar.show_clear(criteria, key=view.key)
            if picker:
                order = columns_picker.show(view.columns, key=view.key)
            view_link.show(view.key, query)
            export_buttons.show(
                frame, view.columns, name=view.key, key=view.key, note=note, partial=partial
            )
    undecided = unknown(view.filters, criteria, everything)
    if undecided:
        st.caption(
            f"{undecided:,} {view.noun} are not judged yet: what the filter looks at is not "
            "loaded for them."
        )
    if frame.empty:
        none = f"None of the {view.noun} read so far fit" if partial else f"No {view.noun} fit"
        st.info(f"{none} these filters.", icon=":material/filter_alt_off:")
    return Narrowed(frame, [], query, order, note)
