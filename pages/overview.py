"""What do I look after, and what needs my attention?"""

import streamlit as st

from bookings.findings import findings
from bookings.frames import map_frame
from components import (
    counts,
    empty_list,
    finding_list,
    loading,
    offering_desk,
    offering_map,
    partition_desk,
    plan_desk,
    session,
)

who = session.require()
st.title("Overview", anchor=False)
snapshot = loading.show(who, "partitions", "plans")
frame = offering_desk.read(who, snapshot)
if frame.empty:
    empty_list.explain(who, snapshot)
    st.stop()

counts.show_headline(frame)
grid = st.grid(2, min_column_width=offering_map.NARROWEST, gap=("medium", "large"))
with grid.cell():
    st.subheader("Needs attention", anchor=False)
    reviewed = partition_desk.read(who, snapshot)
    plans = plan_desk.found(who, snapshot)
    finding_list.show(
        session.worked_out(
            who,
            "findings",
            (reviewed.version, plan_desk.most_percent()),
            lambda: findings(snapshot, reviewed.review, plans),
        )
    )
with grid.cell():
    st.subheader("Where they are", anchor=False)
    offering_map.show(map_frame(frame), key="overview.map", height=300, choose=False)
    st.subheader("By provider", anchor=False)
    counts.show_by(frame, "provider", path="offerings")
    st.subheader("By state", anchor=False)
    counts.show_by(frame, "state", path="offerings")
