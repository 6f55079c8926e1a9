"""What needs attention, each line a link to where it is dealt with."""

from collections.abc import Mapping, Sequence

import streamlit as st

from bookings.findings import Finding
from bookings.partition_tables import findings_words
from bookings.slurm.audit import Severity
from components import navigation

LOOK = {
    "error": (":material/error:", "red"),
    "warning": (":material/warning:", "orange"),
    "info": (":material/info:", "gray"),
}
BADGE_WIDTH, SIGN_WIDTH = 24, 9
"""Pixels of a badge without its number, and of one sign in it; the widest has room."""
LINK_PADDING = 8
"""Pixels between the edge of a link and its text, with which its explanation is in line."""


def show_counts(counted: Mapping[Severity, int]) -> None:
    """Badges of how many findings there are of each severity, the gravest first."""
    for severity in Severity:
        if counted.get(severity):
            icon, colour = LOOK[severity]
            st.badge(findings_words({severity: counted[severity]}), icon=icon, color=colour)


def show(found: Sequence[Finding]) -> None:
    """Draws the findings, the gravest first."""
    if not found:
        st.success("Nothing needs your attention.", icon=":material/check_circle:")
        return
    signs = max(len(f"{len(each.uuids):,}") for each in found)
    for each in found:
        icon, colour = LOOK[each.severity]
        query: dict[str, list[str]] = {}
        for name, value in each.query:
            query.setdefault(name, []).append(value)
        with st.container(
            border=True, horizontal=True, wrap=False, vertical_alignment="center", gap="xsmall"
        ):
            with st.container(width=BADGE_WIDTH + SIGN_WIDTH * signs):
                st.badge(f"{len(each.uuids):,}", icon=icon, color=colour)
            with st.container(gap=None):
                navigation.link(each.path, each.title, query or None, width="stretch")
                with st.container(horizontal=True, wrap=False, gap=None):
                    st.space(LINK_PADDING)
                    st.caption(each.why, width="stretch")
