"""What are the SLURM limits across all offerings, and which are wrong?"""

import streamlit as st

from bookings.partition_tables import REVIEW_FILTERS, REVIEWED_COLUMNS
from components import (
    address,
    empty_list,
    filtered_list,
    loading,
    partition_desk,
    partition_tabs,
    session,
)

who = session.require()
partition_tabs.arrive()
st.title("Partitions", anchor=False)
snapshot = loading.show(who, "partitions")
if not snapshot.offerings:
    empty_list.explain(who, snapshot)
    st.stop()
reviewed = partition_desk.read(who, snapshot)
if reviewed.frame.empty:
    empty_list.explain_none(snapshot, "partitions", "SLURM partition", icon=":material/dns:")
    st.stop()

view = filtered_list.View(
    "partitions",
    "partitions",
    REVIEWED_COLUMNS,
    REVIEW_FILTERS,
    group="partitions",
)
narrowed = filtered_list.narrow(
    view, snapshot, reviewed.frame, picker=False, in_sight=4, more=partition_tabs.query()
)
opened = partition_tabs.Opened(who, snapshot, reviewed, narrowed.frame, narrowed.note)
if not narrowed.frame.empty:
    partition_tabs.show(opened)
partition_desk.tell()
address.publish("partitions", narrowed.query)
