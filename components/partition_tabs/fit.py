"""Would this job run? For every partition: the verdict, the reason, and what the job would get."""

from collections import Counter
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
from bookings.slurm.jobs import Job, sbatch_header
from bookings.slurm.records import Record
from bookings.slurm.rules.terms import counted
from components import address, export_buttons, tables
from components.literal import literal
from components.partition_tabs import job_form
from components.partition_tabs.opened import Opened

A_JOB = "A job"
LARGEST = "The largest job, and a bare sbatch"
NONE_KNOWN = "–"
_LOOK = {
    ACCEPTED: (":material/check_circle:", "green"),
    WITHIN_LIMITS: (":material/rule:", "blue"),
    WAITS: (":material/hourglass:", "violet"),
    CANNOT_TELL: (":material/help:", "orange"),
    REJECTED: (":material/block:", "red"),
}
_WIDTHS = {
    "offering": 180, "verdict": 210, "check": 220, "by": 240, "message": 300, "notes": 260,
    "caveat": 230, "pends": 150, "bare": 300,
}  # fmt: skip
_WHAT, _ENFORCE, _SHOW = "fit.what", "fit.enforce", "fit.show"


# --- the address ----------------------------------------------------------------------------


def arrive() -> None:
    """Asks what the address asks, when the page was opened with a job."""
    job_form.arrive()
    pairs = address.query_on_arrival(["question", "enforce"])
    if pairs is None:
        return
    given = dict(pairs)
    st.session_state[_WHAT] = LARGEST if given.get("question") == "largest" else A_JOB
    is_lax = given.get("enforce") == Enforce.NO.value
    st.session_state[_ENFORCE] = Enforce.NO.value if is_lax else Enforce.ALL.value


def query() -> list[tuple[str, str]]:
    """What is asked, as pairs for the address."""
    pairs = job_form.query()
    if st.session_state.get(_WHAT) == LARGEST:
        pairs.append(("question", "largest"))
    if st.session_state.get(_ENFORCE) == Enforce.NO.value:
        pairs.append(("enforce", Enforce.NO.value))
    return pairs


# --- the tab --------------------------------------------------------------------------------


def show(opened: Opened) -> None:
    """Draws the tab."""
    # The address can set it too, and a widget may have one source of its first value only.
    st.session_state.setdefault(_WHAT, A_JOB)
    what = st.segmented_control(
        "Question", [A_JOB, LARGEST], required=True, key=_WHAT, label_visibility="collapsed",
        persist_state="session",
    )  # fmt: skip
    if what == LARGEST:
        _show_largest(opened)
    else:
        _show_job(opened)


def _show_job(opened: Opened) -> None:
    job, wrong = job_form.show()
    st.session_state.setdefault(_ENFORCE, Enforce.ALL.value)
    enforce = Enforce(
        st.segmented_control(
            "EnforcePartLimits", [each.value for each in Enforce], required=True, key=_ENFORCE,
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
    job_form.show_not_considered()
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
        several=False, most_height=420, widths=_WIDTHS,
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


def _show_counts(verdicts: list[Verdict]) -> list[str]:
    """How many partitions say what; gives the verdicts to show, all where none is chosen."""
    counts = Counter(verdict_words(verdict) for verdict in verdicts)
    with st.container(horizontal=True, vertical_alignment="center"):
        for words in VERDICTS:
            if counts[words]:
                icon, colour = _LOOK[words]
                st.badge(f"{counts[words]:,} {words}", icon=icon, color=colour)
        held = st.session_state.get(_SHOW) or []
        chosen = st.pills(
            "Show", [words for words in VERDICTS if counts[words] or words in held],
            selection_mode="multi", key=_SHOW, label_visibility="collapsed", wrap=True,
            persist_state="session",
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
                counted(gets.nodes, "node") if gets.nodes is not None else "",
                f"{counted(gets.tasks, 'task')} of {counted(gets.cpus_per_task, 'CPU')}, "
                f"{counted(gets.cpus, 'CPU')} in all",
                _with_source("memory", memory_words(gets), gets.memory_from),
                _with_source("time", time_words(gets), gets.time_from),
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


def _with_source(what: str, amount: str, source: str) -> str:
    # What no amount is known of is told by its source alone.
    return f"{what} {amount}" if amount == source else f"{what} {amount} ({source})"


def _show_largest(opened: Opened) -> None:
    st.caption(
        "What each partition takes at most, and what a job gets that asks for nothing: "
        f"`sbatch job.sh` without any option. “{NONE_KNOWN}”: no number and no limit is known."
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
        tables.with_gaps(frame, ("memory_per_node", "time")),
        LARGEST_COLUMNS,
        [column.key for column in LARGEST_COLUMNS if column.shown],
        key="fit.largest",
        placeholder=NONE_KNOWN,
        widths=_WIDTHS,
    )
    with st.container(horizontal=True):
        export_buttons.show(
            frame, LARGEST_COLUMNS, name="largest-jobs", note=opened.note, key="fit.largest.file"
        )
