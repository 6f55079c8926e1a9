"""Does Waldur still say what the cluster does? A pasted text of the cluster, compared."""

from collections import Counter

import streamlit as st

from bookings.partition_tables import COMPARISON_COLUMNS, STATUS_WORDS, comparisons_frame
from bookings.slurm.cluster import ClusterText, read_cluster
from bookings.slurm.limits import NOT_RECORDED
from bookings.slurm.reconcile import (
    Comparison,
    Status,
    reconcile,
    slurm_conf_changes,
    update_commands,
)
from bookings.waldur.models import Partition
from components import export_buttons, tables
from components.literal import literal
from components.partition_tabs.opened import Opened, choose_offering

MOST_MEGABYTES = 5
_STATUS, _OWN = "cluster.status", "cluster.own"
_WIDTHS = {"limit": 160, "status": 130, "waldur": 100, "cluster": 100, "written": 150, "note": 420}
_COLOURS = {
    Status.MATCH: "green",
    Status.DIFFERS: "red",
    Status.ONLY_IN_WALDUR: "orange",
    Status.ONLY_IN_CLUSTER: "orange",
}


def show(opened: Opened) -> None:
    """Draws the tab."""
    if opened.frame.empty:
        return
    uuid = choose_offering(opened, "Offering of this cluster")
    partitions = [
        record.partition for _, record in opened.records() if record.offering_uuid == uuid
    ]
    all_of_it = [
        record.partition
        for record in opened.reviewed.review.records
        if record.offering_uuid == uuid
    ]
    if len(partitions) < len(all_of_it):
        st.caption(
            f"The filters leave {len(partitions)} of its {len(all_of_it)} partitions; all of them "
            "are compared."
        )
    text = _ask()
    if not text.strip():
        st.caption(
            "On the cluster run `scontrol show partition -o` (or without `-o`, or with `--json`), "
            "or take the PartitionName lines of slurm.conf. The text stays in this window; "
            "nothing is sent to the cluster or to Waldur."
        )
        return
    said = read_cluster(text)
    _show_reading(said)
    if said.partitions:
        _show_comparisons(opened, all_of_it, reconcile(all_of_it, said))


def _ask() -> str:
    pasted: str = st.text_area(
        "What the cluster says",
        key="cluster.text",
        height=150,
        persist_state="session",
        placeholder="PartitionName=batch … MaxTime=2-00:00:00 …",
    )
    file = st.file_uploader(
        "or a file of it", key="cluster.file", max_upload_size=MOST_MEGABYTES,
        help="Output of scontrol, or slurm.conf. It is read in place of the text above.",
    )  # fmt: skip
    return file.getvalue().decode("utf-8", "replace") if file is not None else pasted


def _show_reading(said: ClusterText) -> None:
    count = len(said.partitions)
    if count:
        st.caption(f"Read as {said.form}: {_partitions(count)}.")
    else:
        st.warning("No partition can be read in it.", icon=":material/warning:")
    for note in said.notes:
        st.caption(literal(note, most=600))
    if said.unread:
        # Not all of it is lost: what is said twice has been read.
        remarks = len(said.unread)
        with st.expander(
            f"{remarks:,} {'remark' if remarks == 1 else 'remarks'} on the text",
            icon=":material/report:",
            expanded=True,
        ):
            for each in said.unread[:200]:
                st.markdown(
                    f"- line {each.line}: {literal(each.reason)} — {literal(each.text, 200)}"
                )


def _show_comparisons(
    opened: Opened, partitions: list[Partition], comparisons: list[Comparison]
) -> None:
    ours = {partition.partition_name for partition in partitions}
    foreign = {each.partition for each in comparisons} - ours
    if foreign and st.toggle(
        f"Without the {_partitions(len(foreign))} that the offering does not have",
        key=_OWN, persist_state="session",
    ):  # fmt: skip
        comparisons = [each for each in comparisons if each.partition in ours]
    wanted = _show_counts(comparisons)
    different = [each for each in comparisons if each.status is not Status.MATCH]
    if not different:
        st.success("Waldur says what the cluster does.", icon=":material/check_circle:")
    shown = [each for each in comparisons if not wanted or STATUS_WORDS[each.status] in wanted]
    if shown:
        frame = comparisons_frame(shown)
        # The placeholder is the cluster's: that it sets nothing is more than nothing recorded.
        said = frame.assign(waldur=frame["waldur"].replace("", NOT_RECORDED))
        tables.show_rows(
            tables.with_gaps(said, ["cluster"]),
            COMPARISON_COLUMNS,
            [column.key for column in COMPARISON_COLUMNS if column.shown],
            key="cluster.comparisons",
            placeholder="not set",
            widths=_WIDTHS,
        )
        with st.container(horizontal=True):
            export_buttons.show(
                frame, COMPARISON_COLUMNS, name="differences", note=opened.note,
                key="cluster.differences",
            )  # fmt: skip
    elif different:
        st.info("No limit has that status.", icon=":material/filter_alt_off:")
    if different:
        _show_remedies(partitions, different)


def _show_counts(comparisons: list[Comparison]) -> list[str]:
    """How many limits stand how; gives the words to show, all where none is chosen."""
    counts = Counter(each.status for each in comparisons)
    # Of most clusters nearly everything matches, which nobody reads.
    st.session_state.setdefault(
        _STATUS, [words for status, words in STATUS_WORDS.items() if status is not Status.MATCH]
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        for status, words in STATUS_WORDS.items():
            if counts[status]:
                st.badge(f"{counts[status]:,} {words}", color=_COLOURS[status])
        chosen = st.pills(
            "Show", list(STATUS_WORDS.values()), selection_mode="multi", key=_STATUS,
            label_visibility="collapsed", wrap=True, persist_state="session",
        )  # fmt: skip
    return list(chosen or [])


def _partitions(count: int) -> str:
    return f"{count:,} {'partition' if count == 1 else 'partitions'}"


def _show_remedies(partitions: list[Partition], different: list[Comparison]) -> None:
    commands = update_commands(partitions, different)
    conf = slurm_conf_changes(partitions, different)
    st.subheader("To make the cluster say what Waldur says", anchor=False)
    st.caption("Read them before you run them. Nothing here is executed.")
    for title, text, name in (
        ("scontrol update commands", commands, "scontrol-update.sh"),
        ("slurm.conf lines", conf, "partitions-changed.conf"),
    ):
        with st.expander(title, icon=":material/terminal:"):
            st.code(text, language=None)
            st.download_button(
                "Download", text, file_name=name, mime="text/plain", on_click="ignore",
                icon=":material/download:", key=f"cluster.{name}",
            )  # fmt: skip
