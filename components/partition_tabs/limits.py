"""The matrix of limits: families of columns, groups, order, and partitions side by side."""

import json

import pandas as pd
import streamlit as st

from bookings.frames import LIST, Column
from bookings.partition_files import cluster_count, to_json, to_slurm_conf
from bookings.partition_tables import (
    GROUPS,
    REVIEWED_COLUMNS,
    group_columns,
    grouped,
    ordered,
    word_column,
)
from bookings.slurm.limits import (
    LIMITS,
    MEMORY_CONVENTION,
    NOT_RECORDED,
    Family,
    Limit,
    Unit,
    inside_a_sentence,
    limit_of,
)
from bookings.slurm.records import Record
from components import address, tables
from components.literal import literal
from components.partition_tabs import changes
from components.partition_tabs.opened import Opened

USUAL = "Usual"
ALL = "All"
MOST_COMPARED = 6
MOST_GROUPS_HEIGHT = 420
_BUTTON_HEIGHT = 44
_FILTERS = {
    "offering": "partitions.filter.offering",
    "partition_name": "partitions.filter.partition",
}
"""Where the filters of the page keep what is chosen, by the column they look at."""
ANSWER_HEIGHT = 56
"""Pixels between the choices and the matrix, for what was clicked or ticked in it."""
SIDE_BY_SIDE = "side-by-side"
AS_LISTED = "As listed"
NOT_GROUPED = "Nothing"
FAMILIES = (USUAL, *(str(family) for family in Family), ALL)
SORTS = (AS_LISTED, *(limit.field for limit in LIMITS))
_NAMES = ("partition_name", "offering")
_ABOUT = ("provider", "findings")
# Names stay in sight when the limits scroll, so in a small window they may not fill it. Streamlit
# does not measure the placeholder of a missing cell.
_WIDTHS = {
    "partition_name": 110,
    "offering": 150,
    "provider": 130,
    "findings": 110,
    "changed": 210,
    "vary": 260,
    **{limit.field: 110 for limit in LIMITS if len(limit.label) < 14},
}
_CHANGED = Column(
    "changed", "Changed", LIST, help="The limits that changed since you last reviewed them."
)
_DIFFERENT = "background-color: rgba(245, 158, 11, 0.22)"
_COUNTED = {Unit.NODES, Unit.CPUS, Unit.TIER}


_FAMILIES, _GROUP, _SORT = "partitions.families", "partitions.group", "partitions.sort"
_DESCENDING, _EXACT = "partitions.descending", "partitions.exact"


# --- the address ----------------------------------------------------------------------------


def arrive() -> None:
    """Arranges the matrix as the address says, when the page was opened with an arrangement."""
    pairs = address.query_on_arrival(["limits", "group", "sort", "descending", "exact"])
    if pairs is None:
        return
    given = dict(pairs)
    families = [value for key, value in pairs if key == "limits" and value in FAMILIES]
    group, sort = given.get("group"), given.get("sort")
    st.session_state[_FAMILIES] = list(dict.fromkeys(families)) or [USUAL]
    st.session_state[_GROUP] = group if group in GROUPS else NOT_GROUPED
    st.session_state[_SORT] = sort if sort in SORTS else AS_LISTED
    st.session_state[_DESCENDING] = given.get("descending") == "yes"
    st.session_state[_EXACT] = given.get("exact") == "yes"


def query() -> list[tuple[str, str]]:
    """How the matrix is arranged, as pairs for the address."""
    families = st.session_state.get(_FAMILIES, [USUAL]) or [ALL]
    pairs = [("limits", str(each)) for each in families] if families != [USUAL] else []
    for key, name, usual in (("group", _GROUP, NOT_GROUPED), ("sort", _SORT, AS_LISTED)):
        if (value := st.session_state.get(name, usual)) != usual:
            pairs.append((key, value))
    for key, name in (("descending", _DESCENDING), ("exact", _EXACT)):
        if st.session_state.get(name):
            pairs.append((key, "yes"))
    return pairs


# --- the tab --------------------------------------------------------------------------------


def show(opened: Opened) -> None:
    """Draws the tab."""
    if opened.frame.empty:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        # The address can set them too, and a widget may have one source of its first value only.
        st.session_state.setdefault(_FAMILIES, [USUAL])
        families = st.segmented_control(
            "Columns",
            FAMILIES,
            selection_mode="multi",
            key=_FAMILIES,
            wrap=True,
            persist_state="session",
        )
        with st.container(width=150):
            by = st.selectbox(
                "Group by", [NOT_GROUPED, *GROUPS], key=_GROUP, persist_state="session"
            )
    limits = _in_view(families)
    if by == NOT_GROUPED:
        _show_matrix(opened, limits)
    else:
        _show_groups(opened.frame, by, limits)
    _show_files(opened)
    with st.expander("What each limit means", icon=":material/help:"):
        st.markdown("\n".join(f"- **{limit.label}**: {limit.help}" for limit in limits))
        st.caption(MEMORY_CONVENTION)


def _sort_label(field: str) -> str:
    by = "as listed" if field == AS_LISTED else f"by {inside_a_sentence(limit_of(field).label)}"
    return f"Sorted {by}"


def _in_view(families: list[str]) -> list[Limit]:
    if not families or ALL in families:
        return list(LIMITS)
    shown = {column.key for column in REVIEWED_COLUMNS if column.shown}
    return [
        limit
        for limit in LIMITS
        if limit.family in families
        or (USUAL in families and not shown.isdisjoint((limit.field, word_column(limit))))
    ]


def _column(limit: Limit, *, exact: bool) -> str:
    return limit.field if exact or limit.unit in _COUNTED else word_column(limit)


def _show_matrix(opened: Opened, limits: list[Limit]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        with st.container(width=290):
            sort = st.selectbox(
                "Sort by", SORTS, format_func=_sort_label, key=_SORT, persist_state="session",
                label_visibility="collapsed",
            )  # fmt: skip
        descending = st.toggle(
            "Largest first", key=_DESCENDING, persist_state="session",
            disabled=sort == AS_LISTED,
            help="By the exact value. A click on a column's head sorts what is written in it.",
        )  # fmt: skip
        exact = st.toggle(
            "Exact values", key=_EXACT, persist_state="session",
            help="The numbers as the server has them, in the unit beside the limit's name.",
        )  # fmt: skip
    # Below the matrix an answer would be out of sight, and of any other height it would move the
    # rows, so that the next click would land on another one.
    answer = st.container(height=ANSWER_HEIGHT, border=False, key="partitions.answer")
    frame = opened.frame
    if sort != AS_LISTED:
        frame = ordered(frame, sort, descending=descending)
    order = [_column(limit, exact=exact) for limit in limits]
    if limit_of("cpu_arch") in limits:
        order += ["qos_options", "differs_in"]
    # A text of nothing would look like a limit of nothing; missing cells say "not recorded".
    words = [key for key in order if frame[key].dtype == "str"]
    order += _ABOUT
    marks = changes.marks(opened) if opened.reviewed.recording else {}
    if marks:
        frame = frame.assign(changed=[marks.get(place, []) for place in frame["place"]])
        order.append("changed")
    order = [*_NAMES, *order]
    chosen = tables.show_offerings(
        tables.with_gaps(frame, words),
        [*REVIEWED_COLUMNS, _CHANGED],
        order,
        key="partitions",
        row=("offering_uuid", "partition_name", "place"),
        uuid="offering_uuid",
        name="offering",
        extra=[("tab", "Partitions")],
        placeholder=NOT_RECORDED,
        cells=True,
        widths=_WIDTHS,
    )
    records = opened.reviewed.review.records
    ticked = [records[int(frame["place"].iloc[row])] for row in chosen.rows]
    with answer:
        # There is room for one: what two ticks are for is less plain than a cell's value.
        is_answered = (
            len(ticked) < 2
            and chosen.cell is not None
            and _show_cell(records[int(frame["place"].iloc[chosen.cell[0]])], chosen.cell[1])
        )
        if not is_answered:
            _show_ticked(len(ticked))
    if 2 <= len(ticked) <= MOST_COMPARED:
        _compare(ticked)


def _show_ticked(count: int) -> None:
    """Where the comparison stands, or how to come to one."""
    if count > MOST_COMPARED:
        st.warning(
            f"{count} partitions are ticked; up to {MOST_COMPARED} can stand side by side.",
            icon=":material/view_column:",
        )
    elif count > 1:
        st.markdown(
            f":material/view_column: {count} partitions are ticked: "
            f"[side by side](#{SIDE_BY_SIDE}) below the table."
        )
    else:
        st.caption(
            f"“{NOT_RECORDED}”: Waldur says nothing, and the cluster may have a limit. Click a "
            "cell for its exact value; tick 2 to 6 partitions to compare them."
        )


def _show_cell(record: Record, key: str) -> bool:
    """What exactly is recorded in the cell that was clicked, and what the limit means.

    False where the cell is of no limit, and nothing is said.
    """
    field = key.removesuffix("_text")
    if field not in {limit.field for limit in LIMITS}:
        return False
    limit = limit_of(field)
    value = record.partition.unread.get(field, limit.value(record.partition))
    name, unit = literal(record.name or "unnamed"), f" {limit.unit}"
    if value is None:
        said = "no value is recorded (`null`)"
    else:
        counted = isinstance(value, int) and not isinstance(value, bool)
        with_unit = (unit.removesuffix("s") if value == 1 else unit) if counted else ""
        said = f"recorded as {literal(json.dumps(value, ensure_ascii=False))}{with_unit}"
    text = limit.text(record.partition)
    # In some units a value reads as it is recorded.
    several = text not in {"", str(value), f"{value}{unit}"}
    words = f" ({literal(text)})" if several else ""
    st.markdown(
        f":material/straighten: **{limit.label}** of **{name}**, {literal(record.offering)}: "
        f"{said}{words}.",
        help=literal(limit.help),
    )
    return True


def _compare(records: list[Record]) -> None:
    st.subheader("Side by side", anchor=SIDE_BY_SIDE)
    with st.container(horizontal=True, vertical_alignment="center"):
        differing = st.toggle(
            "Only what differs", key="partitions.compare.differing", persist_state="session"
        )
        exact = st.toggle("Exact values", key="partitions.compare.exact", persist_state="session")
    rows = [(limit, [_said(limit, each, exact=exact) for each in records]) for limit in LIMITS]
    if differing:
        rows = [(limit, cells) for limit, cells in rows if len(set(cells)) > 1]
    if not rows:
        st.info("All limits are the same.", icon=":material/equal:")
        return
    frame = pd.DataFrame(
        {
            "limit": [_head(limit, exact=exact) for limit, _ in rows],
            "differs": ["≠" if len(set(cells)) > 1 else "" for _, cells in rows],
            **{str(i): [cells[i] for _, cells in rows] for i in range(len(records))},
        }
    )
    several = frame["differs"] != ""
    st.dataframe(
        frame.style.apply(
            lambda column: [_DIFFERENT if each else "" for each in several], axis="index"
        ),
        key="partitions.compare",
        width="stretch",
        height="content",
        hide_index=True,
        column_config={
            "limit": st.column_config.TextColumn("Limit", width=210, pinned=True),
            "differs": st.column_config.TextColumn("≠", width=40, pinned=True),
            **{
                str(i): st.column_config.TextColumn(
                    f"{each.name or 'unnamed'} · {each.offering}", width="medium"
                )
                for i, each in enumerate(records)
            },
        },
    )


def _said(limit: Limit, record: Record, *, exact: bool) -> str:
    value = limit.value(record.partition)
    if exact and value is not None:
        return json.dumps(value, ensure_ascii=False)
    return limit.text(record.partition) or NOT_RECORDED


def _head(limit: Limit, *, exact: bool) -> str:
    counted = limit.unit not in {Unit.FLAG, Unit.NAME}
    return f"{limit.label} ({limit.unit})" if exact and counted else limit.label


def _show_groups(frame: pd.DataFrame, by: str, limits: list[Limit]) -> None:
    columns = group_columns(by)
    groups = grouped(frame, by)
    order = [c.key for c in columns[:5] if c.shown] + [word_column(limit) for limit in limits]
    words = [word_column(limit) for limit in limits]
    st.caption(
        "One row for each. A limit that is not the same in all of them is given from its least "
        "to its greatest value. Tick one to see its partitions."
    )
    # Above the table, where it moves no row.
    button = st.container(height=_BUTTON_HEIGHT, border=False, key="partitions.group.open")
    chosen = tables.show_rows(
        tables.with_gaps(groups, words),
        columns,
        order,
        key=f"partitions.groups.{by}",
        rows=tables.identities(groups, (GROUPS[by][0], "partitions")),
        several=False,
        most_height=MOST_GROUPS_HEIGHT,
        placeholder=NOT_RECORDED,
        widths=_WIDTHS,
    )
    shown = GROUPS[by][0]
    with button:
        if chosen.rows:
            group = groups.iloc[chosen.rows[0]]
            name, count = str(group[shown]), int(group["partitions"])
            st.button(
                f"Show the {count:,} {'partition' if count == 1 else 'partitions'} of "
                f"{literal(name or 'unnamed')}",
                icon=":material/filter_alt:", on_click=_narrow, args=(shown, name),
            )  # fmt: skip


def _narrow(column: str, name: str) -> None:
    """Leaves the partitions of a group, each in a row of its own."""
    # What the filters hold can be set before they are drawn, which a click comes in time for.
    st.session_state[_FILTERS[column]] = [name]
    st.session_state[_GROUP] = NOT_GROUPED


def _show_files(opened: Opened) -> None:
    records = [record for _, record in opened.records()]
    clusters = cluster_count(records)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("The partitions above as", width="content")
        st.download_button(
            "slurm.conf lines", lambda: to_slurm_conf(records), file_name="partitions.conf",
            mime="text/plain", icon=":material/download:", on_click="ignore", key="partitions.conf",
            help="A section an offering, and in it a line a partition as the slurmctld of that "
            "cluster reads it. Nodes= has to be added.",
        )  # fmt: skip
        st.download_button(
            "JSON", lambda: to_json(records), file_name="partitions.json", mime="application/json",
            icon=":material/download:", on_click="ignore", key="partitions.json",
            help="The records as the server has them; python -m bookings reads this file.",
        )  # fmt: skip
        if clusters > 1:
            st.caption(
                f"slurm.conf: one section a cluster, {clusters:,} in all. A cluster takes its own.",
                width="content",
            )
