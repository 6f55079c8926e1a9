"""What the tabs share: who looks, and the partitions that the filters left."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from bookings.portfolio import Snapshot
from bookings.sign_ins import SignIn
from bookings.slurm.records import Record
from components.partition_desk import Reviewed

_OFFERING = "partitions.offering"


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
    uuid: str = st.selectbox(
        label,
        uuids,
        index=uuids.index(held) if held in names else 0,
        format_func=lambda each: names.get(each, ""),
        help="Narrow the choice with the filters above.",
    )
    st.session_state[_OFFERING] = uuid
    return uuid
