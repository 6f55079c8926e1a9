"""What changed since this person last reviewed the partitions."""

import streamlit as st

from bookings.database import DatabaseError
from bookings.partition_tables import CHANGE_COLUMNS, changes_frame
from bookings.slurm.changes import changes, partition_key, recorded_limits
from components import export_buttons, loading, partition_desk, session, tables
from components.literal import literal
from components.partition_tabs.opened import Opened


def show(opened: Opened) -> None:
    """Draws the tab."""
    records = [record for _, record in opened.records()]
    uuids = list(dict.fromkeys(record.offering_uuid for record in records))
    who = opened.who
    loaded = opened.snapshot.state("partitions").status == "loaded"
    try:
        seen = session.desk().reviews.seen(who.server, who.person.uuid, uuids)
    except DatabaseError as error:
        st.error(literal(f"{error} {error.next_step}"), icon=":material/error:")
        return
    everything = [
        record for record in opened.reviewed.review.records if record.offering_uuid in set(uuids)
    ]
    looked = {key: (each.partition_name, each.limits) for key, each in seen.items()}
    found, never = changes(everything, looked, uuids if loaded else [])
    latest = max((each.reviewed for each in seen.values()), default=None)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_sentence(len(found), never, loading.local_time(latest, date=True)))
        if st.button(
            "Reviewed", icon=":material/task_alt:", type="primary",
            disabled=not loaded or not everything or not opened.reviewed.recording,
            help="Remembers the limits of the offerings above as you see them now. Later this "
            "page marks what changed since. Others have their own."
            if loaded else "The partitions are still loading.",
        ):  # fmt: skip
            partition_desk.write(
                lambda: session.desk().reviews.mark_seen(
                    who.server,
                    who.person.uuid,
                    uuids,
                    [
                        (each.offering_uuid, partition_key(each), each.name, recorded_limits(each))
                        for each in everything
                    ],
                ),
                f"{len(everything):,} partitions reviewed",
            )
    if found:
        names = {record.offering_uuid: record.offering for record in everything}
        frame = changes_frame(found, names)
        tables.show_rows(
            frame,
            CHANGE_COLUMNS,
            [column.key for column in CHANGE_COLUMNS if column.shown],
            key="changes",
        )
        with st.container(horizontal=True):
            export_buttons.show(
                frame, CHANGE_COLUMNS, name="changes", note=opened.note, key="changes.file"
            )


def _sentence(found: int, never: int, latest: str) -> str:
    parts = []
    if latest:
        changed = f"{found:,} {'change' if found == 1 else 'changes'}" if found else "No change"
        parts.append(f"{changed} since your last review ({latest}).")
    if never:
        noun = "partition belongs" if never == 1 else "partitions belong"
        parts.append(f"{never:,} {noun} to offerings that you have not reviewed yet.")
    return " ".join(parts) or "There is nothing to review."
