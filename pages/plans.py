"""What does each plan of each offering cost, and what changes next month?"""

import streamlit as st

from bookings.filters import PLAN_FILTERS
from bookings.frames import PLAN_COLUMNS
from components import (
    address,
    empty_list,
    filtered_list,
    loading,
    plan_desk,
    plan_tabs,
    session,
)

who = session.require()
plan_tabs.arrive()
st.title("Plans", anchor=False)
snapshot = loading.show(who, "plans")
listed = plan_desk.read(who, snapshot)
if not snapshot.offerings:
    empty_list.explain(who, snapshot)
    st.stop()
if listed.frame.empty:
    empty_list.explain_none(snapshot, "plans", "plan", icon=":material/sell:")
    if snapshot.state("plans").status == "loaded":
        plan_tabs.show_findings(
            plan_tabs.Opened(who, snapshot, listed, listed.frame, [], "no plans")
        )
    st.stop()

tab = plan_tabs.chosen()
view = filtered_list.View(
    "plans",
    "plans",
    PLAN_COLUMNS,
    PLAN_FILTERS,
    group="plans",
)
narrowed = filtered_list.narrow(
    view,
    snapshot,
    listed.frame,
    picker=tab == plan_tabs.LIST,
    more=plan_tabs.query(),
)
opened = plan_tabs.Opened(who, snapshot, listed, narrowed.frame, narrowed.order, narrowed.note)
if not narrowed.frame.empty:
    plan_tabs.show(opened)
address.publish("plans", narrowed.query)
