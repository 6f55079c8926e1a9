"""Would this job run? For every partition: the verdict, the reason, and what the job would get."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from bookings.partition_tables import (
    ACCEPTED,
    CANNOT_TELL,
    LARGEST_COLUMNS,
    REJECTED,
    VERDICT_COLUMNS,
    VERDICTS,
    WAITS,
    WITHIN_LIMITS,
    largest_frame,
    memory_words,
    time_words,
    verdict_words,
    verdicts_frame,
)
from bookings.slurm.fit import Enforce, Verdict, bare, judge, largest
from bookings.slurm.jobs import Job, read_memory, read_sbatch, read_time, sbatch_header
from bookings.slurm.records import Record
from components import export_buttons, tables
from components.literal import literal
from components.partition_tabs.opened import Opened

A_JOB = "A job"
LARGEST = "The largest job, and a bare sbatch"
_LOOK = {
    ACCEPTED: (":material/check_circle:", "green"),
    WITHIN_LIMITS: (":material/rule:", "blue"),
    WAITS: (":material/hourglass:", "violet"),
    CANNOT_TELL: (":material/help:", "orange"),
    REJECTED: (":material/block:", "red"),
}
_COUNTS = {
    "nodes": "Nodes",
    "ntasks": "Tasks",
    "cpus_per_task": "CPUs per task",
    "ntasks_per_node": "Tasks per node",
    "gpus": "GPUs",
    "gpus_per_node": "GPUs per node",
}
_MEMORY = {
    "mem_per_node": "Memory per node",
    "mem_per_cpu": "Memory per CPU",
    "mem_per_gpu": "Memory per GPU",
}
_PASTED = "fit.pasted"
_SAID = "fit.said"


def show(opened: Opened) -> None:
    """Draws the tab."""
    what = st.segmented_control(
        "Question", [A_JOB, LARGEST], default=A_JOB, required=True, key="fit.what",
        label_visibility="collapsed", persist_state="session",
    )  # fmt: skip
    if what == LARGEST:
        _show_largest(opened)
    else:
        _show_job(opened)


def _show_job(opened: Opened) -> None:
    _show_paste()
    job, wrong = _ask()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        enforce = Enforce(
            st.segmented_control(
                "EnforcePartLimits", [each.value for each in Enforce],
                default=Enforce.ALL.value, required=True, key="fit.enforce",
                persist_state="session",
                help="Of the cluster's slurm.conf. ALL rejects at once what breaks a limit; with "
                "NO most of it is accepted and waits for ever. ANY judges one partition like ALL.",
            )
        )  # fmt: skip
    if wrong:
        st.warning(literal(" ".join(wrong), most=1000), icon=":material/edit:")
        return
    judged = [
        (place, record, judge(record.partition, job, _nodes(opened, record), enforce))
        for place, record in opened.records()
    ]
    if not judged:
        return
    wanted = _show_counts([verdict for _, _, verdict in judged])
    _show_how_many_known(opened)
    frame = verdicts_frame(judged)
    if wanted:
        frame = frame[frame["verdict"].isin(wanted)].reset_index(drop=True)
    order = [column.key for column in VERDICT_COLUMNS if column.shown]
    if enforce is Enforce.NO:
        order.insert(5, "pends")
    chosen = tables.show_rows(
        frame, VERDICT_COLUMNS, order, key="fit.verdicts", rows=frame["place"].tolist(),
        several=False, most_height=420,
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Tick a partition for its whole answer and an sbatch header.", width="stretch")
        export_buttons.show(frame, VERDICT_COLUMNS, name="fit", note=opened.note, key="fit")
    if chosen.rows:
        place = int(frame["place"].iloc[chosen.rows[0]])
        verdict = next(each for at, _, each in judged if at == place)
        _show_answer(opened.reviewed.review.records[place], job, verdict, opened)


def _nodes(opened: Opened, record: Record) -> Any:
    return opened.reviewed.review.hardware_of(record)


def _show_how_many_known(opened: Opened) -> None:
    known = [_nodes(opened, record) is not None for _, record in opened.records()]
    if not all(known):
        st.caption(
            f"The nodes of {sum(known):,} of {len(known):,} partitions are described. Of the "
            "others only the recorded limits are judged; describe their nodes under Hardware."
        )


def _show_paste() -> None:
    with st.expander("Paste #SBATCH lines or an sbatch command", icon=":material/content_paste:"):
        st.text_area(
            "Job script or command", key=_PASTED, height=150, persist_state="session",
            placeholder="#SBATCH --nodes=2\n#SBATCH --time=1-00:00:00",
        )  # fmt: skip
        st.button("Fill in", icon=":material/input:", on_click=_fill_in)
        for said in st.session_state.get(_SAID) or []:
            st.caption(literal(said, most=600))


def _fill_in() -> None:
    # The text comes with the same click that leaves it, after the button was drawn.
    parsed = read_sbatch(st.session_state[_PASTED])
    job = parsed.job
    for field in _COUNTS:
        st.session_state[f"fit.{field}"] = getattr(job, field)
    for field in _MEMORY:
        amount = getattr(job, field)
        st.session_state[f"fit.{field}"] = "" if amount is None else _amount(amount)
    st.session_state["fit.time"] = "" if job.time is None else _minutes(job.time)
    st.session_state["fit.reservation"] = job.reservation
    said = [
        f"Line {each.line} cannot be read: {each.reason} ({each.text})" for each in parsed.unread
    ]
    if parsed.ignored:
        said.append(f"Without a bearing on limits: {', '.join(parsed.ignored)}.")
    if parsed.partition:
        said.append(f"It names the partition {parsed.partition}; all are judged below.")
    st.session_state[_SAID] = said or ["Everything in it was read."]


def _amount(megabytes: int) -> str:
    return f"{megabytes // 1024}G" if megabytes and megabytes % 1024 == 0 else f"{megabytes}M"


def _minutes(minutes: int) -> str:
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    return f"{days}-{hours:02}:{minutes:02}:00" if days else f"{hours:02}:{minutes:02}:00"


def _ask() -> tuple[Job, list[str]]:
    """The inputs of a job; gives the job, and what in them cannot be read."""
    asked: dict[str, Any] = {}
    wrong: list[str] = []
    first, second, third, fourth = st.columns(4)
    places = {
        "nodes": first, "ntasks": second, "ntasks_per_node": third, "cpus_per_task": fourth,
        "mem_per_node": first, "mem_per_cpu": second, "time": third, "gpus_per_node": fourth,
        "gpus": first, "mem_per_gpu": second,
    }  # fmt: skip
    for field, place in places.items():
        with place:
            if field in _COUNTS:
                asked[field] = st.number_input(
                    _COUNTS[field], min_value=1, step=1, value=None, key=f"fit.{field}",
                    placeholder="not asked for", persist_state="session",
                )  # fmt: skip
            elif field == "time":
                asked[field] = _read(
                    st.text_input(
                        "Time", key="fit.time", placeholder="not asked for, e.g. 1-00:00:00",
                        persist_state="session",
                        help="As sbatch takes it: minutes, H:M:S, D-H or D-H:M:S. 0 asks for "
                        "unlimited time.",
                    ),
                    read_time,
                    wrong,
                )  # fmt: skip
            else:
                asked[field] = _read(
                    st.text_input(
                        _MEMORY[field], key=f"fit.{field}", placeholder="not asked for, e.g. 4G",
                        persist_state="session",
                        help="As sbatch takes it: MB, or with K, M, G or T, counted by 1024.",
                    ),
                    read_memory,
                    wrong,
                )  # fmt: skip
    with third:
        asked["reservation"] = st.checkbox(
            "With a reservation", key="fit.reservation", persist_state="session"
        )
    return Job(**asked), wrong


def _read(text: str, read: Callable[[str], int], wrong: list[str]) -> int | None:
    if not text.strip():
        return None
    try:
        return read(text)
    except ValueError as error:
        wrong.append(str(error))
        return None


def _show_counts(verdicts: list[Verdict]) -> list[str]:
    """How many partitions say what; gives the verdicts to show, all where none is chosen."""
    counted = Counter(verdict_words(verdict) for verdict in verdicts)
    with st.container(horizontal=True, vertical_alignment="center"):
        for words in VERDICTS:
            if counted[words]:
                icon, colour = _LOOK[words]
                st.badge(f"{counted[words]:,} {words}", icon=icon, color=colour)
        chosen = st.pills(
            "Show", VERDICTS, selection_mode="multi", key="fit.show",
            label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
    return list(chosen or [])


def _show_answer(record: Record, job: Job, verdict: Verdict, opened: Opened) -> None:
    words = verdict_words(verdict)
    icon, colour = _LOOK[words]
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(words, icon=icon, color=colour)
            st.markdown(
                f"**{literal(record.name or 'unnamed')}** · {literal(record.offering)}",
                width="content",
            )
        if verdict.message and not verdict.accepted:
            st.markdown(f"SLURM says: {literal(verdict.message)}")
        if verdict.check and not verdict.accepted:
            st.markdown(f"First failing check: {literal(verdict.check)}. {literal(verdict.by)}")
        if verdict.pends:
            st.markdown(f"It would wait with the reason {literal(verdict.pends)}.")
        gets = verdict.gets
        if gets is not None:
            parts = [
                f"{gets.nodes} nodes" if gets.nodes is not None else "",
                f"{gets.tasks} tasks of {gets.cpus_per_task} CPUs, {gets.cpus} CPUs in all",
                f"memory {memory_words(gets)} ({gets.memory_from})",
                f"time {time_words(gets)} ({gets.time_from})",
            ]
            st.markdown("It would get " + literal("; ".join(each for each in parts if each)) + ".")
            for note in gets.notes:
                st.markdown(f"- {literal(note)}")
        nodes = _nodes(opened, record)
        for said in (nodes.describe() if nodes else "", verdict.caveat):
            if said:
                st.caption(literal(said, most=600))
        header = sbatch_header(job, record.name)
        st.code(header, language="bash")
        st.download_button(
            "Download the header", header, file_name="job.sh", mime="text/x-shellscript",
            icon=":material/download:", on_click="ignore", key="fit.header",
        )  # fmt: skip


def _show_largest(opened: Opened) -> None:
    st.caption(
        "What each partition takes at most, and what a job gets that asks for nothing: "
        "`sbatch job.sh` without any option."
    )
    _show_how_many_known(opened)
    judged = []
    for place, record in opened.records():
        nodes = _nodes(opened, record)
        most, nothing = largest(record.partition, nodes), bare(record.partition, nodes)
        judged.append((place, record, most, nothing))
    frame: pd.DataFrame = largest_frame(judged)
    if frame.empty:
        return
    tables.show_rows(
        frame,
        LARGEST_COLUMNS,
        [column.key for column in LARGEST_COLUMNS if column.shown],
        key="fit.largest",
        placeholder="no limit known",
    )
    with st.container(horizontal=True):
        export_buttons.show(
            frame, LARGEST_COLUMNS, name="largest-jobs", note=opened.note, key="fit.largest.file"
        )
