"""Where the price list has holes: what the rules found, and what to do about it."""

import re
from collections import Counter

import pandas as pd
import streamlit as st

from bookings.filters import sentence
from bookings.plan_tables import PLAN_FINDING_COLUMNS, plan_findings_frame
from bookings.plans.audit import RULES, PlanFinding, rule_of
from bookings.plans.prices import name_of
from bookings.slurm.audit import Severity
from components import address, export_buttons, finding_list, navigation, plan_desk, session, tables
from components.finding_list import LOOK
from components.literal import literal
from components.plan_tabs.opened import Opened

_RULE = "plans.findings.rule"
_SEVERITY = "plans.findings.severity"
_SEVERITIES = tuple(LOOK)
MOST_OPENED = 10
MOST_PERCENT = 1000
_PERCENT = re.compile(r"[0-9]{1,4}")
_IDENTITY = ("rule", "offering_uuid", "plan_uuid", "place")


def arrive() -> None:
    """Shows what the address asks for, when the page was opened with one."""
    pairs = address.query_on_arrival(["rule", "severity", "percent"])
    if pairs is None:
        return
    asked = {value for key, value in pairs if key != "percent"}
    st.session_state[_RULE] = [rule.id for rule in RULES if rule.id in asked]
    st.session_state[_SEVERITY] = [each for each in _SEVERITIES if each in asked]
    percent = dict(pairs).get("percent", "")
    if _PERCENT.fullmatch(percent) and int(percent) <= MOST_PERCENT:
        st.session_state[plan_desk.PERCENT] = int(percent)


def query() -> list[tuple[str, str]]:
    """What the findings are narrowed by, and the per cent if another is set up, for the address."""
    narrowed = (("rule", _RULE), ("severity", _SEVERITY))
    pairs = [(key, each) for key, name in narrowed for each in st.session_state.get(name) or []]
    percent = plan_desk.most_percent()
    usual = session.desk().settings.price_change_percent
    return pairs if percent == usual else [*pairs, ("percent", str(percent))]


def show(opened: Opened) -> None:
    """Draws the tab."""
    # The address can set it too, and a widget may have one source of its first value only.
    st.session_state.setdefault(plan_desk.PERCENT, plan_desk.most_percent())
    with st.container(width=300):
        st.number_input(
            "Price changes of more than (%)", min_value=0, max_value=MOST_PERCENT, step=1,
            key=plan_desk.PERCENT, persist_state="session",
            help="P04 finds changes of next month that are larger than this, up or down.",
        )  # fmt: skip
    found = _in_view(opened)
    if not found:
        st.success("The rules find nothing in these plans.", icon=":material/check_circle:")
        _show_rules()
        return
    with st.container(horizontal=True, gap="small"):
        finding_list.show_counts(Counter(Severity(each.rule.severity) for each in found))
    frame = plan_findings_frame(found)
    shown = frame[_choose(frame)].reset_index(drop=True)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(sentence(len(shown), len(frame), "findings"), width="stretch")
        export_buttons.show(
            shown, PLAN_FINDING_COLUMNS, name="plan-findings", note=opened.note, key="plans.found"
        )
    st.caption("Tick findings to read why they matter, and to go to the offering.")
    order = [column.key for column in PLAN_FINDING_COLUMNS if column.shown]
    chosen = tables.show_rows(
        shown, PLAN_FINDING_COLUMNS, order, key="plans.findings",
        rows=tables.identities(shown, _IDENTITY),
        most_height=420,
    )  # fmt: skip
    ticked = [found[int(shown["place"].iloc[row])] for row in chosen.rows]
    for each in ticked[:MOST_OPENED]:
        _show_one(each)
    if len(ticked) > MOST_OPENED:
        st.caption(f"and {len(ticked) - MOST_OPENED} more")
    _show_rules()


def _in_view(opened: Opened) -> list[PlanFinding]:
    """Findings of the plans that fit the filters, and of offerings that have none of them left.

    What concerns an offering as a whole stays as long as the filters leave it, or it has no
    plan that a filter could look at.
    """
    plans = {
        (offering.uuid, place)
        for offering, shown in opened.plans()
        for place, plan in enumerate(offering.plans)
        if plan is shown
    }
    offerings = {uuid for uuid, _ in plans}
    return [
        each
        for each in plan_desk.found(opened.who, opened.snapshot)
        if (
            (each.offering.uuid, each.place) in plans
            if each.place is not None
            else each.offering.uuid in offerings or not each.offering.plans
        )
    ]


def _choose(frame: pd.DataFrame) -> "pd.Series[bool]":
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        severities = st.pills(
            "Severity", _SEVERITIES, selection_mode="multi", key=_SEVERITY,
            persist_state="session",
        )  # fmt: skip
        with st.container(width=380):
            rules = st.multiselect(
                "Rule",
                [rule.id for rule in RULES],
                format_func=lambda each: f"{each} {rule_of(each).title}",
                key=_RULE,
                placeholder="Any",
                persist_state="session",
            )
    chosen = pd.Series(True, index=frame.index)
    if severities:
        chosen &= frame["severity"].isin(severities)
    if rules:
        chosen &= frame["rule"].isin(rules)
    return chosen


def _show_one(each: PlanFinding) -> None:
    rule = each.rule
    icon, colour = LOOK[rule.severity]
    plan = "" if each.plan is None else f"{literal(name_of(each.plan))} · "
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(f"{rule.id} {rule.severity}", icon=icon, color=colour)
            st.markdown(
                f"**{literal(rule.title)}** · {plan}{literal(each.offering.name)}",
                width="content",
            )
        st.markdown(literal(each.message[:1].upper() + each.message[1:], most=1000) + ".")
        st.markdown(f"**Why it matters.** {literal(rule.why, most=1000)}")
        st.markdown(f"**What to do.** {literal(rule.fix, most=1000)}")
        navigation.link(
            "offering",
            "Open the offering's plans",
            {"uuid": each.offering.uuid, "tab": "Plans"},
            icon=":material/open_in_new:",
        )


def _show_rules() -> None:
    with st.expander("All rules", icon=":material/rule:"):
        st.dataframe(
            [
                {
                    "Rule": rule.id,
                    "Severity": rule.severity,
                    "Finding": rule.title,
                    "Why it matters": rule.why,
                    "What to do": rule.fix,
                }
                for rule in RULES
            ],
            key="plans.rules",
            hide_index=True,
        )
