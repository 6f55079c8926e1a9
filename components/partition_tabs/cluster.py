"""Does Waldur still say what the cluster does? A pasted text of the cluster, compared."""

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
_WIDTHS = {"limit": 190, "status": 130, "waldur": 130, "cluster": 130, "written": 180, "note": 420}
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
    noun = "partition" if count == 1 else "partitions"
    if count:
        st.caption(f"Read as {said.form}: {count:,} {noun}.")
    else:
        st.warning("No partition can be read in it.", icon=":material/warning:")
    for note in said.notes:
        st.caption(literal(note, most=600))
    if said.unread:
        lines = len(said.unread)
        with st.expander(
            f"{lines:,} {'line' if lines == 1 else 'lines'} could not be read",
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
    counted = {status: sum(1 for each in comparisons if each.status is status) for status in Status}
    with st.container(horizontal=True, gap="small"):
        for status, count in counted.items():
            if count:
                st.badge(f"{count:,} {STATUS_WORDS[status]}", color=_COLOURS[status])
    different = [each for each in comparisons if each.status is not Status.MATCH]
    everything = st.toggle(
        "Show what matches too", key="cluster.everything", persist_state="session"
    )
    if not different:
        st.success("Waldur says what the cluster does.", icon=":material/check_circle:")
    shown = comparisons if everything else different
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
    if different:
        _show_remedies(partitions, different)


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
