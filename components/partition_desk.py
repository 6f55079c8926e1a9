"""All partitions of a person, with what reviewers left behind, worked out once."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

import pandas as pd
import streamlit as st

from bookings.database import DatabaseError
from bookings.frames import in_order, partitions_frame
from bookings.partition_review import PartitionReview, review
from bookings.partition_tables import with_findings
from bookings.portfolio import Snapshot
from bookings.reviews import Acknowledgement, Hand, KeptHardware
from bookings.sign_ins import SignIn
from components import redraw, session
from components.literal import literal

_SAID = "partitions.said"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Partitions, findings and the table of both; `kept` is the hardware as it was written down."""

    review: PartitionReview
    frame: pd.DataFrame = field(repr=False)
    kept: dict[tuple[str, str], KeptHardware]
    recording: bool
    """False while the database is away: nothing can be kept."""
    version: Hashable
    """Changes whenever partitions, hardware or acknowledgements do."""


def read(who: SignIn, snapshot: Snapshot) -> Reviewed:
    """The partitions that are loaded. Where the database is away, says so and does without."""
    visible = frozenset(each.uuid for each in snapshot.offerings)
    kept: dict[tuple[str, str], KeptHardware] = {}
    acknowledged: dict[tuple[str, str, str], Acknowledgement] = {}
    recording = True
    try:
        reviews = session.desk().reviews
        kept = reviews.hardware(who.server, visible)
        acknowledged = reviews.acknowledged(who.server, visible)
    except DatabaseError as error:
        recording = False
        st.warning(
            literal(f"Hardware and acknowledgements are not known. {error} {error.next_step}"),
            icon=":material/warning:",
        )
    version = (
        snapshot.rows_version,
        frozenset((key, each.changed) for key, each in kept.items()),
        frozenset((key, each.created) for key, each in acknowledged.items()),
    )
    made: tuple[PartitionReview, pd.DataFrame] = session.worked_out(
        who, "partitions", version, lambda: _work_out(snapshot, kept, acknowledged)
    )
    return Reviewed(made[0], made[1], kept, recording, version)


def _work_out(
    snapshot: Snapshot,
    kept: dict[tuple[str, str], KeptHardware],
    acknowledged: dict[tuple[str, str, str], Acknowledgement],
) -> tuple[PartitionReview, pd.DataFrame]:
    found = review(in_order(snapshot), kept, acknowledged)
    return found, with_findings(partitions_frame(snapshot), found)


def hand(who: SignIn) -> Hand:
    """Whose name stands beside what is written down."""
    return Hand(who.person.uuid, who.person.named)


def write(what: Callable[[], None], said: str) -> None:
    """Writes something down and draws the page anew; `said` is then told once.

    `what` is called; where the database is away the page says so and goes on.
    """
    try:
        what()
    except DatabaseError as error:
        st.error(
            literal(f"Nothing was written. {error} {error.next_step}"), icon=":material/error:"
        )
        return
    st.session_state[_SAID] = said
    redraw.now()


def tell() -> None:
    """Says what the last action wrote down."""
    said = st.session_state.pop(_SAID, None)
    if said:
        st.toast(literal(said), icon=":material/check:")
