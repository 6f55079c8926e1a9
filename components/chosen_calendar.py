"""The calendar of the one offering that is ticked in a list."""

import streamlit as st

from bookings.portfolio import Snapshot
from bookings.sign_ins import SignIn
from components import calendar_panel, redraw
from components.filtered_list import Narrowed
from components.literal import literal

_CHOSEN = "calendars.chosen"


def show(who: SignIn, snapshot: Snapshot, narrowed: Narrowed) -> None:
    """Draws the panel of the ticked offering.

    A row can leave the list by the very action that was pressed: what is shared is no longer
    among the private ones. Its panel stays, so that the outcome is seen.
    """
    if len(narrowed.ticked) == 1:
        st.session_state[_CHOSEN] = narrowed.ticked[0]
    elif narrowed.ticked or (narrowed.frame["uuid"] == st.session_state.get(_CHOSEN)).any():
        st.session_state.pop(_CHOSEN, None)
    uuid = st.session_state.get(_CHOSEN)
    offering = snapshot.find(uuid) if uuid else None
    if offering is None:
        st.caption("Tick one offering to act on its calendar here.")
        return
    st.subheader(literal(offering.name.strip() or "Unnamed offering"), anchor=False)
    if uuid not in narrowed.ticked:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption("It does not fit the filters above any more.", width="content")
            if st.button("Close", icon=":material/close:", key="calendars.close"):
                del st.session_state[_CHOSEN]
                redraw.now()
    calendar_panel.show(who, offering, read_only=uuid in snapshot.read_only)
