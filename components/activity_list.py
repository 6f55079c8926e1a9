"""Actions that a person narrows, and one of them in full."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from bookings.calendars.journal import Entry
from bookings.portfolio import Snapshot
from bookings.sign_ins import SignIn
from components import activity_entry, address, loading, tables
from components.filtered_list import View, narrow

MOST_HEIGHT = 420
"""Pixels of the table: the entry that is open begins below it on the same screen."""
_WIDTHS = {"offering": 180, "booking": 110, "http_status": 70, "local": 150, "utc": 165}
_OPEN = "activity.entry"
_CHOSEN = "activity.chosen"


def show(
    who: SignIn,
    view: View,
    snapshot: Snapshot,
    everything: pd.DataFrame,
    entries: Sequence[Entry],
) -> None:
    """Draws the list and the entry that is open, and makes the address name both."""
    for _, number in address.query_on_arrival(["entry"]) or []:
        st.session_state[_OPEN] = number
    narrowed = narrow(view, snapshot, everything, in_sight=4, as_of=loading.now())
    if not narrowed.frame.empty:
        _show_table(view, narrowed.frame, narrowed.order)
    opened = st.session_state.get(_OPEN)
    query = narrowed.query
    if opened is not None:
        query = [*query, ("entry", str(opened))]
        places = everything.index[everything["id"].astype(str) == str(opened)]
        if len(places):
            row = everything.loc[places[0]]
            activity_entry.show(
                who,
                entries[places[0]],
                row["provider"],
                read_only=row["offering_uuid"] in snapshot.read_only,
                close=_close,
            )
        else:
            st.info("The action of this link is not among those shown here.")
    address.publish(view.key, query)


def _show_table(view: View, frame: pd.DataFrame, order: Sequence[str]) -> None:
    identities = tables.identities(frame, view.row)
    name = f"{view.key}.{tables.fingerprint(identities)}"
    selection = st.session_state.get(name, {}).get("selection", {})
    ticked = [row for row in selection.get("rows", ()) if row < len(identities)]
    clicked = [row for row, _ in selection.get("cells", ()) if row < len(identities)]
    now = tuple(identities[rows[0]] if rows else None for rows in (clicked, ticked))
    _follow(name, now)
    st.space(tables.ABOVE)
    st.dataframe(
        frame[list(order)],
        key=name,
        width="stretch",
        height=tables.height_of(len(frame), MOST_HEIGHT),
        hide_index=True,
        placeholder="",
        column_order=list(order),
        column_config=tables.column_config(view.columns, _WIDTHS),
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
    )


def _follow(name: str, now: tuple[str | None, ...]) -> None:
    """Opens what was clicked or ticked since the last run, and closes what was unticked.

    Only what changes counts: a table of other rows begins with nothing chosen, and that closes
    nothing; what was closed stays so although its row is still marked.
    """
    before = st.session_state.get(_CHOSEN)
    st.session_state[_CHOSEN] = (name, now)
    then = before[1] if before is not None and before[0] == name else (None, None)
    for was, chosen in zip(then, now, strict=True):
        if chosen is not None and chosen != was:
            st.session_state[_OPEN] = chosen
            return
    if now != then and st.session_state.get(_OPEN) in set(then) - set(now):
        _close()


def _close() -> None:
    st.session_state.pop(_OPEN, None)
