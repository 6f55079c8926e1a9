"""What changed since this person last reviewed the partitions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from bookings.database import DatabaseError
from bookings.partition_tables import CHANGE_COLUMNS, changes_frame, changes_words
from bookings.reviews import Seen
from bookings.slurm.changes import Change, Looked, changes, partition_key, recorded_limits
from bookings.slurm.records import Record
from components import export_buttons, loading, partition_desk, session, tables
from components.literal import literal
from components.partition_tabs.opened import Opened

_TIMES = "partitions.reviewed"


@dataclass(frozen=True, slots=True)
class Since:
    """What a person has not seen yet of the offerings that the filters left."""

    everything: list[Record]
    """All partitions of those offerings."""
    found: list[Change]
    never: int
    """Partitions of offerings that were never reviewed."""
    latest: datetime | None
    since: datetime | None
    """The earliest review that something of `found` comes after."""
    marks: Mapping[int, list[str]]
    """By place of a partition: the limits that changed, or that it is new."""


def read(opened: Opened) -> Since:
    """What changed, read anew after a review and every minute: the person may have two browsers.

    Raises DatabaseError.
    """
    who = opened.who
    uuids = tuple(dict.fromkeys(record.offering_uuid for _, record in opened.records()))
    loaded = opened.snapshot.state("partitions").status == "loaded"
    minute = loading.now().replace(second=0, microsecond=0)
    version = (opened.reviewed.version, uuids, loaded, who.memo.get(_TIMES), minute)
    return session.worked_out(
        who,
        "partitions.since",
        version,
        lambda: _work_out(
            opened.reviewed.review.records,
            session.desk().reviews.seen(who.server, who.person.uuid, uuids),
            uuids,
            loaded=loaded,
        ),
    )


def _work_out(
    records: Sequence[Record],
    seen: Mapping[tuple[str, str], Seen],
    uuids: Sequence[str],
    *,
    loaded: bool,
) -> Since:
    in_view = set(uuids)
    places = [place for place, each in enumerate(records) if each.offering_uuid in in_view]
    everything = [records[place] for place in places]
    looked = {key: (each.partition_name, each.limits) for key, each in seen.items()}
    found, never = changes(everything, looked, uuids if loaded else [])
    marks = {}
    named = {(each.offering_uuid, each.partition_name) for each in found}
    for place in places:
        record = records[place]
        if (record.offering_uuid, record.name) in named and (own := _of_one(record, looked)):
            marks[place] = own
    of_found = {each.offering_uuid for each in found}
    reviewed = [each.reviewed for (uuid, _), each in seen.items() if uuid in of_found]
    return Since(
        everything,
        found,
        never,
        max((each.reviewed for each in seen.values()), default=None),
        min(reviewed, default=None),
        marks,
    )


def _of_one(record: Record, looked: Looked) -> list[str]:
    # A name can occur twice in an offering, so changes of the whole do not tell the partition.
    offering = record.offering_uuid
    own = {
        key: looked[key]
        for key in ((offering, ""), (offering, partition_key(record)))
        if key in looked
    }
    return [
        each.limit.label if each.limit else str(each.how) for each in changes([record], own, ())[0]
    ]


def marks(opened: Opened) -> Mapping[int, list[str]]:
    """What changed by place of a partition; nothing where that cannot be known."""
    try:
        return read(opened).marks
    except DatabaseError:
        return {}


def tell(opened: Opened, go: Callable[[], None]) -> None:
    """Says above the tabs what changed, with the way to it; nothing where nothing did."""
    try:
        since = read(opened)
    except DatabaseError as error:
        st.warning(
            literal(f"What changed since your last review is not known. {error}"),
            icon=":material/warning:",
        )
        return
    if since.found:
        when = loading.local_time(since.since, date=True)
        st.button(
            f"{changes_words(since.found)} since your review of {when}",
            icon=":material/history:", type="tertiary", on_click=go, key="changes.tell",
        )  # fmt: skip


def show(opened: Opened) -> None:
    """Draws the tab."""
    who = opened.who
    loaded = opened.snapshot.state("partitions").status == "loaded"
    try:
        since = read(opened)
    except DatabaseError as error:
        st.error(literal(f"{error} {error.next_step}"), icon=":material/error:")
        return
    everything, found = since.everything, since.found
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_sentence(len(found), since.never, loading.local_time(since.latest, date=True)))
        if st.button(
            "Reviewed", icon=":material/task_alt:", type="primary",
            disabled=not loaded or not everything or not opened.reviewed.recording,
            help="Remembers the limits of the offerings above as you see them now. Later this "
            "page marks what changed since. Others have their own."
            if loaded else "The partitions are still loading.",
        ):  # fmt: skip
            uuids = list(dict.fromkeys(each.offering_uuid for each in everything))
            seen = [
                (each.offering_uuid, partition_key(each), each.name, recorded_limits(each))
                for each in everything
            ]

            def write() -> None:
                session.desk().reviews.mark_seen(who.server, who.person.uuid, uuids, seen)
                who.memo[_TIMES] = object()

            partition_desk.write(write, f"{len(everything):,} partitions reviewed")
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
