"""What nodes are behind the partitions: typed in, or pasted from the cluster."""

from collections.abc import Callable, Mapping

import streamlit as st

from bookings.slurm.hardware import WHOLE_CLUSTER, Hardware, Nodes, Pasted, read_nodes
from components import loading, partition_desk, session
from components.literal import literal
from components.partition_tabs.opened import Opened, choose_offering

ALL = "All partitions without nodes of their own"
_TEXT, _SAVED = "hardware.text", "hardware.saved"
SINFO = 'sinfo -o "%P|%D|%c|%X|%Y|%m|%G"'


def show(opened: Opened) -> None:
    """Draws the tab."""
    if opened.frame.empty:
        return
    st.caption(
        "Waldur does not record nodes. Described here once, they are used by the findings and by "
        "“Would it fit?”; everyone who sees the offering sees them."
    )
    uuid = choose_offering(opened, "Offering")
    names = list(
        dict.fromkeys(
            record.name
            for record in opened.reviewed.review.records
            if record.offering_uuid == uuid and record.name
        )
    )
    _show_kept(opened, uuid)
    typed, pasted = st.columns(2, gap="large")
    with typed:
        _type_in(opened, uuid, names)
    with pasted:
        _paste(opened, uuid, names)


def _show_kept(opened: Opened, uuid: str) -> None:
    kept = {
        name: each for (offering, name), each in opened.reviewed.kept.items() if offering == uuid
    }
    if not kept:
        st.info("No nodes are described for this offering yet.", icon=":material/memory:")
        return
    for name, each in sorted(kept.items()):
        hardware = opened.reviewed.review.hardware.get((uuid, name))
        described = hardware.describe() if hardware else "cannot be read"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**{literal(name) if name else ALL}**: {literal(described, 1000)}", width="stretch"
            )
            when = loading.local_time(each.changed, date=True)
            st.caption(f"{literal(each.person_name)}, {when}", width="content")
            if st.button(
                "Remove", icon=":material/delete:", key=f"hardware.remove.{uuid}.{name}",
                disabled=not opened.reviewed.recording,
            ):  # fmt: skip
                _keep(opened, uuid, {name: None}, "The nodes are forgotten")


def _type_in(opened: Opened, uuid: str, names: list[str]) -> None:
    st.subheader("Type in", anchor=False)
    with st.form("hardware.form"):
        name = st.selectbox(
            "Partition",
            [WHOLE_CLUSTER, *names],
            format_func=lambda each: each or ALL,
        )
        left, right = st.columns(2)
        count = left.number_input("Nodes", min_value=1, value=1, step=1)
        cpus = right.number_input("CPUs per node", min_value=1, value=64, step=1)
        sockets = left.number_input("Sockets per node", min_value=1, value=2, step=1)
        memory = right.number_input(
            "Memory per node (MB)", min_value=1, value=256_000, step=1000,
            help="RealMemory of slurm.conf.",
        )  # fmt: skip
        gpus = left.number_input("GPUs per node", min_value=0, value=0, step=1)
        with st.container(horizontal=True):
            replaced = st.form_submit_button(
                "Save", icon=":material/save:", disabled=not opened.reviewed.recording,
                help="In place of what is kept.",
            )  # fmt: skip
            added = st.form_submit_button(
                "Add another kind", icon=":material/add:", disabled=not opened.reviewed.recording,
                help="Beside what is kept: for a partition whose nodes are not all alike.",
            )  # fmt: skip
    if replaced or added:
        nodes = Nodes(int(count), int(cpus), int(sockets), int(memory), int(gpus))
        kept = opened.reviewed.review.hardware.get((uuid, name)) if added else None
        hardware = Hardware((*kept.kinds, nodes) if kept else (nodes,))
        _keep(opened, uuid, {name: hardware.as_item()}, f"Saved: {hardware.describe()}")


def _paste(opened: Opened, uuid: str, names: list[str]) -> None:
    st.subheader("Paste", anchor=False)
    # A text can only be taken away before its input is drawn.
    if st.session_state.pop(_SAVED, False):
        st.session_state[_TEXT] = ""
    text = st.text_area(
        "From the cluster", key=_TEXT, height=150, persist_state="session",
        placeholder="batch*|16|64|2|32|256000|(null)",
        help="Other partitions than those of the offering are left out.",
    )  # fmt: skip
    st.caption("The output of one of these commands:")
    st.code(f"{SINFO}\nscontrol show node -o", language="bash")
    if not text.strip():
        return
    read = read_nodes(text)
    known = {
        name: hardware
        for name, hardware in read.hardware.items()
        if name == WHOLE_CLUSTER or name in names
    }
    for name, hardware in known.items():
        st.markdown(f"- **{literal(name) if name else ALL}**: {literal(hardware.describe(), 600)}")
    _show_left_out(read, set(read.hardware) - set(known))
    if st.button(
        "Save what was read", icon=":material/save:", key="hardware.save",
        disabled=not known or not opened.reviewed.recording,
    ):  # fmt: skip
        items = {name: hardware.as_item() for name, hardware in known.items()}
        noun = "partition" if len(items) == 1 else "partitions"
        _keep(
            opened, uuid, items, f"Saved the nodes of {len(items)} {noun}",
            lambda: st.session_state.update({_SAVED: True}),
        )  # fmt: skip


def _show_left_out(read: Pasted, others: set[str]) -> None:
    if others:
        st.caption(f"Not among the offering's partitions: {literal(', '.join(sorted(others)))}.")
    for note in read.notes:
        st.caption(literal(note, most=600))
    for each in read.unread[:50]:
        st.markdown(f"- line {each.line}: {literal(each.reason)} — {literal(each.text, 200)}")
    if len(read.unread) > 50:
        st.caption(f"and {len(read.unread) - 50:,} more lines that cannot be read")


def _keep(
    opened: Opened,
    uuid: str,
    nodes: Mapping[str, object],
    said: str,
    kept: Callable[[], None] | None = None,
) -> None:
    """Keeps nodes, or forgets those that are None; `kept` is called once that is done."""
    who = opened.who

    def write() -> None:
        session.desk().reviews.keep_hardware(who.server, uuid, nodes, partition_desk.hand(who))
        if kept is not None:
            kept()

    partition_desk.write(write, said)
