"""What the rules found, what it means, and acknowledging what may stay."""

import pandas as pd
import streamlit as st

from bookings.filters import sentence
from bookings.partition_review import Found, key_of
from bookings.partition_tables import (
    FINDING_COLUMNS,
    OFFERING_FINDING_COLUMNS,
    STANDINGS,
    counts_frame,
    findings_frame,
)
from bookings.slurm.audit import RULES, Severity, counts, rule_of
from bookings.slurm.limits import NOT_RECORDED, limit_of
from components import (
    address,
    export_buttons,
    finding_list,
    loading,
    partition_desk,
    session,
    tables,
)
from components.finding_list import LOOK
from components.literal import literal
from components.partition_tabs.opened import Opened

_SEVERITY, _STANDING, _RULE = "findings.severity", "findings.standing", "findings.rule"
_IN_ADDRESS = {
    # A filter of the page is called like one of them.
    "finding.severity": (_SEVERITY, tuple(Severity)),
    "finding.standing": (_STANDING, STANDINGS),
    "finding.rule": (_RULE, tuple(rule.id for rule in RULES)),
}


# --- the address ----------------------------------------------------------------------------


def arrive() -> None:
    """Shows the findings that the address asks for, when the page was opened with a choice."""
    pairs = address.query_on_arrival(_IN_ADDRESS)
    if pairs is None:
        return
    for key, (name, choices) in _IN_ADDRESS.items():
        asked = {value for each, value in pairs if each == key}
        st.session_state[name] = [each for each in choices if each in asked]


def query() -> list[tuple[str, str]]:
    """What the findings are narrowed by, as pairs for the address."""
    return [
        (key, str(each))
        for key, (name, _) in _IN_ADDRESS.items()
        for each in st.session_state.get(name) or []
    ]


# --- the tab --------------------------------------------------------------------------------


def show(opened: Opened) -> None:
    """Draws the tab."""
    places = set(opened.frame["place"].tolist())
    found = [each for each in opened.reviewed.review.found if each.place in places]
    known = sum(
        opened.reviewed.review.hardware_of(record) is not None for _, record in opened.records()
    )
    if known < len(places):
        st.caption(
            f"Rules that need the nodes judge {known:,} of {len(places):,} partitions; describe "
            "the others' nodes under Hardware."
        )
    if not found:
        st.success("The rules find nothing in these partitions.", icon=":material/check_circle:")
        _show_rules()
        return
    _show_counts(found)
    frame = findings_frame(found)
    shown = frame[_choose(frame)].reset_index(drop=True)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(sentence(len(shown), len(frame), "findings"), width="stretch")
        export_buttons.show(
            shown, FINDING_COLUMNS, name="findings", note=opened.note, key="findings"
        )
    order = [column.key for column in FINDING_COLUMNS if column.shown]
    chosen = tables.show_rows(
        shown, FINDING_COLUMNS, order, key="findings", rows=shown["number"].tolist(),
        most_height=420,
    )  # fmt: skip
    ticked = [found[int(shown["number"].iloc[row])] for row in chosen.rows]
    if ticked:
        _show_ticked(opened, ticked)
    else:
        st.caption("Tick findings to read why they matter, and to acknowledge them.")
    with st.expander("By offering", icon=":material/list_alt:"):
        tables.show_rows(
            counts_frame(opened.reviewed.review, sorted(places)),
            OFFERING_FINDING_COLUMNS,
            [column.key for column in OFFERING_FINDING_COLUMNS if column.shown],
            key="findings.offerings",
        )
    _show_rules()


def _choose(frame: pd.DataFrame) -> "pd.Series[bool]":
    """Which findings to show, by severity, standing and rule."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        severities = st.pills(
            "Severity", list(Severity), selection_mode="multi", key=_SEVERITY,
            persist_state="session",
        )  # fmt: skip
        standings = st.pills(
            "Standing", STANDINGS, selection_mode="multi", key=_STANDING,
            persist_state="session",
        )  # fmt: skip
        with st.container(width=320):
            rules = st.multiselect(
                "Rule",
                sorted({*frame["rule"], *(st.session_state.get(_RULE) or [])}),
                format_func=lambda each: f"{each} {rule_of(each).title}",
                key=_RULE,
                placeholder="Any",
                persist_state="session",
            )
    chosen = pd.Series(True, index=frame.index)
    for column, wanted in (
        ("severity", severities), ("acknowledgement", standings), ("rule", rules),
    ):  # fmt: skip
        if wanted:
            chosen &= frame[column].isin([str(each) for each in wanted])
    return chosen


def _show_counts(found: list[Found]) -> None:
    open_ones = [each.finding for each in found if each.acknowledged is None]
    acknowledged = len(found) - len(open_ones)
    with st.container(horizontal=True, gap="small"):
        finding_list.show_counts(counts(open_ones))
        if acknowledged:
            st.badge(f"{acknowledged} acknowledged", icon=":material/done_all:", color="green")


def _show_ticked(opened: Opened, ticked: list[Found]) -> None:
    for each in ticked[:10]:
        _show_one(opened, each)
    if len(ticked) > 10:
        st.caption(f"and {len(ticked) - 10} more")
    fresh = [each for each in ticked if each.acknowledged is None]
    if not fresh:
        return
    with st.form("findings.acknowledge", clear_on_submit=True):
        reason = st.text_input(
            f"Why {'this finding' if len(fresh) == 1 else f'these {len(fresh)} findings'} may stay",
            max_chars=500,
            placeholder="For example: meant for benchmarks only, agreed with the site",
        )
        st.caption(
            "Everyone who sees the offering reads the reason and your name. The finding returns "
            "when the values change."
        )
        pressed = st.form_submit_button(
            "Acknowledge", icon=":material/done_all:", disabled=not opened.reviewed.recording
        )
    if pressed and not reason.strip():
        st.warning("Give a reason.", icon=":material/edit:")
    elif pressed:
        who = opened.who
        findings = [
            (*key_of(each.record, each.finding), each.finding.fingerprint()) for each in fresh
        ]
        partition_desk.write(
            lambda: session.desk().reviews.acknowledge(
                who.server, findings, reason, partition_desk.hand(who)
            ),
            f"{len(fresh)} acknowledged",
        )


def _show_one(opened: Opened, each: Found) -> None:
    finding, rule = each.finding, each.finding.rule
    icon, colour = LOOK[finding.severity]
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(f"{rule.id} {finding.severity}", icon=icon, color=colour)
            st.markdown(
                f"**{literal(rule.title)}** · {literal(each.record.name or 'unnamed')} · "
                f"{literal(each.record.offering)}",
                width="content",
            )
        st.markdown(literal(finding.message, most=600))
        st.markdown(f"**Why it matters.** {literal(rule.why, most=1000)}")
        st.markdown(f"**What to set instead.** {literal(finding.advice, most=1000)}")
        st.markdown(f"**What slurmctld does.** {literal(rule.ctld, most=1000)}")
        labels = [_recorded(each, field) for field in finding.fields]
        st.caption(" · ".join(labels))
        _show_standing(opened, each)


def _show_standing(opened: Opened, each: Found) -> None:
    """Who has acknowledged the finding, and the way to take that back."""
    said = each.acknowledged or each.lapsed
    if said is None:
        return
    name, reason = literal(said.person_name), literal(said.reason, 600)
    if each.lapsed:
        st.caption(f"{name} acknowledged it for other values: {reason}")
        return
    st.caption(f"Acknowledged by {name}, {loading.local_time(said.created, date=True)}: {reason}")
    key = key_of(each.record, each.finding)
    if st.button("Withdraw", icon=":material/undo:", key="withdraw." + ".".join(key)):
        partition_desk.write(
            lambda: session.desk().reviews.withdraw(opened.who.server, *key),
            "The finding counts again",
        )


def _recorded(each: Found, field: str) -> str:
    value = each.finding.values[field]
    label = "Partition name" if field == "partition_name" else limit_of(field).label
    said = NOT_RECORDED if value is None else literal(str(value), 80)
    return f"{label}: {said}"


def _show_rules() -> None:
    with st.expander("All rules", icon=":material/rule:"):
        st.dataframe(
            [
                {
                    "Rule": rule.id,
                    "Severity": str(rule.severity),
                    "Mistake": rule.title,
                    "Why it matters": rule.why,
                    "What to set instead": rule.fix,
                    "What slurmctld does": rule.ctld,
                    "Needs hardware": rule.hardware,
                }
                for rule in RULES
            ],
            key="findings.rules",
            hide_index=True,
        )
