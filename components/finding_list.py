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
    for each in found:
        icon, colour = LOOK[each.severity]
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.badge(f"{len(each.uuids):,}", icon=icon, color=colour)
            with st.container(gap=None):
                query: dict[str, list[str]] = {}
                for name, value in each.query:
                    query.setdefault(name, []).append(value)
                navigation.link(each.path, each.title, query or None)
                st.caption(each.why)
