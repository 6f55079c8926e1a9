"""What the tabs share: who looks, and the partitions that the filters left."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from bookings.portfolio import Snapshot
from bookings.sign_ins import SignIn
from bookings.slurm.records import Record
from components import address
from components.partition_desk import Reviewed

_OFFERING, _WIDGET = "partitions.offering", "partitions.offering.choice"
# A filter of the page is called "offering", and holds names.
_IN_ADDRESS = "cluster"


# --- the address ----------------------------------------------------------------------------


def arrive_at_offering() -> None:
    """Chooses the offering that the address names, when the page was opened with one."""
    for _, uuid in address.query_on_arrival([_IN_ADDRESS]) or []:
        st.session_state[_OFFERING] = uuid


def offering_query() -> list[tuple[str, str]]:
    """The offering that was chosen, as a pair for the address."""
    uuid = st.session_state.get(_OFFERING)
    return [(_IN_ADDRESS, uuid)] if uuid else []


# --- the tabs -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opened:
    """The partitions on the page; `frame` holds those that fit the filters, `note` says which."""

    who: SignIn
    snapshot: Snapshot
    reviewed: Reviewed
    frame: pd.DataFrame
    note: str

    def records(self) -> list[tuple[int, Record]]:
        """The partitions that fit the filters, each with its place among all."""
        places = self.frame["place"].tolist()
        return [(place, self.reviewed.review.records[place]) for place in places]


def choose_offering(opened: Opened, label: str, *, also: Callable[[str], bool] = bool) -> str:
    """A choice among the offerings that the filters left; gives the uuid of one.

    What is chosen here is kept for the other tabs that ask. `also` says which offerings may be
    chosen.
    """
    names: dict[str, str] = {}
    for _, record in opened.records():
        if also(record.offering_uuid):
            names.setdefault(record.offering_uuid, f"{record.offering} · {record.provider}")
    held = st.session_state.get(_OFFERING)
    uuids = list(names)
    # Set anew in each run: the filters, a link and another tab change it too.
    st.session_state[_WIDGET] = held if held in names else uuids[0]
    uuid: str = st.selectbox(
        label,
        uuids,
        format_func=lambda each: names.get(each, ""),
        help="Narrow the choice with the filters above.",
        key=_WIDGET,
        on_change=_keep,
    )
    return uuid


def _keep() -> None:
    st.session_state[_OFFERING] = st.session_state[_WIDGET]
