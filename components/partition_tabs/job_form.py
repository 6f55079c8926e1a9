"""What a job asks for: typed, pasted, or in a link."""

import re
import shlex
from collections.abc import Callable
from typing import Any

import streamlit as st

from bookings.slurm.jobs import Job, read_job, read_memory, read_sbatch, read_time
from components import address
from components.literal import literal

_COUNTS = {
    "nodes": "Nodes",
    "max_nodes": "Nodes at most",
    "ntasks": "Tasks",
    "ntasks_per_node": "Tasks per node",
    "cpus_per_task": "CPUs per task",
    "gpus": "GPUs",
    "gpus_per_node": "GPUs per node",
}
_GPUS = ("gpus", "gpus_per_node")
_MEMORY = {
    "mem_per_node": "Memory per node",
    "mem_per_cpu": "Memory per CPU",
    "mem_per_gpu": "Memory per GPU",
}
_TIME, _RESERVATION = "time", "reservation"
_ROWS = (
    ("nodes", "max_nodes", "ntasks", "ntasks_per_node"),
    ("cpus_per_task", "mem_per_node", "mem_per_cpu", "time"),
    ("gpus", "gpus_per_node", "mem_per_gpu"),
)
_FIELDS = (*_COUNTS, *_MEMORY, _TIME)
_NOT_CONSIDERED = "not_considered"
_PASTED, _SAID = "fit.pasted", "fit.said"
_NUMBER = re.compile(r"\d{1,15}", re.ASCII)
"""A browser's numbers are exact up to sixteen digits."""
_HELP = {
    "max_nodes": "The larger number of a range: `--nodes=4-8` is 4 nodes, and 8 at most.",
    **dict.fromkeys(_MEMORY, "As sbatch takes it: MB, or with K, M, G or T, counted by 1024."),
    _TIME: "As sbatch takes it: minutes, H:M:S, D-H or D-H:M:S. 0 asks for unlimited time.",
}
_EXAMPLES = {**dict.fromkeys(_MEMORY, "4G"), _TIME: "1-00:00:00"}


# --- the address ----------------------------------------------------------------------------


def arrive() -> None:
    """Fills the form from the address, when the page was opened with a job."""
    names = (*_FIELDS, _RESERVATION, _NOT_CONSIDERED)
    pairs = address.query_on_arrival([_in_address(field) for field in names])
    if pairs is None:
        return
    given = dict(pairs)
    for field in _FIELDS:
        text = given.get(_in_address(field), "")
        value: Any = text if _is_readable(field, text) else ""
        if field in _COUNTS:
            value = int(value) if value else None
        st.session_state[_key(field)] = value
    st.session_state[_key(_RESERVATION)] = given.get(_in_address(_RESERVATION)) == "yes"
    options = [value for key, value in pairs if key == _in_address(_NOT_CONSIDERED)]
    st.session_state[_key(_NOT_CONSIDERED)] = list(
        # What is no such option would put words of a stranger on the page.
        dict.fromkeys(
            each
            for each in options
            if read_sbatch(f"sbatch {shlex.quote(each)}").not_considered == (each,)
        )
    )


def query() -> list[tuple[str, str]]:
    """The job as pairs for the address; what cannot be read is left out."""
    pairs = []
    for field in _FIELDS:
        value = st.session_state.get(_key(field))
        text = "" if value is None else str(value).strip()
        if _is_readable(field, text):
            pairs.append((_in_address(field), text))
    if st.session_state.get(_key(_RESERVATION)):
        pairs.append((_in_address(_RESERVATION), "yes"))
    options = st.session_state.get(_key(_NOT_CONSIDERED)) or []
    return pairs + [(_in_address(_NOT_CONSIDERED), each) for each in options]


def _in_address(field: str) -> str:
    # Several fields are called like filters.
    return f"job.{field}"


def _is_readable(field: str, text: str) -> bool:
    is_count = field in _COUNTS
    if is_count and not _NUMBER.fullmatch(text):
        return False
    try:
        read_job({field: int(text) if is_count else text})
    except ValueError:
        return False
    return True


def _key(field: str) -> str:
    return f"fit.{field}"


# --- the form -------------------------------------------------------------------------------


def show() -> tuple[Job, list[str]]:
    """Draws the inputs; gives the job, and what in them cannot be read."""
    _show_paste()
    asked: dict[str, Any] = {}
    wrong: list[str] = []
    for row in _ROWS:
        # Four columns in each row, so that the inputs stand below each other.
        for field, place in zip(row, st.columns(4, vertical_alignment="bottom"), strict=False):
            with place:
                asked[field] = _ask(field, wrong)
    asked[_RESERVATION] = st.checkbox(
        "With a reservation", key=_key(_RESERVATION), persist_state="session"
    )
    job = Job(**asked)
    if job.max_nodes is not None and job.max_nodes < (job.nodes or 1):
        wrong.append(f"{_COUNTS['max_nodes']} is less than {_COUNTS['nodes']}.")
    return job, wrong


def show_not_considered() -> None:
    """Says which options of the job were left aside, where its verdicts stand."""
    options = st.session_state.get(_key(_NOT_CONSIDERED)) or []
    if not options:
        return
    it = "It" if len(options) == 1 else "They"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(
            f"Not considered: {literal(', '.join(options), most=1000)}. "
            f"{it} can change the verdicts below.",
            icon=":material/warning:",
            width="stretch",
        )
        st.button(
            "Forget it", icon=":material/close:", on_click=_forget, key="fit.forget",
            help="When the job does not ask for it any more.",
        )  # fmt: skip


def _forget() -> None:
    st.session_state[_key(_NOT_CONSIDERED)] = []
    st.session_state.pop(_SAID, None)


def _ask(field: str, wrong: list[str]) -> int | None:
    if field in _COUNTS:
        return st.number_input(
            _COUNTS[field], min_value=0 if field in _GPUS else 1, step=1, value=None,
            key=_key(field), placeholder="not asked for", persist_state="session",
            help=_HELP.get(field),
        )  # fmt: skip
    text = st.text_input(
        _MEMORY.get(field, "Time"), key=_key(field), persist_state="session", help=_HELP[field],
        placeholder=f"not asked for, e.g. {_EXAMPLES[field]}",
    )  # fmt: skip
    return _read(text, read_time if field == _TIME else read_memory, wrong)


def _read(text: str, read: Callable[[str], int], wrong: list[str]) -> int | None:
    if not text.strip():
        return None
    try:
        return read(text)
    except ValueError as error:
        wrong.append(str(error))
        return None


# --- what is pasted -------------------------------------------------------------------------


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
        st.session_state[_key(field)] = getattr(job, field)
    for field in _MEMORY:
        amount = getattr(job, field)
        st.session_state[_key(field)] = "" if amount is None else _amount(amount)
    st.session_state[_key(_TIME)] = "" if job.time is None else _minutes(job.time)
    st.session_state[_key(_RESERVATION)] = job.reservation
    st.session_state[_key(_NOT_CONSIDERED)] = list(parsed.not_considered)
    said = [
        f"Line {each.line}: {each.text} was not considered, though it can change the verdicts."
        if each.text in parsed.not_considered
        else f"Line {each.line} cannot be read: {each.reason} ({each.text})"
        for each in parsed.unread
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
